// Fused optimizer steps: each parameter, its gradient and its state are read and written once, and all parameters form
// one parallel loop, so that many small ones do not cost a hand-off each. What happens to an element is in
// optimizer_rules-inl.h; here is the loop around it, and the numbers that depend on the step alone.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/optimizer.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/optimizer_rules-inl.h"
#include "cpu/vec_tail-inl.h"

#ifndef TS_CPU_OPTIMIZER_KERNELS
#define TS_CPU_OPTIMIZER_KERNELS
namespace ts::cpu {

// Applies a rule, of the type its place among OptimizerRules tells, to `count` elements of its arrays.
template <class T>
using UpdateFunction = void (*)(const void* rule, T* const* arrays, const T* gradient, std::int64_t count);

// What one instruction set offers: a function for each rule. T is float or double.
template <class T>
struct OptimizerKernels {
  UpdateFunction<T> update[14];
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

template <class T, class Rule>
void update(const void* given, T* const* arrays, const T* gradient, int64_t count) {
  const Rule rule = *static_cast<const Rule*>(given);  // no store through an array can change a local
  for_each_vector<T>(
      count,
      [&](int64_t i) HWY_ATTR {
        Vec<T> x[Rule::kArrays];
        for (int a = 0; a < Rule::kArrays; ++a) x[a] = Vec<T>::load(arrays[a] + i);
        rule(Vec<T>::load(gradient + i), x);
        for (int a = 0; a < Rule::kArrays; ++a) x[a].store(arrays[a] + i);
      },
      [&](int64_t i, int64_t left) HWY_ATTR {
        Vec<T> x[Rule::kArrays];
        for (int a = 0; a < Rule::kArrays; ++a) x[a] = load_first(arrays[a] + i, left, Vec<T>(1));
        rule(load_first(gradient + i, left, Vec<T>(1)), x);
        for (int a = 0; a < Rule::kArrays; ++a) store_first(x[a], arrays[a] + i, left);
      });
}

template <class T, class... Rules>
OptimizerKernels<T> kernels_of(const std::tuple<Rules...>*) {
  static_assert(sizeof...(Rules) == std::size(OptimizerKernels<T>{}.update));
  return {{&update<T, Rules>...}};
}

OptimizerKernels<float> float_optimizer_kernels() {
  return kernels_of<float>(static_cast<const OptimizerRules*>(nullptr));
}
OptimizerKernels<double> double_optimizer_kernels() {
  return kernels_of<double>(static_cast<const OptimizerRules*>(nullptr));
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <array>
#include <cmath>
#include <iterator>
#include <type_traits>
#include <vector>

#include "cpu/thread_pool.h"
#include "torchscratch/autograd.h"
#include "torchscratch/observer.h"
#include "torchscratch/ops.g.h"
#include "torchscratch/optimizer.h"

namespace ts {

namespace cpu {
namespace {

HWY_EXPORT(float_optimizer_kernels);
HWY_EXPORT(double_optimizer_kernels);

// Where a rule stands among all.
template <class Rule, class... Rules>
constexpr std::size_t place_of(const std::tuple<Rules...>*) {
  std::size_t place = 0;
  static_cast<void>(((std::is_same_v<Rule, Rules> || (++place, false)) || ...));
  return place;
}

template <class T, class Rule>
UpdateFunction<T> kernel() {
  constexpr std::size_t place = place_of<Rule>(static_cast<const HWY_NAMESPACE::OptimizerRules*>(nullptr));
  if constexpr (std::is_same_v<T, float>) {
    return TS_SIMD_DISPATCH(float_optimizer_kernels)().update[place];
  } else {
    return TS_SIMD_DISPATCH(double_optimizer_kernels)().update[place];
  }
}

}  // namespace
}  // namespace cpu

namespace {

namespace rules = cpu::HWY_NAMESPACE;
using Steps = Span<std::int64_t>;
using States = Span<const Tensor>;

constexpr std::int64_t kChunk = 16 * 1024;  // elements: a few cache-resident arrays of it

// A piece of one parameter.
struct Piece {
  std::size_t tensor;
  std::int64_t begin;
  std::int64_t end;
};

// One step: first everything is checked, then everything is changed.
class Step {
 public:
  Step(Span<const Tensor> parameters, Span<const Tensor> gradients) : originals_(parameters) {
    TS_CHECK(parameters.size() == gradients.size(), ValueError, parameters.size(), " parameters, ", gradients.size(),
             " gradients");
    parameters_.reserve(parameters.size());
    gradients_.reserve(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Tensor& parameter = parameters[i];
      TS_CHECK(parameter.defined(), ValueError, "parameter ", i, " is undefined");
      Tensor gradient = gradients[i];
      if (gradient.defined()) {
        TS_CHECK(parameter.dtype() == DType::Float32 || parameter.dtype() == DType::Float64, DTypeError, "parameter ",
                 i, " is ", describe(parameter), "; optimizers take float32 and float64");
        TS_CHECK(gradient.sizes() == parameter.sizes() && gradient.dtype() == parameter.dtype(), ShapeError,
                 "gradient ", i, " is ", describe(gradient), " for parameter ", describe(parameter));
        gradient = contiguous(gradient);
        for (std::int64_t at = 0; at < parameter.numel(); at += kChunk) {
          pieces_.push_back({i, at, std::min(at + kChunk, parameter.numel())});
        }
      }
      // Of a parameter that is not contiguous a copy is moved, and copied back.
      parameters_.push_back(contiguous(parameter));
      gradients_.push_back(std::move(gradient));
    }
  }

  std::size_t count() const { return parameters_.size(); }
  bool has(std::size_t i) const { return gradients_[i].defined(); }

  void check_counts(Steps steps) const {
    TS_CHECK(steps.size() == count(), ValueError, "steps: ", steps.size(), " numbers for ", count(), " parameters");
    for (std::size_t i = 0; i < count(); ++i) {
      TS_CHECK(steps[i] >= 0, ValueError, "steps: parameter ", i, " has taken ", steps[i], " steps, fewer than none");
    }
  }

  void check_state(const char* name, States states) const {
    TS_CHECK(states.size() == count(), ValueError, name, ": every one of ", count(),
             " parameters needs its state, got ", states.size());
    for (std::size_t i = 0; i < count(); ++i) {
      if (!has(i)) continue;
      const Tensor &state = states[i], &parameter = originals_[i];
      TS_CHECK(state.defined() && state.sizes() == parameter.sizes() && state.dtype() == parameter.dtype() &&
                   state.is_contiguous(),
               ValueError, name, ": ", describe(state), " does not fit parameter ", describe(parameter));
    }
  }

  // Moves each parameter and its states by the rule that rule_of(i) gives for it.
  template <class RuleOf>
  void run(RuleOf&& rule_of, const std::array<States, std::decay_t<decltype(rule_of(0))>::kArrays - 1>& states) {
    using Rule = std::decay_t<decltype(rule_of(0))>;
    std::vector<Rule, PoolAllocator<Rule>> by_parameter;
    by_parameter.reserve(count());
    // A parameter that stays has no rule of its own; what stands in its place is not read.
    for (std::size_t i = 0; i < count(); ++i) by_parameter.push_back(has(i) ? rule_of(i) : Rule{});
    const auto in_float = cpu::kernel<float, Rule>();
    const auto in_double = cpu::kernel<double, Rule>();
    cpu::parallel_for(static_cast<std::int64_t>(pieces_.size()), 4, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t k = first; k < last; ++k) {
        const Piece& piece = pieces_[static_cast<std::size_t>(k)];
        if (parameters_[piece.tensor].dtype() == DType::Float32) {
          move(piece, in_float, by_parameter[piece.tensor], states);
        } else {
          move(piece, in_double, by_parameter[piece.tensor], states);
        }
      }
    });
    for (std::size_t i = 0; i < count(); ++i) {
      if (!has(i)) continue;
      if (!parameters_[i].is_same(originals_[i])) copy_(originals_[i], parameters_[i]);
      else autograd::bump_version(originals_[i]);
    }
  }

 private:
  template <class T, class Rule, std::size_t N>
  void move(const Piece& piece, cpu::UpdateFunction<T> update, const Rule& rule, const std::array<States, N>& states) {
    T* arrays[N + 1];
    arrays[0] = parameters_[piece.tensor].data<T>() + piece.begin;
    for (std::size_t s = 0; s < N; ++s) {
      const Tensor& state = states[s][piece.tensor];
      arrays[s + 1] = state.data<T>() + piece.begin;
    }
    update(&rule, arrays, gradients_[piece.tensor].data<T>() + piece.begin, piece.end - piece.begin);
  }

  Span<const Tensor> originals_;
  std::vector<Tensor, PoolAllocator<Tensor>> parameters_, gradients_;
  std::vector<Piece, PoolAllocator<Piece>> pieces_;
};

template <class Options>
rules::SeenGradient seen(const Options& options) {
  return {options.maximize ? -1.0 : 1.0, options.weight_decay};
}

template <class Options>
rules::Moments moments(const Options& options) {
  return {options.beta1, options.beta2, 1 - options.beta1, 1 - options.beta2};
}

// 1 - beta^t: what a running mean that began at 0 lacks after t steps.
double correction(double beta, std::int64_t step) { return 1 - std::pow(beta, static_cast<double>(step)); }

void count_up(const Step& step, Steps steps) {
  for (std::size_t i = 0; i < step.count(); ++i) steps[i] += step.has(i) ? 1 : 0;
}

template <bool IsCentered, bool HasMomentum>
void rmsprop(Step& step, States square_avgs, States grad_avgs, States momentum_buffers, const RmsPropOptions& o) {
  const auto rule = [&](std::size_t) {
    return rules::RmsPropRule<IsCentered, HasMomentum>{seen(o), o.lr, o.alpha, 1 - o.alpha, o.eps, o.momentum};
  };
  if constexpr (IsCentered && HasMomentum) {
    step.run(rule, {square_avgs, grad_avgs, momentum_buffers});
  } else if constexpr (IsCentered) {
    step.run(rule, {square_avgs, grad_avgs});
  } else if constexpr (HasMomentum) {
    step.run(rule, {square_avgs, momentum_buffers});
  } else {
    step.run(rule, {square_avgs});
  }
}

}  // namespace

void sgd_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<Tensor> momentum_buffers,
              const SgdOptions& o) {
  const detail::OpScope scope("sgd_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  if (o.momentum == 0) {
    step.run([&](std::size_t) { return rules::SgdRule{seen(o), o.lr}; }, {});
    return;
  }
  TS_CHECK(momentum_buffers.size() == parameters.size(), ValueError, "momentum needs a buffer for each of ",
           parameters.size(), " parameters, got ", momentum_buffers.size());
  TensorList buffers;
  for (std::size_t i = 0; i < step.count(); ++i) {
    const bool is_new = step.has(i) && !momentum_buffers[i].defined();
    buffers.push_back(is_new ? zeros(parameters[i].sizes(), parameters[i].dtype()) : momentum_buffers[i]);
  }
  step.check_state("momentum buffer", buffers);
  const auto rule = [&](std::size_t i) {
    // The first gradient enters whole.
    const double take = momentum_buffers[i].defined() ? 1 - o.dampening : 1;
    return rules::MomentumRule{seen(o), o.lr, o.momentum, take, o.nesterov ? o.momentum : 1.0, o.nesterov ? 1.0 : 0.0};
  };
  step.run(rule, {States(buffers)});
  for (std::size_t i = 0; i < step.count(); ++i) momentum_buffers[i] = buffers[i];
}

void adam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States exp_avgs, States exp_avg_sqs,
               States max_exp_avg_sqs, Steps steps, const AdamOptions& o) {
  const detail::OpScope scope("adam_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  step.check_counts(steps);
  step.check_state("exp_avg", exp_avgs);
  step.check_state("exp_avg_sq", exp_avg_sqs);
  const auto rule = [&](std::size_t i) {
    const std::int64_t t = steps[i] + 1;
    return rules::AdamRule{{o.maximize ? -1.0 : 1.0, o.decoupled ? 0 : o.weight_decay},
                           moments(o),
                           o.decoupled ? 1 - o.lr * o.weight_decay : 1,
                           o.lr / correction(o.beta1, t),
                           1 / std::sqrt(correction(o.beta2, t)),
                           o.eps};
  };
  if (max_exp_avg_sqs.empty()) {
    step.run(rule, {exp_avgs, exp_avg_sqs});
  } else {
    step.check_state("max_exp_avg_sq", max_exp_avg_sqs);
    step.run([&](std::size_t i) { return rules::AmsGradRule{rule(i)}; }, {exp_avgs, exp_avg_sqs, max_exp_avg_sqs});
  }
  count_up(step, steps);
}

void adam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States exp_avgs, States exp_avg_sqs,
               States max_exp_avg_sqs, std::int64_t step, const AdamOptions& options) {
  TS_CHECK(step >= 1, ValueError, "adam_step: step counts from 1, got ", step);
  std::vector<std::int64_t, PoolAllocator<std::int64_t>> steps(parameters.size(), step - 1);
  adam_step(parameters, gradients, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps, options);
}

