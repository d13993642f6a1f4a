// The micro-kernels for bfloat16 on x86 processors with AVX512_BF16.
//
// Their instruction vdpbf16ps takes vectors of 32 bfloat16 numbers and adds to each of 16 floats the dot product of
// two pairs: sum + x[1] y[1] + x[0] y[0], computed as two fused multiply-adds from left to right. A product of two
// bfloat16 numbers has at most 16 significant bits and is therefore exact, so each sum is rounded as if the operands
// had first been widened to float; only the order within a pair differs. The instruction does twice the work of a
// float instruction.
//
// It always rounds to nearest even, whatever the thread's rounding mode. It treats subnormal operands and sums as zero
// and flushes subnormal results to zero, so each of the k terms of an element may contribute an error below 2^-126,
// which widening to float would not. Infinity and NaN propagate.
//
// Highway's AVX-512 targets do not include the instruction, so the functions in this file enable it with attributes.
#include "cpu/gemm_bf16.h"

#include <hwy/base.h>

#include "cpu/simd_target.h"

#if HWY_ARCH_X86_64 && (HWY_COMPILER_GCC_ACTUAL >= 1000 || HWY_COMPILER_CLANG >= 900)

#include <immintrin.h>

#include <cstring>
#include <utility>

#if HWY_COMPILER_CLANG
#define TS_UNROLL _Pragma("clang loop unroll(full)")
#else
#define TS_UNROLL _Pragma("GCC unroll 16")
#endif

namespace ts::cpu {

bool has_bfloat16_dot() { return __builtin_cpu_supports("avx512bf16") != 0; }

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")
namespace {

constexpr int64_t kLanes = 16;

// AVX-512 has 32 registers: they hold the sums, a row of B and one pair of A.
constexpr int max_rows(int vectors) { return vectors <= 2 ? 14 : 6; }

__m512bh load(const void* p) { return reinterpret_cast<__m512bh>(_mm512_loadu_si512(p)); }

// Like Tile in gemm_kernels-inl.h, with pairs of elements along k instead of single elements.
template <int kRows, int kVectors>
void tile(int64_t k, const BFloat16Pair* a, int64_t a_row_stride, int64_t a_col_stride, const BFloat16Pair* b,
          int64_t b_row_stride, float* dst, int64_t dst_row_stride, const float* start, int64_t start_row_stride) {
  __m512 sum[kRows][kVectors];
  float* to = dst;
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      sum[i][v] = _mm512_setzero_ps();
      _mm_prefetch(reinterpret_cast<const char*>(to + v * kLanes), _MM_HINT_T0);
    }
    to += dst_row_stride;
  }

  constexpr int kGroups = (kRows + 2) / 3;
  const BFloat16Pair* a_rows[kGroups];
  TS_UNROLL
  for (int g = 0; g < kGroups; ++g) a_rows[g] = a + 3 * g * a_row_stride;

  for (int64_t p = 0; p < k; ++p) {
    __m512bh row[kVectors];
    TS_UNROLL
    for (int v = 0; v < kVectors; ++v) row[v] = load(b + v * kLanes);
    b += b_row_stride;
    TS_UNROLL
    for (int i = 0; i < kRows; ++i) {
      int pair;
      std::memcpy(&pair, a_rows[i / 3] + (i % 3) * a_row_stride, sizeof pair);
      const auto x = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
      TS_UNROLL
      for (int v = 0; v < kVectors; ++v) sum[i][v] = _mm512_dpbf16_ps(sum[i][v], x, row[v]);
    }
    TS_UNROLL
    for (int g = 0; g < kGroups; ++g) a_rows[g] += a_col_stride;
  }

  to = dst;
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      if (start) sum[i][v] = _mm512_add_ps(_mm512_loadu_ps(start + v * kLanes), sum[i][v]);
      _mm512_storeu_ps(to + v * kLanes, sum[i][v]);
    }
    to += dst_row_stride;
    if (start) start += start_row_stride;
  }
}

