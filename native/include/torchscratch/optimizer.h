// Optimizer steps as single multi-tensor kernels. What a step keeps between calls belongs to the caller.
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

/// g += weight_decay p;  v = momentum v + (1 - dampening) g (v = g at first);  p -= lr (nesterov ? g + momentum v : v).
/// An undefined gradient leaves its parameter alone; an undefined buffer is made when momentum asks for it.
TS_API void sgd_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<Tensor> momentum_buffers,
                     const SgdOptions& options);

struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool decoupled = false;  // weight decay of AdamW
  bool maximize = false;
};

/// Kingma and Ba, "Adam", ICLR 2015; decoupled: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
/// 2019. `step` counts from 1. max_exp_avg_sqs is empty unless amsgrad (Reddi, Kale and Kumar, ICLR 2018).
TS_API void adam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
                      Span<const Tensor> exp_avg_sqs, Span<const Tensor> max_exp_avg_sqs, std::int64_t step,
                      const AdamOptions& options);

}  // namespace ts
