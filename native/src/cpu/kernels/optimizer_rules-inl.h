// The update that each optimizer applies to one element, or to a vector of elements. A rule receives the gradient and
// x[], where x[0] is the parameter and the others are its state, and updates x in place. `V` is a vector of the
// instruction set in use.
//
// Quantities that depend only on the step are computed once, in double, by optimizer.cpp when it creates the rule. The
// rules are compiled once for each instruction set, all with the same data.
#if defined(TS_CPU_OPTIMIZER_RULES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_OPTIMIZER_RULES_INL_H_
#undef TS_CPU_OPTIMIZER_RULES_INL_H_
#else
#define TS_CPU_OPTIMIZER_RULES_INL_H_
#endif

#include <tuple>

#include "cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

/// The gradient that an optimizer uses: negated when maximizing, and with weight decay added.
struct SeenGradient {
  double sign;
  double weight_decay;

  template <class V>
  V operator()(V g, V p) const {
    return V(sign) * g + V(weight_decay) * p;
  }
};

struct SgdRule {
  static constexpr int kArrays = 1;
  SeenGradient seen;
  double lr;

  template <class V>
  void operator()(V g, V* x) const {
    x[0] = x[0] - V(lr) * seen(g, x[0]);
  }
};

struct MomentumRule {
  static constexpr int kArrays = 2;
  SeenGradient seen;
  double lr, momentum;
  double take;   // weight of the gradient in the momentum
  double ahead;  // Nesterov: the step is along g + momentum v = direct g + ahead v
  double direct;

  template <class V>
  void operator()(V g, V* x) const {
    const V d = seen(g, x[0]);
    x[1] = V(momentum) * x[1] + V(take) * d;
    x[0] = x[0] - V(lr) * (V(direct) * d + V(ahead) * x[1]);
  }
};

/// The two moving averages of Adam and related optimizers.
struct Moments {
  double beta1, beta2, rest1, rest2;  // rest = 1 - beta

  template <class V>
  void operator()(V d, V& mean, V& square) const {
    mean = V(beta1) * mean + V(rest1) * d;
    square = V(beta2) * square + V(rest2) * d * d;
  }
};

struct AdamRule {
  static constexpr int kArrays = 3;
  SeenGradient seen;
  Moments moments;
  double shrink;      // factor of the parameter: decoupled weight decay
  double step_size;   // lr / (1 - beta1^t)
  double root_scale;  // 1 / sqrt(1 - beta2^t)
  double eps;

  template <class V>
  void operator()(V g, V* x) const {
    moments(seen(g, x[0]), x[1], x[2]);
    x[0] = x[0] * V(shrink) - V(step_size) * x[1] / (sqrt(x[2]) * V(root_scale) + V(eps));
  }
};

struct AmsGradRule {
  static constexpr int kArrays = 4;
  AdamRule adam;

  template <class V>
  void operator()(V g, V* x) const {
    adam.moments(adam.seen(g, x[0]), x[1], x[2]);
    x[3] = quick_max(x[3], x[2]);
    x[0] = x[0] * V(adam.shrink) - V(adam.step_size) * x[1] / (sqrt(x[3]) * V(adam.root_scale) + V(adam.eps));
  }
};

struct AdagradRule {
  static constexpr int kArrays = 2;
  SeenGradient seen;
  double lr;  // after learning rate decay
  double eps;

  template <class V>
  void operator()(V g, V* x) const {
    const V d = seen(g, x[0]);
    x[1] = x[1] + d * d;
    x[0] = x[0] - V(lr) * d / (sqrt(x[1]) + V(eps));
  }
};

/// x: the parameter, the mean of squares, the mean of gradients if centered, and the momentum buffer if there is one.
template <bool IsCentered, bool HasMomentum>
struct RmsPropRule {
  static constexpr int kArrays = 2 + IsCentered + HasMomentum;
  SeenGradient seen;
  double lr, alpha, rest;  // rest = 1 - alpha
  double eps, momentum;

