// Factorizations of batches of dense matrices (..., m, n) with LAPACK, and what is computed from them: determinants and
// their derivatives, inverses, solutions of linear systems. Threads share the matrices of a batch; each matrix is one
// call on one thread.
//
// LAPACK reads a row-major matrix as its transpose. Where the transpose serves as well (inverses, determinants,
// singular values, symmetric matrices), LAPACK gets the bytes unchanged; otherwise the matrix is transposed before and
// after the call.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>

#include "cpu/kernels/lapack.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/factorizations.g.h"
#include "tensor/pool_vector.h"
#include "torchscratch/error.h"

namespace ts::cpu {
namespace {

using lapack::Int;

template <class Fn>
void dispatch_factored(DType dtype, Fn&& fn) {
  if (dtype == DType::Float32) fn.template operator()<float>();
  else fn.template operator()<double>();
}

// The matrices in the last two dimensions.
struct Batch {
  explicit Batch(const Tensor& tensor)
      : rows(tensor.size(-2)), columns(tensor.size(-1)), size(rows * columns), count(1) {
    for (int d = 0; d < tensor.dim() - 2; ++d) count = wrapping_product(count, tensor.sizes()[d]);
    TS_CHECK(rows <= std::numeric_limits<Int>::max() && columns <= std::numeric_limits<Int>::max(), ValueError,
             "LAPACK counts rows and columns in 32 bits, which is too few for ", describe(tensor));
  }

  std::int64_t rows, columns, size, count;
};

// Whether there is nothing to compute. The batch may then have any number of matrices, so it is not gone through.
bool all_empty(std::initializer_list<Tensor> tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const Tensor& tensor) { return tensor.numel() == 0; });
}

Int leading(std::int64_t size) { return static_cast<Int>(std::max<std::int64_t>(1, size)); }

// Names matrix i in an error message.
std::string which(const Batch& batch, std::int64_t i) {
  return batch.count > 1 ? format("matrix ", i, " of the batch") : std::string("the matrix");
}

// Calls one(i), which returns LAPACK's info, for every matrix. Returns the first nonzero info, first by index and not
// by time.
template <class One>
std::pair<std::int64_t, Int> for_each_matrix(const Batch& batch, One one, bool uses_lapack = true) {
  if (batch.count == 0) return {-1, 0};
  // LU of n x n takes 2/3 n^3 operations, and the other factorizations cost at least as much.
  const std::int64_t work = std::max<std::int64_t>(1, batch.size * std::min(batch.rows, batch.columns));
  PoolVector<Int> infos(static_cast<std::size_t>(batch.count), 0);
  parallel_for(batch.count, std::max<std::int64_t>(1, kMinParallelFlops / work),
               [&](std::int64_t begin, std::int64_t end) {
                 std::optional<lapack::OneThread> alone;
                 if (uses_lapack) alone.emplace();
                 for (std::int64_t i = begin; i < end; ++i) infos[static_cast<std::size_t>(i)] = one(i);
               });
  const auto bad = std::find_if(infos.begin(), infos.end(), [](Int info) { return info != 0; });
  return bad == infos.end() ? std::pair<std::int64_t, Int>{-1, 0} : std::pair{bad - infos.begin(), *bad};
}

template <class T>
void transpose_into(T* to, const T* from, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
  }
}

template <class T>
void identity(T* to, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) to[i * columns + j] = T(i == j);
  }
}

// LAPACK's iterations may never end if the input is not finite.
void check_finite(const Tensor& a) {
  bool finite = true;
  dispatch_factored(a.dtype(), [&]<class T>() {
    const T* const values = a.data<T>();
    for (std::int64_t i = 0; i < a.numel() && finite; ++i) finite = std::isfinite(values[i]);
  });
  TS_CHECK(finite, ValueError,
           "a has elements that are infinite or NaN, so the iteration would not converge: ", describe(a));
}

// Asks a routine for its optimal amount of scratch memory, then calls it with that much. `call(work, lwork)`
// returns info.
template <class T, class Call>
Int with_work(Call call) {
  T best = 0;
  const Int query = -1;
  if (const Int info = call(&best, &query)) return info;
  // The size was returned as a T, and a float may have rounded it down.
  const Int lwork = static_cast<Int>(std::max<T>(T(1), best * (T(1) + std::numeric_limits<T>::epsilon())));
  PoolVector<T> work(static_cast<std::size_t>(lwork));
  return call(work.data(), &lwork);
}