float sum_of_lanes(__m512 x) {
  alignas(64) float lanes[kLanes];
  _mm512_store_ps(lanes, x);
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

// Like DotTile and Dots in gemm_kernels-inl.h. Contiguous memory along k already has the layout that the
// instruction needs.
template <int kRows, int kCols>
void dot_tile(int64_t k, const BFloat16* a, int64_t a_row_stride, const BFloat16* b, int64_t b_col_stride,
              float* product, int64_t product_row_stride) {
  __m512 sum[kRows][kCols];
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int j = 0; j < kCols; ++j) sum[i][j] = _mm512_setzero_ps();
  }
  for (int64_t p = 0; p < k; p += 2 * kLanes) {
    const __mmask32 present = k - p >= 2 * kLanes ? ~__mmask32{0} : (__mmask32{1} << (k - p)) - 1;
    __m512bh row[kRows];
    TS_UNROLL
    for (int i = 0; i < kRows; ++i) {
      row[i] = reinterpret_cast<__m512bh>(_mm512_maskz_loadu_epi16(present, a + i * a_row_stride + p));
    }
    TS_UNROLL
    for (int j = 0; j < kCols; ++j) {
      const auto col = reinterpret_cast<__m512bh>(_mm512_maskz_loadu_epi16(present, b + j * b_col_stride + p));
      TS_UNROLL
      for (int i = 0; i < kRows; ++i) sum[i][j] = _mm512_dpbf16_ps(sum[i][j], row[i], col);
    }
  }
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int j = 0; j < kCols; ++j) product[i * product_row_stride + j] = sum_of_lanes(sum[i][j]);
  }
}

template <int kRows>
void dot_rows(int64_t cols, int64_t k, const BFloat16* a, int64_t a_row_stride, const BFloat16* b, int64_t b_col_stride,
              float* product, int64_t product_row_stride) {
  int64_t j = 0;
  for (; j + 3 <= cols; j += 3) {
    dot_tile<kRows, 3>(k, a, a_row_stride, b + j * b_col_stride, b_col_stride, product + j, product_row_stride);
  }
  for (; j < cols; ++j) {
    dot_tile<kRows, 1>(k, a, a_row_stride, b + j * b_col_stride, b_col_stride, product + j, product_row_stride);
  }
}

void dots(int64_t rows, int64_t cols, int64_t k, const BFloat16* a, int64_t a_row_stride, const BFloat16* b,
          int64_t b_col_stride, float* product, int64_t product_row_stride) {
  int64_t i = 0;
  for (; i + 4 <= rows; i += 4) {
    dot_rows<4>(cols, k, a + i * a_row_stride, a_row_stride, b, b_col_stride, product + i * product_row_stride,
                product_row_stride);
  }
  for (; i < rows; ++i) {
    dot_rows<1>(cols, k, a + i * a_row_stride, a_row_stride, b, b_col_stride, product + i * product_row_stride,
                product_row_stride);
  }
}

}  // namespace
HWY_POP_ATTRIBUTES

namespace {

template <int kVectors, size_t... kIndex>
void fill_tiles(GemmKernelSet<BFloat16, BFloat16Pair>& set, std::index_sequence<kIndex...>) {
  set.max_rows[kVectors] = max_rows(kVectors);
  ((set.tile[kVectors][kIndex + 1] = &tile<static_cast<int>(kIndex) + 1, kVectors>), ...);
}

}  // namespace

GemmKernelSet<BFloat16, BFloat16Pair> bfloat16_dot_kernels() {
  GemmKernelSet<BFloat16, BFloat16Pair> set{};
  set.lanes = kLanes;
  fill_tiles<1>(set, std::make_index_sequence<max_rows(1)>());
  fill_tiles<2>(set, std::make_index_sequence<max_rows(2)>());
  fill_tiles<3>(set, std::make_index_sequence<max_rows(3)>());
  fill_tiles<4>(set, std::make_index_sequence<max_rows(4)>());
  set.dots = &dots;
  return set;
}

}  // namespace ts::cpu

#else

namespace ts::cpu {

bool has_bfloat16_dot() { return false; }
GemmKernelSet<BFloat16, BFloat16Pair> bfloat16_dot_kernels() { return {}; }

}  // namespace ts::cpu

#endif
