// Linear algebra built on the factorizations of factorizations.cpp: their derivatives, and operators composed of them.
//
// In the formulas A' is the transpose, gX the gradient of X, and <X, Y> the sum of X * Y. They follow from
// <gResult, dResult> = <gA, dA>; Giles (2008), "An extended collection of matrix derivative results", lists many of them.
#include "ops/linalg.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "generated/functions/creation.g.h"
#include "generated/functions/factorizations.g.h"
#include "generated/functions/norms_and_distances.g.h"
#include "ops/argument_types.h"
#include "ops/gradients.h"
#include "ops/infer.h"
#include "tensor/host_access.h"
#include "tensor/pool_vector.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/abs.g.h"
#include "torchscratch/ops/amax.g.h"
#include "torchscratch/ops/amin.g.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/cholesky_factor.g.h"
#include "torchscratch/ops/clamp_min.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/cross.g.h"
#include "torchscratch/ops/determinant.g.h"
#include "torchscratch/ops/diag_embed.g.h"
#include "torchscratch/ops/diagonal.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/inverse_matrices.g.h"
#include "torchscratch/ops/linalg_inv.g.h"
#include "torchscratch/ops/linalg_svdvals.g.h"
#include "torchscratch/ops/linalg_vector_norm.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/lu_factors.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/min.g.h"
#include "torchscratch/ops/mm.g.h"
#include "torchscratch/ops/movedim.g.h"
#include "torchscratch/ops/narrow.g.h"
#include "torchscratch/ops/norm.g.h"
#include "torchscratch/ops/pivot_order.g.h"
#include "torchscratch/ops/pseudo_inverse.g.h"
#include "torchscratch/ops/qr_factors.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slogdet_parts.g.h"
#include "torchscratch/ops/solve_matrices.g.h"
#include "torchscratch/ops/split.g.h"
#include "torchscratch/ops/square.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/svd_factors.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/triangular_solution.g.h"
#include "torchscratch/ops/tril.g.h"
#include "torchscratch/ops/triu.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace infer {

DType factored(const Tensor& a) {
  TS_CHECK(a.dtype() == DType::Float32 || a.dtype() == DType::Float64, DTypeError,
           "expected float32 or float64 matrices, got ", describe(a), "; convert it with `to(float32)`");
  return a.dtype();
}

Dims square_matrices(const Tensor& a) {
  factored(a);
  TS_CHECK(a.dim() >= 2 && a.size(-1) == a.size(-2), ShapeError, "expected square matrices (..., n, n), got ",
           describe(a));
  return a.sizes();
}

Dims batch_of(const Tensor& a) {
  factored(a);
  TS_CHECK(a.dim() >= 2, ShapeError, "expected matrices (..., m, n), got ", describe(a));
  return Dims(a.sizes().data(), static_cast<std::size_t>(a.dim() - 2));
}

Dims batch_with(const Tensor& a, std::int64_t length) {
  Dims sizes = batch_of(a);
  sizes.push_back(length);
  return sizes;
}

Dims batch_with(const Tensor& a, std::int64_t rows, std::int64_t columns) {
  Dims sizes = batch_with(a, rows);
  sizes.push_back(columns);
  return sizes;
}

std::int64_t rank_of(const Tensor& a) {
  batch_of(a);
  return std::min(a.size(-1), a.size(-2));
}

Dims batch_of_square(const Tensor& a) {
  square_matrices(a);
  return batch_of(a);
}

Dims eigenvalues(const Tensor& a) {
  square_matrices(a);
  return batch_with(a, a.size(-1));
}

Dims qr_q(const Tensor& a, bool with_q, bool complete) {
  const std::int64_t rank = rank_of(a), rows = a.size(-2);
  return batch_with(a, rows, !with_q ? 0 : complete ? rows : rank);
}
Dims qr_r(const Tensor& a, bool complete) {
  const std::int64_t rank = rank_of(a);
  return batch_with(a, complete ? a.size(-2) : rank, a.size(-1));
}

