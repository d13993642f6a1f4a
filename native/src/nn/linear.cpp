// The fully connected layer.
#include "torchscratch/nn/linear.h"

#include "nn/python_repr.h"
#include "nn/reset_parameters.h"
#include "torchscratch/ops/linear.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

namespace {

const LinearOptions& checked(const LinearOptions& options) {
  TS_CHECK(options.in_features() >= 0 && options.out_features() >= 0, ValueError,
           "Linear: in_features and out_features must not be negative, got ", options.in_features(), " and ",
           options.out_features());
  return options;
}

}  // namespace

LinearImpl::LinearImpl(const LinearOptions& given)
    : Layer("Linear"),
      options(checked(given)),
      weight(register_parameter(
          "weight", empty({given.out_features(), given.in_features()}, given.dtype().value_or(default_dtype()), default_device()))),
      bias(given.bias() ? register_parameter("bias", empty({given.out_features()}, weight.dtype(), weight.device())) : Tensor()) {
  reset_parameters(weight, bias);
}

Tensor LinearImpl::forward(const Tensor& input) { return linear(input, weight, bias); }

std::string LinearImpl::description() const {
  return format("in_features=", options.in_features(), ", out_features=", options.out_features(),
                ", bias=", python_repr(options.bias()));
}

}  // namespace ts::nn
