// Losses over classes. The common case runs as one fused kernel; all other cases are composed of operators.
#include "ops/losses.h"

#include "generated/functions/losses.g.h"
#include "ops/hints.h"
#include "ops/prepare.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/abs.g.h"
#include "torchscratch/ops/checked_classes.g.h"
#include "torchscratch/ops/cross_entropy_classes.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/huber_loss_elements.g.h"
#include "torchscratch/ops/index_select.g.h"
#include "torchscratch/ops/log_softmax.g.h"
#include "torchscratch/ops/mean.g.h"
#include "torchscratch/ops/nll_loss.g.h"
#include "torchscratch/ops/permute.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/smooth_l1_loss_elements.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {

const Tensor& target_of_same_shape(const Tensor& input, const Tensor& target) {
  TS_CHECK(input.sizes() == target.sizes(), ShapeError, "target, ", describe(target),
           ", must have the shape of input, ", describe(input), "; reshape, unsqueeze or expand one of them");
  return target;
}

void check_target_broadcasts(const Tensor& input, const Tensor& target) {
  if (input.sizes() == target.sizes()) return;
  const Dims common = broadcast_shapes(input.sizes(), target.sizes());
  TS_CHECK(common == input.sizes() || common == target.sizes(), ShapeError, "input, ", describe(input),
           ", and target, ", describe(target), ", would be broadcast to ", common.to_string(),
           ", which is larger than both; reshape, unsqueeze or expand one of them");
}

Tensor reduce_loss(const Tensor& loss, Reduction reduction) {
  switch (reduction) {
    case Reduction::None:
      return loss;
    case Reduction::Mean:
      return mean(loss);
    case Reduction::Sum:
      return sum(loss);
  }
  throw ValueError("unknown reduction");
}

namespace {

void check_weight(const Tensor& weight, std::int64_t classes) {
  TS_CHECK(!weight.defined() || (weight.dim() == 1 && weight.size(0) == classes), ShapeError,
           "weight must have one entry per class, ", classes, ", got ", describe(weight));
}

// The dimension of the classes: 0 for a single sample, otherwise 1.
int class_dim(const Tensor& input) { return input.dim() == 1 ? 0 : 1; }

void check_classes(const Tensor& input, const Tensor& target) {
  TS_CHECK(input.dim() >= 1, ShapeError, "input must be (C), (N, C) or (N, C, ...), got ", describe(input));
  Dims expected = input.sizes();
  expected.erase(class_dim(input));
  TS_CHECK(!is_floating(target.dtype()) && target.dtype() != DType::Bool, DTypeError,
           "class labels must be Int64, but target is ", describe(target), "; convert them to Int64");
  TS_CHECK(target.sizes() == expected, ShapeError, "target ", describe(target), " does not fit input ", describe(input),
           ": expected shape ", expected.to_string(), labels_hint(target, expected, input));
}

}  // namespace

Tensor nll_loss_composite(const Tensor& input, const Tensor& target, const Tensor& weight, std::int64_t ignore_index,
                          Reduction reduction) {
  check_classes(input, target);
  const int dim = class_dim(input);
  check_weight(weight, input.size(dim));
  const Tensor safe = checked_classes(target, input.size(dim), ignore_index);
  const Tensor counted = target != Scalar(ignore_index);
  const Tensor picked = squeeze(gather(input, dim, unsqueeze(safe, dim)), dim);
  Tensor weights = to(counted, input.dtype());
  if (weight.defined()) {
    weights = weights * reshape(index_select(weight, 0, flatten(safe)), IntList(safe.sizes()));
  }
  const Tensor loss = where(counted, -(picked * weights), Scalar(0));
  if (reduction == Reduction::None) return loss;
  return reduction == Reduction::Sum ? sum(loss) : sum(loss) / sum(weights);
}