Dims svd_u(const Tensor& a, bool full_matrices) {
  const std::int64_t rank = rank_of(a);
  return batch_with(a, a.size(-2), full_matrices ? a.size(-2) : rank);
}
Dims svd_vh(const Tensor& a, bool full_matrices) {
  const std::int64_t rank = rank_of(a);
  return batch_with(a, full_matrices ? a.size(-1) : rank, a.size(-1));
}

}  // namespace infer

namespace {

Tensor transposed(const Tensor& a) { return transpose(a, -1, -2); }

// One number for each matrix, row or column, with dimensions added so that it multiplies matrices.
Tensor beside_rows(const Tensor& x) { return unsqueeze(x, -1); }
Tensor beside_columns(const Tensor& x) { return unsqueeze(x, -2); }

Tensor diagonal_of(const Tensor& a) { return diagonal(a, 0, -2, -1); }

// x / y, with 0 / 0 = 0, which is right for a function that does not distinguish equal singular values. Where y is 0
// and x is not, there is no derivative, and the quotient is infinite.
Tensor quotient(const Tensor& x, const Tensor& y) {
  Tensor undefined;
  {
    const NoGrad no_grad;
    undefined = logical_and(x == 0, y == 0);
  }
  return where(undefined, Scalar(0), x / where(undefined, Scalar(1), y));
}

// Broadcasts the leading dimensions of both to a common shape.
std::pair<Tensor, Tensor> broadcast_batches(const Tensor& a, const Tensor& b) {
  const Dims batch = broadcast_shapes(infer::batch_of(a), infer::batch_of(b));
  const auto expanded = [&batch](const Tensor& x) {
    Dims sizes = batch;
    sizes.push_back(x.size(-2));
    sizes.push_back(x.size(-1));
    return x.sizes() == sizes ? x : expand(x, sizes);
  };
  return {expanded(a), expanded(b)};
}

void check_same_factored(const Tensor& a, const Tensor& b) {
  infer::factored(a);
  TS_CHECK(a.dtype() == b.dtype(), DTypeError, "expected tensors of the same type, got ", describe(a), " and ",
           describe(b), "; convert one of them with `to(dtype)`");
}

// The symmetric matrix given by the lower or upper triangle, as in LAPACK.
Tensor symmetric_of(const Tensor& a, bool upper) {
  return upper ? triu(a, 0) + transposed(triu(a, 1)) : tril(a, 0) + transposed(tril(a, -1));
}

}  // namespace

// ---- Cholesky, triangular systems ----

Tensor linalg_cholesky_composite(const Tensor& a, bool upper) {
  infer::square_matrices(a);
  return cholesky_factor(a, upper);
}

// From A = L L': gA = L^-T sym(P) L^-1, where P is the lower triangle of L' gL with half its diagonal.
Tensor cholesky_backward(const Tensor& grad, const Tensor& factor, bool upper) {
  const Tensor lower = upper ? transposed(factor) : factor;
  const Tensor inner = matmul(transposed(lower), upper ? transposed(grad) : grad);
  const Tensor p = tril(inner, -1) + diag_embed(diagonal_of(inner)) * 0.5;
  const Tensor symmetric = (p + transposed(p)) * 0.5;
  const Tensor adjoint = transposed(lower);
  return transposed(
      triangular_solution(adjoint, transposed(triangular_solution(adjoint, symmetric, true, false)), true, false));
}

Tensor linalg_solve_triangular_composite(const Tensor& a, const Tensor& b, bool upper, bool left, bool unitriangular) {
  check_same_factored(a, b);
  infer::square_matrices(a);
  // x a = b is a' x' = b'.
  if (!left)
    return transposed(linalg_solve_triangular_composite(transposed(a), transposed(b), !upper, true, unitriangular));
  TS_CHECK(b.dim() >= 2 && b.size(-2) == a.size(-1), ShapeError, "b must be (..., n, k) for a (..., n, n), got ",
           describe(a), " and ", describe(b));
  const auto [matrices, right] = broadcast_batches(a, b);
  return triangular_solution(matrices, right, upper, unitriangular);
}

