// Moments, norms and distances.
#include "ops/statistics.h"

#include <cmath>
#include <limits>

#include "backend/reduced_dims.h"
#include "generated/functions/norms_and_distances.g.h"
#include "generated/functions/reductions.g.h"
#include "ops/argument_types.h"
#include "ops/gradients.h"
#include "ops/infer.h"
#include "ops/prepare.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/abs.g.h"
#include "torchscratch/ops/amax.g.h"
#include "torchscratch/ops/amax_rows.g.h"
#include "torchscratch/ops/amin.g.h"
#include "torchscratch/ops/amin_rows.g.h"
#include "torchscratch/ops/clamp_min.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/exp.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/isfinite.g.h"
#include "torchscratch/ops/isnan.g.h"
#include "torchscratch/ops/log.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/logical_not.g.h"
#include "torchscratch/ops/logical_or.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/moments.g.h"
#include "torchscratch/ops/permute.g.h"
#include "torchscratch/ops/pow.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/sign.g.h"
#include "torchscratch/ops/sqrt.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

void check_floating(const Tensor& self) {
  TS_CHECK(is_floating(self.dtype()), DTypeError, "expected floating tensors, got ", describe(self));
}

// The tensor with the reduced dimensions last and merged, and the shape of the result.
struct Lanes {
  Tensor tensor;
  Dims shape;
};

Lanes lanes_of(const Tensor& self, const OptionalInts& dim, bool keepdim) {
  const std::uint32_t reduced = reduced_dims(dim, self.dim());
  Dims order, kept;
  std::int64_t outer = 1, inner = 1;
  for (int i = 0; i < self.dim(); ++i) {
    if (reduced >> i & 1u) {
      inner = wrapping_product(inner, self.sizes()[i]);
      if (keepdim) kept.push_back(1);
      continue;
    }
    order.push_back(i);
    outer = wrapping_product(outer, self.sizes()[i]);
    kept.push_back(self.sizes()[i]);
  }
  for (int i = 0; i < self.dim(); ++i) {
    if (reduced >> i & 1u) order.push_back(i);
  }
  return {reshape(self.dim() == 0 ? self : permute(self, order), {outer, inner}), kept};
}

}  // namespace

// ---- Extrema over several dimensions ----

Tensor amax_composite(const Tensor& self, OptionalInts dim, bool keepdim) {
  const Lanes lanes = lanes_of(self, dim, keepdim);
  TS_CHECK(lanes.tensor.size(1) > 0, IndexError, "the reduced dimensions of ", describe(self),
           " are empty, so there is no maximum or minimum");
  return reshape(amax_rows(lanes.tensor), lanes.shape);
}
Tensor amin_composite(const Tensor& self, OptionalInts dim, bool keepdim) {
  const Lanes lanes = lanes_of(self, dim, keepdim);
  TS_CHECK(lanes.tensor.size(1) > 0, IndexError, "the reduced dimensions of ", describe(self),
           " are empty, so there is no maximum or minimum");
  return reshape(amin_rows(lanes.tensor), lanes.shape);
}

Tensor share_in_rows(const Tensor& grad, const Tensor& mask) {
  const Tensor weights = to(mask, grad.dtype());
  return weights * unsqueeze(grad / sum(weights, IntList{1}), 1);
}

std::tuple<Tensor, Tensor> aminmax_composite(const Tensor& self, OptionalInt dim, bool keepdim) {
  const std::int64_t dims[] = {dim.value_or(0)};
  const OptionalInts over = dim ? OptionalInts(IntList(dims, 1)) : std::nullopt;
  // PyTorch treats a scalar as having one dimension, which keepdim keeps.
  if (dim && keepdim && self.dim() == 0) return aminmax_composite(unsqueeze(self, 0), dim, true);
  return {amin_composite(self, over, keepdim), amax_composite(self, over, keepdim)};
}

// ---- Moments ----

std::tuple<Tensor, Tensor> spread_and_mean(const Tensor& self, const OptionalInts& dim, std::int64_t correction,
                                           bool keepdim, bool root) {
  const auto [spread, mean, rest] = moments(self, dim, correction, keepdim, root);
  return {to(spread, self.dtype()), to(mean, self.dtype())};
}

Tensor sqrt_or_zero(const Tensor& square) {
  const Tensor zero = square == 0;
  return where(zero, Scalar(0), sqrt(where(zero, Scalar(1), square)));
}

