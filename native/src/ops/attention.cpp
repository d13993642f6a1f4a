// Scaled dot-product attention without its matrix of scores (Dao et al., "FlashAttention", 2022; the running softmax is
// that of Milakov and Gimelshein, 2018).
//
// For a head with queries Q (T x D), keys K (S x D) and values V (S x D'):
//
//   P = softmax(scale Q K^T + mask) along each row,   O = (P . kept) V        kept: dropout, 0 or 1 / (1 - p)
//
// Some queries meet some keys at a time, so that a block of scores stays in L1. A row's softmax over all keys comes
// from blocks: with the largest score m so far and the sum l of exp(s - m), a block with a larger maximum m' scales
// what was summed before by exp(m - m'), O included. At the end O is divided by l. Of all the scores only m + log(l),
// one number for each query, is kept for the backward pass, where P = exp(s - (m + log l)) block by block again:
//
//   dV = (P . kept)^T dO     dP = (dO V^T) . kept     dS = P . (dP - delta) scale,  delta_i = sum_j P_ij dP_ij = dO_i
//   O_i dQ = dS K                dK = dS^T Q
//
// A causal mask leaves key j to the queries from j on; blocks without any are not computed. Threads share heads and, in
// the forward pass, blocks of queries; sums over keys and queries have a fixed order.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/attention.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "ops/log_sum_exp-inl.h"

#ifndef TS_OPS_ATTENTION_KERNELS
#define TS_OPS_ATTENTION_KERNELS
namespace ts::cpu {

// What one instruction set offers for a row of n scores. T is float or double.
template <class T>
struct AttentionKernels {
  /// row += mask
  void (*add)(const T* mask, T* row, std::int64_t n);
  /// row = exp(row - m') with m' the larger of m and the row's maximum. Sets m to m', adds to l, and returns the factor
  /// for what was summed before, exp(m - m').
  T (*soften)(T* row, std::int64_t n, T& m, T& l);
  /// row = exp(row - shift)
  void (*exp)(T* row, std::int64_t n, T shift);
  void (*multiply)(const T* factors, T* row, std::int64_t n);
  void (*scale)(T* row, std::int64_t n, T factor);
  T (*dot)(const T* a, const T* b, std::int64_t n);
  /// dp = p (dp - delta) scale
  void (*gradient)(const T* p, T* dp, std::int64_t n, T delta, T scale);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// to[i] = fn(a[i], to[i])
template <class T, class Fn>
HWY_INLINE void update(const T* a, T* to, int64_t n, Fn fn) {
  const Vec<T> zero(0);
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { fn(Vec<T>::load(a + i), Vec<T>::load(to + i)).store(to + i); },
      [&](int64_t i, int64_t left)
          HWY_ATTR { store_first(fn(load_first(a + i, left, zero), load_first(to + i, left, zero)), to + i, left); });
}

template <class T>
void add_row(const T* mask, T* row, int64_t n) {
  update(mask, row, n, [](Vec<T> a, Vec<T> b) HWY_ATTR { return a + b; });
}

template <class T>
void multiply_row(const T* factors, T* row, int64_t n) {
  update(factors, row, n, [](Vec<T> a, Vec<T> b) HWY_ATTR { return a * b; });
}

template <class T>
void scale_row(T* row, int64_t n, T factor) {
  const Vec<T> f(factor);
  update(row, row, n, [&](Vec<T> a, Vec<T>) HWY_ATTR { return a * f; });
}

template <class T>
void exp_row(T* row, int64_t n, T shift) {
  const Vec<T> s(shift);
  update(row, row, n, [&](Vec<T> a, Vec<T>) HWY_ATTR { return exp(a - s); });
}

template <class T>
T soften(T* row, int64_t n, T& m, T& l) {
  const T low = -std::numeric_limits<T>::infinity(), block = max_of(row, n), larger = block > m ? block : m;
  if (larger == low) {
    // No key so far: -infinity less itself is no number.
    const bool is_nan = std::isnan(sum_exp(row, n, T(0)));
    for (int64_t i = 0; i < n && !is_nan; ++i) row[i] = T(0);
    if (is_nan) l = std::numeric_limits<T>::quiet_NaN();
    return T(1);
  }
  const T factor = std::exp(m - larger);
  const T sum = sum_exp(
      row, n, larger, [&](int64_t i, Vec<T> e) HWY_ATTR { e.store(row + i); },
      [&](int64_t i, Vec<T> e, int64_t count) HWY_ATTR { store_first(e, row + i, count); });
  l = l * factor + sum;
  m = larger;
  return factor;
}

template <class T>
T dot_row(const T* a, const T* b, int64_t n) {
  Vec<T> sum(0);
  const Vec<T> zero(0);
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { sum = mul_add(Vec<T>::load(a + i), Vec<T>::load(b + i), sum); },
      [&](int64_t i, int64_t left)
          HWY_ATTR { sum = mul_add(load_first(a + i, left, zero), load_first(b + i, left, zero), sum); });
  return sum_of_lanes(sum);
}

