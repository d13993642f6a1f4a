// Layer normalization.
#include "torchscratch/nn/layer_norm.h"

#include "nn/python_repr.h"
#include "torchscratch/ops/layer_norm.g.h"
#include "torchscratch/ops/ones.g.h"
#include "torchscratch/ops/zeros.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

namespace {

const LayerNormOptions& checked(const LayerNormOptions& options) {
  const Dims& shape = options.normalized_shape();
  TS_CHECK(!shape.empty() && *std::min_element(shape.begin(), shape.end()) >= 0, ValueError,
           "LayerNorm: normalized_shape must have at least one size and no negative one, got ", shape.to_string());
  return options;
}

}  // namespace

LayerNormImpl::LayerNormImpl(const LayerNormOptions& given)
    : Layer("LayerNorm"),
      options(checked(given)),
      weight(given.elementwise_affine() ? register_parameter("weight", ones(given.normalized_shape(), given.dtype()))
                                        : Tensor()),
      bias(given.elementwise_affine() ? register_parameter("bias", zeros(given.normalized_shape(), given.dtype()))
                                      : Tensor()) {}

Tensor LayerNormImpl::forward(const Tensor& input) {
  return layer_norm(input, options.normalized_shape(), weight, bias, options.eps());
}

std::string LayerNormImpl::description() const {
  return format(python_repr(options.normalized_shape()), ", eps=", python_repr(options.eps()),
                ", elementwise_affine=", python_repr(options.elementwise_affine()));
}

}  // namespace ts::nn
