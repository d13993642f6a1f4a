// Products of vectors, matrices and tensors other than matmul, and the operators built on them.
#include <algorithm>

#include "generated/functions/creation.g.h"
#include "generated/functions/linear_algebra.g.h"
#include "generated/functions/running_functions.g.h"
#include "ops/argument_types.h"
#include "ops/gradients.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/bmm.g.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/logical_or.g.h"
#include "torchscratch/ops/logical_xor.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/mm.g.h"
#include "torchscratch/ops/mv.g.h"
#include "torchscratch/ops/outer.g.h"
#include "torchscratch/ops/permute.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/roll.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

void check_vectors(const Tensor& a, const Tensor& b) {
  TS_CHECK(a.dim() == 1 && b.dim() == 1, ShapeError, "expected two vectors, got ", describe(a), " and ", describe(b));
}

bool is_zero(const Scalar& number) { return number.to_double() == 0; }

// beta * self + alpha * product. If beta is 0, self is ignored, NaN included.
Tensor affine(const Tensor& self, const Tensor& product, const Scalar& beta, const Scalar& alpha) {
  TS_CHECK(self.dtype() == product.dtype(), DTypeError, "`self`, ", describe(self),
           ", must have the type of the product, ", describe(product));
  // For integer products alpha and beta are truncated to integers, as in PyTorch.
  const auto factor = [&](const Scalar& number) {
    if (is_floating(product.dtype())) return number;
    check_fits(number, product.dtype());
    return Scalar(number.to_int());
  };
  const Tensor scaled_product = scaled(product, factor(alpha));
  TS_CHECK(broadcast_shapes(self.sizes(), product.sizes()) == product.sizes(), ShapeError, "`self`, ", describe(self),
           ", does not broadcast to the product, ", describe(product));
  return is_zero(beta) ? connected(scaled_product, self) : scaled(self, factor(beta)) + scaled_product;
}

}  // namespace

Tensor addmm_composite(const Tensor& self, const Tensor& mat1, const Tensor& mat2, const Scalar& beta,
                       const Scalar& alpha) {
  return affine(self, mm(mat1, mat2), beta, alpha);
}
Tensor addmv_composite(const Tensor& self, const Tensor& mat, const Tensor& vec, const Scalar& beta,
                       const Scalar& alpha) {
  return affine(self, mv(mat, vec), beta, alpha);
}
Tensor baddbmm_composite(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta,
                         const Scalar& alpha) {
  return affine(self, bmm(batch1, batch2), beta, alpha);
}
Tensor addbmm_composite(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta,
                        const Scalar& alpha) {
  return affine(self, sum(bmm(batch1, batch2), {0}), beta, alpha);
}
// For bools: self or (vec1 and vec2), where beta and alpha determine whether each part is included.
Tensor addr_composite(const Tensor& self, const Tensor& vec1, const Tensor& vec2, const Scalar& beta,
                      const Scalar& alpha) {
  const Tensor product = outer(vec1, vec2);
  if (product.dtype() != DType::Bool) return affine(self, product, beta, alpha);
  const Tensor counted = logical_and(product, full_composite({}, alpha.to_bool(), DType::Bool, product.device()));
  return beta.to_bool() ? logical_or(self, counted) : counted;
}

Tensor mv_composite(const Tensor& self, const Tensor& vec) {
  TS_CHECK(self.dim() == 2 && vec.dim() == 1, ShapeError, "expected a matrix and a vector, got ", describe(self),
           " and ", describe(vec));
  return matmul(self, vec);
}
Tensor dot_composite(const Tensor& self, const Tensor& other) {
  check_vectors(self, other);
  TS_CHECK(self.dtype() == other.dtype(), DTypeError, "expected vectors of the same type, got ", describe(self),
           " and ", describe(other));
  TS_CHECK(self.numel() == other.numel(), ShapeError, "expected vectors of the same length, got ", describe(self),
           " and ", describe(other));
  return matmul(self, other);
}
Tensor outer_composite(const Tensor& self, const Tensor& vec2) {
  check_vectors(self, vec2);
  return unsqueeze(self, 1) * vec2;
}

// Sums over the last dimensions of both.
Tensor inner_composite(const Tensor& self, const Tensor& other) {
  if (self.dim() == 0 || other.dim() == 0) return self * other;
  TS_CHECK(self.size(-1) == other.size(-1), ShapeError, "the last sizes of ", describe(self), " and ", describe(other),
           " differ");
  return tensordot_composite(self, other, IntList{-1}, IntList{-1});
}