void adagrad_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States sums, Steps steps,
                  const AdagradOptions& o) {
  const detail::OpScope scope("adagrad_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  step.check_counts(steps);
  step.check_state("sum", sums);
  const auto rule = [&](std::size_t i) {
    return rules::AdagradRule{seen(o), o.lr / (1 + static_cast<double>(steps[i]) * o.lr_decay), o.eps};
  };
  step.run(rule, {sums});
  count_up(step, steps);
}

void rmsprop_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States square_avgs, States grad_avgs,
                  States momentum_buffers, Steps steps, const RmsPropOptions& o) {
  const detail::OpScope scope("rmsprop_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  const bool is_centered = !grad_avgs.empty();
  step.check_counts(steps);
  step.check_state("square_avg", square_avgs);
  if (is_centered) step.check_state("grad_avg", grad_avgs);
  if (o.momentum != 0) step.check_state("momentum_buffer", momentum_buffers);
  const auto move = is_centered ? (o.momentum != 0 ? &rmsprop<true, true> : &rmsprop<true, false>)
                                : (o.momentum != 0 ? &rmsprop<false, true> : &rmsprop<false, false>);
  move(step, square_avgs, grad_avgs, momentum_buffers, o);
  count_up(step, steps);
}

void adadelta_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States square_avgs, States acc_deltas,
                   Steps steps, const AdadeltaOptions& o) {
  const detail::OpScope scope("adadelta_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  step.check_counts(steps);
  step.check_state("square_avg", square_avgs);
  step.check_state("acc_delta", acc_deltas);
  step.run(
      [&](std::size_t) {
        return rules::AdadeltaRule{seen(o), o.lr, o.rho, 1 - o.rho, o.eps};
      },
      {square_avgs, acc_deltas});
  count_up(step, steps);
}

void adamax_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States exp_avgs, States exp_infs,
                 Steps steps, const AdamaxOptions& o) {
  const detail::OpScope scope("adamax_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  step.check_counts(steps);
  step.check_state("exp_avg", exp_avgs);
  step.check_state("exp_inf", exp_infs);
  const auto rule = [&](std::size_t i) {
    return rules::AdamaxRule{seen(o), o.beta1, o.beta2, 1 - o.beta1, o.lr / correction(o.beta1, steps[i] + 1), o.eps};
  };
  step.run(rule, {exp_avgs, exp_infs});
  count_up(step, steps);
}

void nadam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States exp_avgs, States exp_avg_sqs,
                Steps steps, Span<double> mu_products, const NAdamOptions& o) {
  const detail::OpScope scope("nadam_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  step.check_counts(steps);
  TS_CHECK(mu_products.size() == step.count(), ValueError, "mu_product: ", mu_products.size(), " numbers for ",
           step.count(), " parameters");
  step.check_state("exp_avg", exp_avgs);
  step.check_state("exp_avg_sq", exp_avg_sqs);
  const auto mu = [&](std::int64_t t) {
    return o.beta1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t) * o.momentum_decay));
  };
  const auto rule = [&](std::size_t i) {
    const std::int64_t t = steps[i] + 1;
    const double product = mu_products[i] * mu(t);
    return rules::NAdamRule{seen(o),
                            moments(o),
                            o.lr * (1 - mu(t)) / (1 - product),
                            o.lr * mu(t + 1) / (1 - product * mu(t) * mu(t + 1)),
                            1 / std::sqrt(correction(o.beta2, t)),
                            o.eps};
  };
  step.run(rule, {exp_avgs, exp_avg_sqs});
  count_up(step, steps);
  for (std::size_t i = 0; i < step.count(); ++i) mu_products[i] *= step.has(i) ? mu(steps[i]) : 1;
}

