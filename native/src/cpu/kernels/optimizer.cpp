// Fused optimizer steps: each parameter, its gradient and its state are read and written once, and one parallel loop
// covers all parameters, so that many small ones do not each pay for starting the threads. The update of an element is
// in optimizer_rules-inl.h; this file has the loop around it, and the quantities that depend only on the step.
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

// Applies a rule to `count` elements of its arrays; its type is given by its index in OptimizerRules. T is float or
// double.
template <class T>
using UpdateFunction = void (*)(const void* rule, T* const* arrays, const T* gradient, std::int64_t count);

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

template <class T, class Rule>
void update(const void* given, T* const* arrays, const T* gradient, int64_t count) {
  const Rule rule = *static_cast<const Rule*>(given);  // a local copy, which stores to the arrays cannot alias
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

// One function for each rule, in the order of OptimizerRules.
template <class T, class... Rules>
const UpdateFunction<T>* updates_of(const std::tuple<Rules...>*) {
  static constexpr UpdateFunction<T> table[] = {&update<T, Rules>...};
  return table;
}

const UpdateFunction<float>* float_updates() { return updates_of<float>(static_cast<const OptimizerRules*>(nullptr)); }
const UpdateFunction<double>* double_updates() {
  return updates_of<double>(static_cast<const OptimizerRules*>(nullptr));
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <vector>

#include "cpu/thread_pool.h"
#include "generated/cpu/optimizer_steps.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_updates);
HWY_EXPORT(double_updates);

namespace rules = HWY_NAMESPACE;
using Tensors = Span<const Tensor>;
using Steps = Span<std::int64_t>;

template <class Rule, class... Rules>
constexpr std::size_t index_of(const std::tuple<Rules...>*) {
  std::size_t index = 0;
  static_cast<void>(((std::is_same_v<Rule, Rules> || (++index, false)) || ...));
  return index;
}

template <class T, class Rule>
UpdateFunction<T> update_of() {
  constexpr std::size_t index = index_of<Rule>(static_cast<const rules::OptimizerRules*>(nullptr));
  if constexpr (std::is_same_v<T, float>) return TS_SIMD_DISPATCH(float_updates)()[index];
  else return TS_SIMD_DISPATCH(double_updates)()[index];
}

constexpr std::int64_t kChunk = 16 * 1024;  // elements; a few arrays of this size fit in the cache

// A range of elements of one parameter.
struct Piece {
  std::size_t tensor;
  std::int64_t begin, end;
};

// Applies rule_of(i) to parameter i and its states, for each parameter that has a gradient.
template <class RuleOf>
void apply(Tensors parameters, Tensors gradients, RuleOf&& rule_of,
           const std::array<Tensors, std::decay_t<decltype(rule_of(0))>::kArrays - 1>& states) {
  using Rule = std::decay_t<decltype(rule_of(0))>;
  std::vector<Rule, PoolAllocator<Rule>> rule_of_parameter(parameters.size());
  std::vector<Piece, PoolAllocator<Piece>> pieces;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!gradients[i].defined()) continue;
    rule_of_parameter[i] = rule_of(i);
    for (std::int64_t at = 0; at < parameters[i].numel(); at += kChunk) {
      pieces.push_back({i, at, std::min(at + kChunk, parameters[i].numel())});
    }
  }
  const auto apply_to = [&]<class T>(const Piece& piece, UpdateFunction<T> update) {
    T* arrays[Rule::kArrays];
    arrays[0] = parameters[piece.tensor].template data<T>() + piece.begin;
    for (std::size_t s = 0; s < states.size(); ++s)
      arrays[s + 1] = states[s][piece.tensor].template data<T>() + piece.begin;
    update(&rule_of_parameter[piece.tensor], arrays, gradients[piece.tensor].template data<T>() + piece.begin,
           piece.end - piece.begin);
  };
  const auto in_float = update_of<float, Rule>();
  const auto in_double = update_of<double, Rule>();
  parallel_for(static_cast<std::int64_t>(pieces.size()), 4, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t k = first; k < last; ++k) {
      const Piece& piece = pieces[static_cast<std::size_t>(k)];
      if (parameters[piece.tensor].dtype() == DType::Float32) apply_to(piece, in_float);
      else apply_to(piece, in_double);
    }
  });
}

