// See optim.h.
#include "torchscratch/optim.h"

#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/adam_step.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/full.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/sgd_step.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/ops/zero.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts::optim {

namespace {

double checked_rate(double value) {
  TS_CHECK(value >= 0, ValueError, "a learning rate is a number >= 0, got ", value);
  return value;
}

bool is_half(const Tensor& tensor) { return tensor.dtype() == DType::BFloat16 || tensor.dtype() == DType::Float16; }

std::string option_key(const char* name) { return format("param_groups.0.", name); }

std::string state_key(std::size_t parameter, const char* name) { return format("state.", parameter, ".", name); }

}  // namespace

Optimizer::Optimizer(TensorList parameters)
    : parameters_(std::move(parameters)),
      masters_(parameters_.size()),
      versions_(parameters_.size(), -1),
      steps_(parameters_.size()) {
  TS_CHECK(!parameters_.empty(), ValueError,
           "an optimizer needs at least one parameter; a module of one's own has those "
           "that register_module and register_parameter have named");
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

TensorList Optimizer::zeros() const {
  TensorList tensors;
  for (const Tensor& parameter : parameters_) {
    tensors.push_back(zeros_like(parameter, is_half(parameter) ? DType::Float32 : parameter.dtype()));
  }
  return tensors;
}

void Optimizer::step() {
  const NoGrad no_grad;
  TensorList moved, gradients;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& parameter = parameters_[i];
    const Tensor gradient = parameter.grad();
    if (!is_half(parameter) || !gradient.defined()) {
      moved.push_back(parameter);
      gradients.push_back(gradient);
      continue;
    }
    Tensor& master = masters_[i];
    const auto version = static_cast<std::int64_t>(parameter.version());
    if (!master.defined()) {
      master = contiguous(to(parameter.detach(), DType::Float32));
    } else if (versions_[i] != version) {
      // Changed, as by loading a state dict: where the copy does not round to the parameter, that counts. Loading the
      // very values that the copy rounds to loses nothing.
      const Tensor value = parameter.detach();
      copy_(master, where(to(master, value.dtype()) == value, master, to(value, DType::Float32)));
    }
    moved.push_back(master);
    gradients.push_back(to(gradient, DType::Float32));
  }
  update(moved, gradients);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!gradients[i].defined() || !is_half(parameters_[i])) continue;
    copy_(parameters_[i], masters_[i]);
    versions_[i] = static_cast<std::int64_t>(parameters_[i].version());
  }
}

Optimizer::State Optimizer::state_dict() const {
  // The lists are only read.
  auto& self = const_cast<Optimizer&>(*this);
  State state;
  self.visit_options(
      [&](const char* name, double& value) { state.emplace_back(option_key(name), full({}, value, DType::Float64, Device())); });
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (steps_[i] == 0) continue;
    state.emplace_back(state_key(i, "step"), full({}, steps_[i], DType::Int64, Device()));
    for (const auto& [name, tensors] : self.slots()) {
      if (!tensors->empty()) state.emplace_back(state_key(i, name), (*tensors)[i].detach());
    }
    if (masters_[i].defined()) state.emplace_back(state_key(i, "master"), masters_[i].detach());
  }
  return state;
}

