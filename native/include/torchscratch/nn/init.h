// The first values of parameters. All fill a tensor in place, unseen by autograd, from this thread's generator; a seed
// gives the same numbers as in C#.
#pragma once

#include "torchscratch/tensor.h"

namespace ts::nn::init {

/// Which side of a layer a scaled initialization keeps at the same variance.
enum class FanMode {
  FanIn,   ///< the inputs of one output: keeps the variance of the forward pass
  FanOut,  ///< the outputs of one input: keeps the variance of the backward pass
};

/// How many products a sum has, forwards and backwards, of a weight (out, in, kernel...).
struct Fans {
  double in;
  double out;
};
/// Throws ShapeError below two dimensions.
TS_API Fans fans(const Tensor& weight);

/// Uniform in [low, high).
TS_API Tensor uniform_(const Tensor& tensor, double low = 0, double high = 1);
TS_API Tensor normal_(const Tensor& tensor, double mean = 0, double std = 1);
TS_API Tensor constant_(const Tensor& tensor, const Scalar& value);
/// Uniform in [-b, b), b = gain sqrt(6 / (fan_in + fan_out)). Glorot and Bengio, AISTATS 2010, formula 16.
TS_API Tensor xavier_uniform_(const Tensor& tensor, double gain = 1);
/// Normal with deviation gain sqrt(2 / (fan_in + fan_out)).
TS_API Tensor xavier_normal_(const Tensor& tensor, double gain = 1);
/// Uniform in [-b, b), b = sqrt(6 / ((1 + a^2) fan)), a the slope of the leaky ReLU that follows. He, Zhang, Ren and
/// Sun, ICCV 2015, formula 15.
TS_API Tensor kaiming_uniform_(const Tensor& tensor, double a = 0, FanMode mode = FanMode::FanIn);
/// Normal with deviation sqrt(2 / ((1 + a^2) fan)).
TS_API Tensor kaiming_normal_(const Tensor& tensor, double a = 0, FanMode mode = FanMode::FanIn);

}  // namespace ts::nn::init
