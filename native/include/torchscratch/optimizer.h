// Optimizer steps as single multi-tensor kernels. What a step keeps between calls belongs to the caller.
//
// All take parameters (float32 or float64) and their gradients, of which an undefined one leaves its parameter alone;
// state tensors are dense and of the parameter's shape and type, zeros at first unless it says otherwise. `steps` holds
// the steps that each parameter has taken and is counted up. A call that throws has changed nothing.
//
// In the formulas g is the gradient, negated if `maximize`, plus weight_decay p; t counts from 1; formulas and defaults
// are PyTorch's.
#pragma once

#include <cstdint>

#include "torchscratch/tensor.h"

namespace ts {

struct SgdOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
};

/// v = momentum v + (1 - dampening) g (v = g at first);  p -= lr (nesterov ? g + momentum v : v).
/// An undefined buffer is made when momentum asks for it.
TS_API void sgd_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<Tensor> momentum_buffers,
                     const SgdOptions& options);

struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool decoupled = false;  // weight decay of AdamW: p *= 1 - lr weight_decay, and none in g
  bool maximize = false;
};

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// p -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps).
/// Kingma and Ba, "Adam", ICLR 2015; decoupled: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
/// 2019. max_exp_avg_sqs is empty unless amsgrad (Reddi, Kale and Kumar, ICLR 2018), which divides by the largest v.
TS_API void adam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
                      Span<const Tensor> exp_avg_sqs, Span<const Tensor> max_exp_avg_sqs, Span<std::int64_t> steps,
                      const AdamOptions& options);

/// The same with all parameters at one step, which counts from 1.
TS_API void adam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
                      Span<const Tensor> exp_avg_sqs, Span<const Tensor> max_exp_avg_sqs, std::int64_t step,
                      const AdamOptions& options);

struct AdagradOptions {
  double lr = 1e-2;
  double lr_decay = 0;
  double weight_decay = 0;
  double eps = 1e-10;
  bool maximize = false;
};

/// s += g^2;  p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps). Duchi, Hazan and Singer, JMLR 2011.
TS_API void adagrad_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> sums,
                         Span<std::int64_t> steps, const AdagradOptions& options);

struct RmsPropOptions {
  double lr = 1e-2;
  double alpha = 0.99;
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum = 0;
  bool maximize = false;
};

/// s = alpha s + (1 - alpha) g^2;  d = g / (sqrt(s) + eps);  p -= lr d, or with momentum: b = momentum b + d; p -= lr
/// b. Hinton's lecture 6e. grad_avgs is empty unless centered (Graves, "Generating sequences", 2013): a = alpha a + (1
/// - alpha) g, and s - a^2 takes the place of s. momentum_buffers is empty unless momentum is not 0.
TS_API void rmsprop_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> square_avgs,
                         Span<const Tensor> grad_avgs, Span<const Tensor> momentum_buffers, Span<std::int64_t> steps,
                         const RmsPropOptions& options);

struct AdadeltaOptions {
  double lr = 1;
  double rho = 0.9;
  double eps = 1e-6;
  double weight_decay = 0;
  bool maximize = false;
};

/// s = rho s + (1 - rho) g^2;  d = sqrt(a + eps) / sqrt(s + eps) g;  a = rho a + (1 - rho) d^2;  p -= lr d. Zeiler
/// 2012.
TS_API void adadelta_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> square_avgs,
                          Span<const Tensor> acc_deltas, Span<std::int64_t> steps, const AdadeltaOptions& options);

struct AdamaxOptions {
  double lr = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool maximize = false;
};

/// m = beta1 m + (1 - beta1) g;  u = max(beta2 u, |g| + eps);  p -= lr / (1 - beta1^t) m / u. Kingma and Ba 2015, 7.1.
TS_API void adamax_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
                        Span<const Tensor> exp_infs, Span<std::int64_t> steps, const AdamaxOptions& options);

struct NAdamOptions {
  double lr = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum_decay = 4e-3;
  bool maximize = false;
};

/// mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2); m and v as in Adam;
/// p -= lr ((1 - mu_t) / (1 - mu_1 ... mu_t) g + mu_t+1 / (1 - mu_1 ... mu_t mu_t mu_t+1) m) / (sqrt(v / (1 - beta2^t))
/// + eps). Dozat, "Incorporating Nesterov momentum into Adam", 2016, where mu_t is once in the last product; twice is
/// PyTorch 1.13's formula, whose results this gives. mu_products holds mu_1 ... mu_t of each parameter, 1 at first, and
/// is multiplied up.
TS_API void nadam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
                       Span<const Tensor> exp_avg_sqs, Span<std::int64_t> steps, Span<double> mu_products,
                       const NAdamOptions& options);

struct RAdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool maximize = false;
};

/// Adam while the variance of its divisor is tractable, times a rectification; before that, p -= lr / (1 - beta1^t) m.
/// Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020.
TS_API void radam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
                       Span<const Tensor> exp_avg_sqs, Span<std::int64_t> steps, const RAdamOptions& options);

struct LionOptions {
  double lr = 1e-4;
  double beta1 = 0.9;
  double beta2 = 0.99;
  double weight_decay = 0;  // decoupled
  bool maximize = false;
};

/// p *= 1 - lr weight_decay;  p -= lr sign(beta1 m + (1 - beta1) g);  m = beta2 m + (1 - beta2) g.
/// Chen et al., "Symbolic discovery of optimization algorithms", 2023.
TS_API void lion_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
                      Span<std::int64_t> steps, const LionOptions& options);

}  // namespace ts
