// The parts of the matrix product that touch data: micro-kernels, packing and epilogue. Compiled once per instruction
// set and included only by gemm.cpp, which explains the whole scheme.
#if defined(TS_CPU_GEMM_KERNELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_GEMM_KERNELS_INL_H_
#undef TS_CPU_GEMM_KERNELS_INL_H_
#else
#define TS_CPU_GEMM_KERNELS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "cpu/gemm_bf16.h"
#include "cpu/gemm_kernel_set.h"
#include "cpu/half-inl.h"
#include "cpu/transpose-inl.h"

// The accumulators below are an array that must be kept in registers, so every loop over it has to be unrolled.
#if defined(__clang__)
#define TS_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define TS_UNROLL _Pragma("GCC unroll 16")
#else
#define TS_UNROLL
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using GemmTag = hn::ScalableTag<T>;

// The tallest tile of `vectors` columns whose accumulators, one row of B and one broadcast element of A fit in the
// registers: AVX-512 and 64-bit Arm have 32 registers, the other instruction sets 16.
constexpr int MaxRows(int vectors) {
#if HWY_TARGET <= HWY_AVX3 || (HWY_TARGET == HWY_NEON && HWY_ARCH_ARM_A64)
  return vectors <= 2 ? 14 : 6;
#else
  return vectors <= 2 ? 6 : vectors == 3 ? 3 : 2;
#endif
}

// dst = A B, or start + A B if `start` is not null (dst itself, or a row of biases with stride 0), for a tile of kRows
// x (kVectors * lanes). For every step of k, one row of B is loaded and every element of a column of A is broadcast
// against it. A and B may be packed panels or the matrices themselves; the kernel sees only strides. The sums stay in
// registers during the whole loop.
template <class T, int kRows, int kVectors>
void Tile(int64_t k, const T* HWY_RESTRICT a, int64_t a_row_stride, int64_t a_col_stride, const T* HWY_RESTRICT b,
          int64_t b_row_stride, T* dst, int64_t dst_row_stride, const T* start, int64_t start_row_stride) {
  const GemmTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(d));

  V sum[kRows][kVectors];
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int v = 0; v < kVectors; ++v) sum[i][v] = hn::Zero(d);
  }
  // The rows of C are far apart, which no hardware prefetcher predicts, so they are fetched here and arrive during the
  // loop over k.
  const T* ahead = dst;
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int v = 0; v < kVectors; ++v) hwy::Prefetch(ahead + v * kLanes);
    ahead += dst_row_stride;
  }

  // One pointer for every three rows: x86 can address p, p + s and p + 2 s without further arithmetic.
  constexpr int kGroups = (kRows + 2) / 3;
  const T* a_rows[kGroups];
  TS_UNROLL
  for (int g = 0; g < kGroups; ++g) a_rows[g] = a + 3 * g * a_row_stride;

  for (int64_t p = 0; p < k; ++p) {
    V row[kVectors];
    TS_UNROLL
    for (int v = 0; v < kVectors; ++v) row[v] = hn::LoadU(d, b + v * kLanes);
    b += b_row_stride;
    TS_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const V x = hn::Set(d, a_rows[i / 3][(i % 3) * a_row_stride]);
      TS_UNROLL
      for (int v = 0; v < kVectors; ++v) sum[i][v] = hn::MulAdd(x, row[v], sum[i][v]);
    }
    TS_UNROLL
    for (int g = 0; g < kGroups; ++g) a_rows[g] += a_col_stride;
  }

  if (start != nullptr) {
    TS_UNROLL
    for (int i = 0; i < kRows; ++i) {
      TS_UNROLL
      for (int v = 0; v < kVectors; ++v) sum[i][v] = hn::Add(hn::LoadU(d, start + v * kLanes), sum[i][v]);
      start += start_row_stride;
    }
  }
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sum[i][v], d, dst + v * kLanes);
    dst += dst_row_stride;
  }
}

template <int kVectors, class T, size_t... kIndex>
constexpr void FillTiles(GemmKernelSet<T>& set, std::index_sequence<kIndex...>) {
  ((set.tile[kVectors][kIndex + 1] = &Tile<GemmScalar<T>, static_cast<int>(kIndex) + 1, kVectors>), ...);
}

template <class T>
constexpr int64_t kMaxPanelWidth = std::max<int64_t>(kMaxTileRows,
                                                     kMaxTileVectors* static_cast<int64_t>(hn::MaxLanes(GemmTag<T>())));

