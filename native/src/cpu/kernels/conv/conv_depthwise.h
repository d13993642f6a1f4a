// Depthwise convolution: one input and one output channel per group, so that there is no matrix product. For float and
// double; requires ConvGeometry::is_depthwise(). All operands are dense.
#pragma once

#include "backend/conv_geometry.h"

namespace ts::cpu {

/// y = x * w + bias, where bias may be null.
template <class T>
void depthwise_forward(const ConvGeometry& g, const T* x, const T* w, const T* bias, T* y);

/// The gradient of the input.
template <class T>
void depthwise_input(const ConvGeometry& g, const T* w, const T* dy, T* dx);

/// The gradient of the weight.
template <class T>
void depthwise_weight(const ConvGeometry& g, const T* x, const T* dy, T* dw);

}  // namespace ts::cpu
