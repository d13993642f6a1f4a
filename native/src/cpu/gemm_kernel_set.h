// The table of kernels that an instruction set provides for matrix products, so that the blocking around them is
// written and compiled only once. Used by gemm.cpp and by convolutions that lay out panels themselves; the kernels are
// in gemm_kernels-inl.h.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cpu/gemm.h"

namespace ts::cpu {

inline constexpr int kMaxTileVectors = 4;
inline constexpr int kMaxTileRows = 14;

// Panels that are adjacent in memory are packed together, this many steps of k at a time.
inline constexpr int64_t kPackStrip = 32;

// Two consecutive elements along k, the operand format of the processor's bfloat16 dot product.
struct BFloat16Pair {
  BFloat16 first, second;
};

// Number of elements along k that one element of a packed panel holds.
template <class Panel>
inline constexpr int64_t kPanelDepth = std::is_same_v<Panel, BFloat16Pair> ? 2 : 1;

// The epilogue of gemm.h for one tile. The bias pointers point at the tile's first column or row.
template <class T>
struct TileEpilogue {
  GemmScalar<T> alpha;
  GemmScalar<T> beta;
  const T* column_bias;
  const T* row_bias;
  bool relu;
};

// Kernels for operands of type T whose panels are packed as elements of type Panel. The k of a tile counts elements
// of Panel.
template <class T, class Panel = GemmScalar<T>>
struct GemmKernelSet {
  using Sum = GemmScalar<T>;
  using TileFunction = void (*)(int64_t k, const Panel* a, int64_t a_row_stride, int64_t a_col_stride, const Panel* b,
                                int64_t b_row_stride, Sum* dst, int64_t dst_row_stride, const Sum* start,
                                int64_t start_row_stride);
  using PackFunction = void (*)(int64_t width, int64_t k, const T* src, int64_t x_stride, int64_t k_stride, Panel* dst,
                                int64_t panel_width);
  using FinishFunction = void (*)(int64_t rows, int64_t cols, const Sum* product, int64_t product_row_stride, T* c,
                                  int64_t c_row_stride, const TileEpilogue<T>& epilogue);
  using DotsFunction = void (*)(int64_t rows, int64_t cols, int64_t k, const T* a, int64_t a_row_stride, const T* b,
                                int64_t b_col_stride, Sum* product, int64_t product_row_stride);

  int lanes;                          // number of sums in a vector
  int max_rows[kMaxTileVectors + 1];  // by the number of vectors in a row of the tile
  TileFunction tile[kMaxTileVectors + 1][kMaxTileRows + 1];
  PackFunction pack;
  FinishFunction finish;
  DotsFunction dots;
};

// The kernels of the instruction set in use.
template <class T>
const GemmKernelSet<T>& gemm_kernels();
template <>
const GemmKernelSet<float>& gemm_kernels<float>();
template <>
const GemmKernelSet<double>& gemm_kernels<double>();
template <>
const GemmKernelSet<Half>& gemm_kernels<Half>();
template <>
const GemmKernelSet<BFloat16>& gemm_kernels<BFloat16>();

// Kernels that use the processor's bfloat16 dot product, or null if the instruction set in use has none.
const GemmKernelSet<BFloat16, BFloat16Pair>* bfloat16_pair_kernels();

// Divides `length` rows into as few panels of at most `limit` rows as possible, with heights that differ by at
// most one.
class Panels {
 public:
  Panels(int64_t length, int64_t limit)
      : count_((length + limit - 1) / limit), base_(length / count_), longer_(length - base_ * count_) {}
  int64_t count() const { return count_; }
  int64_t start(int64_t panel) const { return panel * base_ + (panel < longer_ ? panel : longer_); }
  int64_t height(int64_t panel) const { return base_ + (panel < longer_ ? 1 : 0); }

 private:
  int64_t count_;
  int64_t base_;
  int64_t longer_;  // this many panels have one row more
};

}  // namespace ts::cpu