// From A X = B: gB = A^-T gX, gA = -gB X', and 0 outside the triangle.
std::tuple<Tensor, Tensor> triangular_solution_backward(const Tensor& grad, const Tensor& a, const Tensor& solution,
                                                        bool upper, bool unitriangular) {
  const Tensor grad_b = triangular_solution(transposed(a), grad, !upper, unitriangular);
  const Tensor whole = -matmul(grad_b, transposed(solution));
  const int skipped = unitriangular ? 1 : 0;
  return {upper ? triu(whole, skipped) : tril(whole, -skipped), grad_b};
}

// ---- Systems, inverses, LU ----

Tensor linalg_solve_composite(const Tensor& a, const Tensor& b, bool left) {
  check_same_factored(a, b);
  infer::square_matrices(a);
  // As in NumPy before 2.0 and PyTorch: b is a batch of vectors when its shape is that of a without its last dimension.
  const bool vectors =
      b.dim() == 1 || (b.dim() == a.dim() - 1 && std::equal(b.sizes().begin(), b.sizes().end(), a.sizes().begin()));
  TS_CHECK(left || !vectors, ShapeError, "b must be (..., k, n) for x a = b, got ", describe(b));
  if (!left) return transposed(linalg_solve_composite(transposed(a), transposed(b), true));
  const Tensor columns = vectors ? unsqueeze(b, -1) : b;
  TS_CHECK(columns.dim() >= 2 && columns.size(-2) == a.size(-1), ShapeError,
           "b must be (..., n, k) or (..., n) for a (..., n, n), got ", describe(a), " and ", describe(b));
  const auto [matrices, right] = broadcast_batches(a, columns);
  const Tensor solution = solve_matrices(matrices, right);
  return vectors ? squeeze(solution, -1) : solution;
}

// From A X = B: gB = A^-T gX, gA = -gB X'.
std::tuple<Tensor, Tensor> solve_backward(const Tensor& grad, const Tensor& a, const Tensor& solution) {
  const Tensor grad_b = solve_matrices(transposed(a), grad);
  return {-matmul(grad_b, transposed(solution)), grad_b};
}

// d(A^-1) = -A^-1 dA A^-1.
Tensor inverse_backward(const Tensor& grad, const Tensor& inverse) {
  const Tensor adjoint = transposed(inverse);
  return -matmul(matmul(adjoint, grad), adjoint);
}

namespace {

// P with A = P L U.
Tensor permutation_of(const Tensor& pivots, std::int64_t rows, DType dtype) {
  const Tensor columns = arange_composite(0, rows, 1, DType::Int64, pivots.device());
  return to(unsqueeze(columns, -1) == beside_columns(pivot_order(pivots, rows)), dtype);
}

Tensor unit_lower(const Tensor& lu) { return tril(lu, -1) + eye_composite(lu.size(-2), lu.size(-1), lu.dtype(), lu.device()); }

}  // namespace

std::tuple<Tensor, Tensor, Tensor> linalg_lu_composite(const Tensor& a) {
  const std::int64_t rank = infer::rank_of(a);
  const auto [lu, pivots] = lu_factors(a);
  return {permutation_of(pivots, a.size(-2), a.dtype()), narrow(unit_lower(lu), -1, 0, rank),
          narrow(triu(lu, 0), -2, 0, rank)};
}

// For square A = P L U: gA = P L^-T (strictly lower part of L' gL + upper part of gU U') U^-T.
Tensor lu_backward(const Tensor& grad, const Tensor& lu, const Tensor& pivots) {
  TS_CHECK(lu.size(-1) == lu.size(-2), NotSupportedError,
           "the derivative of LU factors is supported for square matrices only, got ", describe(lu), "; use qr");
  const Tensor lower = unit_lower(lu), upper = triu(lu, 0);
  const Tensor inner =
      tril(matmul(transposed(lower), tril(grad, -1)), -1) + triu(matmul(triu(grad, 0), transposed(upper)), 0);
  const Tensor left = triangular_solution(transposed(lower), inner, true, true);
  const Tensor both = transposed(triangular_solution(upper, transposed(left), true, false));
  return matmul(permutation_of(pivots, lu.size(-2), lu.dtype()), both);
}

