// Initialization of parameters.
#include "torchscratch/nn/init.h"

#include <cmath>

#include "torchscratch/autograd.h"
#include "torchscratch/ops/fill.g.h"
#include "torchscratch/ops/normal.g.h"
#include "torchscratch/ops/uniform.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn::init {

namespace {

double kaiming_deviation(const Tensor& tensor, double a, FanMode mode) {
  const Fans both = fans(tensor);
  const double fan = mode == FanMode::FanIn ? both.in : both.out;
  return fan == 0 ? 0 : std::sqrt(2 / ((1 + a * a) * fan));
}

}  // namespace

Fans fans(const Tensor& weight) {
  TS_CHECK(weight.dim() >= 2, ShapeError,
           "init: fan-in and fan-out need a tensor (out, in, ...) of at least two dimensions, got ", describe(weight));
  double kernel = 1;
  for (int i = 2; i < weight.dim(); ++i) kernel *= static_cast<double>(weight.size(i));
  return {static_cast<double>(weight.size(1)) * kernel, static_cast<double>(weight.size(0)) * kernel};
}

Tensor uniform_(const Tensor& tensor, double low, double high) {
  const NoGrad no_grad;
  return ts::uniform_(tensor, low, high);
}

Tensor normal_(const Tensor& tensor, double mean, double std) {
  const NoGrad no_grad;
  return ts::normal_(tensor, mean, std);
}

Tensor constant_(const Tensor& tensor, const Scalar& value) {
  const NoGrad no_grad;
  return fill_(tensor, value);
}

Tensor xavier_uniform_(const Tensor& tensor, double gain) {
  const Fans both = fans(tensor);
  const double bound = gain * std::sqrt(6.0 / (both.in + both.out));
  return init::uniform_(tensor, -bound, bound);
}

Tensor xavier_normal_(const Tensor& tensor, double gain) {
  const Fans both = fans(tensor);
  return init::normal_(tensor, 0, gain * std::sqrt(2.0 / (both.in + both.out)));
}

Tensor kaiming_uniform_(const Tensor& tensor, double a, FanMode mode) {
  const double bound = std::sqrt(3.0) * kaiming_deviation(tensor, a, mode);
  return init::uniform_(tensor, -bound, bound);
}

Tensor kaiming_normal_(const Tensor& tensor, double a, FanMode mode) {
  return init::normal_(tensor, 0, kaiming_deviation(tensor, a, mode));
}

}  // namespace ts::nn::init
