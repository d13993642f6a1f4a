// Losses that compare tensors element by element or vector by vector.
#include <cmath>

#include "generated/functions/activations.g.h"
#include "generated/functions/creation.g.h"
#include "generated/functions/losses.g.h"
#include "generated/functions/norms_and_distances.g.h"
#include "ops/losses.h"
#include "ops/prepare.h"
#include "ops/statistics.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/abs.g.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/binary_cross_entropy_elements.g.h"
#include "torchscratch/ops/checked_classes.g.h"
#include "torchscratch/ops/clamp_min.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/exp.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/index_select.g.h"
#include "torchscratch/ops/log.g.h"
#include "torchscratch/ops/log1p.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/logsigmoid.g.h"
#include "torchscratch/ops/mean.g.h"
#include "torchscratch/ops/minimum.g.h"
#include "torchscratch/ops/relu.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/sigmoid.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/sqrt.g.h"
#include "torchscratch/ops/square.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/ops/xlogy.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

Tensor euclidean(const Tensor& difference, double p) {
  return linalg_vector_norm_composite(difference, p, IntList{-1}, false, std::nullopt);
}

}  // namespace

Tensor l1_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction) {
  return reduce_loss(abs(input - target_of_same_shape(input, target)), reduction);
}

// target (log target - input), with 0 log 0 = 0.
Tensor kl_div_composite(const Tensor& input, const Tensor& target, DivergenceReduction reduction, bool log_target) {
  check_target_broadcasts(input, target);
  const Tensor loss = log_target ? exp(target) * (target - input) : xlogy(target, target) - target * input;
  switch (reduction) {
    case DivergenceReduction::None:
      return loss;
    case DivergenceReduction::Mean:
      return mean(loss);
    case DivergenceReduction::Sum:
      return sum(loss);
    case DivergenceReduction::Batchmean:
      break;
  }
  return input.dim() == 0 ? sum(loss) : sum(loss) / Scalar(input.size(0));
}

Tensor binary_cross_entropy_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                                      Reduction reduction) {
  target_of_same_shape(input, target);
  {
    const NoGrad no_grad;
    TS_CHECK(input.numel() == 0 || host_value<bool>(all(logical_and(input >= 0, input <= 1))), ValueError,
             "all elements of input must lie in [0, 1]");
  }
  const Tensor loss = binary_cross_entropy_elements(input, target);
  return reduce_loss(weight.defined() ? loss * weight : loss, reduction);
}

// With divisors limited as PyTorch limits them, so that it stays finite where input is exactly 0 or 1.
Tensor binary_cross_entropy_curvature(const Tensor& input, const Tensor& target) {
  constexpr double kEpsilon = 1e-12;
  const Tensor divisor = (input + Scalar(kEpsilon)) * (1 - input + Scalar(kEpsilon));
  return (input * input - input * target * 2 + target) / (divisor * divisor);
}

// With w = 1 + (pos_weight - 1) target: (1 - target) x + w log(1 + exp(-x)).
Tensor binary_cross_entropy_with_logits_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                                                  Reduction reduction, const Tensor& pos_weight) {
  target_of_same_shape(input, target);
  Tensor loss = (1 - target) * input;
  if (pos_weight.defined()) loss = loss - ((pos_weight - 1) * target + 1) * logsigmoid(input);
  else loss = loss - logsigmoid(input);
  return reduce_loss(weight.defined() ? loss * weight : loss, reduction);
}

Tensor hinge_embedding_loss_composite(const Tensor& input, const Tensor& target, double margin, Reduction reduction) {
  check_target_broadcasts(input, target);
  const Tensor zero = zeros_like(input);
  const Tensor loss = where(target == 1, zero, clamp_min(Scalar(margin) - input, 0)) + where(target == -1, zero, input);
  return reduce_loss(loss, reduction);
}

Tensor margin_ranking_loss_composite(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                                     Reduction reduction) {
  TS_CHECK(input1.dim() == input2.dim() && input1.dim() == target.dim(), ShapeError,
           "all three must have the same number of dimensions, got ", describe(input1), ", ", describe(input2), " and ",
           describe(target));
  return reduce_loss(clamp_min(-target * (input1 - input2) + Scalar(margin), 0), reduction);
}

Tensor cosine_embedding_loss_composite(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                                       Reduction reduction) {
  TS_CHECK(target.dim() <= 1 && input1.dim() == target.dim() + 1 && input1.sizes() == input2.sizes(), ShapeError,
           "expected inputs (N, D) and target (N), or (D) and (), got ", describe(input1), ", ", describe(input2),
           " and ", describe(target));
  constexpr double kEpsilon = 1e-12;
  const Tensor product = sum(input1 * input2, {-1});
  const Tensor squares1 = sum(input1 * input1, {-1}) + Scalar(kEpsilon);
  const Tensor squares2 = sum(input2 * input2, {-1}) + Scalar(kEpsilon);
  const Tensor cosine = product / sqrt(squares1 * squares2);
  const Tensor loss =
      where(target == 1, 1 - cosine, Scalar(0)) + where(target == -1, clamp_min(cosine - Scalar(margin), 0), Scalar(0));
  return reduce_loss(loss, reduction);
}