// ---- Determinants ----

Tensor scaled_matrices(const Tensor& factors, const Tensor& matrices) {
  return beside_rows(beside_rows(factors)) * matrices;
}

// d log|det A| = <A^-T, dA>. The sign is constant wherever it is differentiable.
Tensor slogdet_backward(const Tensor& /*grad_sign*/, const Tensor& grad_logabsdet, const Tensor& a) {
  if (!grad_logabsdet.defined()) return zeros_like(a);
  return scaled_matrices(grad_logabsdet, transposed(inverse_matrices(a)));
}

// The third derivative of det A in the directions G, H and K, with X = A^-1 G, Y = A^-1 H and Z = A^-1 K, is det A
// times
//   tr X tr Y tr Z - tr XY tr Z - tr XZ tr Y - tr YZ tr X + tr XYZ + tr XZY,
// the determinant of three columns at a time. The factor of K is the result; A must be invertible.
Tensor cofactors_second_derivative(const Tensor& grad, const Tensor& a, const Tensor& direction) {
  const Tensor inverse = inverse_matrices(a);
  const Tensor x = matmul(inverse, grad), y = matmul(inverse, direction);
  const auto traced = [](const Tensor& m) { return sum(diagonal_of(m), {-1}); };
  const Tensor factor = traced(x) * traced(y) - traced(matmul(x, y));
  const Tensor inner = scaled_matrices(factor, inverse) - scaled_matrices(traced(y), matmul(x, inverse)) -
                       scaled_matrices(traced(x), matmul(y, inverse)) + matmul(matmul(x, y), inverse) +
                       matmul(matmul(y, x), inverse);
  return scaled_matrices(determinant(a), transposed(inner));
}

Tensor logdet_composite(const Tensor& self) {
  const auto [sign, logabsdet] = slogdet_parts(self);
  return where(sign < 0, Scalar(std::numeric_limits<double>::quiet_NaN()), logabsdet);
}

// ---- QR, eigenvalues, singular values ----

std::tuple<Tensor, Tensor> linalg_qr_composite(const Tensor& a, QrMode mode) {
  infer::batch_of(a);
  auto [q, r] = qr_factors(a, mode != QrMode::R, mode == QrMode::Complete);
  if (mode == QrMode::R) q = empty(Dims{0}, a.dtype(), a.device());
  return {q, r};
}

// For m >= n (Walter and Lehmann 2013): gA = (gQ + Q copy(R gR' - gQ' Q)) R^-T, where copy mirrors the lower triangle.
// For m < n: A = (X, Y) and R = (U, V) with X = Q U and V = Q' Y; Y takes Q gV and adds Y gV' to gQ.
Tensor qr_backward(const Tensor& grad_q, const Tensor& grad_r, const Tensor& q, const Tensor& r, bool with_q) {
  TS_CHECK(with_q, AutogradError, "R has no derivative without Q; use mode reduced");
  const std::int64_t m = q.size(-2), n = r.size(-1);
  TS_CHECK(q.size(-1) == std::min(m, n), AutogradError, "the complete Q, ", describe(q), " for R ", describe(r),
           ", is not unique and has no derivative; use mode reduced");
  if (m < n) {
    const Tensor grad_v = narrow(grad_r, -1, m, n - m);
    const Tensor y = matmul(q, narrow(r, -1, m, n - m));
    const Tensor grad_x =
        qr_backward(grad_q + matmul(y, transposed(grad_v)), narrow(grad_r, -1, 0, m), q, narrow(r, -1, 0, m), true);
    return cat(TensorList{grad_x, matmul(q, grad_v)}, -1);
  }
  const Tensor inner = matmul(r, transposed(triu(grad_r, 0))) - matmul(transposed(grad_q), q);
  const Tensor whole = grad_q + matmul(q, tril(inner, 0) + transposed(tril(inner, -1)));
  // X R' = whole is equivalent to R X' = whole'.
  return transposed(triangular_solution(r, transposed(whole), true, false));
}