// ---- Single matrices ----

// Replaces a by the factors of the matrix whose transpose it holds. Returns LAPACK's info, which is > 0 for a
// singular matrix.
template <class T>
Int factor_lu(T* a, std::int64_t n, Int* pivots) {
  const Int order = static_cast<Int>(n), lda = leading(n);
  Int info = 0;
  lapack::routines<T>().getrf(&order, &order, a, &lda, pivots, &info);
  return info;
}

// (-1)^exchanges.
int sign_of_pivots(const Int* pivots, std::int64_t n) {
  int sign = 1;
  for (std::int64_t i = 0; i < n; ++i) sign = pivots[i] == i + 1 ? sign : -sign;
  return sign;
}

// a = u diag(s) vh, where u and vh are complete or reduced to their first min(rows, columns) columns and rows.
// Destroys a.
template <class T>
Int singular_values(T* a, std::int64_t rows, std::int64_t columns, bool full, T* u, T* s, T* vh) {
  // LAPACK sees the transpose of a, which is v diag(s) u'. Its u is therefore v stored by columns, which is vh stored
  // by rows.
  const std::int64_t rank = std::min(rows, columns);
  const Int m = static_cast<Int>(columns), n = static_cast<Int>(rows);
  const Int lda = leading(columns), ldu = leading(columns), ldvt = leading(full ? rows : rank);
  PoolVector<Int> iwork(static_cast<std::size_t>(8 * std::max<std::int64_t>(1, rank)));
  return with_work<T>([&](T* work, const Int* lwork) {
    Int info = 0;
    lapack::routines<T>().gesdd(full ? "A" : "S", &m, &n, a, &lda, s, vh, &ldu, u, &ldvt, work, lwork, iwork.data(),
                                &info, 1);
    return info;
  });
}

}  // namespace

// ---- Cholesky ----

void cholesky_factor(const Tensor& result, const Tensor& a, bool upper) {
  if (all_empty({result, a})) return;
  const Batch batch(a);
  if (a.numel() == 0) return;
  dispatch_factored(a.dtype(), [&]<class T>() {
    const auto& routines = lapack::routines<T>();
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      T* const to = result.data<T>() + i * batch.size;
      std::copy_n(a.data<T>() + i * batch.size, batch.size, to);
      const Int n = static_cast<Int>(batch.rows);
      Int status = 0;
      // LAPACK sees the transpose of L, which is upper triangular.
      routines.potrf(upper ? "L" : "U", &n, to, &n, &status, 1);
      for (std::int64_t r = 0; r < batch.rows; ++r) {
        if (upper) std::fill_n(to + r * batch.columns, r, T(0));
        else std::fill(to + r * batch.columns + r + 1, to + (r + 1) * batch.columns, T(0));
      }
      return status;
    });
    TS_CHECK(bad < 0, ValueError, which(batch, bad), " is not positive-definite: its leading minor of order ", info,
             " is not positive");
  });
}

// ---- LU ----

void lu_factors(const Tensor& lu, const Tensor& pivots, const Tensor& a) {
  if (all_empty({lu, pivots, a})) return;
  const Batch batch(a);
  if (a.numel() == 0) return;
  const std::int64_t rank = std::min(batch.rows, batch.columns);
  dispatch_factored(a.dtype(), [&]<class T>() {
    const auto& routines = lapack::routines<T>();
    for_each_matrix(batch, [&](std::int64_t i) {
      PoolVector<T> turned(static_cast<std::size_t>(batch.size));
      transpose_into(turned.data(), a.data<T>() + i * batch.size, batch.rows, batch.columns);
      const Int m = static_cast<Int>(batch.rows), n = static_cast<Int>(batch.columns);
      Int info = 0;
      routines.getrf(&m, &n, turned.data(), &m, pivots.data<std::int32_t>() + i * rank, &info);
      transpose_into(lu.data<T>() + i * batch.size, turned.data(), batch.columns, batch.rows);
      return info < 0 ? info : 0;  // the factors of a singular matrix are valid too
    });
  });
}