Tensor triplet_margin_loss_composite(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                     double margin, double p, double eps, bool swap, Reduction reduction) {
  TS_CHECK(anchor.dim() == positive.dim() && anchor.dim() == negative.dim(), ShapeError,
           "all three must have the same number of dimensions, got ", describe(anchor), ", ", describe(positive),
           " and ", describe(negative));
  const auto distance = [&](const Tensor& a, const Tensor& b) { return euclidean(a - b + Scalar(eps), p); };
  Tensor far = distance(anchor, negative);
  if (swap) far = minimum(far, distance(positive, negative));
  return reduce_loss(clamp_min(distance(anchor, positive) - far + Scalar(margin), 0), reduction);
}

Tensor poisson_nll_loss_composite(const Tensor& input, const Tensor& target, bool log_input, bool full, double eps,
                                  Reduction reduction) {
  check_target_broadcasts(input, target);
  Tensor loss = log_input ? exp(input) - target * input : input - target * log(input + Scalar(eps));
  if (full) {
    // Stirling's approximation of log(target!), used where target > 1.
    const Tensor safe = where(target > 1, target, Scalar(2));
    const Tensor stirling = safe * log(safe) - safe + log(safe * 6.283185307179586) * 0.5;
    loss = loss + where(target > 1, stirling, Scalar(0));
  }
  return reduce_loss(loss, reduction);
}

Tensor gaussian_nll_loss_composite(const Tensor& input, const Tensor& target, const Tensor& var, bool full, double eps,
                                   Reduction reduction) {
  check_target_broadcasts(input, target);
  Tensor variance = var;
  if (var.sizes() != input.sizes()) {
    Dims with_last = var.sizes();
    with_last.push_back(1);
    Dims leading = input.sizes();
    if (!leading.empty()) leading.erase(leading.size() - 1);
    if (var.sizes() == leading) {
      variance = unsqueeze(var, -1);
    } else {
      TS_CHECK(var.dim() == input.dim() && var.sizes().back() == 1, ShapeError, "var, ", describe(var),
               ", does not fit input, ", describe(input));
    }
  }
  const Tensor limited = clone(variance);
  {
    // Limiting var affects the value only; the gradient passes through unchanged.
    const NoGrad no_grad;
    TS_CHECK(var.numel() == 0 || host_value<bool>(all(var >= 0)), ValueError, "var has a negative element");
    clamp_min_(limited, eps);
  }
  Tensor loss = (log(limited) + square(input - target) / limited) * 0.5;
  if (full) loss = loss + Scalar(0.9189385332046727);  // log(2 pi) / 2
  return reduce_loss(loss, reduction);
}

Tensor soft_margin_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction) {
  target_of_same_shape(input, target);
  return reduce_loss(log1p(exp(-target * input)), reduction);
}

Tensor multi_margin_loss_composite(const Tensor& input, const Tensor& target, std::int64_t p, double margin,
                                   const Tensor& weight, Reduction reduction) {
  TS_CHECK(p == 1 || p == 2, ValueError, "p must be 1 or 2, got ", p);
  TS_CHECK(input.dim() <= 2, ShapeError, "input must be (C) or (N, C), got ", describe(input));
  const Tensor rows = input.dim() == 2 ? input : reshape(input, {1, input.numel()});
  TS_CHECK(target.dtype() == DType::Int64 || target.dtype() == DType::Int32 || target.numel() == 0, DTypeError,
           "class labels must be Int64, but target is ", describe(target), "; convert them to Int64");
  const Tensor classes = reshape(checked_classes(index_input(target), rows.size(1), std::nullopt), {-1, 1});
  TS_CHECK(classes.size(0) == rows.size(0), ShapeError, "target, ", describe(target), ", does not fit input, ",
           describe(input));
  // relu rather than clamp_min: an element exactly on the margin has no gradient.
  Tensor terms = relu(rows - gather(rows, 1, classes) + Scalar(margin));
  if (p == 2) terms = terms * terms;
  if (weight.defined()) terms = terms * unsqueeze(index_select(weight, 0, flatten(classes)), 1);
  const Tensor others = unsqueeze(arange_composite(0, rows.size(1), 1, DType::Int64, rows.device()), 0) != classes;
  const Tensor loss = sum(where(others, terms, Scalar(0)), {1}) / Scalar(rows.size(1));
  return reduce_loss(input.dim() < 2 && reduction == Reduction::None ? squeeze(loss, 0) : loss, reduction);
}

Tensor multilabel_soft_margin_loss_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                                             Reduction reduction) {
  check_target_broadcasts(input, target);
  Tensor terms = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input));
  if (weight.defined()) terms = terms * weight;
  return reduce_loss(mean(terms, {-1}), reduction);
}

}  // namespace ts