  template <class V>
  void operator()(V g, V* x) const {
    const V d = seen(g, x[0]);
    x[1] = V(alpha) * x[1] + V(rest) * d * d;
    V square = x[1];
    if constexpr (IsCentered) {
      x[2] = V(alpha) * x[2] + V(rest) * d;
      square = square - x[2] * x[2];
    }
    V move = d / (sqrt(square) + V(eps));
    if constexpr (HasMomentum) {
      V& buffer = x[kArrays - 1];
      buffer = V(momentum) * buffer + move;
      move = buffer;
    }
    x[0] = x[0] - V(lr) * move;
  }
};

struct AdadeltaRule {
  static constexpr int kArrays = 3;
  SeenGradient seen;
  double lr, rho, rest;  // rest = 1 - rho
  double eps;

  template <class V>
  void operator()(V g, V* x) const {
    const V d = seen(g, x[0]);
    x[1] = V(rho) * x[1] + V(rest) * d * d;
    const V move = sqrt(x[2] + V(eps)) / sqrt(x[1] + V(eps)) * d;
    x[2] = V(rho) * x[2] + V(rest) * move * move;
    x[0] = x[0] - V(lr) * move;
  }
};

struct AdamaxRule {
  static constexpr int kArrays = 3;
  SeenGradient seen;
  double beta1, beta2, rest1;  // rest = 1 - beta
  double step_size;            // lr / (1 - beta1^t)
  double eps;

  template <class V>
  void operator()(V g, V* x) const {
    const V d = seen(g, x[0]);
    x[1] = V(beta1) * x[1] + V(rest1) * d;
    x[2] = quick_max(V(beta2) * x[2], abs(d) + V(eps));
    x[0] = x[0] - V(step_size) * x[1] / x[2];
  }
};

struct NAdamRule {
  static constexpr int kArrays = 3;
  SeenGradient seen;
  Moments moments;
  double gradient_size;  // lr (1 - mu_t) / (1 - mu_1 ... mu_t)
  double mean_size;      // lr mu_t+1 / (1 - mu_1 ... mu_t mu_t mu_t+1)
  double root_scale;     // 1 / sqrt(1 - beta2^t)
  double eps;

  template <class V>
  void operator()(V g, V* x) const {
    const V d = seen(g, x[0]);
    moments(d, x[1], x[2]);
    x[0] = x[0] - (V(gradient_size) * d + V(mean_size) * x[1]) / (sqrt(x[2]) * V(root_scale) + V(eps));
  }
};

struct RAdamRule {
  static constexpr int kArrays = 3;
  SeenGradient seen;
  Moments moments;
  double plain_size;     // lr / (1 - beta1^t) while the variance is not tractable, else 0
  double adaptive_size;  // lr r_t sqrt(1 - beta2^t) / (1 - beta1^t) when it is, else 0
  double eps;

  template <class V>
  void operator()(V g, V* x) const {
    moments(seen(g, x[0]), x[1], x[2]);
    x[0] = x[0] - (V(plain_size) * x[1] + V(adaptive_size) * x[1] / (sqrt(x[2]) + V(eps)));
  }
};

struct LionRule {
  static constexpr int kArrays = 2;
  double sign;
  double lr, beta1, rest1, beta2, rest2;  // rest = 1 - beta
  double shrink;                          // factor of the parameter: decoupled weight decay

  template <class V>
  void operator()(V g, V* x) const {
    const V d = V(sign) * g;
    const V direction = V(beta1) * x[1] + V(rest1) * d;
    const V step = select(direction > V(0), V(lr), select(direction < V(0), V(-lr), V(0) * direction));
    x[0] = x[0] * V(shrink) - step;
    x[1] = V(beta2) * x[1] + V(rest2) * d;
  }
};

using OptimizerRules = std::tuple<SgdRule, MomentumRule, AdamRule, AmsGradRule, AdagradRule, RmsPropRule<false, false>,
                                  RmsPropRule<false, true>, RmsPropRule<true, false>, RmsPropRule<true, true>,
                                  AdadeltaRule, AdamaxRule, NAdamRule, RAdamRule, LionRule>;

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
