// See optim.h.
#include "torchscratch/optim.h"

#include <unordered_set>

#include "torchscratch/autograd.h"
#include "torchscratch/ops/zero.g.h"
#include "torchscratch/ops/zeros.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts::optim {

namespace {

double checked_rate(double value) {
  TS_CHECK(value >= 0, ValueError, "a learning rate is a number >= 0, got ", value);
  return value;
}

}  // namespace

Optimizer::Optimizer(TensorList parameters) : parameters_(std::move(parameters)) {
  TS_CHECK(!parameters_.empty(), ValueError, "an optimizer needs at least one parameter");
  std::unordered_set<const TensorImpl*> seen;
  for (const Tensor& parameter : parameters_) {
    TS_CHECK(parameter.defined() && parameter.is_leaf() && parameter.requires_grad(), ValueError,
             "an optimizer moves leaves that require a gradient, got ", describe(parameter));
    TS_CHECK(seen.insert(parameter.impl()).second, ValueError, "the parameter ", describe(parameter),
             " comes twice, and would be moved twice");
  }
}

void Optimizer::zero_grad(bool set_to_none) {
  const NoGrad no_grad;
  for (const Tensor& parameter : parameters_) {
    if (set_to_none) parameter.set_grad({});
    else if (const Tensor grad = parameter.grad(); grad.defined()) zero_(grad);
  }
}

TensorList Optimizer::gradients() const {
  TensorList gradients;
  for (const Tensor& parameter : parameters_) gradients.push_back(parameter.grad());
  return gradients;
}

TensorList Optimizer::zeros() const {
  TensorList tensors;
  for (const Tensor& parameter : parameters_) tensors.push_back(zeros_like(parameter));
  return tensors;
}

SGD::SGD(TensorList parameters, const SgdOptions& options)
    : Optimizer(std::move(parameters)),
      options_(options),
      momentum_buffers_(options.momentum != 0 ? zeros() : TensorList()),
      steps_(this->parameters().size()) {
  checked_rate(options.lr);
}

void SGD::step() {
  sgd_step(parameters(), gradients(), momentum_buffers_, steps_, options_.lr, options_.momentum, options_.dampening,
           options_.weight_decay, options_.nesterov, options_.maximize);
}

void SGD::set_learning_rate(double value) { options_.lr = checked_rate(value); }

Adam::Adam(TensorList parameters, const AdamOptions& options, bool amsgrad)
    : Optimizer(std::move(parameters)),
      options_(options),
      exp_avgs_(zeros()),
      exp_avg_sqs_(zeros()),
      max_exp_avg_sqs_(amsgrad ? zeros() : TensorList()),
      steps_(this->parameters().size()) {
  checked_rate(options.lr);
}

void Adam::step() {
  adam_step(parameters(), gradients(), exp_avgs_, exp_avg_sqs_, max_exp_avg_sqs_, steps_, options_.lr, options_.beta1,
            options_.beta2, options_.eps, options_.weight_decay, !max_exp_avg_sqs_.empty(), options_.decoupled,
            options_.maximize);
}

void Adam::set_learning_rate(double value) { options_.lr = checked_rate(value); }

}  // namespace ts::optim