// Copies a panel into the order in which a kernel reads it: dst[p * panel_width + x] is src[x * x_stride + p *
// k_stride] for x < width and p < k, and zero for width <= x < panel_width. 16-bit elements are widened to float.
// Packing mostly waits for memory, in runs too short for the hardware prefetcher, hence the explicit prefetches. Near
// the end of the matrix they reach beyond it, which is harmless.
template <class T>
void PackPanel(int64_t width, int64_t k, const T* src, int64_t x_stride, int64_t k_stride,
               GemmScalar<T>* HWY_RESTRICT dst, int64_t panel_width) {
  const GemmTag<GemmScalar<T>> d;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(d));
  if (x_stride == 1) {
    const int64_t whole = width - width % kLanes;
    const auto rest = static_cast<size_t>(width - whole);
    const bool padded = panel_width >= whole + kLanes;  // then store it with the zeros that follow it
    for (int64_t p = 0; p < k; ++p) {
      const T* from = src + p * k_stride;
      auto* to = dst + p * panel_width;
      const T* const ahead = from + kPackStrip * k_stride;
      hwy::Prefetch(ahead);
      hwy::Prefetch(ahead + width - 1);
      for (int64_t x = 0; x < whole; x += kLanes) hn::StoreU(LoadWide(d, from + x), d, to + x);
      if (rest == 0) continue;
      const auto last = LoadWideFirst(d, from + whole, rest);
      if (padded) {
        hn::StoreU(last, d, to + whole);
      } else {
        StoreNarrowFirst(last, d, to + whole, rest);
      }
    }
    return;
  }

  if (width < panel_width) {
    for (int64_t p = 0; p < k; ++p) std::fill(dst + p * panel_width + width, dst + (p + 1) * panel_width, 0);
  }
  if (k_stride == 1) {
    // Processes strips of k whose destination stays in L1 while it is filled column by column.
    constexpr int64_t kStrip = 64, kLine = 64 / sizeof(T);
    for (int64_t strip = 0; strip < k; strip += kStrip) {
      const int64_t steps = std::min(kStrip, k - strip);
      for (int64_t x = 0; x < width; ++x) {
        for (int64_t q = 0; q < steps; q += kLine) hwy::Prefetch(src + x * x_stride + strip + kStrip + q);
      }
      if constexpr (sizeof(T) == 2) {
        HWY_ALIGN float wide[kMaxPanelWidth<float> * kStrip];
        for (int64_t x = 0; x < width; ++x) WidenRow(steps, src + x * x_stride + strip, wide + x * kStrip);
        Transpose(width, steps, wide, kStrip, dst + strip * panel_width, panel_width);
      } else {
        Transpose(width, steps, src + strip, x_stride, dst + strip * panel_width, panel_width);
      }
    }
    return;
  }
  for (int64_t p = 0; p < k; ++p) {
    for (int64_t x = 0; x < width; ++x) dst[p * panel_width + x] = Widen(src[x * x_stride + p * k_stride]);
  }
}

// c = act(alpha * product + beta * c + bias), over a tile. `product` may be c itself.
template <class T>
void Finish(int64_t rows, int64_t cols, const GemmScalar<T>* product, int64_t product_row_stride, T* c,
            int64_t c_row_stride, const TileEpilogue<T>& epilogue) {
  const GemmTag<GemmScalar<T>> d;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(d));
  const auto alpha = hn::Set(d, epilogue.alpha);
  const auto beta = hn::Set(d, epilogue.beta);
  for (int64_t i = 0; i < rows; ++i) {
    const GemmScalar<T>* from = product + i * product_row_stride;
    T* to = c + i * c_row_stride;
    for (int64_t j = 0; j < cols; j += kLanes) {
      const auto n = static_cast<size_t>(std::min(kLanes, cols - j));
      const bool whole = n == static_cast<size_t>(kLanes);
      const auto load = [&](const auto* p) HWY_ATTR { return whole ? LoadWide(d, p) : LoadWideFirst(d, p, n); };
      auto x = hn::Mul(alpha, load(from + j));
      if (epilogue.beta != 0) x = hn::MulAdd(beta, load(to + j), x);
      if (epilogue.column_bias != nullptr) x = hn::Add(x, load(epilogue.column_bias + j));
      if (epilogue.row_bias != nullptr) x = hn::Add(x, hn::Set(d, Widen(epilogue.row_bias[i])));
      if (epilogue.relu) x = hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);  // unlike a maximum, keeps NaN
      if (whole) {
        StoreNarrow(x, d, to + j);
      } else {
        StoreNarrowFirst(x, d, to + j, n);
      }
    }
  }
}