void inverse_matrices(const Tensor& result, const Tensor& a) {
  if (all_empty({result, a})) return;
  const Batch batch(a);
  if (a.numel() == 0) return;
  dispatch_factored(a.dtype(), [&]<class T>() {
    const auto& routines = lapack::routines<T>();
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      T* const to = result.data<T>() + i * batch.size;
      std::copy_n(a.data<T>() + i * batch.size, batch.size, to);
      PoolVector<Int> pivots(static_cast<std::size_t>(batch.rows));
      if (const Int status = factor_lu(to, batch.rows, pivots.data())) return status;
      const Int n = static_cast<Int>(batch.rows);
      return with_work<T>([&](T* work, const Int* lwork) {
        Int status = 0;
        routines.getri(&n, to, &n, pivots.data(), work, lwork, &status);
        return status;
      });
    });
    TS_CHECK(bad < 0, ValueError, which(batch, bad), " is singular and has no inverse: pivot ", info,
             " of its LU factors is 0");
  });
}

void solve_matrices(const Tensor& result, const Tensor& a, const Tensor& b) {
  if (all_empty({result, a, b})) return;
  const Batch batch(a), right(b);
  if (a.numel() == 0 || b.numel() == 0) return;
  dispatch_factored(a.dtype(), [&]<class T>() {
    const auto& routines = lapack::routines<T>();
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      PoolVector<T> factors(a.data<T>() + i * batch.size, a.data<T>() + (i + 1) * batch.size);
      PoolVector<T> columns(static_cast<std::size_t>(right.size));
      transpose_into(columns.data(), b.data<T>() + i * right.size, right.rows, right.columns);
      PoolVector<Int> pivots(static_cast<std::size_t>(batch.rows));
      if (const Int status = factor_lu(factors.data(), batch.rows, pivots.data())) return status;
      const Int n = static_cast<Int>(batch.rows), count = static_cast<Int>(right.columns);
      Int status = 0;
      // LAPACK factored the transpose of a.
      routines.getrs("T", &n, &count, factors.data(), &n, pivots.data(), columns.data(), &n, &status, 1);
      transpose_into(result.data<T>() + i * right.size, columns.data(), right.columns, right.rows);
      return status;
    });
    TS_CHECK(bad < 0, ValueError, which(batch, bad), " is singular, so the system has no unique solution: pivot ", info,
             " of its LU factors is 0");
  });
}

// Forward or backward substitution: each row of the solution is the row of b minus the contributions of the rows
// already solved, divided by the diagonal element.
void triangular_solution(const Tensor& result, const Tensor& a, const Tensor& b, bool upper, bool unitriangular) {
  if (all_empty({result, a, b})) return;
  const Batch batch(a), right(b);
  if (b.numel() == 0) return;
  dispatch_factored(a.dtype(), [&]<class T>() {
    for_each_matrix(
        batch,
        [&](std::int64_t i) {
          const T* const matrix = a.data<T>() + i * batch.size;
          T* const x = result.data<T>() + i * right.size;
          std::copy_n(b.data<T>() + i * right.size, right.size, x);
          const std::int64_t n = batch.rows, columns = right.columns;
          for (std::int64_t step = 0; step < n; ++step) {
            const std::int64_t row = upper ? n - 1 - step : step;
            T* const to = x + row * columns;
            for (std::int64_t k = upper ? row + 1 : 0; k < (upper ? n : row); ++k) {
              const T factor = matrix[row * n + k];
              for (std::int64_t j = 0; j < columns; ++j) to[j] -= factor * x[k * columns + j];
            }
            if (unitriangular) continue;
            for (std::int64_t j = 0; j < columns; ++j) to[j] /= matrix[row * n + row];
          }
          return 0;
        },
        false);
  });
}

// ---- Determinants ----

void determinant(const Tensor& result, const Tensor& a) {
  if (all_empty({result, a})) return;
  const Batch batch(a);
  dispatch_factored(a.dtype(), [&]<class T>() {
    if (batch.size == 0) return (void)std::fill_n(result.data<T>(), batch.count, T(1));
    for_each_matrix(batch, [&](std::int64_t i) {
      PoolVector<T> factors(a.data<T>() + i * batch.size, a.data<T>() + (i + 1) * batch.size);
      PoolVector<Int> pivots(static_cast<std::size_t>(batch.rows));
      factor_lu(factors.data(), batch.rows, pivots.data());
      T product = static_cast<T>(sign_of_pivots(pivots.data(), batch.rows));
      for (std::int64_t k = 0; k < batch.rows; ++k) product *= factors[static_cast<std::size_t>(k * (batch.rows + 1))];
      result.data<T>()[i] = product;
      return 0;
    });
  });
}