// gA = V (diag(gL) + skew(V' gV) / 2E) V' with skew(X) = X - X' and E_ij = L_j - L_i off the diagonal, the symmetric
// gradient: a is one matrix, whichever half of it is read.
Tensor eigh_backward(const Tensor& grad_values, const Tensor& grad_vectors, const Tensor& values,
                     const Tensor& vectors) {
  const Tensor one = eye_composite(values.size(-1), std::nullopt, values.dtype(), values.device());
  const Tensor gaps = beside_columns(values) - beside_rows(values) + one;
  const Tensor turned = matmul(transposed(vectors), grad_vectors);
  const Tensor inner = quotient((turned - transposed(turned)) * 0.5, gaps) + diag_embed(grad_values);
  return matmul(matmul(vectors, inner), transposed(vectors));
}

// gA = U ((skew(U' gU) / E) S + S (skew(V' gV) / E) + diag(gS)) V' + (I - U U') gU S^-1 V' + U S^-1 gV' (I - V V') with
// skew(X) = X - X' and E_ij = s_j^2 - s_i^2 off the diagonal (Townsend 2016). For full matrices only the first min(m,
// n) columns are used: the others are not unique.
Tensor svd_backward(const Tensor& grad_u, const Tensor& grad_s, const Tensor& grad_vh, const Tensor& u, const Tensor& s,
                    const Tensor& vh) {
  const std::int64_t rank = s.size(-1), rows = u.size(-2), columns = vh.size(-1);
  const Tensor left = narrow(u, -1, 0, rank), right = narrow(vh, -2, 0, rank);
  const Tensor grad_left = narrow(grad_u, -1, 0, rank), grad_right = narrow(grad_vh, -2, 0, rank);
  const Tensor one = eye_composite(rank, std::nullopt, s.dtype(), s.device());
  const Tensor along_columns = beside_columns(s), along_rows = beside_rows(s);
  const Tensor gaps = (along_columns - along_rows) * (along_columns + along_rows) + one;
  const auto turned = [&](const Tensor& x) { return quotient(x - transposed(x), gaps); };
  const Tensor inside_left = matmul(transposed(left), grad_left), inside_right = matmul(grad_right, transposed(right));
  const Tensor inner =
      turned(inside_left) * along_columns + along_rows * turned(transposed(inside_right)) + diag_embed(grad_s);
  Tensor result = matmul(matmul(left, inner), right);
  if (rows > rank) {
    result = result + matmul(quotient(grad_left - matmul(left, inside_left), along_columns), right);
  }
  if (columns > rank) {
    result = result + matmul(left, quotient(grad_right - matmul(inside_right, right), along_rows));
  }
  return result;
}

std::tuple<Tensor, Tensor, Tensor> svd_composite(const Tensor& self, bool some) {
  const auto [u, s, vh] = svd_factors(self, !some);
  return {u, s, transposed(vh)};
}

// ---- Composed of factorizations ----

// Exponentiation by squaring.
Tensor linalg_matrix_power_composite(const Tensor& a, std::int64_t n) {
  TS_CHECK(a.dim() >= 2 && a.size(-1) == a.size(-2), ShapeError, "expected square matrices (..., n, n), got ",
           describe(a));
  if (n == 0) return connected(clone(expand(eye_composite(a.size(-1), std::nullopt, a.dtype(), a.device()), a.sizes())), a);
  Tensor square = n < 0 ? linalg_inv(a) : a, result;
  // Not -n, which overflows for the smallest integer.
  for (std::uint64_t left = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n); left > 0;) {
    if (left & 1u) result = result.defined() ? matmul(result, square) : square;
    left >>= 1;
    if (left > 0) square = matmul(square, square);
  }
  return n == 1 ? clone(result) : result;
}

