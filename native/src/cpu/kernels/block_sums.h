// Runs over a tensor of any strides block by block, for kernels that add up terms of its elements: sums, and the
// deviations from a centre that moments are made of.
//
// Adding n numbers in the obvious order has an error that grows with n. Here the numbers are divided into blocks of a
// fixed size; a block is summed in many lanes side by side, and the sums of the blocks are added pairwise in a tree, in
// double if the elements are float. So the error is that of a short sum of floats. The blocks are determined by the
// shape and shared among the threads, so the result does not depend on the number of threads.
//
// The innermost dimension decides the method:
//
//   reduced     rows: each output is a sum of contiguous pieces
//   kept        columns: rows are added to one another, a whole tile of columns at a time, so that memory is read in
//               long runs; if there are few columns, several rows are treated as one, which is folded at the end
//
// 16-bit floats are converted to float first, and small integers to int64.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "backend/dispatch.h"
#include "cpu/convert.h"
#include "cpu/kernels/reduction_plan.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "tensor/integer_math.h"

namespace ts::cpu {

/// The type in which elements stored as T are added, and that of totals over many of them.
template <class T>
using TermType =
    std::conditional_t<std::is_same_v<T, double>, double, std::conditional_t<std::is_integral_v<T>, std::uint64_t, float>>;
template <class C>
using TotalType = std::conditional_t<std::is_integral_v<C>, C, double>;

/// The functions of one instruction set. Term 0 of an element is its deviation from the centre, and term 1 the square
/// of that; a plain sum has term 0 only, and ignores centres, which are zeros.
template <class C>
struct BlockKernels {
  using Total = TotalType<C>;
  /// totals[k] = the sum of term k of x[0] ... x[n - 1].
  void (*block)(const C* x, std::int64_t n, C centre, Total* totals);
  /// totals[k * width + j] += the sum over eight rows of term k of row[j], with centre[j].
  void (*add_rows)(const C* const rows[8], const C* centre, Total* totals, std::int64_t width);
};

/// Adds `count` rows of `width` elements pairwise into the first one.
template <class Total>
void fold_rows(Total* rows, std::int64_t count, std::int64_t width) {
  for (std::int64_t step = 1; step < count; step *= 2) {
    for (std::int64_t i = 0; i + step < count; i += 2 * step) {
      Total* const to = rows + i * width;
      const Total* const from = to + step * width;
      for (std::int64_t j = 0; j < width; ++j) to[j] += from[j];
    }
  }
}

// Scratch memory of the calling thread, shared by all kernels that add up blocks.
struct ForBlocks;   // converted elements of one task
struct ForTotals;   // totals of all tasks
struct ForCentres;  // centres of all columns
template <class Purpose, class E>
E* block_scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<E*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(E)));
}

/// T is the type in which elements are stored. Put is called as put(offset in the result, totals), once for each
/// output.
template <class T, int kTerms, class Put>
class BlockSums {
 public:
  using C = TermType<T>;
  using Total = TotalType<C>;
  static constexpr bool kConverts = !std::is_same_v<T, C>;
  /// Number of elements in a block of a row.
  static constexpr std::int64_t kBlock = 16384;

  /// `centres` has the layout of the result; null means zeros.
  BlockSums(const ReductionPlan& plan, DType dtype, const T* in, const C* centres, const BlockKernels<C>& kernel, Put put)
      : plan_(plan),
        kernel_(kernel),
        in_(in),
        centres_(centres),
        put_(put),
        is_bool_(dtype == DType::Bool),
        widen_(converter(dtype, std::is_integral_v<C>
                                    ? DType::Int64
                                    : dtype_of<std::conditional_t<std::is_integral_v<C>, std::int64_t, C>>)) {}

  void run() {
    if (plan_.innermost_is_reduced) {
      rows();
    } else {
      columns();
    }
  }

  /// The least number of outputs of so many elements that justifies a second thread.
  static std::int64_t grain(std::int64_t elements) {
    return std::max<std::int64_t>(
        1, kMinParallelBytes / static_cast<std::int64_t>(sizeof(T)) / std::max<std::int64_t>(1, elements));
  }