template <class T>
void gradient_row(const T* p, T* dp, int64_t n, T delta, T scale) {
  const Vec<T> d(delta), s(scale);
  update(p, dp, n, [&](Vec<T> weight, Vec<T> grad) HWY_ATTR { return weight * (grad - d) * s; });
}

template <class T>
AttentionKernels<T> attention_kernels() {
  return {&add_row<T>, &soften<T>, &exp_row<T>, &multiply_row<T>, &scale_row<T>, &dot_row<T>, &gradient_row<T>};
}
AttentionKernels<float> float_attention() { return attention_kernels<float>(); }
AttentionKernels<double> double_attention() { return attention_kernels<double>(); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "cpu/gemm.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu_kernels.g.h"
#include "ops/dispatch.h"
#include "ops/random_fill.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_attention);
HWY_EXPORT(double_attention);

template <class T>
AttentionKernels<T> kernels() {
  if constexpr (std::is_same_v<T, float>) return TS_SIMD_DISPATCH(float_attention)();
  else return TS_SIMD_DISPATCH(double_attention)();
}

// Queries and keys that meet at a time.
constexpr std::int64_t kQueries = 64, kKeys = 256;

template <class T, class Purpose>
T* scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<T*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(T)));
}
struct ForScores;
struct ForGradients;
struct ForRows;

// The rows of one head of a tensor.
template <class T>
struct Rows {
  T* data;
  std::int64_t stride;
  T* at(std::int64_t row) const { return data + row * stride; }
};

// Head (b, h) of (B, H, length, features), or of (B, length, H, features).
template <class T>
Rows<T> head_of(const Tensor& tensor, std::int64_t b, std::int64_t h, bool length_first = false) {
  const Dims& strides = tensor.strides();
  const int head = length_first ? 2 : 1, row = length_first ? 1 : 2;
  return {tensor.data<std::remove_const_t<T>>() + b * strides[0] + h * strides[head], strides[row]};
}

template <class T>
void multiply(std::int64_t m, std::int64_t n, std::int64_t k, GemmOperand<T> a, GemmOperand<T> b, Rows<T> c, T alpha,
              bool accumulate) {
  GemmEpilogue<T> epilogue;
  epilogue.alpha = alpha;
  epilogue.beta = accumulate ? T(1) : T(0);
  gemm<T>(m, n, k, a, b, c.data, c.stride, epilogue);
}

template <class T>
GemmOperand<T> plain(Rows<T> rows) {
  return {rows.data, rows.stride, 1};
}
template <class T>
GemmOperand<T> transposed(Rows<T> rows) {
  return {rows.data, 1, rows.stride};
}

// One head, and what a block of its scores needs.
template <class T>
class Head {
 public:
  Head(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask, double factor, bool causal,
       double dropout_p, PhiloxState random, std::int64_t b, std::int64_t h)
      : queries(query.size(2)),
        keys(key.size(2)),
        features(query.size(3)),
        value_features(value.size(3)),
        q(head_of<T>(query, b, h)),
        k(head_of<T>(key, b, h)),
        v(head_of<T>(value, b, h)),
        scale(static_cast<T>(factor)),
        is_causal(causal),
        kernel(ts::cpu::kernels<T>()),
        dropout_(dropout_p),
        random_(random),
        first_((b * query.size(1) + h) * queries * keys) {
    if (!mask.defined()) return;
    mask_ = head_of<T>(mask, b, h).data;
    mask_row_ = mask.strides()[2];
    mask_column_ = mask.strides()[3];
  }