void slogdet_parts(const Tensor& sign, const Tensor& logabsdet, const Tensor& a) {
  if (all_empty({sign, logabsdet, a})) return;
  const Batch batch(a);
  dispatch_factored(a.dtype(), [&]<class T>() {
    for_each_matrix(
        batch,
        [&](std::int64_t i) {
          PoolVector<T> factors(a.data<T>() + i * batch.size, a.data<T>() + (i + 1) * batch.size);
          PoolVector<Int> pivots(static_cast<std::size_t>(batch.rows));
          if (batch.size > 0) factor_lu(factors.data(), batch.rows, pivots.data());
          T product = static_cast<T>(batch.size > 0 ? sign_of_pivots(pivots.data(), batch.rows) : 1);
          double sum = 0;
          for (std::int64_t k = 0; k < batch.rows; ++k) {
            const T pivot = factors[static_cast<std::size_t>(k * (batch.rows + 1))];
            product *= static_cast<T>((pivot > 0) - (pivot < 0)) + (pivot - pivot);  // preserves NaN
            sum += std::log(std::abs(static_cast<double>(pivot)));
          }
          sign.data<T>()[i] = product;
          logabsdet.data<T>()[i] = static_cast<T>(sum);
          return 0;
        },
        batch.size > 0);
  });
}

namespace {

// A = U diag(s) V', and the sign of det(U) det(V).
template <class T>
struct Singular {
  PoolVector<T> u, s, vh;
  T sign = 1;
  Int info = 0;

  Singular(const T* a, std::int64_t n) {
    const auto size = static_cast<std::size_t>(n * n);
    PoolVector<T> copy(a, a + size);
    u.resize(size);
    vh.resize(size);
    s.resize(static_cast<std::size_t>(n));
    info = singular_values(copy.data(), n, n, false, u.data(), s.data(), vh.data());
    if (info != 0) return;
    for (const PoolVector<T>* const orthogonal : {&u, &vh}) {
      PoolVector<T> factors = *orthogonal;
      PoolVector<Int> pivots(static_cast<std::size_t>(n));
      factor_lu(factors.data(), n, pivots.data());
      sign *= static_cast<T>(sign_of_pivots(pivots.data(), n));
      for (std::int64_t k = 0; k < n; ++k) sign *= factors[static_cast<std::size_t>(k * (n + 1))] < 0 ? T(-1) : T(1);
    }
  }

  // The product of all singular values except those at i and j.
  T product_without(std::int64_t i, std::int64_t j) const {
    T product = 1;
    for (std::int64_t k = 0; k < static_cast<std::int64_t>(s.size()); ++k) {
      if (k != i && k != j) product *= s[static_cast<std::size_t>(k)];
    }
    return product;
  }
};

// to = x y for n x n matrices; with `turn`, x is transposed.
template <class T>
void multiply(T* to, const T* x, bool turn_x, const T* y, bool turn_y, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      T sum = 0;
      for (std::int64_t k = 0; k < n; ++k) sum += x[turn_x ? k * n + i : i * n + k] * y[turn_y ? j * n + k : k * n + j];
      to[i * n + j] = sum;
    }
  }
}

void check_converged(const Batch& batch, std::int64_t bad, const char* what) {
  TS_CHECK(bad < 0, ValueError, "the iteration for the ", what, " of ", which(batch, bad), " did not converge");
}

}  // namespace

// cof(U diag(s) V') = det(U) det(V) U diag(products of the other singular values) V', because the cofactor matrix of a
// product is the product of the cofactor matrices. This also holds for singular matrices.
void cofactors(const Tensor& result, const Tensor& a) {
  if (all_empty({result, a})) return;
  const Batch batch(a);
  if (a.numel() == 0) return;
  check_finite(a);
  dispatch_factored(a.dtype(), [&]<class T>() {
    const std::int64_t n = batch.rows;
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      Singular<T> parts(a.data<T>() + i * batch.size, n);
      for (std::int64_t k = 0; k < n; ++k) {
        const T factor = parts.sign * parts.product_without(k, k);
        for (std::int64_t r = 0; r < n; ++r) parts.u[static_cast<std::size_t>(r * n + k)] *= factor;
      }
      multiply(result.data<T>() + i * batch.size, parts.u.data(), false, parts.vh.data(), false, n);
      return parts.info;
    });
    check_converged(batch, bad, "singular values");
  });
}

