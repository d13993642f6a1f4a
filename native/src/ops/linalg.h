// The named functions of the linear algebra rows: composites, and the derivatives of factorizations. Formulas are
// written with public operators, so they can be differentiated again.
#pragma once

#include <optional>
#include <tuple>

#include "torchscratch/ops.g.h"

namespace ts {

// ---- Cholesky, triangular systems ----

Tensor cholesky_composite(const Tensor& a, bool upper);
Tensor cholesky_backward(const Tensor& grad, const Tensor& factor, bool upper);
Tensor solve_triangular_composite(const Tensor& a, const Tensor& b, bool upper, bool left, bool unitriangular);
std::tuple<Tensor, Tensor> triangular_solution_backward(const Tensor& grad, const Tensor& a, const Tensor& solution,
                                                        bool upper, bool unitriangular);

// ---- Systems, inverses, LU ----

Tensor solve_composite(const Tensor& a, const Tensor& b, bool left);
std::tuple<Tensor, Tensor> solve_backward(const Tensor& grad, const Tensor& a, const Tensor& solution);
Tensor inverse_backward(const Tensor& grad, const Tensor& inverse);
std::tuple<Tensor, Tensor, Tensor> lu_composite(const Tensor& a);
Tensor lu_backward(const Tensor& grad, const Tensor& lu, const Tensor& pivots);

// ---- Determinants ----

/// One factor for each matrix.
Tensor scaled_matrices(const Tensor& factors, const Tensor& matrices);
Tensor slogdet_backward(const Tensor& grad, const Tensor& a);
/// The gradient with respect to a of the sum of grad * cofactors_derivative(a, direction).
Tensor cofactors_second_derivative(const Tensor& grad, const Tensor& a, const Tensor& direction);
Tensor logdet_composite(const Tensor& self);

// ---- QR, eigenvalues, singular values ----

std::tuple<Tensor, Tensor> qr_composite(const Tensor& a, QrMode mode);
Tensor qr_backward(const Tensor& grad_q, const Tensor& grad_r, const Tensor& q, const Tensor& r, bool with_q);
Tensor eigh_backward(const Tensor& grad_values, const Tensor& grad_vectors, const Tensor& values,
                     const Tensor& vectors);
Tensor svd_backward(const Tensor& grad_u, const Tensor& grad_s, const Tensor& grad_vh, const Tensor& u, const Tensor& s,
                    const Tensor& vh);

std::tuple<Tensor, Tensor, Tensor> svd_columns(const Tensor& self, bool some);

// ---- Built on them ----

Tensor matrix_power_composite(const Tensor& a, std::int64_t n);
Tensor pinv_composite(const Tensor& a, std::optional<double> atol, std::optional<double> rtol, bool hermitian);
Tensor pinv_backward(const Tensor& grad, const Tensor& a, const Tensor& inverse);
Tensor matrix_rank_composite(const Tensor& a, std::optional<double> atol, std::optional<double> rtol, bool hermitian);
std::tuple<Tensor, Tensor, Tensor, Tensor> lstsq_composite(const Tensor& a, const Tensor& b,
                                                           std::optional<double> rcond);
Tensor multi_dot_composite(Span<const Tensor> tensors);
Tensor linalg_cross_composite(const Tensor& x, const Tensor& y, std::int64_t dim);

// ---- Norms ----

Tensor matrix_norm_kind(const Tensor& a, MatrixNormKind ord, const std::optional<IntList>& dim, bool keepdim,
                        std::optional<DType> dtype);
Tensor matrix_norm_number(const Tensor& a, double ord, const std::optional<IntList>& dim, bool keepdim,
                          std::optional<DType> dtype);
/// torch.linalg.norm.
Tensor norm_number(const Tensor& a, std::optional<double> ord, const std::optional<IntList>& dim, bool keepdim,
                   std::optional<DType> dtype);
Tensor norm_kind(const Tensor& a, MatrixNormKind ord, const std::optional<IntList>& dim, bool keepdim,
                 std::optional<DType> dtype);
/// torch.norm, where fro is the 2-norm over any number of dimensions.
Tensor tensor_norm_kind(const Tensor& self, MatrixNormKind p, const std::optional<IntList>& dim, bool keepdim,
                        std::optional<DType> dtype);
Tensor cond_number(const Tensor& a, std::optional<double> p);
Tensor cond_kind(const Tensor& a, MatrixNormKind p);

namespace infer {

/// The type of matrices that can be factored: float32 or float64.
DType factored(const Tensor& a);
/// The shape of square matrices (..., n, n).
Dims square_matrices(const Tensor& a);
/// The shape of matrices (..., m, n) without the last two dimensions.
Dims batch_of(const Tensor& a);
Dims batch_of_square(const Tensor& a);
/// The same with the sizes given behind.
Dims batch_with(const Tensor& a, std::int64_t rows, std::int64_t columns);
Dims batch_with(const Tensor& a, std::int64_t length);
/// min(m, n).
std::int64_t rank_of(const Tensor& a);
Dims eigenvalues(const Tensor& a);
Dims qr_q(const Tensor& a, bool with_q, bool complete);
Dims qr_r(const Tensor& a, bool complete);
Dims svd_u(const Tensor& a, bool full_matrices);
Dims svd_vh(const Tensor& a, bool full_matrices);

}  // namespace infer
}  // namespace ts