// Computed as two matrix products: input1 by all rows of weight, then each result by its row of input2.
Tensor bilinear_composite(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias) {
  TS_CHECK(weight.dim() == 3, ShapeError, "weight must be (out, a, b), got ", describe(weight));
  const std::int64_t out = weight.size(0), a = weight.size(1), b = weight.size(2);
  TS_CHECK(input1.dim() >= 1 && input1.dim() == input2.dim() && input1.size(-1) == a && input2.size(-1) == b &&
               std::equal(input1.sizes().begin(), input1.sizes().end() - 1, input2.sizes().begin()),
           ShapeError, "expected input1 (..., ", a, ") and input2 (..., ", b, ") with the same batch shape for weight ",
           describe(weight), ", got ", describe(input1), " and ", describe(input2));
  TS_CHECK(!bias.defined() || bias.sizes() == Dims{out}, ShapeError, "bias must be (", out, "), got ", describe(bias));
  Dims shape = input1.sizes();
  shape[shape.size() - 1] = 1;
  const std::int64_t count = product(shape);
  shape[shape.size() - 1] = out;
  const Tensor rows = reshape(permute(weight, {1, 0, 2}), {a, out * b});
  const Tensor halves = reshape(matmul(reshape(input1, {count, a}), rows), {count, out, b});
  const Tensor result = reshape(matmul(halves, reshape(input2, {count, b, 1})), shape);
  return bias.defined() ? result + bias : result;
}

Tensor kron_composite(const Tensor& self, const Tensor& other) {
  const int dims = std::max(self.dim(), other.dim());
  Dims left, right, shape;
  for (int i = 0; i < dims; ++i) {
    const std::int64_t a = i < dims - self.dim() ? 1 : self.sizes()[i - dims + self.dim()];
    const std::int64_t b = i < dims - other.dim() ? 1 : other.sizes()[i - dims + other.dim()];
    std::int64_t size;
    TS_CHECK(!__builtin_mul_overflow(a, b, &size), ShapeError, "the Kronecker product of ", describe(self), " and ",
             describe(other), " has too many elements");
    left.push_back(a);
    left.push_back(1);
    right.push_back(1);
    right.push_back(b);
    shape.push_back(size);
  }
  return reshape(reshape(self, left) * reshape(other, right), shape);
}

Tensor cross_composite(const Tensor& self, const Tensor& other, OptionalInt dim) {
  const Dims shape = broadcast_shapes(self.sizes(), other.sizes());
  int d = -1;
  if (dim) {
    d = normalize_dim(*dim, shape.size());
  } else {
    for (int i = shape.size() - 1; i >= 0; --i) d = shape[i] == 3 ? i : d;  // the first of size 3
  }
  TS_CHECK(d >= 0 && !shape.empty() && shape[d] == 3, ShapeError, "a cross product needs a dimension of size 3, got ",
           describe(self), " and ", describe(other));
  const Tensor a = expand(self, shape), b = expand(other, shape);
  const auto rolled = [d](const Tensor& x, std::int64_t shift) { return roll(x, {shift}, IntList{d}); };
  return rolled(a, -1) * rolled(b, -2) - rolled(a, -2) * rolled(b, -1);
}

// ---- Contractions ----

