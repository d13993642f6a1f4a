// Cuts a strided loop into two-dimensional boxes and copies the elements of a box.
//
// A box spans `rows` steps along one dimension and `cols` steps along the innermost one. If an operand is transposed,
// that is, contiguous along a dimension other than the innermost, the rows run along that dimension, so that a box
// reads whole cache lines of every operand regardless of layout. Such boxes are small squares taken in turn from larger
// ones, so that the pages of the larger square are still in the TLB when the loop returns to them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "backend/pointwise_args.h"

namespace ts::cpu {

struct Box {
  std::int64_t rows, cols;
  std::int64_t offsets[PointwiseArgs::kMaxOperands];  ///< of the first element, in elements
};

/// The boxes that cover a loop of at least two dimensions.
class BoxPlan {
 public:
  /// Boxes of at most `capacity` elements.
  BoxPlan(const PointwiseArgs& args, std::int64_t capacity) : args_(args), col_dim_(args.ndim - 1) {
    row_dim_ = args.ndim - 2;
    for (int k = 0; k < args.operand_count && !transposed_; ++k) {
      const std::int64_t* strides = args.operands[k].strides;
      if (strides[col_dim_] == 0 || strides[col_dim_] == 1) continue;
      for (int d = 0; d < col_dim_; ++d) {
        if (strides[d] != 1 || args.sizes[d] < 4) continue;
        row_dim_ = d;
        transposed_ = true;
      }
    }
    const std::int64_t cols = args.sizes[col_dim_];
    if (!transposed_ && cols * args.sizes[row_dim_] < capacity / 4) {
      // Two short dimensions would make tiny boxes, so any other dimension may provide the rows.
      for (int d = 0; d < col_dim_; ++d) {
        if (args.sizes[d] > args.sizes[row_dim_]) row_dim_ = d;
      }
    }
    if (transposed_) {
      constexpr std::int64_t large_side = 256;
      box_cols_ = std::min(cols, large_side);
      box_rows_ = std::min(args.sizes[row_dim_], large_side);
      part_cols_ = std::min<std::int64_t>(cols, 32);
      part_rows_ = std::min(box_rows_, capacity / part_cols_);
    } else {
      box_cols_ = part_cols_ = std::min(cols, capacity);
      box_rows_ = part_rows_ = std::min(args.sizes[row_dim_], std::max<std::int64_t>(1, capacity / box_cols_));
    }
    row_boxes_ = (args.sizes[row_dim_] + box_rows_ - 1) / box_rows_;
    col_boxes_ = (cols + box_cols_ - 1) / box_cols_;
    count_ = row_boxes_ * col_boxes_;
    for (int d = 0; d < args.ndim; ++d) {
      if (d != row_dim_ && d != col_dim_) count_ = wrapping_product(count_, args.sizes[d]);
    }
  }

  /// The number of units of work, which may run in any order and on any thread, and the number of elements of each.
  std::int64_t count() const { return count_; }
  std::int64_t size() const { return box_rows_ * box_cols_; }
  bool transposed() const { return transposed_; }
  std::int64_t row_stride(int operand) const { return args_.operands[operand].strides[row_dim_]; }
  std::int64_t col_stride(int operand) const { return args_.operands[operand].strides[col_dim_]; }

  /// Calls function(box) for the boxes of units begin .. end - 1.
  template <class Function>
  void visit(std::int64_t begin, std::int64_t end, Function&& function) const {
    Box unit;
    for (std::int64_t i = begin; i < end; ++i) {
      locate(i, unit);
      if (!transposed_) {
        function(static_cast<const Box&>(unit));
        continue;
      }
      Box box;
      for (std::int64_t row = 0; row < unit.rows; row += part_rows_) {
        for (std::int64_t col = 0; col < unit.cols; col += part_cols_) {
          box.rows = std::min(part_rows_, unit.rows - row);
          box.cols = std::min(part_cols_, unit.cols - col);
          for (int k = 0; k < args_.operand_count; ++k) {
            box.offsets[k] = unit.offsets[k] + row * row_stride(k) + col * col_stride(k);
          }
          function(static_cast<const Box&>(box));
        }
      }
    }
  }

