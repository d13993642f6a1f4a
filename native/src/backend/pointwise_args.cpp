// Reordering and merging the dimensions of a pointwise loop.
#include "backend/pointwise_args.h"

#include <cstdlib>
#include <utility>

namespace ts {
namespace {

// Whether dimension `a` must be looped over inside dimension `b`. The output's strides decide. Where the output is
// broadcast along one of them, its stride is 0 and says nothing about the order, so the next operand decides.
bool belongs_inside(const PointwiseArgs& args, int a, int b) {
  for (int k = 0; k < args.operand_count; ++k) {
    const std::int64_t stride_a = std::abs(args.operands[k].strides[a]);
    const std::int64_t stride_b = std::abs(args.operands[k].strides[b]);
    if (stride_a == 0 || stride_b == 0 || stride_a == stride_b) continue;
    return stride_a < stride_b;
  }
  return false;
}

void move_dimension(PointwiseArgs& args, int from, int to) {
  args.sizes[to] = args.sizes[from];
  for (int k = 0; k < args.operand_count; ++k) args.operands[k].strides[to] = args.operands[k].strides[from];
}

void swap_dimensions(PointwiseArgs& args, int a, int b) {
  std::swap(args.sizes[a], args.sizes[b]);
  for (int k = 0; k < args.operand_count; ++k) std::swap(args.operands[k].strides[a], args.operands[k].strides[b]);
}

// Whether one step along `outer` equals sizes[inner] steps along `inner` for every operand.
bool mergeable(const PointwiseArgs& args, int outer, int inner) {
  for (int k = 0; k < args.operand_count; ++k) {
    const std::int64_t* strides = args.operands[k].strides;
    if (strides[outer] != strides[inner] * args.sizes[inner]) return false;
  }
  return true;
}

}  // namespace

void coalesce(PointwiseArgs& args) {
  int ndim = 0;
  for (int i = 0; i < args.ndim; ++i) {
    if (args.sizes[i] == 1) continue;
    if (i != ndim) move_dimension(args, i, ndim);
    ++ndim;
  }
  // Insertion sort, because it is stable and the dimensions are usually sorted already.
  for (int i = 1; i < ndim; ++i) {
    for (int j = i; j > 0 && belongs_inside(args, j - 1, j); --j) swap_dimensions(args, j - 1, j);
  }
  int last = 0;
  for (int i = 1; i < ndim; ++i) {
    if (mergeable(args, last, i)) {
      args.sizes[i] = wrapping_product(args.sizes[i], args.sizes[last]);
      move_dimension(args, i, last);
    } else {
      ++last;
      if (i != last) move_dimension(args, i, last);
    }
  }
  args.ndim = ndim == 0 ? 0 : last + 1;
}

}  // namespace ts