void radam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States exp_avgs, States exp_avg_sqs,
                Steps steps, const RAdamOptions& o) {
  const detail::OpScope scope("radam_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  step.check_counts(steps);
  step.check_state("exp_avg", exp_avgs);
  step.check_state("exp_avg_sq", exp_avg_sqs);
  const auto rule = [&](std::size_t i) {
    const std::int64_t t = steps[i] + 1;
    const double lack1 = correction(o.beta1, t), lack2 = correction(o.beta2, t);
    // Length of the simple moving average that the exponential one approximates, in the limit and now.
    const double limit = 2 / (1 - o.beta2) - 1;
    const double length = limit - 2 * static_cast<double>(t) * (1 - lack2) / lack2;
    double plain = o.lr / lack1, adaptive = 0;
    if (length > 5) {
      const double rectification =
          std::sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length));
      adaptive = plain * rectification * std::sqrt(lack2);
      plain = 0;
    }
    // Nothing times 1 / (0 + 0) would not be nothing.
    return rules::RAdamRule{seen(o), moments(o), plain, adaptive, adaptive == 0 ? 1 : o.eps};
  };
  step.run(rule, {exp_avgs, exp_avg_sqs});
  count_up(step, steps);
}

void lion_step(Span<const Tensor> parameters, Span<const Tensor> gradients, States exp_avgs, Steps steps,
               const LionOptions& o) {
  const detail::OpScope scope("lion_step");
  const NoGrad no_grad;
  Step step(parameters, gradients);
  step.check_counts(steps);
  step.check_state("exp_avg", exp_avgs);
  const auto rule = [&](std::size_t) {
    return rules::LionRule{o.maximize ? -1.0 : 1.0,  o.lr, o.beta1, 1 - o.beta1, o.beta2, 1 - o.beta2,
                           1 - o.lr * o.weight_decay};
  };
  step.run(rule, {exp_avgs});
  count_up(step, steps);
}

}  // namespace ts

#endif  // HWY_ONCE