// The derivative of cof at diag(s) in the direction H has the sum over j /= i of p_ij H_jj on its diagonal and -p_ij
// H_ji off the diagonal, where p_ij is the product of the singular values without s_i and s_j: the second derivatives
// of a determinant.
void cofactors_derivative(const Tensor& result, const Tensor& a, const Tensor& direction) {
  if (all_empty({result, a, direction})) return;
  const Batch batch(a);
  if (a.numel() == 0) return;
  check_finite(a);
  dispatch_factored(a.dtype(), [&]<class T>() {
    const std::int64_t n = batch.rows;
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      const Singular<T> parts(a.data<T>() + i * batch.size, n);
      PoolVector<T> left(static_cast<std::size_t>(n * n)), inner(left), changed(left);
      multiply(left.data(), parts.u.data(), true, direction.data<T>() + i * batch.size, false, n);
      multiply(inner.data(), left.data(), false, parts.vh.data(), true, n);
      for (std::int64_t r = 0; r < n; ++r) {
        T diagonal = 0;
        for (std::int64_t c = 0; c < n; ++c) {
          if (c == r) continue;
          const T product = parts.sign * parts.product_without(r, c);
          diagonal += product * inner[static_cast<std::size_t>(c * (n + 1))];
          changed[static_cast<std::size_t>(r * n + c)] = -product * inner[static_cast<std::size_t>(c * n + r)];
        }
        changed[static_cast<std::size_t>(r * (n + 1))] = diagonal;
      }
      multiply(left.data(), parts.u.data(), false, changed.data(), false, n);
      multiply(result.data<T>() + i * batch.size, left.data(), false, parts.vh.data(), false, n);
      return parts.info;
    });
    check_converged(batch, bad, "singular values");
  });
}

// ---- QR ----

// q has 0 columns if it is not requested, else as many columns as r has rows.
void qr_factors(const Tensor& q, const Tensor& r, const Tensor& a, bool /*with_q*/, bool /*complete*/) {
  if (all_empty({q, r, a})) return;
  const Batch batch(a), orthogonal(q), triangular(r);
  const std::int64_t m = batch.rows, n = batch.columns, rank = std::min(m, n), kept = triangular.rows;
  const std::int64_t wanted = orthogonal.columns;
  dispatch_factored(a.dtype(), [&]<class T>() {
    if (a.numel() == 0) {
      for (std::int64_t i = 0; i < batch.count; ++i) identity(q.data<T>() + i * orthogonal.size, m, wanted);
      return (void)std::fill_n(r.data<T>(), r.numel(), T(0));
    }
    const auto& routines = lapack::routines<T>();
    for_each_matrix(batch, [&](std::int64_t i) {
      // The columns, with space for those that only q has.
      PoolVector<T> columns(static_cast<std::size_t>(m * std::max(n, wanted)), T(0));
      transpose_into(columns.data(), a.data<T>() + i * batch.size, m, n);
      PoolVector<T> tau(static_cast<std::size_t>(rank));
      const Int rows = static_cast<Int>(m), width = static_cast<Int>(n), vectors = static_cast<Int>(rank);
      Int info = with_work<T>([&](T* work, const Int* lwork) {
        Int status = 0;
        routines.geqrf(&rows, &width, columns.data(), &rows, tau.data(), work, lwork, &status);
        return status;
      });
      T* const to = r.data<T>() + i * triangular.size;
      for (std::int64_t row = 0; row < kept; ++row) {
        for (std::int64_t c = 0; c < n; ++c) {
          to[row * n + c] = c >= row && row < rank ? columns[static_cast<std::size_t>(c * m + row)] : T(0);
        }
      }
      if (info != 0 || wanted == 0) return info;
      const Int made = static_cast<Int>(wanted);
      info = with_work<T>([&](T* work, const Int* lwork) {
        Int status = 0;
        routines.orgqr(&rows, &made, &vectors, columns.data(), &rows, tau.data(), work, lwork, &status);
        return status;
      });
      transpose_into(q.data<T>() + i * orthogonal.size, columns.data(), wanted, m);
      return info;
    });
  });
}

// ---- Eigenvalues of symmetric matrices ----