void Optimizer::load_state_dict(const State& state) {
  const NoGrad no_grad;
  std::unordered_map<std::string, Tensor> left(state.begin(), state.end());
  const auto take = [&](const std::string& key) {
    const auto found = left.find(key);
    if (found == left.end()) return Tensor();
    const Tensor tensor = found->second;
    left.erase(found);
    return tensor;
  };
  const auto number = [](const std::string& key, const Tensor& tensor) {
    TS_CHECK(tensor.defined() && tensor.numel() == 1, ValueError, "load_state_dict: ", key, " must be one number, got ",
             tensor.defined() ? describe(tensor) : std::string("nothing"));
    return host_value<double>(to(reshape(tensor, IntList()), DType::Float64));
  };

  // Everything is read and checked before anything is changed.
  std::vector<double> options;
  visit_options([&](const char* name, double&) {
    const std::string key = option_key(name);
    options.push_back(number(key, take(key)));
    TS_CHECK(std::isfinite(options.back()) && options.back() >= 0, ValueError, "load_state_dict: ", key, " is ",
             options.back(), ", which is not a number >= 0");
  });
  const std::vector<Slot> lists = slots();
  std::vector<TensorList> tensors(lists.size());
  TensorList masters;
  std::vector<std::int64_t> steps;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& parameter = parameters_[i];
    const DType dtype = is_half(parameter) ? DType::Float32 : parameter.dtype();
    const auto copy_of = [&](const std::string& key, const Tensor& tensor) {
      TS_CHECK(tensor.sizes() == parameter.sizes(), ValueError, "load_state_dict: ", key, " is ", describe(tensor),
               ", but its parameter is ", describe(parameter));
      return clone(contiguous(to(tensor.detach(), dtype)));
    };
    const std::string step_key = state_key(i, "step");
    const Tensor step = take(step_key);
    const double count = step.defined() ? number(step_key, step) : 0;
    TS_CHECK(count >= 0 && count < 9e15 && count == std::floor(count), ValueError, "load_state_dict: ", step_key,
             " is ", count, ", which is not a number of steps");
    steps.push_back(static_cast<std::int64_t>(count));
    for (std::size_t s = 0; s < lists.size(); ++s) {
      if (lists[s].second->empty()) continue;
      const std::string key = state_key(i, lists[s].first);
      const Tensor tensor = take(key);
      TS_CHECK(tensor.defined() || !step.defined(), ValueError, "load_state_dict: ", key, " is missing");
      tensors[s].push_back(tensor.defined() ? copy_of(key, tensor) : zeros_like(parameter, dtype));
    }
    const std::string master_key = state_key(i, "master");
    const Tensor master = is_half(parameter) ? take(master_key) : Tensor();
    masters.push_back(master.defined() ? copy_of(master_key, master) : Tensor());
  }
  TS_CHECK(left.empty(), ValueError, "load_state_dict: ", left.begin()->first,
           " belongs to another optimizer, other options or other parameters");

  std::size_t next = 0;
  visit_options([&](const char*, double& value) { value = options[next++]; });
  for (std::size_t s = 0; s < lists.size(); ++s) *lists[s].second = std::move(tensors[s]);
  masters_ = std::move(masters);
  steps_ = std::move(steps);
  versions_.assign(parameters_.size(), -1);
}

void Optimizer::visit_flag(const Visit& visit, const char* name, bool& flag) {
  double value = flag;
  visit(name, value);
  flag = value != 0;
}

SGD::SGD(TensorList parameters, const SgdOptions& options)
    : Optimizer(std::move(parameters)),
      options_(options),
      momentum_buffers_(options.momentum != 0 ? zeros() : TensorList()) {
  checked_rate(options.lr);
}

void SGD::update(Span<const Tensor> parameters, Span<const Tensor> gradients) {
  sgd_step(parameters, gradients, momentum_buffers_, steps(), options_.lr, options_.momentum, options_.dampening,
           options_.weight_decay, options_.nesterov, options_.maximize);
}

void SGD::set_learning_rate(double value) { options_.lr = checked_rate(value); }

std::vector<Optimizer::Slot> SGD::slots() { return {{"momentum_buffer", &momentum_buffers_}}; }

void SGD::visit_options(const Visit& visit) {
  visit("lr", options_.lr);
  visit("weight_decay", options_.weight_decay);
  visit_flag(visit, "maximize", options_.maximize);
  visit("momentum", options_.momentum);
  visit("dampening", options_.dampening);
  visit_flag(visit, "nesterov", options_.nesterov);
}

Adam::Adam(TensorList parameters, const AdamOptions& options, bool amsgrad)
    : Optimizer(std::move(parameters)),
      options_(options),
      exp_avgs_(zeros()),
      exp_avg_sqs_(zeros()),
      max_exp_avg_sqs_(amsgrad ? zeros() : TensorList()) {
  checked_rate(options.lr);
}

void Adam::update(Span<const Tensor> parameters, Span<const Tensor> gradients) {
  adam_step(parameters, gradients, exp_avgs_, exp_avg_sqs_, max_exp_avg_sqs_, steps(), options_.lr, options_.beta1,
            options_.beta2, options_.eps, options_.weight_decay, !max_exp_avg_sqs_.empty(), options_.decoupled,
            options_.maximize);
}

void Adam::set_learning_rate(double value) { options_.lr = checked_rate(value); }

std::vector<Optimizer::Slot> Adam::slots() {
  return {{"exp_avg", &exp_avgs_}, {"exp_avg_sq", &exp_avg_sqs_}, {"max_exp_avg_sq", &max_exp_avg_sqs_}};
}

void Adam::visit_options(const Visit& visit) {
  visit("lr", options_.lr);
  visit("weight_decay", options_.weight_decay);
  visit_flag(visit, "maximize", options_.maximize);
  visit("betas.0", options_.beta1);
  visit("betas.1", options_.beta2);
  visit("eps", options_.eps);
  bool amsgrad = !max_exp_avg_sqs_.empty();  // fixed when the optimizer is made, with the lists
  visit_flag(visit, "amsgrad", amsgrad);
}

}  // namespace ts::optim