 private:
  void locate(std::int64_t index, Box& box) const {
    const std::int64_t col = index % col_boxes_ * box_cols_;
    index /= col_boxes_;
    const std::int64_t row = index % row_boxes_ * box_rows_;
    index /= row_boxes_;
    box.cols = std::min(box_cols_, args_.sizes[col_dim_] - col);
    box.rows = std::min(box_rows_, args_.sizes[row_dim_] - row);
    for (int k = 0; k < args_.operand_count; ++k) box.offsets[k] = row * row_stride(k) + col * col_stride(k);
    for (int d = args_.ndim - 1; d >= 0; --d) {
      if (d == row_dim_ || d == col_dim_) continue;
      const std::int64_t i = index % args_.sizes[d];
      index /= args_.sizes[d];
      for (int k = 0; k < args_.operand_count; ++k) box.offsets[k] += i * args_.operands[k].strides[d];
    }
  }

  const PointwiseArgs& args_;
  int row_dim_, col_dim_;
  bool transposed_ = false;
  std::int64_t box_rows_, box_cols_, part_rows_, part_cols_, row_boxes_, col_boxes_, count_;
};

namespace detail {

// Prefetches four columns, which are too far apart for the hardware prefetcher.
template <class Element>
void prefetch_columns(const Element* from, std::int64_t stride, std::int64_t rows) {
#if defined(__GNUC__)
  constexpr std::int64_t line = 64 / sizeof(Element);
  for (int column = 0; column < 4; ++column) {
    for (std::int64_t r = 0; r < rows; r += line) __builtin_prefetch(from + column * stride + r);
  }
#endif
}

template <class Element>
void copy_box(const Element* from, std::int64_t from_row, std::int64_t from_col, Element* to, std::int64_t to_row,
              std::int64_t to_col, std::int64_t rows, std::int64_t cols) {
  if (from_col == 1 && to_col == 1) {
    for (std::int64_t r = 0; r < rows; ++r) {
      std::memcpy(to + r * to_row, from + r * from_row, static_cast<std::size_t>(cols) * sizeof(Element));
    }
  } else if (from_row == 1 && to_col == 1) {
    // A transposition. Each cache line of the source is read completely before moving on: if strides are powers of two,
    // the lines compete for a few cache sets and would be evicted before a later column needs them.
    std::int64_t c = 0;
    for (; c + 4 <= cols; c += 4) {
      const Element *s0 = from + c * from_col, *s1 = s0 + from_col, *s2 = s1 + from_col, *s3 = s2 + from_col;
      Element* target = to + c;
      if (c + 8 <= cols) prefetch_columns(s0 + 4 * from_col, from_col, rows);
      for (std::int64_t r = 0; r < rows; ++r, target += to_row) {
        target[0] = s0[r];
        target[1] = s1[r];
        target[2] = s2[r];
        target[3] = s3[r];
      }
    }
    for (; c < cols; ++c) {
      for (std::int64_t r = 0; r < rows; ++r) to[r * to_row + c] = from[r + c * from_col];
    }
  } else {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) to[r * to_row + c * to_col] = from[r * from_row + c * from_col];
    }
  }
}

}  // namespace detail

/// Copies rows x cols elements of `item_size` bytes; strides are in elements.
inline void copy_box(std::int64_t item_size, const void* from, std::int64_t from_row, std::int64_t from_col, void* to,
                     std::int64_t to_row, std::int64_t to_col, std::int64_t rows, std::int64_t cols) {
  const auto copy = [&](auto element) {
    using Element = decltype(element);
    detail::copy_box(static_cast<const Element*>(from), from_row, from_col, static_cast<Element*>(to), to_row, to_col,
                     rows, cols);
  };
  switch (item_size) {
    case 1: return copy(std::uint8_t());
    case 2: return copy(std::uint16_t());
    case 4: return copy(std::uint32_t());
    default: return copy(std::uint64_t());
  }
}

}  // namespace ts::cpu
