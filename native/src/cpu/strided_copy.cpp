// See strided_copy.h. Dense operands are one run; others are cut into boxes of two dimensions that stay in the L1 cache, so
// that a transposing copy reads and writes whole cache lines.
#include "cpu/strided_copy.h"

#include <algorithm>

#include "cpu/convert.h"
#include "cpu/pointwise_blocks.h"
#include "cpu/strided_box.h"
#include "cpu/thread_pool.h"

namespace ts::cpu {
namespace {

void copy_contiguous(const PointwiseArgs& args) {
  const PointwiseOperand &to = args.operands[0], &from = args.operands[1];
  const std::int64_t to_item = item_size(to.dtype), from_item = item_size(from.dtype);
  const bool same = to.dtype == from.dtype;
  const bool streams = args.numel * to_item >= kStreamBytes;
  const Converter convert = converter(from.dtype, to.dtype);
  parallel_for(args.numel, kGrain * 4, [&](std::int64_t begin, std::int64_t end) {
    char* target = advance(static_cast<char*>(to.data), begin, to_item);
    const char* source = advance(static_cast<const char*>(from.data), begin, from_item);
    if (!streams) return convert(source, target, end - begin);
    if (same) {
      stream_copy(target, source, (end - begin) * to_item);
    } else {
      alignas(64) char converted[kBlock * kItem];
      for (std::int64_t done = 0; done < end - begin; done += kBlock) {
        const std::int64_t size = std::min(kBlock, end - begin - done);
        convert(source + done * from_item, converted, size);
        stream_copy(target + done * to_item, converted, size * to_item);
      }
    }
    stream_fence();
  });
}

void copy_boxes(const PointwiseArgs& args) {
  const PointwiseOperand &to = args.operands[0], &from = args.operands[1];
  const std::int64_t to_item = item_size(to.dtype), from_item = item_size(from.dtype);
  const bool same = to.dtype == from.dtype;
  const Converter convert = same ? nullptr : converter(from.dtype, to.dtype);
  const BoxPlan plan(args, kBlock);
  const std::int64_t to_row = plan.row_stride(0), to_col = plan.col_stride(0);
  const std::int64_t from_row = plan.row_stride(1), from_col = plan.col_stride(1);
  const auto copy = [&](const Box& box) {
    char* target = advance(static_cast<char*>(to.data), box.offsets[0], to_item);
    const char* source = advance(static_cast<const char*>(from.data), box.offsets[1], from_item);
    if (same && !plan.transposed()) {
      copy_box(to_item, source, from_row, from_col, target, to_row, to_col, box.rows, box.cols);
      return;
    }
    // Compact in between: what leaves for the target leaves in whole rows.
    alignas(64) char gathered[kBlock * kItem];
    alignas(64) char converted[kBlock * kItem];
    const char* result = gathered;
    copy_box(from_item, source, from_row, from_col, gathered, box.cols, 1, box.rows, box.cols);
    if (!same) {
      convert(gathered, converted, box.rows * box.cols);
      result = converted;
    }
    copy_box(to_item, result, box.cols, 1, target, to_row, to_col, box.rows, box.cols);
  };
  parallel_for(plan.count(), std::max<std::int64_t>(1, kGrain / plan.size()),
               [&](std::int64_t begin, std::int64_t end) { plan.visit(begin, end, copy); });
}

}  // namespace

void strided_copy(const PointwiseArgs& args) {
  if (args.numel == 0) return;
  if (args.ndim == 0 || (args.ndim == 1 && args.operands[0].strides[0] == 1 && args.operands[1].strides[0] == 1)) {
    return copy_contiguous(args);
  }
  if (args.ndim >= 2) return copy_boxes(args);
  // One strided dimension is a box of one row.
  PointwiseArgs flat;
  flat.ndim = 2;
  flat.operand_count = 2;
  flat.numel = args.numel;
  flat.compute = args.compute;
  flat.sizes[0] = 1;
  flat.sizes[1] = args.sizes[0];
  for (int k = 0; k < 2; ++k) {
    flat.operands[k].data = args.operands[k].data;
    flat.operands[k].dtype = args.operands[k].dtype;
    flat.operands[k].strides[0] = 0;
    flat.operands[k].strides[1] = args.operands[k].strides[0];
  }
  copy_boxes(flat);
}

}  // namespace ts::cpu
