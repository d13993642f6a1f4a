// Initialization of parameters. All functions fill a tensor in place, without recording, and return it. Random values
// come from this thread's generator, and a seed gives the same values as in C#.
#pragma once

#include "torchscratch/tensor.h"

namespace ts::nn::init {

/// Which fan a Kaiming initialization uses.
enum class FanMode {
  FanIn,   ///< preserves the variance in the forward pass
  FanOut,  ///< preserves the variance of gradients in the backward pass
};

/// Fan-in and fan-out of a weight (out, in, kernel...): the numbers of terms that are summed for an output and for the
/// gradient of an input, in * product(kernel) and out * product(kernel).
struct Fans {
  double in;
  double out;
};
/// Throws ShapeError if the weight has fewer than two dimensions, as do the initializations that use fans.
TS_API Fans fans(const Tensor& weight);

/// Uniform in [low, high).
TS_API Tensor uniform_(const Tensor& tensor, double low = 0, double high = 1);
/// Normal.
TS_API Tensor normal_(const Tensor& tensor, double mean = 0, double std = 1);
/// Sets every element to `value`.
TS_API Tensor constant_(const Tensor& tensor, const Scalar& value);
/// Uniform in [-b, b) with b = gain sqrt(6 / (fan_in + fan_out)). Glorot and Bengio, "Understanding the difficulty of
/// training deep feedforward neural networks" (AISTATS 2010), formula 16.
TS_API Tensor xavier_uniform_(const Tensor& tensor, double gain = 1);
/// Normal with mean 0 and standard deviation gain sqrt(2 / (fan_in + fan_out)).
TS_API Tensor xavier_normal_(const Tensor& tensor, double gain = 1);
/// Uniform in [-b, b) with b = sqrt(6 / ((1 + a^2) fan)), where `a` is the negative slope of the leaky ReLU that
/// follows. He, Zhang, Ren and Sun, "Delving Deep into Rectifiers" (ICCV 2015), formula 15.
TS_API Tensor kaiming_uniform_(const Tensor& tensor, double a = 0, FanMode mode = FanMode::FanIn);
/// Normal with mean 0 and standard deviation sqrt(2 / ((1 + a^2) fan)).
TS_API Tensor kaiming_normal_(const Tensor& tensor, double a = 0, FanMode mode = FanMode::FanIn);

}  // namespace ts::nn::init