Tensor logsumexp_composite(const Tensor& self, IntList dim, bool keepdim) {
  const Tensor x = is_floating(self.dtype()) ? self : to(self, default_dtype());
  if (x.numel() == 0) return log(sum(exp(x), dim, keepdim));
  Tensor largest;
  {
    const NoGrad no_grad;
    largest = amax(x.detach(), dim, true);
    largest = where(isfinite(largest), largest, Scalar(0));
  }
  const Tensor total = log(sum(exp(x - largest), dim, true)) + largest;
  return keepdim ? total : reshape(total, infer::reduced(x, dim, false));
}

Tensor nansum_composite(const Tensor& self, OptionalInts dim, bool keepdim, OptionalDType dtype) {
  return sum(is_floating(self.dtype()) ? where(isnan(self), Scalar(0), self) : self, dim, keepdim, dtype);
}

Tensor nanmean_composite(const Tensor& self, OptionalInts dim, bool keepdim, OptionalDType dtype) {
  check_floating(self);
  const DType wanted = dtype.value_or(self.dtype());
  const Tensor x = widened(to(self, wanted));
  return to(nansum_composite(x, dim, keepdim, std::nullopt) / sum(logical_not(isnan(x)), dim, keepdim), wanted);
}

Tensor count_nonzero_composite(const Tensor& self, OptionalInts dim) { return sum(self != 0, dim); }

// ---- Norms and distances ----

namespace {

enum class Ties { Share, All };

// The largest magnitude over dim, or the smallest. Those that are equal share its gradient, or each receive all of it;
// so do those that are NaN, for which the sign is 0.
Tensor extreme_magnitude(const Tensor& x, bool largest, const OptionalInts& dim, bool keepdim, Ties ties) {
  std::optional<Dims> dims;
  if (dim) dims = Dims(*dim);
  const auto dims_of = [](const std::optional<Dims>& list) { return list ? OptionalInts(*list) : std::nullopt; };
  const auto extreme = [largest](const Tensor& magnitudes, const OptionalInts& over, bool keep) {
    return largest ? amax(magnitudes, over, keep) : amin(magnitudes, over, keep);
  };
  const auto forward = [&](FunctionContext& context) {
    context.save_for_backward({x});
    return TensorList{extreme(abs(x), dim, keepdim)};
  };
  const auto backward = [=](FunctionContext& context, const TensorList& grads) {
    const Tensor saved = context.saved_tensors()[0];
    const OptionalInts over = dims_of(dims);
    Tensor hits, direction;
    {
      const NoGrad no_grad;
      const Tensor magnitudes = abs(saved);
      const Tensor norm = extreme(magnitudes, over, true);
      hits = logical_or(magnitudes == norm, logical_and(isnan(saved), isnan(norm)));
      direction = ties == Ties::All ? sign(saved) : sign(saved) / to(sum(hits, over, true), saved.dtype());
    }
    const Tensor grad = expand_reduced(grads[0], saved.sizes(), over, keepdim);
    return TensorList{connected(where(hits, grad * direction, Scalar(0)), saved)};
  };
  return apply_function("ExtremeMagnitude", Span<const Tensor>(&x, 1), forward, backward)[0];
}

// The gradient passes through unchanged where the limit applies.
Tensor limited_norm(const Tensor& x, std::int64_t dim, double least) {
  const Tensor limited = clone(linalg_vector_norm_composite(x, 2, IntList{dim}, true, std::nullopt));
  const NoGrad no_grad;
  return clamp_min_(limited, least);
}

}  // namespace

Tensor linalg_vector_norm_composite(const Tensor& self, double p, OptionalInts dim, bool keepdim, OptionalDType dtype) {
  const DType wanted = dtype.value_or(self.dtype());
  const Tensor x = widened(to(self, wanted));
  check_floating(x);
  if (x.dtype() != wanted) return to(linalg_vector_norm_composite(x, p, dim, keepdim, std::nullopt), wanted);
  if (p == 0) return connected(to(sum(x != 0, dim, keepdim), x.dtype()), x);
  if (std::isinf(p)) return extreme_magnitude(x, p > 0, dim, keepdim, Ties::Share);
  const Tensor magnitudes = abs(x);
  if (p == 1) return sum(magnitudes, dim, keepdim);
  if (p == 2) return sqrt_or_zero(sum(x * x, dim, keepdim));
  // For p < 1 the power has no finite derivative at 0, and neither has the root where the norm is 0.
  const Scalar at_zero = p < 0 ? std::numeric_limits<double>::infinity() : 0.0;
  const Tensor zero = x == 0;
  const Tensor total = sum(where(zero, at_zero, pow(where(zero, Scalar(1), magnitudes), p)), dim, keepdim);
  const Tensor nothing = total == at_zero;
  return where(nothing, Scalar(0), pow(where(nothing, Scalar(1), total), 1 / p));
}

