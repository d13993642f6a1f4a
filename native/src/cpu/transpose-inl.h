// Transposes matrices in memory, in square blocks with the side of a vector, or of a 128-bit vector if the matrix is
// narrower. For kernels that need the other layout.
#if defined(TS_CPU_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TS_CPU_TRANSPOSE_INL_H_
#undef TS_CPU_TRANSPOSE_INL_H_
#else
#define TS_CPU_TRANSPOSE_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Transposes a block of B x B elements, where a 128-bit vector holds B elements: out[q * out_stride + r] = in[r *
// in_stride + q].
#if HWY_TARGET != HWY_SCALAR
template <class T, std::enable_if_t<sizeof(T) == 4, int> = 0>
HWY_INLINE void TransposeBlock(const T* in, int64_t in_stride, T* out, int64_t out_stride) {
  const hn::FixedTag<T, 4> d;
  const auto r0 = hn::LoadU(d, in), r1 = hn::LoadU(d, in + in_stride);
  const auto r2 = hn::LoadU(d, in + 2 * in_stride), r3 = hn::LoadU(d, in + 3 * in_stride);
  const auto lower02 = hn::InterleaveLower(d, r0, r2), lower13 = hn::InterleaveLower(d, r1, r3);
  const auto upper02 = hn::InterleaveUpper(d, r0, r2), upper13 = hn::InterleaveUpper(d, r1, r3);
  hn::StoreU(hn::InterleaveLower(d, lower02, lower13), d, out);
  hn::StoreU(hn::InterleaveUpper(d, lower02, lower13), d, out + out_stride);
  hn::StoreU(hn::InterleaveLower(d, upper02, upper13), d, out + 2 * out_stride);
  hn::StoreU(hn::InterleaveUpper(d, upper02, upper13), d, out + 3 * out_stride);
}

HWY_INLINE void TransposeBlock(const double* in, int64_t in_stride, double* out, int64_t out_stride) {
  const hn::FixedTag<double, 2> d;
  const auto r0 = hn::LoadU(d, in), r1 = hn::LoadU(d, in + in_stride);
  hn::StoreU(hn::InterleaveLower(d, r0, r1), d, out);
  hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, out + out_stride);
}
#endif

#if HWY_TARGET != HWY_SCALAR && HWY_MAX_BYTES >= 32
constexpr int64_t kTransposeLanes = HWY_LANES(float);

// The same for blocks of a whole vector: first within the 128-bit parts, four rows at a time, and then the parts
// themselves. Each row is read and written exactly once, as a whole, however far apart the rows are.
template <class T, std::enable_if_t<sizeof(T) == 4, int> = 0>
HWY_INLINE void TransposeVectors(const T* in, int64_t in_stride, T* out, int64_t out_stride) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kParts = kTransposeLanes / 4;
  V parts[kParts][4];  // [rows 4 g ..][j]: part b holds column 4 b + j
  for (int64_t g = 0; g < kParts; ++g, in += 4 * in_stride) {
    const V r0 = hn::LoadU(d, in), r1 = hn::LoadU(d, in + in_stride);
    const V r2 = hn::LoadU(d, in + 2 * in_stride), r3 = hn::LoadU(d, in + 3 * in_stride);
    const V lower02 = hn::InterleaveLower(d, r0, r2), lower13 = hn::InterleaveLower(d, r1, r3);
    const V upper02 = hn::InterleaveUpper(d, r0, r2), upper13 = hn::InterleaveUpper(d, r1, r3);
    parts[g][0] = hn::InterleaveLower(d, lower02, lower13);
    parts[g][1] = hn::InterleaveUpper(d, lower02, lower13);
    parts[g][2] = hn::InterleaveLower(d, upper02, upper13);
    parts[g][3] = hn::InterleaveUpper(d, upper02, upper13);
  }
  for (int64_t j = 0; j < 4; ++j, out += out_stride) {
#if HWY_MAX_BYTES == 64
    const V a = parts[0][j], b = parts[1][j], c = parts[2][j], e = parts[3][j];
    const V lower_ac = hn::ConcatLowerLower(d, c, a), lower_be = hn::ConcatLowerLower(d, e, b);
    const V upper_ac = hn::ConcatUpperUpper(d, c, a), upper_be = hn::ConcatUpperUpper(d, e, b);
    hn::StoreU(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(lower_be), lower_ac), d, out);
    hn::StoreU(hn::OddEvenBlocks(lower_be, hn::SwapAdjacentBlocks(lower_ac)), d, out + 4 * out_stride);
    hn::StoreU(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(upper_be), upper_ac), d, out + 8 * out_stride);
    hn::StoreU(hn::OddEvenBlocks(upper_be, hn::SwapAdjacentBlocks(upper_ac)), d, out + 12 * out_stride);
#else
    hn::StoreU(hn::ConcatLowerLower(d, parts[1][j], parts[0][j]), d, out);
    hn::StoreU(hn::ConcatUpperUpper(d, parts[1][j], parts[0][j]), d, out + 4 * out_stride);
#endif
  }
}
#endif

// out[c * out_stride + r] = in[r * in_stride + c] for r < rows and c < cols.
template <class T>
HWY_INLINE void Transpose(int64_t rows, int64_t cols, const T* in, int64_t in_stride, T* out, int64_t out_stride) {
  // The last block in each direction overlaps the block before it.
#if HWY_TARGET != HWY_SCALAR && HWY_MAX_BYTES >= 32
  if constexpr (sizeof(T) == 4) {
    constexpr int64_t kBlock = kTransposeLanes;
    if (rows >= kBlock && cols >= kBlock) {
      for (int64_t r = 0; r < rows; r += kBlock) {
        const int64_t row = std::min(r, rows - kBlock);
        for (int64_t c = 0; c < cols; c += kBlock) {
          const int64_t col = std::min(c, cols - kBlock);
          TransposeVectors(in + row * in_stride + col, in_stride, out + col * out_stride + row, out_stride);
        }
      }
      return;
    }
  }
#endif
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t kBlock = 16 / sizeof(T);
  if (rows >= kBlock && cols >= kBlock) {
    for (int64_t r = 0; r < rows; r += kBlock) {
      const int64_t row = std::min(r, rows - kBlock);
      for (int64_t c = 0; c < cols; c += kBlock) {
        const int64_t col = std::min(c, cols - kBlock);
        TransposeBlock(in + row * in_stride + col, in_stride, out + col * out_stride + row, out_stride);
      }
    }
    return;
  }
#endif
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < cols; ++c) out[c * out_stride + r] = in[r * in_stride + c];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