rules::SeenGradient seen(bool maximize, double weight_decay) { return {maximize ? -1.0 : 1.0, weight_decay}; }

rules::Moments moments(double beta1, double beta2) { return {beta1, beta2, 1 - beta1, 1 - beta2}; }

// 1 - beta^t, the factor by which a running mean that starts at 0 is too small after t steps (bias correction).
double correction(double beta, std::int64_t step) { return 1 - std::pow(beta, static_cast<double>(step)); }

}  // namespace

void sgd_step(Tensors parameters, Tensors gradients, Tensors momentum_buffers, Steps steps, double lr, double momentum,
              double dampening, double weight_decay, bool nesterov, bool maximize) {
  const auto g = seen(maximize, weight_decay);
  if (momentum == 0) {
    apply(parameters, gradients, [&](std::size_t) { return rules::SgdRule{g, lr}; }, {});
    return;
  }
  const auto rule = [&](std::size_t i) {
    // The first gradient is not dampened.
    const double take = steps[i] > 0 ? 1 - dampening : 1;
    return rules::MomentumRule{g, lr, momentum, take, nesterov ? momentum : 1.0, nesterov ? 1.0 : 0.0};
  };
  apply(parameters, gradients, rule, {momentum_buffers});
}

void adam_step(Tensors parameters, Tensors gradients, Tensors exp_avgs, Tensors exp_avg_sqs, Tensors max_exp_avg_sqs,
               Steps steps, double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad,
               bool decoupled, bool maximize) {
  const auto rule = [&](std::size_t i) {
    const std::int64_t t = steps[i] + 1;
    return rules::AdamRule{seen(maximize, decoupled ? 0 : weight_decay), moments(beta1, beta2),
                           decoupled ? 1 - lr * weight_decay : 1,        lr / correction(beta1, t),
                           1 / std::sqrt(correction(beta2, t)),          eps};
  };
  if (amsgrad) {
    apply(parameters, gradients, [&](std::size_t i) { return rules::AmsGradRule{rule(i)}; },
          {exp_avgs, exp_avg_sqs, max_exp_avg_sqs});
  } else {
    apply(parameters, gradients, rule, {exp_avgs, exp_avg_sqs});
  }
}

void adagrad_step(Tensors parameters, Tensors gradients, Tensors sums, Steps steps, double lr, double lr_decay,
                  double weight_decay, double eps, bool maximize) {
  const auto rule = [&](std::size_t i) {
    return rules::AdagradRule{seen(maximize, weight_decay), lr / (1 + static_cast<double>(steps[i]) * lr_decay), eps};
  };
  apply(parameters, gradients, rule, {sums});
}

void rmsprop_step(Tensors parameters, Tensors gradients, Tensors square_avgs, Tensors grad_avgs,
                  Tensors momentum_buffers, Steps /*steps*/, double lr, double alpha, double eps, double weight_decay,
                  double momentum, bool centered, bool maximize) {
  const auto rule = [&]<bool IsCentered, bool HasMomentum>() {
    return [&](std::size_t) {
      return rules::RmsPropRule<IsCentered, HasMomentum>{
          seen(maximize, weight_decay), lr, alpha, 1 - alpha, eps, momentum};
    };
  };
  if (centered && momentum != 0) {
    apply(parameters, gradients, rule.operator()<true, true>(), {square_avgs, grad_avgs, momentum_buffers});
  } else if (centered) {
    apply(parameters, gradients, rule.operator()<true, false>(), {square_avgs, grad_avgs});
  } else if (momentum != 0) {
    apply(parameters, gradients, rule.operator()<false, true>(), {square_avgs, momentum_buffers});
  } else {
    apply(parameters, gradients, rule.operator()<false, false>(), {square_avgs});
  }
}

