// Batch normalization.
#include "torchscratch/nn/batch_norm.h"

#include "nn/python_repr.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/ops/batch_norm.g.h"
#include "torchscratch/ops/fill.g.h"
#include "torchscratch/ops/ones.g.h"
#include "torchscratch/ops/zero.g.h"
#include "torchscratch/ops/zeros.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

namespace {

const BatchNormOptions& checked(const std::string& name, const BatchNormOptions& options) {
  TS_CHECK(options.num_features() >= 0, ValueError, name, ": num_features must not be negative, got ",
           options.num_features());
  TS_CHECK(options.eps() >= 0, ValueError, name, ": eps must not be negative, got ", options.eps());
  return options;
}

}  // namespace

BatchNormImpl::BatchNormImpl(std::string module_name, int first_dim, int last_dim, const BatchNormOptions& given)
    : Layer(std::move(module_name)),
      options(checked(name(), given)),
      weight(given.affine() ? register_parameter("weight", ones({given.num_features()}, given.dtype())) : Tensor()),
      bias(given.affine() ? register_parameter("bias", zeros({given.num_features()}, given.dtype())) : Tensor()),
      running_mean(given.track_running_stats()
                       ? register_buffer("running_mean", zeros({given.num_features()}, given.dtype()))
                       : Tensor()),
      running_var(given.track_running_stats()
                      ? register_buffer("running_var", ones({given.num_features()}, given.dtype()))
                      : Tensor()),
      num_batches_tracked(given.track_running_stats()
                              ? register_optional_buffer("num_batches_tracked", zeros({}, DType::Int64))
                              : Tensor()),
      first_dim_(first_dim),
      last_dim_(last_dim) {}

void BatchNormImpl::reset_running_stats() {
  if (!running_mean.defined()) return;
  const NoGrad no_grad;
  zero_(running_mean);
  fill_(running_var, 1);
  zero_(num_batches_tracked);
}

Tensor BatchNormImpl::forward(const Tensor& input) {
  TS_CHECK(input.dim() >= first_dim_ && input.dim() <= last_dim_, ShapeError, name(), ": input must have ", first_dim_,
           last_dim_ > first_dim_ ? format(" or ", last_dim_) : "", " dimensions, got ", describe(input));
  double momentum = options.momentum().value_or(0);
  if (is_training() && num_batches_tracked.defined()) {
    const std::int64_t batches = host_value<std::int64_t>(num_batches_tracked) + 1;
    const NoGrad no_grad;
    fill_(num_batches_tracked, batches);
    if (!options.momentum()) momentum = 1.0 / static_cast<double>(batches);
  }
  return batch_norm(input, running_mean, running_var, weight, bias, is_training() || !running_mean.defined(), momentum,
                    options.eps());
}

std::string BatchNormImpl::description() const {
  const auto momentum = options.momentum();
  return format(options.num_features(), ", eps=", python_repr(options.eps()),
                ", momentum=", momentum ? python_repr(*momentum) : "None", ", affine=", python_repr(options.affine()),
                ", track_running_stats=", python_repr(options.track_running_stats()));
}

}  // namespace ts::nn