// GCC folds a load into each of its uses and would therefore reload every row for every column.
template <class V>
HWY_INLINE void KeepInRegister(V& v) {
#if HWY_COMPILER_GCC_ACTUAL && HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
  asm("" : "+v"(v.raw));
#else
  static_cast<void>(v);
#endif
}

// product(i, j) = the dot product of row i of A and column j of B, both contiguous along k. Nothing is packed, and
// vectors run along k. For products with so few rows or columns that packing would cost more than it saves.
template <class T, int kRows, int kCols>
HWY_INLINE void DotTile(int64_t k, const T* a, int64_t a_row_stride, const T* b, int64_t b_col_stride,
                        GemmScalar<T>* product, int64_t product_row_stride) {
  const GemmTag<GemmScalar<T>> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(d));
  V sum[kRows][kCols];
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int j = 0; j < kCols; ++j) sum[i][j] = hn::Zero(d);
  }
  int64_t p = 0;
  for (; p + kLanes <= k; p += kLanes) {
    V row[kRows];
    TS_UNROLL
    for (int i = 0; i < kRows; ++i) {
      row[i] = LoadWide(d, a + i * a_row_stride + p);
      KeepInRegister(row[i]);
    }
    TS_UNROLL
    for (int j = 0; j < kCols; ++j) {
      const V col = LoadWide(d, b + j * b_col_stride + p);
      TS_UNROLL
      for (int i = 0; i < kRows; ++i) sum[i][j] = hn::MulAdd(col, row[i], sum[i][j]);
    }
  }
  if (p < k) {
    const auto n = static_cast<size_t>(k - p);
    TS_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const V row = LoadWideFirst(d, a + i * a_row_stride + p, n);
      TS_UNROLL
      for (int j = 0; j < kCols; ++j) {
        sum[i][j] = hn::MulAdd(row, LoadWideFirst(d, b + j * b_col_stride + p, n), sum[i][j]);
      }
    }
  }
  TS_UNROLL
  for (int i = 0; i < kRows; ++i) {
    TS_UNROLL
    for (int j = 0; j < kCols; ++j) {
      product[i * product_row_stride + j] = hn::GetLane(hn::SumOfLanes(d, sum[i][j]));
    }
  }
}

// Rows are taken four at a time and columns three at a time: 12 sums hide the latency of the multiply-add. Every tile
// forms an element's sum in the same way, so the tiling does not affect the result.
template <class T>
void Dots(int64_t rows, int64_t cols, int64_t k, const T* a, int64_t a_row_stride, const T* b, int64_t b_col_stride,
          GemmScalar<T>* product, int64_t product_row_stride) {
  const auto columns = [&]<int kRows>(std::integral_constant<int, kRows>, int64_t i) HWY_ATTR {
    int64_t j = 0;
    for (; j + 3 <= cols; j += 3) {
      DotTile<T, kRows, 3>(k, a + i * a_row_stride, a_row_stride, b + j * b_col_stride, b_col_stride,
                           product + i * product_row_stride + j, product_row_stride);
    }
    for (; j < cols; ++j) {
      DotTile<T, kRows, 1>(k, a + i * a_row_stride, a_row_stride, b + j * b_col_stride, b_col_stride,
                           product + i * product_row_stride + j, product_row_stride);
    }
  };
  int64_t i = 0;
  for (; i + 4 <= rows; i += 4) columns(std::integral_constant<int, 4>(), i);
  for (; i < rows; ++i) columns(std::integral_constant<int, 1>(), i);
}

template <class T>
constexpr GemmKernelSet<T> MakeKernelSet() {
  GemmKernelSet<T> set{};
  set.lanes = static_cast<int>(hn::MaxLanes(GemmTag<GemmScalar<T>>()));
  for (int v = 1; v <= kMaxTileVectors; ++v) set.max_rows[v] = MaxRows(v);
  FillTiles<1>(set, std::make_index_sequence<MaxRows(1)>());
  FillTiles<2>(set, std::make_index_sequence<MaxRows(2)>());
  FillTiles<3>(set, std::make_index_sequence<MaxRows(3)>());
  FillTiles<4>(set, std::make_index_sequence<MaxRows(4)>());
  set.pack = &PackPanel<T>;
  set.finish = &Finish<T>;
  set.dots = &Dots<T>;
  return set;
}