void adadelta_step(Tensors parameters, Tensors gradients, Tensors square_avgs, Tensors acc_deltas, Steps /*steps*/,
                   double lr, double rho, double eps, double weight_decay, bool maximize) {
  const auto rule = [&](std::size_t) {
    return rules::AdadeltaRule{seen(maximize, weight_decay), lr, rho, 1 - rho, eps};
  };
  apply(parameters, gradients, rule, {square_avgs, acc_deltas});
}

void adamax_step(Tensors parameters, Tensors gradients, Tensors exp_avgs, Tensors exp_infs, Steps steps, double lr,
                 double beta1, double beta2, double eps, double weight_decay, bool maximize) {
  const auto rule = [&](std::size_t i) {
    return rules::AdamaxRule{seen(maximize, weight_decay),         beta1, beta2, 1 - beta1,
                             lr / correction(beta1, steps[i] + 1), eps};
  };
  apply(parameters, gradients, rule, {exp_avgs, exp_infs});
}

void nadam_step(Tensors parameters, Tensors gradients, Tensors exp_avgs, Tensors exp_avg_sqs, Steps steps,
                Span<double> mu_products, double lr, double beta1, double beta2, double eps, double weight_decay,
                double momentum_decay, bool maximize) {
  const auto mu = [&](std::int64_t t) {
    return beta1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t) * momentum_decay));
  };
  const auto rule = [&](std::size_t i) {
    const std::int64_t t = steps[i] + 1;
    const double product = mu_products[i] * mu(t);
    return rules::NAdamRule{seen(maximize, weight_decay),        moments(beta1, beta2),
                            lr * (1 - mu(t)) / (1 - product),    lr * mu(t + 1) / (1 - product * mu(t) * mu(t + 1)),
                            1 / std::sqrt(correction(beta2, t)), eps};
  };
  apply(parameters, gradients, rule, {exp_avgs, exp_avg_sqs});
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (gradients[i].defined()) mu_products[i] *= mu(steps[i] + 1);
  }
}

void radam_step(Tensors parameters, Tensors gradients, Tensors exp_avgs, Tensors exp_avg_sqs, Steps steps, double lr,
                double beta1, double beta2, double eps, double weight_decay, bool maximize) {
  const auto rule = [&](std::size_t i) {
    const std::int64_t t = steps[i] + 1;
    const double correction1 = correction(beta1, t), correction2 = correction(beta2, t);
    // Length of the simple moving average that the exponential one approximates, in the limit and at this step.
    const double limit = 2 / (1 - beta2) - 1;
    const double length = limit - 2 * static_cast<double>(t) * (1 - correction2) / correction2;
    double plain = lr / correction1, adaptive = 0;
    if (length > 5) {
      const double rectification =
          std::sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length));
      adaptive = plain * rectification * std::sqrt(correction2);
      plain = 0;
    }
    // 0 * (1 / 0) is NaN, so eps must not be 0 where the adaptive part is unused.
    return rules::RAdamRule{seen(maximize, weight_decay), moments(beta1, beta2), plain, adaptive,
                            adaptive == 0 ? 1 : eps};
  };
  apply(parameters, gradients, rule, {exp_avgs, exp_avg_sqs});
}

void lion_step(Tensors parameters, Tensors gradients, Tensors exp_avgs, Steps /*steps*/, double lr, double beta1,
               double beta2, double weight_decay, bool maximize) {
  const auto rule = [&](std::size_t) {
    return rules::LionRule{maximize ? -1.0 : 1.0, lr, beta1, 1 - beta1, beta2, 1 - beta2, 1 - lr * weight_decay};
  };
  apply(parameters, gradients, rule, {exp_avgs});
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
