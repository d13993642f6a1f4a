// The derivatives of factorizations, and the shapes and types of their results (linalg.cpp). Formulas are written with
// public operators, so they can be differentiated again.
#pragma once

#include <optional>
#include <tuple>

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts {

// ---- Cholesky, triangular systems ----

Tensor cholesky_backward(const Tensor& grad, const Tensor& factor, bool upper);
std::tuple<Tensor, Tensor> triangular_solution_backward(const Tensor& grad, const Tensor& a, const Tensor& solution,
                                                        bool upper, bool unitriangular);

// ---- Systems, inverses, LU ----

std::tuple<Tensor, Tensor> solve_backward(const Tensor& grad, const Tensor& a, const Tensor& solution);
Tensor inverse_backward(const Tensor& grad, const Tensor& inverse);
Tensor lu_backward(const Tensor& grad, const Tensor& lu, const Tensor& pivots);

// ---- Determinants ----

/// Multiplies each matrix by its own factor.
Tensor scaled_matrices(const Tensor& factors, const Tensor& matrices);
Tensor slogdet_backward(const Tensor& grad_sign, const Tensor& grad_logabsdet, const Tensor& a);
/// The gradient with respect to a of the sum of grad * cofactors_derivative(a, direction).
Tensor cofactors_second_derivative(const Tensor& grad, const Tensor& a, const Tensor& direction);

// ---- QR, eigenvalues, singular values ----

Tensor qr_backward(const Tensor& grad_q, const Tensor& grad_r, const Tensor& q, const Tensor& r, bool with_q);
Tensor eigh_backward(const Tensor& grad_values, const Tensor& grad_vectors, const Tensor& values,
                     const Tensor& vectors);
Tensor svd_backward(const Tensor& grad_u, const Tensor& grad_s, const Tensor& grad_vh, const Tensor& u, const Tensor& s,
                    const Tensor& vh);
Tensor pinv_backward(const Tensor& grad, const Tensor& a, const Tensor& inverse);

// ---- Shapes and types ----

namespace infer {

/// The type of matrices that can be factored: float32 or float64.
DType factored(const Tensor& a);
/// The shape of square matrices (..., n, n).
Dims square_matrices(const Tensor& a);
/// The shape of matrices (..., m, n) without the last two dimensions.
Dims batch_of(const Tensor& a);
Dims batch_of_square(const Tensor& a);
/// The same, followed by the given sizes.
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