namespace {

// The relative tolerance: a singular value counts if it exceeds this fraction of the largest one.
double relative_tolerance(const Tensor& a, std::optional<double> atol, std::optional<double> rtol) {
  if (rtol) return *rtol;
  if (atol.value_or(0) > 0) return 0;
  const double epsilon =
      a.dtype() == DType::Float32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
  return epsilon * static_cast<double>(std::max(a.size(-1), a.size(-2)));
}

}  // namespace

Tensor linalg_pinv_composite(const Tensor& a, std::optional<double> atol, std::optional<double> rtol, bool hermitian) {
  infer::batch_of(a);
  // Made contiguous here, so that the derivative of an ill-conditioned a does not depend on its layout.
  const Tensor matrices = contiguous(hermitian ? symmetric_of(a, false) : a);
  return pseudo_inverse(matrices, atol.value_or(0), relative_tolerance(a, atol, rtol));
}

// For a constant rank (Golub and Pereyra 1973), with P = A^+:
// dP = -P dA P + P P' dA' (I - A P) + (I - P A) dA' P' P.
Tensor pinv_backward(const Tensor& grad, const Tensor& a, const Tensor& inverse) {
  const Tensor adjoint = transposed(inverse), turned = transposed(grad);
  const Tensor first = matmul(matmul(turned, inverse), adjoint);
  const Tensor second = matmul(adjoint, matmul(inverse, turned));
  return first - matmul(a, matmul(inverse, first)) + second - matmul(matmul(second, inverse), a) -
         matmul(matmul(adjoint, grad), adjoint);
}

Tensor linalg_matrix_rank_composite(const Tensor& a, std::optional<double> atol, std::optional<double> rtol,
                                    bool hermitian) {
  infer::batch_of(a);
  const NoGrad no_grad;
  const Tensor values = linalg_svdvals(hermitian ? symmetric_of(a, false) : a);
  if (values.size(-1) == 0) return zeros_composite(infer::batch_of(a), DType::Int64, a.device());
  const Tensor least = clamp_min(amax(values, IntList{-1}, true) * relative_tolerance(a, atol, rtol), atol.value_or(0));
  return sum(values > least, {-1});
}

// The least-squares solution; if there are several, the one of smallest norm.
std::tuple<Tensor, Tensor, Tensor, Tensor> linalg_lstsq_composite(const Tensor& a, const Tensor& b,
                                                                  std::optional<double> rcond) {
  check_same_factored(a, b);
  infer::batch_of(a);
  TS_CHECK(b.dim() >= 2 && b.size(-2) == a.size(-2), ShapeError, "b must be (..., m, k) for a (..., m, n), got ",
           describe(a), " and ", describe(b));
  const Tensor solution = matmul(linalg_pinv_composite(a, std::nullopt, rcond, false), contiguous(b));
  const Tensor rank = linalg_matrix_rank_composite(a, std::nullopt, rcond, false);
  Tensor residuals = empty(Dims{0}, a.dtype(), a.device());
  const NoGrad no_grad;
  if (a.size(-2) > a.size(-1) && (rank.numel() == 0 || host_value<std::int64_t>(min(rank)) == a.size(-1))) {
    residuals = sum(square(matmul(a, solution) - b), {-2});
  }
  return {solution, residuals, rank, linalg_svdvals(a)};
}

