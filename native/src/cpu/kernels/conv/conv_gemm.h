// Convolution of any shape as matrix products. T is float, double or an integer; all operands are dense.
#pragma once

#include "backend/conv_geometry.h"

namespace ts::cpu {

/// y = x * w + bias, where bias may be null.
template <class T>
void gemm_forward(const ConvGeometry& g, const T* x, const T* w, const T* bias, T* y);

/// The gradient of the input.
template <class T>
void gemm_input(const ConvGeometry& g, const T* w, const T* dy, T* dx);

/// The gradient of the weight.
template <class T>
void gemm_weight(const ConvGeometry& g, const T* x, const T* dy, T* dw);

}  // namespace ts::cpu