  // Keys that query i may see.
  std::int64_t seen(std::int64_t i) const { return is_causal ? std::min(keys, i + 1) : keys; }
  bool has_dropout() const { return dropout_ > 0; }

  // The scores of the queries from i on and the keys from j on: a row for each query, `columns` apart.
  void score(std::int64_t i, std::int64_t rows, std::int64_t j, std::int64_t columns, T* scores) const {
    multiply(rows, columns, features, plain(Rows<T>{q.at(i), q.stride}), transposed(Rows<T>{k.at(j), k.stride}),
             Rows<T>{scores, columns}, scale, false);
    if (mask_ == nullptr) return;
    T* const row = scratch<T, ForRows>(columns);
    for (std::int64_t r = 0; r < rows; ++r) {
      const T* from = mask_ + (i + r) * mask_row_ + j * mask_column_;
      if (mask_column_ != 1) {
        for (std::int64_t c = 0; c < columns; ++c) row[c] = from[c * mask_column_];
        from = row;
      }
      kernel.add(from, scores + r * columns, columns);
    }
  }

  // What dropout multiplies the weights of query i and the keys from j on with.
  const T* kept(std::int64_t i, std::int64_t j, std::int64_t columns) const {
    T* const row = scratch<T, ForRows>(columns);
    keep_mask_part(row, first_ + i * keys + j, columns, 1 - dropout_, 1 / (1 - dropout_), random_);
    return row;
  }

  const std::int64_t queries, keys, features, value_features;
  const Rows<T> q, k, v;
  const T scale;
  const bool is_causal;
  const AttentionKernels<T> kernel;

 private:
  double dropout_;
  PhiloxState random_;
  std::int64_t first_;  // of this head's scores among all
  const T* mask_ = nullptr;
  std::int64_t mask_row_ = 0, mask_column_ = 0;
};

template <class T>
void forward(const Head<T>& head, std::int64_t i, Rows<T> output, T* log_sum) {
  const std::int64_t rows = std::min(kQueries, head.queries - i), keys = head.seen(i + rows - 1);
  T* const scores = scratch<T, ForScores>(kQueries * kKeys);
  T m[kQueries], l[kQueries];
  std::fill_n(m, rows, -std::numeric_limits<T>::infinity());
  std::fill_n(l, rows, T(0));
  for (std::int64_t j = 0; j < keys; j += kKeys) {
    const std::int64_t columns = std::min(kKeys, keys - j);
    head.score(i, rows, j, columns, scores);
    for (std::int64_t r = 0; r < rows; ++r) {
      T* const row = scores + r * columns;
      const std::int64_t seen = std::clamp<std::int64_t>(head.seen(i + r) - j, 0, columns);
      const T factor = seen > 0 ? head.kernel.soften(row, seen, m[r], l[r]) : T(1);
      std::fill(row + seen, row + columns, T(0));
      if (j > 0 && factor != T(1)) head.kernel.scale(output.at(i + r), head.value_features, factor);
      if (head.has_dropout()) head.kernel.multiply(head.kept(i + r, j, columns), row, columns);
    }
    multiply(rows, head.value_features, columns, plain(Rows<T>{scores, columns}),
             plain(Rows<T>{head.v.at(j), head.v.stride}), Rows<T>{output.at(i), output.stride}, T(1), j > 0);
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    head.kernel.scale(output.at(i + r), head.value_features, l[r] == T(0) ? T(0) : 1 / l[r]);
    // A query without keys has weights exp(s - infinity) = 0.
    log_sum[i + r] = l[r] == T(0) ? std::numeric_limits<T>::infinity() : m[r] + std::log(l[r]);
  }
}

