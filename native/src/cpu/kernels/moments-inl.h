// The sums over a row that normalization needs. Blocks of a fixed length are summed in vectors, and the blocks' sums
// are added in double, so the error does not grow with the length of the row.
#if defined(TS_CPU_MOMENTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_MOMENTS_INL_H_
#undef TS_CPU_MOMENTS_INL_H_
#else
#define TS_CPU_MOMENTS_INL_H_
#endif

#include "cpu/vec_tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

/// The sum over i < n of term(load), where load(p) is p[i], or 0 beyond the end; term must be 0 there.
template <class T, class Term>
HWY_INLINE double sum_terms(int64_t n, Term term) {
  constexpr int64_t L = kLanes<T>, kBlock = 2048;
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t end = n - begin < kBlock ? n : begin + kBlock;
    Vec<T> s0(0), s1(0), s2(0), s3(0);
    int64_t i = begin;
    for (; i + 4 * L <= end; i += 4 * L) {
      s0 = s0 + term(i, L);
      s1 = s1 + term(i + L, L);
      s2 = s2 + term(i + 2 * L, L);
      s3 = s3 + term(i + 3 * L, L);
    }
    for (; i + L <= end; i += L) s0 = s0 + term(i, L);
    if (i < end) s1 = s1 + term(i, end - i);
    total += static_cast<double>(sum_of_lanes((s0 + s1) + (s2 + s3)));
  }
  return total;
}

/// A whole vector, or the first `count` elements followed by `fill`.
template <class T>
HWY_INLINE Vec<T> load_up_to(const T* from, int64_t count, Vec<T> fill) {
  return count == kLanes<T> ? Vec<T>::load(from) : load_first(from, count, fill);
}

template <class T>
double sum_of(const T* x, int64_t n) {
  return sum_terms<T>(n, [&](int64_t i, int64_t count) HWY_ATTR { return load_up_to(x + i, count, Vec<T>(0)); });
}

/// The sum of x - mean.
template <class T>
double sum_of_deviations(const T* x, int64_t n, T mean) {
  const Vec<T> m(mean);
  return sum_terms<T>(n, [&](int64_t i, int64_t count) HWY_ATTR { return load_up_to(x + i, count, m) - m; });
}

/// Adds the sums of x - mean and of its square, in one pass.
template <class T>
void add_deviations(const T* x, int64_t n, T mean, double* first, double* second) {
  constexpr int64_t L = kLanes<T>, kBlock = 2048;
  const Vec<T> m(mean);
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t end = n - begin < kBlock ? n : begin + kBlock;
    Vec<T> a0(0), a1(0), b0(0), b1(0);
    int64_t i = begin;
    for (; i + 2 * L <= end; i += 2 * L) {
      const Vec<T> d0 = Vec<T>::load(x + i) - m, d1 = Vec<T>::load(x + i + L) - m;
      a0 = a0 + d0;
      a1 = a1 + d1;
      b0 = mul_add(d0, d0, b0);
      b1 = mul_add(d1, d1, b1);
    }
    for (; i < end; i += L) {
      const Vec<T> d = load_up_to(x + i, end - i < L ? end - i : L, m) - m;
      a0 = a0 + d;
      b0 = mul_add(d, d, b0);
    }
    *first += static_cast<double>(sum_of_lanes(a0 + a1));
    *second += static_cast<double>(sum_of_lanes(b0 + b1));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
