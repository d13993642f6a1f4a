// Convolution with 3 x 3 kernels by Winograd's minimal filtering: 36 multiplications for 16 outputs instead of 144. For
// float, one group, stride 1 and no dilation. All operands are dense.
#pragma once

#include "backend/conv_geometry.h"

namespace ts::cpu {

/// True if the algorithm supports the shape and the shape is large enough to benefit.
bool prefers_winograd(const ConvGeometry& g);

/// y = x * w + bias, where bias may be null.
void winograd_forward(const ConvGeometry& g, const float* x, const float* w, const float* bias, float* y);

/// The gradient of the input.
void winograd_input(const ConvGeometry& g, const float* w, const float* dy, float* dx);

/// The gradient of the weight.
void winograd_weight(const ConvGeometry& g, const float* x, const float* dy, float* dw);

}  // namespace ts::cpu