 private:
  // A block of columns is added to a tile of totals that stays in L1. At most kMaxBlockRows rows are added up in it,
  // which bounds the error. Matrices with fewer columns than kWideEnough are widened to about that many.
  static constexpr std::int64_t kColumnBlock = 131072, kTileWidth = 2048, kMaxBlockRows = 256, kWideEnough = 128;

  C centre(std::int64_t output) const { return centres_ == nullptr ? C(0) : centres_[output]; }

  // ---- Rows ----

  void rows() {
    const std::int64_t length = plan_.reduced.numel(), outputs = plan_.kept.numel();
    const std::int64_t blocks = std::max<std::int64_t>(1, ceil_div(length, kBlock));
    if (blocks == 1) {
      parallel_for(outputs, grain(length), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          Total totals[kTerms];
          const std::int64_t output = plan_.kept.out_offset(i);
          block_sum(in_ + plan_.kept.offset(i), 0, length, centre(output), totals);
          put_(output, totals);
        }
      });
      return;
    }
    Total* const partial = block_scratch<ForTotals, Total>(outputs * blocks * kTerms);
    parallel_for(outputs * blocks, grain(kBlock), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t first = task % blocks * kBlock, output = task / blocks;
        block_sum(in_ + plan_.kept.offset(output), first, std::min(length, first + kBlock),
                  centre(plan_.kept.out_offset(output)), partial + task * kTerms);
      }
    });
    for (std::int64_t i = 0; i < outputs; ++i) {
      Total* const totals = partial + i * blocks * kTerms;
      fold_rows(totals, blocks, kTerms);
      put_(plan_.kept.out_offset(i), totals);
    }
  }

  // Elements [begin, end) of the reduced dimensions. If they span several pieces of the innermost dimension or need
  // conversion, they are first gathered in scratch memory.
  void block_sum(const T* from, std::int64_t begin, std::int64_t end, C around, Total* totals) const {
    const std::int64_t piece = plan_.reduced.dims[plan_.reduced.count - 1].size;
    if constexpr (!kConverts) {
      if (begin / piece == (end - 1) / piece) {
        kernel_.block(from + plan_.reduced.offset(begin), end - begin, around, totals);
        return;
      }
    }
    C* const room = block_scratch<ForBlocks, C>(kBlock);
    for (std::int64_t i = begin; i < end;) {
      const std::int64_t n = std::min(end - i, piece - i % piece);
      widen_(from + plan_.reduced.offset(i), room + (i - begin), n);
      i += n;
    }
    kernel_.block(room, end - begin, around, totals);
  }

  // ---- Columns ----

  void columns() {
    DimGroup outer = plan_.kept;
    const ReductionDim inner = outer.dims[--outer.count];
    std::int64_t width = inner.size, rows = plan_.reduced.numel(), group = 1;
    DimGroup row_dims = plan_.reduced;
    // `group` rows that follow one another in memory are treated as one row with `group` times as many columns.
    if (width < kWideEnough && row_dims.count == 1 && row_dims.dims[0].stride == width) {
      // A power of two, as many sizes of batches are: then no rows are left over.
      group = std::min(static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(ceil_div(kWideEnough, width)))),
                       rows);
      width *= group;
      row_dims.dims[0] = {rows / group, width, 0};
    }
    const std::int64_t whole_rows = rows / group, left = rows % group;
    const std::int64_t tiles = ceil_div(width, kTileWidth), tile = std::min(width, kTileWidth);
    const std::int64_t block_rows = std::clamp<std::int64_t>(kColumnBlock / tile, 32, kMaxBlockRows) / 8 * 8;
    const std::int64_t blocks = std::max<std::int64_t>(1, ceil_div(whole_rows, block_rows));
    const std::int64_t outputs = outer.numel();

    // The centres as they lie along a row; without centres, one row of zeros serves all, and stands for rows that are
    // missing to eight.
    C* const centres = block_scratch<ForCentres, C>(centres_ == nullptr ? tile : outputs * width);
    if (centres_ == nullptr) {
      if (kTerms > 1 || whole_rows % 8 != 0) std::fill_n(centres, tile, C(0));
    } else {
      for (std::int64_t i = 0; i < outputs; ++i) {
        const C* const from = centres_ + outer.out_offset(i);
        for (std::int64_t j = 0; j < width; ++j) centres[i * width + j] = from[j % inner.size * inner.out_stride];
      }
    }

    // Within a block of rows, the totals of each tile: first all columns of one term, then those of the next.
    Total* const partial = block_scratch<ForTotals, Total>(outputs * blocks * width * kTerms);
    parallel_for(outputs * tiles * blocks, grain(std::min(block_rows, whole_rows) * tile),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t task = begin; task < end; ++task) {
                     const std::int64_t column = task % tiles * kTileWidth, block = task / tiles % blocks;
                     const std::int64_t output = task / tiles / blocks;
                     column_sums(in_ + outer.offset(output) + column, row_dims, block * block_rows,
                                 std::min(whole_rows, (block + 1) * block_rows), std::min(kTileWidth, width - column),
                                 centres_ == nullptr ? centres : centres + output * width + column,
                                 partial + ((output * blocks + block) * width + column) * kTerms);
                   }
                 });

    parallel_for(outputs, grain(blocks * width), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        Total* const sums = partial + i * blocks * width * kTerms;
        fold_rows(sums, blocks, width * kTerms);
        // A group is less than a tile wide.
        if (group > 1) {
          for (int k = 0; k < kTerms; ++k) fold_rows(sums + k * width, group, inner.size);
        }
        const T* last = in_ + outer.offset(i) + whole_rows * width;
        const std::int64_t to = outer.out_offset(i);
        for (std::int64_t j = 0; j < inner.size; ++j) {
          const std::int64_t output = to + j * inner.out_stride;
          const std::int64_t begin_of_tile = j / kTileWidth * kTileWidth;
          const std::int64_t tile_width = std::min(kTileWidth, width - begin_of_tile);
          Total totals[kTerms];
          for (int k = 0; k < kTerms; ++k) {
            totals[k] = sums[begin_of_tile * kTerms + k * tile_width + (j - begin_of_tile)];
          }
          for (std::int64_t row = 0; row < left; ++row) {
            const auto d = static_cast<Total>(value(last[row * inner.size + j]) - centre(output));
            totals[0] += d;
            if constexpr (kTerms == 2) totals[1] += d * d;
          }
          put_(output, totals);
        }
      }
    });
  }

  C value(T element) const {
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
      return to_float(element);
    } else {
      return is_bool_ ? static_cast<C>(element != 0) : static_cast<C>(element);
    }
  }

  // The totals of rows [begin, end) of `width` columns.
  void column_sums(const T* from, const DimGroup& row_dims, std::int64_t begin, std::int64_t end, std::int64_t width,
                   const C* centres, Total* totals) const {
    static_assert(kTerms <= 2);
    if (end - begin == 1) {
      const T* const source = from + row_dims.offset(begin);
      for (std::int64_t j = 0; j < width; ++j) {
        const auto d = static_cast<Total>(value(source[j]) - centres[j]);
        totals[j] = d;
        if constexpr (kTerms == 2) totals[width + j] = d * d;
      }
      return;
    }
    std::fill_n(totals, width * kTerms, Total(0));
    C* const room = kConverts ? block_scratch<ForBlocks, C>(8 * width) : nullptr;
    for (std::int64_t row = begin; row < end; row += 8) {
      const C* rows[8];
      for (std::int64_t k = 0; k < 8; ++k) {
        if (row + k >= end) {
          rows[k] = centres;  // whose terms are 0
          continue;
        }
        const T* const source = from + row_dims.offset(row + k);
        if constexpr (kConverts) {
          widen_(source, room + k * width, width);
          rows[k] = room + k * width;
        } else {
          rows[k] = source;
        }
      }
      kernel_.add_rows(rows, centres, totals, width);
    }
  }

  const ReductionPlan& plan_;
  const BlockKernels<C> kernel_;
  const T* const in_;
  const C* const centres_;
  Put put_;
  const bool is_bool_;
  const Converter widen_;
};

}  // namespace ts::cpu