Tensor normalize_composite(const Tensor& input, double p, IntList dim, double eps) {
  return input / clamp_min(linalg_vector_norm_composite(input, p, dim, true, std::nullopt), eps);
}

Tensor pairwise_distance_composite(const Tensor& x1, const Tensor& x2, double p, double eps, bool keepdim) {
  const Tensor difference = x1 - x2 + Scalar(eps);
  return linalg_vector_norm_composite(difference, p, IntList{-1}, keepdim, std::nullopt);
}

namespace {

// |x - y|^2 = |x|^2 - 2 x y + |y|^2, with one matrix product for all pairs.
Tensor euclidean_distances(const Tensor& x1, const Tensor& x2) {
  const auto squares = [](const Tensor& x) { return sum(x * x, IntList{-1}, true); };
  const Tensor products = matmul(x1, transpose(x2, -1, -2));
  return sqrt_or_zero(clamp_min(squares(x1) + transpose(squares(x2), -1, -2) - products * 2, 0));
}

}  // namespace

Tensor cdist_composite(const Tensor& x1, const Tensor& x2, double p, DistanceMode mode) {
  TS_CHECK(x1.dim() >= 2 && x2.dim() >= 2 && x1.size(-1) == x2.size(-1), ShapeError,
           "expected (..., n, k) and (..., m, k), got ", describe(x1), " and ", describe(x2));
  TS_CHECK(p >= 0, ValueError, "p must not be negative, got ", p);
  check_floating(x1);
  check_floating(x2);
  const bool many = x1.size(-2) > 25 || x2.size(-2) > 25;
  if (p == 2 &&
      (mode == DistanceMode::UseMmForEuclidDist || (mode == DistanceMode::UseMmForEuclidDistIfNecessary && many))) {
    return euclidean_distances(contiguous(x1), contiguous(x2));  // the rounding error does not depend on the layout
  }
  const Tensor difference = unsqueeze(x1, -2) - unsqueeze(x2, -3);
  if (x1.size(-1) == 0) return sum(difference, {-1});
  // As in PyTorch, each of several equal differences receives the whole gradient.
  if (std::isinf(p)) return extreme_magnitude(difference, true, IntList{-1}, false, Ties::All);
  return linalg_vector_norm_composite(difference, p, IntList{-1}, false, std::nullopt);
}

Tensor cosine_similarity_composite(const Tensor& x1, const Tensor& x2, std::int64_t dim, double eps) {
  const Tensor a = is_floating(x1.dtype()) ? x1 : to(x1, default_dtype());
  const Tensor b = is_floating(x2.dtype()) ? x2 : to(x2, default_dtype());
  const Dims shape = broadcast_shapes(a.sizes(), b.sizes());
  const Tensor left = expand(a, shape), right = expand(b, shape);
  const auto unit = [&](const Tensor& x) { return x / limited_norm(x, dim, eps); };
  return sum(unit(left) * unit(right), {dim});
}

Tensor renorm_composite(const Tensor& self, double p, std::int64_t dim, double maxnorm) {
  TS_CHECK(p > 0, ValueError, "p must be positive, got ", p);
  TS_CHECK(maxnorm >= 0, ValueError, "maxnorm must not be negative, got ", maxnorm);
  TS_CHECK(self.dim() > 1, ShapeError, "expected a tensor with at least two dimensions, got ", describe(self));
  const int d = normalize_dim(dim, self.dim());
  Dims others;
  for (int i = 0; i < self.dim(); ++i) {
    if (i != d) others.push_back(i);
  }
  const Tensor norm = linalg_vector_norm_composite(self, p, IntList(others), true, std::nullopt);
  return self * where(norm > maxnorm, Scalar(maxnorm) / (norm + Scalar(1e-7)), Scalar(1));
}

}  // namespace ts