void eigh_factors(const Tensor& eigenvalues, const Tensor& eigenvectors, const Tensor& a, bool upper) {
  if (all_empty({eigenvalues, eigenvectors, a})) return;
  const Batch batch(a);
  if (a.numel() == 0) return;
  check_finite(a);
  dispatch_factored(a.dtype(), [&]<class T>() {
    const auto& routines = lapack::routines<T>();
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      PoolVector<T> vectors(a.data<T>() + i * batch.size, a.data<T>() + (i + 1) * batch.size);
      const Int n = static_cast<Int>(batch.rows), liwork = 3 + 5 * n;
      PoolVector<Int> iwork(static_cast<std::size_t>(liwork));
      const Int status = with_work<T>([&](T* work, const Int* lwork) {
        const Int asked = *lwork < 0 ? *lwork : liwork;
        Int own = 0;
        // LAPACK sees the lower triangle as the upper one.
        routines.syevd("V", upper ? "L" : "U", &n, vectors.data(), &n, eigenvalues.data<T>() + i * batch.rows, work,
                       lwork, iwork.data(), &asked, &own, 1, 1);
        return own;
      });
      transpose_into(eigenvectors.data<T>() + i * batch.size, vectors.data(), batch.rows, batch.rows);
      return status;
    });
    check_converged(batch, bad, "eigenvalues");
  });
}

// ---- Singular values ----

void svd_factors(const Tensor& u, const Tensor& s, const Tensor& vh, const Tensor& a, bool full_matrices) {
  if (all_empty({u, s, vh, a})) return;
  const Batch batch(a), left(u), right(vh);
  const std::int64_t rank = std::min(batch.rows, batch.columns);
  check_finite(a);
  dispatch_factored(a.dtype(), [&]<class T>() {
    if (a.numel() == 0) {
      for (std::int64_t i = 0; i < batch.count; ++i) {
        identity(u.data<T>() + i * left.size, left.rows, left.columns);
        identity(vh.data<T>() + i * right.size, right.rows, right.columns);
      }
      return;
    }
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      PoolVector<T> copy(a.data<T>() + i * batch.size, a.data<T>() + (i + 1) * batch.size);
      return singular_values(copy.data(), batch.rows, batch.columns, full_matrices, u.data<T>() + i * left.size,
                             s.data<T>() + i * rank, vh.data<T>() + i * right.size);
    });
    check_converged(batch, bad, "singular values");
  });
}

// V diag(1 / s) U', where singular values up to the larger of atol and rtol times the largest one count as 0.
void pseudo_inverse(const Tensor& result, const Tensor& a, double atol, double rtol) {
  if (all_empty({result, a})) return;
  const Batch batch(a);
  if (a.numel() == 0) return;
  check_finite(a);
  const std::int64_t m = batch.rows, n = batch.columns, rank = std::min(m, n);
  dispatch_factored(a.dtype(), [&]<class T>() {
    const auto [bad, info] = for_each_matrix(batch, [&](std::int64_t i) {
      PoolVector<T> copy(a.data<T>() + i * batch.size, a.data<T>() + (i + 1) * batch.size);
      PoolVector<T> u(static_cast<std::size_t>(m * rank)), s(static_cast<std::size_t>(rank)),
          vh(static_cast<std::size_t>(rank * n));
      const Int status = singular_values(copy.data(), m, n, false, u.data(), s.data(), vh.data());
      const T least = std::max(static_cast<T>(atol), static_cast<T>(rtol) * s[0]);
      T* const to = result.data<T>() + i * batch.size;
      std::fill_n(to, batch.size, T(0));
      for (std::int64_t k = 0; k < rank && s[static_cast<std::size_t>(k)] > least; ++k) {
        for (std::int64_t c = 0; c < n; ++c) {
          const T factor = vh[static_cast<std::size_t>(k * n + c)] / s[static_cast<std::size_t>(k)];
          for (std::int64_t r = 0; r < m; ++r) to[c * m + r] += factor * u[static_cast<std::size_t>(r * rank + k)];
        }
      }
      return status;
    });
    check_converged(batch, bad, "singular values");
  });
}

// The permutation that results from LAPACK's row exchanges: row i of P' A is row result[i] of A.
void pivot_order(const Tensor& result, const Tensor& pivots, std::int64_t rows) {
  if (all_empty({result, pivots})) return;
  const std::int64_t exchanges = pivots.sizes().back();
  const std::int64_t count = rows == 0 ? 0 : result.numel() / rows;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t* const order = result.data<std::int64_t>() + i * rows;
    for (std::int64_t r = 0; r < rows; ++r) order[r] = r;
    const std::int32_t* const exchange = pivots.data<std::int32_t>() + i * exchanges;
    for (std::int64_t r = 0; r < exchanges; ++r) std::swap(order[r], order[exchange[r] - 1]);
  }
}

}  // namespace ts::cpu