template <class T>
inline constexpr GemmKernelSet<T> kKernelSet = MakeKernelSet<T>();

const GemmKernelSet<float>* FloatKernels() { return &kKernelSet<float>; }
const GemmKernelSet<double>* DoubleKernels() { return &kKernelSet<double>; }
const GemmKernelSet<Half>* HalfKernels() { return &kKernelSet<Half>; }
const GemmKernelSet<BFloat16>* BFloat16Kernels() { return &kKernelSet<BFloat16>; }

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
// Like PackPanel, two steps of k at a time: dst[p / 2 * panel_width + x] holds the elements of steps p and p + 1, the
// latter zero if p + 1 == k.
void PackPairs(int64_t width, int64_t k, const BFloat16* src, int64_t x_stride, int64_t k_stride,
               BFloat16Pair* HWY_RESTRICT dst, int64_t panel_width) {
  const hn::ScalableTag<uint32_t> d;
  const hn::Rebind<uint16_t, decltype(d)> d16;
  constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(d));
  auto* const pairs = reinterpret_cast<uint32_t*>(dst);
  if (x_stride == 1) {
    for (int64_t p = 0; p < k; p += 2) {
      const BFloat16* const from = src + p * k_stride;
      const BFloat16* const ahead = from + kPackStrip * k_stride;
      hwy::Prefetch(ahead);
      hwy::Prefetch(ahead + k_stride);
      uint32_t* const to = pairs + p / 2 * panel_width;
      const auto pair = [&](auto first, auto second) HWY_ATTR {
        return hn::Or(hn::PromoteTo(d, first), hn::ShiftLeft<16>(hn::PromoteTo(d, second)));
      };
      int64_t x = 0;
      for (; x + kLanes <= width && p + 1 < k; x += kLanes) {
        hn::StoreU(pair(hn::LoadU(d16, &from[x].bits), hn::LoadU(d16, &from[k_stride + x].bits)), d, to + x);
      }
      for (; x < panel_width; x += kLanes) {
        const auto n = static_cast<size_t>(std::clamp<int64_t>(width - x, 0, kLanes));
        const auto first = LoadFirst(d16, &from[x].bits, n);
        const auto second = LoadFirst(d16, &from[k_stride + x].bits, p + 1 < k ? n : 0);
        StoreFirst(pair(first, second), d, to + x, static_cast<size_t>(std::min(kLanes, panel_width - x)));
      }
    }
    return;
  }

  const int64_t steps = (k + 1) / 2;
  if (width < panel_width) {
    for (int64_t p = 0; p < steps; ++p) std::fill(pairs + p * panel_width + width, pairs + (p + 1) * panel_width, 0u);
  }
  // Neighbouring 16-bit numbers in a row already form pairs. A row may start at an odd index, so rows are copied first.
  constexpr int64_t kStrip = 64;
  HWY_ALIGN uint32_t rows[kMaxPanelWidth<float> * kStrip];
  for (int64_t strip = 0; strip < steps; strip += kStrip) {
    const int64_t count = std::min(kStrip, steps - strip), length = std::min(2 * count, k - 2 * strip);
    for (int64_t x = 0; x < width; ++x) {
      const BFloat16* const from = src + x * x_stride + 2 * strip * k_stride;
      auto* const row = rows + x * kStrip;
      if (length < 2 * count) row[count - 1] = 0;
      if (k_stride == 1) {
        std::memcpy(row, from, static_cast<size_t>(length) * sizeof(BFloat16));
      } else {
        for (int64_t p = 0; p < length; ++p) std::memcpy(reinterpret_cast<BFloat16*>(row) + p, from + p * k_stride, 2);
      }
    }
    Transpose(width, count, rows, kStrip, pairs + strip * panel_width, panel_width);
  }
}
#endif

// Null unless the processor has the instruction. Support for AVX-512 does not imply it.
const GemmKernelSet<BFloat16, BFloat16Pair>* BFloat16PairKernels() {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  static const GemmKernelSet<BFloat16, BFloat16Pair> set = [] {
    GemmKernelSet<BFloat16, BFloat16Pair> kernels = bfloat16_dot_kernels();
    kernels.pack = &PackPairs;
    kernels.finish = &Finish<BFloat16>;
    return kernels;
  }();
  return has_bfloat16_dot() ? &set : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#undef TS_UNROLL
#endif