// Both are reshaped to matrices: (remaining dimensions of self, summed) and (summed, remaining dimensions of other).
Tensor tensordot_composite(const Tensor& self, const Tensor& other, IntList dims_self, IntList dims_other) {
  TS_CHECK(dims_self.size() == dims_other.size(), ValueError,
           "the lists of dimensions differ in length: ", dims_self.size(), " and ", dims_other.size());
  TS_CHECK(dims_self.empty() || (self.dim() > 0 && other.dim() > 0), IndexError,
           "`dims_self` and `dims_other` must be empty, ", "since a scalar has no dimensions: ", describe(self),
           " and ", describe(other));
  std::uint32_t summed_self = 0, summed_other = 0;
  Dims last, first, shape;
  std::int64_t common = 1, rows = 1, columns = 1;
  Tensor a = self, b = other;
  for (std::size_t i = 0; i < dims_self.size(); ++i) {
    const int l = normalize_dim(dims_self[i], self.dim()), r = normalize_dim(dims_other[i], other.dim());
    TS_CHECK(!(summed_self >> l & 1u) && !(summed_other >> r & 1u), ValueError, "a dimension is listed twice");
    const std::int64_t left = self.sizes()[l], right = other.sizes()[r];
    TS_CHECK(left == right || left == 1 || right == 1, ShapeError, "dimension ", l, " of ", describe(self),
             " does not match dimension ", r, " of ", describe(other));
    // A size of 1 is broadcast: the other side is summed first.
    if (left == 1 && right != 1) b = sum(b, IntList{r}, true, b.dtype());
    if (right == 1 && left != 1) a = sum(a, IntList{l}, true, a.dtype());
    common *= std::min(left, right);
    summed_self |= 1u << l;
    summed_other |= 1u << r;
    last.push_back(l);
    first.push_back(r);
  }
  Dims order_self;
  for (int i = 0; i < self.dim(); ++i) {
    if (summed_self >> i & 1u) continue;
    order_self.push_back(i);
    shape.push_back(self.sizes()[i]);
    rows = wrapping_product(rows, self.sizes()[i]);
  }
  Dims order_other = first;
  for (const std::int64_t d : last) order_self.push_back(d);
  for (int i = 0; i < other.dim(); ++i) {
    if (summed_other >> i & 1u) continue;
    order_other.push_back(i);
    shape.push_back(other.sizes()[i]);
    columns = wrapping_product(columns, other.sizes()[i]);
  }
  const Tensor left = reshape(self.dim() > 0 ? permute(a, order_self) : a, {rows, common});
  const Tensor right = reshape(other.dim() > 0 ? permute(b, order_other) : b, {common, columns});
  return reshape(mm(left, right), shape);
}

Tensor tensordot_composite(const Tensor& self, const Tensor& other, std::int64_t dims) {
  TS_CHECK(dims >= 0 && dims <= self.dim() && dims <= other.dim(), ValueError, "dims = ", dims, " is out of range for ",
           describe(self), " and ", describe(other));
  Dims left, right;
  for (std::int64_t i = 0; i < dims; ++i) {
    left.push_back(self.dim() - dims + i);
    right.push_back(i);
  }
  return tensordot_composite(self, other, left, right);
}

// ---- Differences and areas ----

Tensor diff_composite(const Tensor& self, std::int64_t n, std::int64_t dim, const Tensor& prepend,
                      const Tensor& append) {
  TS_CHECK(self.dim() >= 1, ShapeError, "expected a tensor with at least one dimension, got ", describe(self));
  TS_CHECK(n >= 0, ValueError, "n must not be negative, got ", n);
  normalize_dim(dim, self.dim());
  if (n == 0) {
    // What would stand before and after is not used.
    const Tensor result = prepend.defined() ? connected(self, prepend) : self;
    return append.defined() ? connected(result, append) : result;
  }
  TensorList parts;
  if (prepend.defined()) parts.push_back(prepend);
  parts.push_back(self);
  if (append.defined()) parts.push_back(append);
  Tensor result = parts.size() > 1 ? cat(parts, dim) : self;
  for (std::int64_t i = 0; i < n && result.size(dim) > 0; ++i) {
    const Tensor upper = slice(result, dim, 1), lower = slice(result, dim, 0, result.size(dim) - 1);
    result = result.dtype() == DType::Bool ? logical_xor(upper, lower) : upper - lower;
  }
  return result;
}

Tensor trapezoid_composite(const Tensor& y, double dx, std::int64_t dim) {
  const std::int64_t length = y.size(dim);
  if (length == 0) return sum(y, {dim});
  return (sum(y, {dim}) - (select(y, dim, 0) + select(y, dim, length - 1)) * 0.5) * dx;
}

Tensor trapezoid_composite(const Tensor& y, const Tensor& x, std::int64_t dim) {
  if (y.size(dim) == 0) return connected(trapezoid_composite(y, 1, dim), x);
  Tensor points = x;
  if (x.dim() == 1 && y.dim() > 1) {
    TS_CHECK(x.numel() == y.size(dim), ShapeError, "x, ", describe(x), ", must have one point for each of the ",
             y.size(dim), " values of ", describe(y));
    Dims along = Dims::filled(static_cast<std::size_t>(y.dim()), 1);
    along[normalize_dim(dim, y.dim())] = x.numel();
    points = reshape(x, along);
  }
  const auto ends = [&](const Tensor& t, bool upper) {
    return upper ? slice(t, dim, 1) : slice(t, dim, 0, t.size(dim) - 1);
  };
  const Tensor widths = ends(points, true) - ends(points, false);
  return sum(widths * (ends(y, true) + ends(y, false)), {dim}) / 2.0;
}

}  // namespace ts