Tensor cross_entropy_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                               std::int64_t ignore_index, Reduction reduction, double label_smoothing) {
  TS_CHECK(label_smoothing >= 0 && label_smoothing <= 1, ValueError, "`label_smoothing` must lie in [0, 1], got ",
           label_smoothing);
  TS_CHECK(input.dim() >= 1, ShapeError, "input must be (C), (N, C) or (N, C, ...), got ", describe(input));
  TS_CHECK(is_floating(input.dtype()), DTypeError, "input must be floating, got ", describe(input));
  const int dim = class_dim(input);
  const std::int64_t classes = input.size(dim);
  check_weight(weight, classes);
  const bool plain = !weight.defined() && label_smoothing == 0 && reduction == Reduction::Mean;
  // The fused kernel computes 16-bit types in float32 itself.
  if (any_half(input, target, weight) && (!plain || is_floating(target.dtype()))) {
    return rounded(cross_entropy_composite(widened(input), widened(target), widened(weight), ignore_index, reduction,
                                           label_smoothing),
                   common_type(input, target, weight));
  }

  if (is_floating(target.dtype())) {
    TS_CHECK(target.dim() >= input.dim(), DTypeError, "class labels must be Int64, but target is ", describe(target),
             "; convert them to Int64, or pass probabilities with the shape of input, ", describe(input));
    TS_CHECK(target.sizes() == input.sizes(), ShapeError, "target probabilities ", describe(target),
             " must have the shape of input, ", describe(input), "; class labels must be Int64");
    Tensor log_p = log_softmax(input, dim);
    Tensor wanted = target;
    if (label_smoothing > 0) {
      wanted = wanted * (1 - label_smoothing) + Scalar(label_smoothing / static_cast<double>(classes));
    }
    Tensor terms = -(log_p * wanted);
    if (weight.defined()) {
      Dims shape = Dims::filled(static_cast<std::size_t>(input.dim()), 1);
      shape[dim] = classes;
      terms = terms * reshape(weight, IntList(shape));
    }
    const std::int64_t dims[] = {dim};
    const Tensor loss = sum(terms, IntList(dims, 1));
    if (reduction != Reduction::Mean) return reduce_loss(loss, reduction);
    return sum(loss) / Scalar(static_cast<double>(input.numel()) / static_cast<double>(classes));
  }

  check_classes(input, target);
  if (plain) {
    Tensor rows = input;
    if (input.dim() == 1) {
      rows = unsqueeze(input, 0);
    } else if (input.dim() > 2) {
      Dims order;
      order.push_back(0);
      for (int i = 2; i < input.dim(); ++i) order.push_back(i);
      order.push_back(1);
      rows = reshape(permute(input, IntList(order)), {-1, classes});
    }
    if (rows.numel() > 0) {
      return std::get<0>(cross_entropy_classes(rows, flatten(to(target, DType::Int64)), ignore_index));
    }
  }

  const Tensor log_p = log_softmax(input, dim);
  const Tensor likelihood = nll_loss(log_p, target, weight, ignore_index, reduction);
  if (label_smoothing == 0) return likelihood;
  // (1 - s) nll + s / C * (the loss if every class were the target)
  Tensor terms = -log_p;
  if (weight.defined()) {
    Dims shape = Dims::filled(static_cast<std::size_t>(input.dim()), 1);
    shape[dim] = classes;
    terms = terms * reshape(weight, IntList(shape));
  }
  const std::int64_t dims[] = {dim};
  const Tensor counted = target != Scalar(ignore_index);
  const Tensor uniform = where(counted, sum(terms, IntList(dims, 1)), Scalar(0));
  Tensor smooth = uniform;
  if (reduction == Reduction::Sum) {
    smooth = sum(uniform);
  } else if (reduction == Reduction::Mean) {
    Tensor weights = to(counted, input.dtype());
    if (weight.defined()) {
      const Tensor safe = checked_classes(target, classes, ignore_index);
      weights = weights * reshape(index_select(weight, 0, flatten(safe)), IntList(safe.sizes()));
    }
    smooth = sum(uniform) / sum(weights);
  }
  return likelihood * (1 - label_smoothing) + smooth * (label_smoothing / static_cast<double>(classes));
}

Tensor smooth_l1_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction, double beta) {
  TS_CHECK(beta >= 0, ValueError, "beta must not be negative, got ", beta);
  target_of_same_shape(input, target);
  const Tensor loss = beta == 0 ? abs(input - target) : smooth_l1_loss_elements(input, target, beta);
  return reduce_loss(loss, reduction);
}

Tensor huber_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction, double delta) {
  TS_CHECK(delta > 0, ValueError, "delta must be positive, got ", delta);
  return reduce_loss(huber_loss_elements(input, target_of_same_shape(input, target), delta), reduction);
}

}  // namespace ts
