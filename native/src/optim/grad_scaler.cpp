// Loss scaling for float16; see optim.h.
#include <cmath>
#include <unordered_map>

#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/full.g.h"
#include "torchscratch/ops/isfinite.g.h"
#include "torchscratch/ops/mul.g.h"
#include "torchscratch/ops/stack.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/optim.h"

namespace ts::optim {

namespace {

void check_scale(double scale) {
  TS_CHECK(scale > 0 && std::isfinite(static_cast<float>(scale)), ValueError,
           "GradScaler: a scale is positive and finite, got ", scale);
}

void check_rule(double growth_factor, double backoff_factor, double growth_interval) {
  TS_CHECK(growth_factor > 1 && std::isfinite(growth_factor), ValueError,
           "GradScaler: a growth factor is above 1, got ", growth_factor);
  TS_CHECK(backoff_factor > 0 && backoff_factor < 1, ValueError,
           "GradScaler: a backoff factor is between 0 and 1, got ", backoff_factor);
  TS_CHECK(growth_interval >= 1, ValueError, "GradScaler: a growth interval is at least 1, got ", growth_interval);
}

// Returns whether all gradients are finite, which is one question to the device for all of them.
bool unscale_gradients(const Optimizer& optimizer, float scale) {
  const NoGrad no_grad;
  TensorList gradients;
  for (const Tensor& parameter : optimizer.parameters()) {
    const Tensor gradient = parameter.grad();
    if (!gradient.defined()) continue;
    TS_CHECK(gradient.dtype() != DType::Float16, ValueError,
             "GradScaler: a gradient is float16, in which it might vanish when it is divided by the scale; keep the "
             "parameters in float32, and compute in an AutocastScope");
    gradients.push_back(gradient);
  }
  if (gradients.empty()) return true;
  const auto inverse = static_cast<double>(static_cast<float>(1.0 / scale));
  TensorList finite;
  for (const Tensor& gradient : gradients) finite.push_back(all(isfinite(mul_(gradient, inverse))));
  return host_value<bool>(all(stack(finite)));
}

}  // namespace

GradScaler::GradScaler(double init_scale, double growth_factor, double backoff_factor, std::int64_t growth_interval,
                       bool enabled)
    : scale_(static_cast<float>(init_scale)),
      growth_factor_(growth_factor),
      backoff_factor_(backoff_factor),
      growth_interval_(growth_interval),
      enabled_(enabled) {
  check_scale(init_scale);
  check_rule(growth_factor, backoff_factor, static_cast<double>(growth_interval));
}

GradScaler::Stage* GradScaler::find(const Optimizer& optimizer) {
  for (Stage& stage : stages_) {
    if (stage.optimizer == &optimizer) return &stage;
  }
  return nullptr;
}

Tensor GradScaler::scale(const Tensor& loss) {
  if (!enabled_) return loss;
  has_scaled_ = true;
  return loss * static_cast<double>(scale_);
}

void GradScaler::unscale(Optimizer& optimizer) {
  if (!enabled_) return;
  TS_CHECK(has_scaled_, ValueError,
           "GradScaler: no loss has been scaled; call scale(loss).backward() instead of loss.backward()");
  if (const Stage* stage = find(optimizer)) {
    TS_CHECK(!stage->stepped, ValueError, "GradScaler: unscale comes after step, which has used the gradients already");
    throw ValueError("GradScaler: the gradients of this optimizer have been unscaled since the last update");
  }
  stages_.push_back({&optimizer, unscale_gradients(optimizer, scale_), false});
}

bool GradScaler::step(Optimizer& optimizer) {
  if (!enabled_) {
    optimizer.step();
    return true;
  }
  const Stage* const before = find(optimizer);
  TS_CHECK(!before || !before->stepped, ValueError, "GradScaler: this optimizer had its step; call update() after it");
  if (!before) unscale(optimizer);
  if (find(optimizer)->finite) optimizer.step();
  find(optimizer)->stepped = true;
  return find(optimizer)->finite;
}

void GradScaler::update() {
  if (!enabled_) return;
  TS_CHECK(!stages_.empty(), ValueError, "GradScaler: no optimizer had a step since the last update");
  bool finite = true;
  for (const Stage& stage : stages_) finite = finite && stage.finite;
  if (!finite) {
    scale_ = static_cast<float>(scale_ * backoff_factor_);
    growth_tracker_ = 0;
  } else if (++growth_tracker_ == growth_interval_) {
    const auto grown = static_cast<float>(scale_ * growth_factor_);
    if (std::isfinite(grown)) scale_ = grown;
    growth_tracker_ = 0;
  }
  stages_.clear();
}

void GradScaler::set_scale(double scale) {
  check_scale(scale);
  scale_ = static_cast<float>(scale);
}

Optimizer::State GradScaler::state_dict() const {
  if (!enabled_) return {};
  const auto number = [](double value, DType dtype) { return full({}, value, dtype); };
  return {{"scale", number(scale_, DType::Float64)},
          {"growth_factor", number(growth_factor_, DType::Float64)},
          {"backoff_factor", number(backoff_factor_, DType::Float64)},
          {"growth_interval", full({}, growth_interval_, DType::Int64)},
          {"_growth_tracker", full({}, growth_tracker_, DType::Int64)}};
}

void GradScaler::load_state_dict(const Optimizer::State& state) {
  if (!enabled_) return;
  const NoGrad no_grad;
  const std::unordered_map<std::string, Tensor> numbers(state.begin(), state.end());
  const auto read = [&](const char* name) {
    const auto found = numbers.find(name);
    TS_CHECK(found != numbers.end() && found->second.defined() && found->second.numel() == 1, ValueError,
             "load_state_dict: GradScaler needs one number under ", name);
    return host_value<double>(to(found->second, DType::Float64));
  };
  const double scale = read("scale"), growth = read("growth_factor"), backoff = read("backoff_factor");
  const double interval = read("growth_interval"), tracker = read("_growth_tracker");
  check_scale(scale);
  check_rule(growth, backoff, interval);
  TS_CHECK(tracker >= 0 && tracker < interval, ValueError, "load_state_dict: GradScaler's _growth_tracker is ", tracker,
           ", which is not between 0 and its growth interval ", interval);
  scale_ = static_cast<float>(scale);
  growth_factor_ = growth;
  backoff_factor_ = backoff;
  growth_interval_ = static_cast<std::int64_t>(interval);
  growth_tracker_ = static_cast<std::int64_t>(tracker);
  stages_.clear();
}

}  // namespace ts::optim