// The cheapest order of products, by dynamic programming over intervals.
Tensor linalg_multi_dot_composite(Span<const Tensor> tensors) {
  TS_CHECK(tensors.size() >= 2, ValueError, "expected at least two tensors, got ", tensors.size());
  const std::size_t count = tensors.size();
  TensorList matrices(tensors.begin(), tensors.end());
  const bool row = matrices.front().dim() == 1, column = matrices.back().dim() == 1;
  if (row) matrices.front() = unsqueeze(matrices.front(), 0);
  if (column) matrices.back() = unsqueeze(matrices.back(), 1);
  std::vector<double> sizes;
  for (const Tensor& matrix : matrices) {
    TS_CHECK(matrix.dim() == 2, ShapeError, "expected matrices, or vectors as the first and last tensor, got ",
             describe(matrix));
    TS_CHECK(sizes.empty() || static_cast<double>(matrix.size(0)) == sizes.back(), ShapeError, describe(matrix),
             " must have as many rows as the tensor before it has columns, ", sizes.empty() ? 0 : sizes.back());
    if (sizes.empty()) sizes.push_back(static_cast<double>(matrix.size(0)));
    sizes.push_back(static_cast<double>(matrix.size(1)));
  }
  PoolVector<double> costs(count * count, 0);
  PoolVector<std::size_t> splits(count * count, 0);
  const auto cost = [&](std::size_t i, std::size_t j) -> double& { return costs[i * count + j]; };
  const auto split = [&](std::size_t i, std::size_t j) -> std::size_t& { return splits[i * count + j]; };
  for (std::size_t length = 1; length < count; ++length) {
    for (std::size_t i = 0; i + length < count; ++i) {
      const std::size_t j = i + length;
      cost(i, j) = std::numeric_limits<double>::infinity();
      for (std::size_t k = i; k < j; ++k) {
        const double total = cost(i, k) + cost(k + 1, j) + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (total >= cost(i, j)) continue;
        cost(i, j) = total;
        split(i, j) = k;
      }
    }
  }
  const auto product = [&](const auto& self, std::size_t i, std::size_t j) -> Tensor {
    return i == j ? matrices[i] : mm(self(self, i, split(i, j)), self(self, split(i, j) + 1, j));
  };
  Tensor result = product(product, 0, count - 1);
  if (row) result = squeeze(result, 0);
  return column ? squeeze(result, -1) : result;
}

Tensor linalg_cross_composite(const Tensor& x, const Tensor& y, std::int64_t dim) {
  TS_CHECK(x.dim() == y.dim(), ShapeError, "expected tensors with the same number of dimensions, got ", describe(x),
           " and ", describe(y));
  return cross(x, y, dim);
}

// ---- Norms ----

namespace {

Tensor converted(const Tensor& a, std::optional<DType> dtype) {
  const Tensor x = dtype ? to(a, *dtype) : a;
  TS_CHECK(is_floating(x.dtype()), DTypeError, "expected floating tensors, got ", describe(x),
           "; convert it with `to(float32)`");
  return x;
}

struct Plane {
  int rows, columns;
};

Plane plane_of(const Tensor& a, const std::optional<IntList>& dim) {
  TS_CHECK(a.dim() >= 2, ShapeError, "expected matrices (..., m, n), got ", describe(a));
  TS_CHECK(!dim || dim->size() == 2, ValueError, "dim must name two dimensions, got ", dim ? dim->size() : 0);
  const Plane plane{normalize_dim(dim ? (*dim)[0] : -2, a.dim()), normalize_dim(dim ? (*dim)[1] : -1, a.dim())};
  TS_CHECK(plane.rows != plane.columns, ValueError, "dim names one dimension twice, got ", plane.rows);
  return plane;
}

// One value for each matrix of the plane, with dimensions of size 1 reinserted for keepdim.
Tensor with_plane(const Tensor& values, Plane plane, bool keepdim) {
  if (!keepdim) return values;
  return unsqueeze(unsqueeze(values, std::min(plane.rows, plane.columns)), std::max(plane.rows, plane.columns));
}

Tensor singular_values_of(const Tensor& a, Plane plane) {
  return linalg_svdvals(movedim(a, {plane.rows, plane.columns}, {-2, -1}));
}

}  // namespace

Tensor linalg_matrix_norm_composite(const Tensor& a, MatrixNormKind ord, OptionalInts dim, bool keepdim,
                                    std::optional<DType> dtype) {
  const Tensor x = converted(a, dtype);
  const Plane plane = plane_of(x, dim);
  if (ord == MatrixNormKind::Fro) return linalg_vector_norm(x, 2, IntList{plane.rows, plane.columns}, keepdim);
  return with_plane(sum(singular_values_of(x, plane), {-1}), plane, keepdim);
}

