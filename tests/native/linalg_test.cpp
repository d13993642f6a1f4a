// Linear algebra: first- and second-order gradients, the identities that define each factorization, known results for
// small matrices, and errors. Without LAPACK the tests of factorizations are reported as skipped; the error for that
// case has its own test.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cpu/kernels/lapack.h"
#include "generated/functions/creation.g.h"
#include "gradient_samples.h"
#include "ops/gradients.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"
#include "torchscratch/threads.h"

namespace ts {
namespace test {
namespace {

// Batches of well-conditioned matrices: numbers in [-1, 1], with 3 added to the diagonal of the leading square.
Tensor regular(const Dims& sizes, unsigned seed = 1) {
  const Tensor eye = eye_composite(sizes[sizes.size() - 2], sizes[sizes.size() - 1], DType::Float64, std::nullopt);
  return leaf(spread(sizes, -1, 1, seed) + eye * 3);
}

// Distinct singular values in each matrix, from an increasing diagonal.
Tensor graded(const Dims& sizes, unsigned seed = 1) {
  const std::int64_t rows = sizes[sizes.size() - 2], columns = sizes[sizes.size() - 1];
  const Tensor steps = arange_composite(0, columns, 1, DType::Float64, std::nullopt) + 1;
  return leaf(spread(sizes, -0.4, 0.4, seed) + eye_composite(rows, columns, DType::Float64, std::nullopt) * steps);
}

Tensor mt(const Tensor& a) { return transpose(a, -1, -2); }
Tensor symmetric(const Tensor& a) { return (a + mt(a)) * 0.5; }

using Function = std::function<Tensor(const TensorList&)>;

}  // namespace

void linalg_samples(Samples& s) {
  const auto square = [&](const std::string& op, const Function& fn, Tensor (*make)(const Dims&, unsigned) = &regular) {
    s.add(op, "contiguous", fn, {make({3, 3}, 1)});
    s.add(op, "batch", fn, {make({2, 2, 2}, 1)});
    s.add(op, "transposed", [fn](const TensorList& x) { return fn({mt(x[0])}); }, {make({3, 3}, 1)});
    s.add(op, "empty", fn, {operand({2, 0, 0})});
  };
  for (const bool upper : {false, true}) {
    square("cholesky_factor", [upper](const TensorList& x) { return cholesky_factor(symmetric(x[0]), upper); });
    for (const bool unit : {false, true}) {
      for (const bool left : {false, true}) {
        const auto fn = [=](const TensorList& x) { return linalg_solve_triangular(x[0], x[1], upper, left, unit); };
        s.add("triangular_solution", "matrices", fn,
              {regular({3, 3}), operand(left ? Dims{3, 2} : Dims{2, 3}, -2, 2, 2)});
      }
      s.add("triangular_solution", "batch",
            [=](const TensorList& x) { return linalg_solve_triangular(x[0], x[1], upper, true, unit); },
            {regular({2, 1, 2, 2}), operand({3, 2, 1}, -2, 2, 2)});
    }
  }
  square("inverse_matrices", [](const TensorList& x) { return linalg_inv(x[0]); });
  square("determinant", [](const TensorList& x) { return linalg_det(x[0]); });
  square("slogdet_parts", [](const TensorList& x) { return std::get<1>(linalg_slogdet(x[0])); });
  square("lu_factors", [](const TensorList& x) { return std::get<0>(linalg_lu_factor(x[0])); });
  square("cofactors", [](const TensorList& x) { return cofactors(x[0]); });
  s.add("cofactors_derivative", "matrices", [](const TensorList& x) { return cofactors_derivative(x[0], x[1]); },
        {regular({3, 3}), operand({3, 3}, -1, 1, 2)});
  // A product of a column and a row, which has rank 1, and a zero matrix: determinants are smooth there too.
  s.add("determinant", "singular", [](const TensorList& x) { return det(unsqueeze(x[0], 1) * x[1]); },
        {operand({3}), operand({3}, -2, 2, 2)});
  s.add("determinant", "zero", [](const TensorList& x) { return det(x[0]); }, {leaf(zeros({2, 2}, DType::Float64))});
  s.add("solve_matrices", "matrices", [](const TensorList& x) { return linalg_solve(x[0], x[1]); },
        {regular({3, 3}), operand({3, 2}, -2, 2, 2)});
  s.add("solve_matrices", "right", [](const TensorList& x) { return linalg_solve(x[0], x[1], false); },
        {regular({3, 3}), operand({2, 3}, -2, 2, 2)});
  s.add("solve_matrices", "vectors", [](const TensorList& x) { return linalg_solve(x[0], x[1]); },
        {regular({2, 3, 3}), operand({2, 3}, -2, 2, 2)});
  s.add("solve_matrices", "broadcast", [](const TensorList& x) { return linalg_solve(x[0], x[1]); },
        {regular({2, 1, 2, 2}), operand({3, 2, 2}, -2, 2, 2)});

  // The signs of singular vectors are arbitrary, so the checked functions do not depend on them where a step could flip
  // one; small steps do not.
  for (const Dims& sizes : {Dims{3, 3}, Dims{4, 2}, Dims{2, 4}, Dims{2, 3, 2}}) {
    const std::string shape = sizes.to_string();
    const auto both = [](const TensorList& x) {
      const auto [q, r] = linalg_qr(x[0]);
      return TensorList{q, r};
    };
    s.add("qr_factors", shape, CheckedFunction(both), {regular(sizes)});
    const auto all = [](const TensorList& x) {
      const auto [u, values, vh] = linalg_svd(x[0], false);
      return TensorList{u, values, vh};
    };
    s.add("svd_factors", shape, CheckedFunction(all), {graded(sizes)});
    s.add("svd_factors", "values of " + shape, [](const TensorList& x) { return linalg_svdvals(x[0]); },
          {graded(sizes)});
    s.add("svd_factors", "nuclear norm of " + shape,
          [](const TensorList& x) { return linalg_matrix_norm(x[0], MatrixNormKind::Nuc); }, {graded(sizes)});
    s.add("pseudo_inverse", shape, [](const TensorList& x) { return linalg_pinv(x[0]); }, {graded(sizes)});
  }
  s.add("pseudo_inverse", "hermitian",
        [](const TensorList& x) { return linalg_pinv(symmetric(x[0]), std::nullopt, std::nullopt, true); },
        {graded({3, 3})});
  for (const Triangle triangle : {Triangle::L, Triangle::U}) {
    const auto both = [triangle](const TensorList& x) {
      const auto [values, vectors] = linalg_eigh(symmetric(x[0]), triangle);
      return TensorList{values, vectors};
    };
    s.add("eigh_factors", "matrices", CheckedFunction(both), {graded({3, 3})});
    s.add("eigh_factors", "batch", CheckedFunction(both), {graded({2, 2, 2})});
  }
  s.add("linalg_matrix_power", "powers",
        [](const TensorList& x) { return linalg_matrix_power(x[0], 3) + matrix_power(x[0], -2); }, {regular({2, 2})});
  s.add("linalg_multi_dot", "chain", [](const TensorList& x) { return linalg_multi_dot(x); },
        {operand({2}), operand({2, 3}, -2, 2, 2), operand({3, 1}, -2, 2, 3), operand({1, 2}, -2, 2, 4)});
  s.add("linalg_lstsq", "overdetermined", [](const TensorList& x) { return std::get<0>(linalg_lstsq(x[0], x[1])); },
        {graded({4, 2}), operand({4, 1}, -2, 2, 2)});
  for (const double ord : {1.0, -1.0, 2.0, -2.0, std::numeric_limits<double>::infinity()}) {
    s.add("linalg_norm", "ord = " + std::to_string(ord), [ord](const TensorList& x) { return linalg_norm(x[0], ord); },
          {graded({3, 2})});
    s.add("linalg_cond", "p = " + std::to_string(ord), [ord](const TensorList& x) { return linalg_cond(x[0], ord); },
          {graded({2, 2})});
  }
}

}  // namespace test

namespace {

using namespace test;

// The unit of the bounds below: the rounding error of a sum of n products of numbers of order 1.
double rounding(const Tensor& a) {
  const double epsilon =
      a.dtype() == DType::Float32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
  return epsilon * static_cast<double>(std::max(a.size(-1), a.size(-2)));
}

void expect_close(const Tensor& actual, const Tensor& expected, double tolerance) {
  ASSERT_EQ(actual.sizes(), expected.sizes());
  ASSERT_EQ(actual.dtype(), expected.dtype());
  const std::vector<double> a = elements(actual), b = elements(expected);
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << "element " << i;
}

Tensor eye_like(const Tensor& a, std::int64_t n) {
  Dims sizes = a.sizes();
  sizes[sizes.size() - 1] = n;
  sizes[sizes.size() - 2] = n;
  return expand(eye_composite(n, std::nullopt, a.dtype(), std::nullopt), sizes);
}

void expect_orthonormal_columns(const Tensor& q, double tolerance) {
  expect_close(matmul(mt(q), q), eye_like(q, q.size(-1)), tolerance);
}

class Linalg : public testing::Test {
 protected:
  void SetUp() override {
    try {
      lapack::library();
    } catch (const DeviceError& error) {
      GTEST_SKIP() << error.what();
    }
  }
};

TEST(LinalgWithoutLapack, NamesThePackage) {
  try {
    lapack::load({"libno-such-library.so.9"});
    FAIL() << "loaded";
  } catch (const DeviceError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("libno-such-library.so.9"), std::string::npos) << text;
    EXPECT_NE(text.find("liblapack3"), std::string::npos) << text;
    EXPECT_NE(text.find("TORCHSCRATCH_LAPACK"), std::string::npos) << text;
  }
}

// The factorizations are backward stable: a product of factors differs by a few n epsilon ||A||, and 10 ||A|| bounds
// the constants for these sizes.
TEST_F(Linalg, ProductsOfFactorsAreTheMatrix) {
  for (const DType dtype : {DType::Float32, DType::Float64}) {
    for (const Dims& sizes : {Dims{5, 5}, Dims{7, 3}, Dims{3, 7}, Dims{2, 3, 4, 2}, Dims{1, 1}, Dims{40, 30}}) {
      const Tensor a = to(spread(sizes, -2, 2), dtype);
      const double tolerance =
          10 * rounding(a) * 2 * std::sqrt(static_cast<double>(sizes[sizes.size() - 1] * sizes[sizes.size() - 2]));
      for (const bool full : {false, true}) {
        const auto [u, s, vh] = linalg_svd(a, full);
        const std::int64_t rank = s.size(-1);
        expect_close(matmul(narrow(u, -1, 0, rank) * unsqueeze(s, -2), narrow(vh, -2, 0, rank)), a, tolerance);
        expect_orthonormal_columns(u, tolerance);
        expect_orthonormal_columns(mt(vh), tolerance);
        for (const double value : elements(slice(s, -1, 0, rank - 1) - slice(s, -1, 1))) EXPECT_GE(value, 0);
      }
      for (const QrMode mode : {QrMode::Reduced, QrMode::Complete}) {
        const auto [q, r] = linalg_qr(a, mode);
        expect_close(matmul(q, r), a, tolerance);
        expect_close(tril(r, -1), zeros_like(r), 0);
        expect_orthonormal_columns(q, tolerance);
      }
      const auto [q, r] = linalg_qr(a, QrMode::R);
      EXPECT_EQ(q.numel(), 0);
      expect_close(matmul(mt(r), r), matmul(mt(a), a), tolerance * 4);
      const auto [p, l, u] = linalg_lu(a);
      expect_close(matmul(matmul(p, l), u), a, tolerance);
      const Tensor inverse = linalg_pinv(a);
      expect_close(matmul(matmul(a, inverse), a), a, tolerance * 100);
    }
  }
}

TEST_F(Linalg, SquareMatrices) {
  for (const DType dtype : {DType::Float32, DType::Float64}) {
    for (const std::int64_t n : {1, 2, 6, 33}) {
      const Tensor a = to(regular({2, n, n}).detach(), dtype);
      const double size = static_cast<double>(n), tolerance = 20 * rounding(a) * size * size;
      const Tensor one = eye_like(a, n);
      expect_close(matmul(a, linalg_inv(a)), one, tolerance);
      const Tensor b = to(spread({2, n, 3}, -1, 1, 2), dtype);
      expect_close(matmul(a, linalg_solve(a, b)), b, tolerance);
      const Tensor positive = matmul(a, mt(a)) + one;
      const double scaled = tolerance * size;
      for (const bool upper : {false, true}) {
        const Tensor factor = linalg_cholesky(positive, upper);
        expect_close(upper ? matmul(mt(factor), factor) : matmul(factor, mt(factor)), positive, scaled);
        expect_close(upper ? tril(factor, -1) : triu(factor, 1), zeros_like(factor), 0);
      }
      const Tensor symmetric_part = symmetric(a);
      // Each triangle alone determines the result.
      for (const Triangle half : {Triangle::L, Triangle::U}) {
        const Tensor read = half == Triangle::L ? tril(symmetric_part) : triu(symmetric_part);
        const auto [values, vectors] = linalg_eigh(read, half);
        expect_close(matmul(vectors * unsqueeze(values, -2), mt(vectors)), symmetric_part, tolerance);
        expect_orthonormal_columns(vectors, tolerance);
        expect_close(linalg_eigvalsh(read, half), values, 0);
      }
      const auto [sign, logabsdet] = linalg_slogdet(a);
      const Tensor from_values = sum(log(linalg_svdvals(a)), {-1});
      expect_close(logabsdet, from_values, tolerance * 10);
      expect_close(abs(sign), ones_like(sign), 0);
    }
  }
}

TEST_F(Linalg, KnownValues) {
  const Tensor a = tensor<double>({1, 2, 3, 4}, {2, 2});
  EXPECT_NEAR(linalg_det(a).item<double>(), -2, 1e-14);
  const auto [sign, logabsdet] = linalg_slogdet(a);
  EXPECT_EQ(sign.item<double>(), -1);
  EXPECT_NEAR(logabsdet.item<double>(), std::log(2.0), 1e-14);
  EXPECT_TRUE(std::isnan(logdet(a).item<double>()));
  EXPECT_NEAR(linalg_matrix_norm(a, 1).item<double>(), 6, 0);
  EXPECT_NEAR(linalg_matrix_norm(a, std::numeric_limits<double>::infinity()).item<double>(), 7, 0);
  EXPECT_NEAR(linalg_norm(a, MatrixNormKind::Fro).item<double>(), std::sqrt(30.0), 1e-14);
  // The square of the sum of singular values is 30 + 2 |det|.
  EXPECT_NEAR(linalg_norm(a, MatrixNormKind::Nuc).item<double>(), std::sqrt(34.0), 1e-13);
  EXPECT_EQ(linalg_matrix_rank(tensor<double>({1, 2, 2, 4}, {2, 2})).item<std::int64_t>(), 1);
  EXPECT_EQ(elements(linalg_matrix_power(a, 3)), (std::vector<double>{37, 54, 81, 118}));
  EXPECT_EQ(elements(linalg_matrix_power(to(a, DType::Int64), 2)), (std::vector<double>{7, 10, 15, 22}));
  const Tensor zero = zeros({2, 2}, DType::Float64);
  EXPECT_EQ(linalg_det(zero).item<double>(), 0);
  EXPECT_EQ(std::get<1>(linalg_slogdet(zero)).item<double>(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(std::get<0>(linalg_slogdet(zero)).item<double>(), 0);
}

// As in PyTorch, the sign has a gradient, of zeros.
TEST_F(Linalg, TheSignOfADeterminantIsConstant) {
  const Tensor a = tensor<double>({1, 2, 3, 4}, {2, 2}).requires_grad_();
  std::get<0>(linalg_slogdet(a)).backward();
  EXPECT_EQ(elements(a.grad()), (std::vector<double>{0, 0, 0, 0}));
  const auto [sign, logabsdet] = linalg_slogdet(a);
  (sign * exp(logabsdet)).backward();
  // The cofactors.
  const std::vector<double> expected{4, -3, -2, 1};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(elements(a.grad())[i], expected[i], 1e-14);
}

TEST_F(Linalg, EmptyMatricesAndBatches) {
  const Tensor none = zeros({3, 0, 0}, DType::Float64);
  EXPECT_EQ(elements(linalg_det(none)), (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(elements(std::get<1>(linalg_slogdet(none))), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(linalg_inv(none).sizes(), (Dims{3, 0, 0}));
  EXPECT_EQ(linalg_inv(zeros({0, 2, 2}, DType::Float64)).sizes(), (Dims{0, 2, 2}));
  const auto [u, s, vh] = linalg_svd(zeros({2, 3, 0}, DType::Float64));
  expect_close(u, eye_like(u, 3), 0);
  EXPECT_EQ(s.sizes(), (Dims{2, 0}));
  EXPECT_EQ(vh.sizes(), (Dims{2, 0, 0}));
  const auto [q, r] = linalg_qr(zeros({2, 3, 0}, DType::Float64), QrMode::Complete);
  expect_close(q, eye_like(q, 3), 0);
  EXPECT_EQ(r.sizes(), (Dims{2, 3, 0}));
  EXPECT_EQ(linalg_solve(zeros({2, 0, 0}, DType::Float64), zeros({2, 0, 3}, DType::Float64)).sizes(), (Dims{2, 0, 3}));
  EXPECT_EQ(linalg_pinv(zeros({2, 3, 0}, DType::Float64)).sizes(), (Dims{2, 0, 3}));
}

TEST_F(Linalg, Errors) {
  const Tensor regular_one = regular({2, 2}).detach();
  EXPECT_THROW(linalg_inv(zeros({2, 2}, DType::Float64)), ValueError);
  EXPECT_THROW(linalg_solve(zeros({2, 2}, DType::Float64), zeros({2}, DType::Float64)), ValueError);
  EXPECT_THROW(linalg_cholesky(-regular_one), ValueError);
  EXPECT_THROW(linalg_inv(zeros({2, 3}, DType::Float64)), ShapeError);
  EXPECT_THROW(linalg_det(zeros({2}, DType::Float64)), ShapeError);
  EXPECT_THROW(linalg_svd(zeros({2, 2}, DType::Int64)), DTypeError);
  EXPECT_THROW(linalg_svd(zeros({2, 2}, DType::Float16)), DTypeError);
  EXPECT_THROW(linalg_solve(regular_one, zeros({2, 1}, DType::Float32)), DTypeError);
  EXPECT_THROW(linalg_solve(regular_one, zeros({3, 1}, DType::Float64)), ShapeError);
  EXPECT_THROW(linalg_svd(full({2, 2}, std::nan(""), DType::Float64)), ValueError);
  EXPECT_THROW(linalg_eigh(full({2, 2}, std::numeric_limits<double>::infinity(), DType::Float64)), ValueError);
  EXPECT_THROW(linalg_matrix_norm(regular_one, 3), ValueError);
  // The error names the second of two matrices.
  try {
    linalg_inv(stack({regular_one, zeros({2, 2}, DType::Float64)}));
    FAIL() << "inverted";
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("matrix 1 of the batch"), std::string::npos) << error.what();
  }
  const Tensor tall = leaf(spread({3, 2}, -2, 2));
  EXPECT_THROW(sum(std::get<0>(linalg_qr(tall, QrMode::Complete))).backward(), AutogradError);
  EXPECT_THROW(sum(std::get<1>(linalg_qr(tall, QrMode::R))).backward(), AutogradError);
}

TEST_F(Linalg, ResultsDoNotDependOnThreads) {
  const int before = num_threads();
  const Tensor a = regular({40, 24, 24}).detach();
  set_num_threads(1);
  const TensorList alone = {linalg_inv(a), linalg_svdvals(a), std::get<1>(linalg_qr(a)), linalg_det(a)};
  set_num_threads(3);
  const TensorList together = {linalg_inv(a), linalg_svdvals(a), std::get<1>(linalg_qr(a)), linalg_det(a)};
  set_num_threads(before);
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(elements(alone[i]), elements(together[i])) << i;
}

}  // namespace
}  // namespace ts
