// The maximum and the normalizer of a row, for softmax and cross entropy:
//
//   max = max_i x_i,   sum = sum_i exp(x_i - max),   log(sum_i exp(x_i)) = max + log(sum)
//
// No term exceeds 1, so nothing overflows, and one term is 1, so the sum cannot underflow to 0. A row is processed in
// chunks that stay in L1 between the search for the maximum and the sum, so that memory is read once; two chunks
// combine by
//
//   max = max(max_a, max_b),   sum = sum_a exp(max_a - max) + sum_b exp(max_b - max)
//
// The chunks are fixed, so results depend on the row alone. A NaN anywhere makes the sum NaN, and so does +infinity
// (inf - inf); the maximum may ignore NaN. A row of only -infinity has the sum 0.
#if defined(TS_CPU_LOG_SUM_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_LOG_SUM_EXP_INL_H_
#undef TS_CPU_LOG_SUM_EXP_INL_H_
#else
#define TS_CPU_LOG_SUM_EXP_INL_H_
#endif

#include <cmath>
#include <limits>

#include "backend/log_sum_exp.h"
#include "cpu/vec_math-inl.h"
#include "cpu/vec_tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

/// Number of elements that stay in L1.
constexpr int64_t kLogSumExpChunk = 2048;

/// The largest element, or -infinity if there is none. Four maxima at a time hide the instruction's latency.
template <class T>
HWY_INLINE T max_of(const T* x, int64_t n) {
  const Vec<T> lowest = -infinity<T>();
  Vec<T> m0 = lowest, m1 = lowest, m2 = lowest, m3 = lowest;
  constexpr int64_t L = kLanes<T>;
  int64_t i = 0;
  for (; i + 4 * L <= n; i += 4 * L) {
    m0 = quick_max(Vec<T>::load(x + i), m0);
    m1 = quick_max(Vec<T>::load(x + i + L), m1);
    m2 = quick_max(Vec<T>::load(x + i + 2 * L), m2);
    m3 = quick_max(Vec<T>::load(x + i + 3 * L), m3);
  }
  for (; i + L <= n; i += L) m0 = quick_max(Vec<T>::load(x + i), m0);
  if (i < n) m1 = quick_max(load_first(x + i, n - i, lowest), m1);
  return max_of_lanes(quick_max(quick_max(m0, m1), quick_max(m2, m3)));
}

/// sum_i exp(x_i - max). Each term is passed to store(i, term), and at the end of the row to store_part(i,
/// term, count).
template <class T, class Store, class StorePart>
HWY_INLINE T sum_exp(const T* x, int64_t n, T max, Store store, StorePart store_part) {
  const Vec<T> shift(max);
  Vec<T> s0(0), s1(0);
  constexpr int64_t L = kLanes<T>;
  int64_t i = 0;
  for (; i + 2 * L <= n; i += 2 * L) {
    const Vec<T> e0 = exp(Vec<T>::load(x + i) - shift);
    const Vec<T> e1 = exp(Vec<T>::load(x + i + L) - shift);
    store(i, e0);
    store(i + L, e1);
    s0 = s0 + e0;
    s1 = s1 + e1;
  }
  if (i + L <= n) {
    const Vec<T> e = exp(Vec<T>::load(x + i) - shift);
    store(i, e);
    s0 = s0 + e;
    i += L;
  }
  if (i < n) {
    const Vec<T> e = keep_first(exp(load_first(x + i, n - i, shift) - shift), n - i, Vec<T>(0));
    store_part(i, e, n - i);
    s1 = s1 + e;
  }
  return sum_of_lanes(s0 + s1);
}

template <class T>
HWY_INLINE T sum_exp(const T* x, int64_t n, T max) {
  return sum_exp(
      x, n, max, [](int64_t, Vec<T>) HWY_ATTR {}, [](int64_t, Vec<T>, int64_t) HWY_ATTR {});
}

template <class T>
HWY_INLINE LogSumExp<T> log_sum_exp(const T* x, int64_t n) {
  LogSumExp<T> total;
  for (int64_t i = 0; i < n; i += kLogSumExpChunk) {
    const int64_t count = n - i < kLogSumExpChunk ? n - i : kLogSumExpChunk;
    const T max = max_of(x + i, count);
    // If all elements are -infinity, any finite shift gives the sum 0.
    const T shift = max == -std::numeric_limits<T>::infinity() ? T(0) : max;
    total.add({max, sum_exp(x + i, count, shift)});
  }
  return total;
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