template <class T>
void backward(const Head<T>& head, Rows<T> grad, Rows<T> output, const T* log_sum, Rows<T> dq, Rows<T> dk, Rows<T> dv) {
  T* const weights = scratch<T, ForScores>(kQueries * kKeys);
  T* const gradients = scratch<T, ForGradients>(kQueries * kKeys);
  for (std::int64_t i = 0; i < head.queries; ++i) std::fill_n(dq.at(i), head.features, T(0));
  for (std::int64_t j = 0; j < head.keys; j += kKeys) {
    const std::int64_t columns = std::min(kKeys, head.keys - j);
    for (std::int64_t c = j; c < j + columns; ++c) {
      std::fill_n(dk.at(c), head.features, T(0));
      std::fill_n(dv.at(c), head.value_features, T(0));
    }
    for (std::int64_t i = 0; i < head.queries; i += kQueries) {
      const std::int64_t rows = std::min(kQueries, head.queries - i);
      if (head.seen(i + rows - 1) <= j) continue;
      const Rows<T> p = {weights, columns}, ds = {gradients, columns}, block_grad = {grad.at(i), grad.stride};
      head.score(i, rows, j, columns, weights);
      multiply(rows, columns, head.value_features, plain(block_grad), transposed(Rows<T>{head.v.at(j), head.v.stride}),
               ds, T(1), false);
      for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t seen = std::clamp<std::int64_t>(head.seen(i + r) - j, 0, columns);
        head.kernel.exp(p.at(r), seen, log_sum[i + r]);
        std::fill(p.at(r) + seen, p.at(r) + columns, T(0));
        const T delta = head.kernel.dot(grad.at(i + r), output.at(i + r), head.value_features);
        if (!head.has_dropout()) {
          head.kernel.gradient(p.at(r), ds.at(r), columns, delta, head.scale);
          continue;
        }
        const T* const kept = head.kept(i + r, j, columns);
        head.kernel.multiply(kept, ds.at(r), columns);
        head.kernel.gradient(p.at(r), ds.at(r), columns, delta, head.scale);
        head.kernel.multiply(kept, p.at(r), columns);
      }
      multiply(columns, head.value_features, rows, transposed(p), plain(block_grad), Rows<T>{dv.at(j), dv.stride}, T(1),
               true);
      multiply(rows, head.features, columns, plain(ds), plain(Rows<T>{head.k.at(j), head.k.stride}),
               Rows<T>{dq.at(i), dq.stride}, T(1), true);
      multiply(columns, head.features, rows, transposed(ds), plain(Rows<T>{head.q.at(i), head.q.stride}),
               Rows<T>{dk.at(j), dk.stride}, T(1), true);
    }
  }
}

PhiloxState random_at(std::int64_t seed, std::int64_t offset) {
  return {static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(offset)};
}

}  // namespace

void attention_forward(const Tensor& output, const Tensor& log_sum, const Tensor& query, const Tensor& key,
                       const Tensor& value, const Tensor& mask, double scale, bool is_causal, double dropout_p,
                       std::int64_t seed, std::int64_t offset) {
  const std::int64_t heads = query.size(1), queries = query.size(2), blocks = (queries + kQueries - 1) / kQueries;
  dispatch_float_double(query.dtype(), [&]<class T>() {
    parallel_for(query.size(0) * heads * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t b = task / blocks / heads, h = task / blocks % heads;
        const Head<T> head(query, key, value, mask, scale, is_causal, dropout_p, random_at(seed, offset), b, h);
        forward(head, task % blocks * kQueries, head_of<T>(output, b, h, true),
                log_sum.data<T>() + (b * heads + h) * queries);
      }
    });
  });
}

void attention_backward(const Tensor& grad_query, const Tensor& grad_key, const Tensor& grad_value, const Tensor& grad,
                        const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
                        const Tensor& output, const Tensor& log_sum, double scale, bool is_causal, double dropout_p,
                        std::int64_t seed, std::int64_t offset) {
  const std::int64_t heads = query.size(1), queries = query.size(2);
  dispatch_float_double(query.dtype(), [&]<class T>() {
    parallel_for(query.size(0) * heads, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t b = task / heads, h = task % heads;
        const Head<T> head(query, key, value, mask, scale, is_causal, dropout_p, random_at(seed, offset), b, h);
        backward(head, head_of<T>(grad, b, h, true), head_of<T>(output, b, h, true),
                 log_sum.data<T>() + (b * heads + h) * queries, head_of<T>(grad_query, b, h, true),
                 head_of<T>(grad_key, b, h, true), head_of<T>(grad_value, b, h, true));
      }
    });
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