// 1 and infinity are the largest sums of columns and rows, 2 the largest singular value; with a minus sign the
// smallest.
Tensor linalg_matrix_norm_composite(const Tensor& a, double ord, OptionalInts dim, bool keepdim,
                                    std::optional<DType> dtype) {
  const Tensor x = converted(a, dtype);
  const Plane plane = plane_of(x, dim);
  const double size = std::abs(ord);
  TS_CHECK(size == 1 || size == 2 || std::isinf(ord), ValueError,
           "ord must be 1, 2 or infinity, or one of them with a minus sign, got ", ord);
  const auto extreme = [ord](const Tensor& values, std::int64_t d, bool keep) {
    return ord > 0 ? amax(values, IntList{d}, keep) : amin(values, IntList{d}, keep);
  };
  if (size == 2) return with_plane(extreme(singular_values_of(x, plane), -1, false), plane, keepdim);
  const int summed = size == 1 ? plane.rows : plane.columns, compared = size == 1 ? plane.columns : plane.rows;
  const Tensor totals = sum(abs(x), IntList{summed}, true);
  const Tensor result = extreme(totals, compared, true);
  if (keepdim) return result;
  return squeeze(squeeze(result, std::max(plane.rows, plane.columns)), std::min(plane.rows, plane.columns));
}

Tensor linalg_norm_composite(const Tensor& a, std::optional<double> ord, OptionalInts dim, bool keepdim,
                             std::optional<DType> dtype) {
  if (!ord || (dim && dim->size() == 1) || (!dim && a.dim() == 1)) {
    return linalg_vector_norm(a, ord.value_or(2), dim, keepdim, dtype);
  }
  TS_CHECK(dim || a.dim() == 2, ShapeError, "with ord and without dim, expected a vector or a matrix, got ",
           describe(a), "; pass one or two dimensions as dim");
  return linalg_matrix_norm_composite(a, *ord, dim, keepdim, dtype);
}

Tensor linalg_norm_composite(const Tensor& a, MatrixNormKind ord, OptionalInts dim, bool keepdim,
                             std::optional<DType> dtype) {
  TS_CHECK(dim || a.dim() == 2, ShapeError, "fro and nuc are norms of matrices, got ", describe(a),
           "; pass two dimensions as dim");
  return linalg_matrix_norm_composite(a, ord, dim, keepdim, dtype);
}

Tensor norm_composite(const Tensor& self, MatrixNormKind p, OptionalInts dim, bool keepdim,
                      std::optional<DType> dtype) {
  if (p == MatrixNormKind::Fro) return norm(self, 2, dim, keepdim, dtype);
  return linalg_norm_composite(self, p, dim, keepdim, dtype);
}

Tensor linalg_cond_composite(const Tensor& a, std::optional<double> p) {
  if (p && std::abs(*p) != 2) {
    infer::square_matrices(a);
    return linalg_matrix_norm_composite(a, *p, std::nullopt, false, std::nullopt) *
           linalg_matrix_norm_composite(linalg_inv(a), *p, std::nullopt, false, std::nullopt);
  }
  TS_CHECK(infer::rank_of(a) > 0, ShapeError, "an empty matrix has no condition number: ", describe(a));
  const Tensor values = linalg_svdvals(a);
  const Tensor largest = select(values, -1, 0), smallest = select(values, -1, -1);
  return p && *p < 0 ? smallest / largest : largest / smallest;
}

Tensor linalg_cond_composite(const Tensor& a, MatrixNormKind p) {
  infer::square_matrices(a);
  return linalg_matrix_norm_composite(a, p, std::nullopt, false, std::nullopt) *
         linalg_matrix_norm_composite(linalg_inv(a), p, std::nullopt, false, std::nullopt);
}

}  // namespace ts
