#include "cpu/kernels/reduction_plan.h"

#include <algorithm>
#include <cstdlib>

#include "cpu/kernels/copy.h"
#include "generated/cpu/views_and_indexing.g.h"

namespace ts::cpu {
namespace {

ReductionPlan plan_of(const Tensor& self, std::uint32_t mask) {
  struct Entry {
    ReductionDim dim;
    bool is_reduced;
  };
  Entry entries[kMaxDims];
  int count = 0;
  std::int64_t out_stride = 1;
  for (int i = self.dim() - 1; i >= 0; --i) {
    const bool is_reduced = ((mask >> i) & 1u) != 0;
    if (self.sizes()[i] != 1) {
      entries[count++] = {{self.sizes()[i], self.strides()[i], is_reduced ? 0 : out_stride}, is_reduced};
    }
    if (!is_reduced) out_stride = wrapping_product(out_stride, self.sizes()[i]);
  }
  std::reverse(entries, entries + count);
  std::stable_sort(entries, entries + count,
                   [](const Entry& a, const Entry& b) { return std::abs(a.dim.stride) > std::abs(b.dim.stride); });
  ReductionPlan plan;
  bool previous_reduced = false;
  for (int i = 0; i < count; ++i) {
    const Entry& entry = entries[i];
    DimGroup& group = entry.is_reduced ? plan.reduced : plan.kept;
    ReductionDim* const outer = i > 0 && previous_reduced == entry.is_reduced ? &group.dims[group.count - 1] : nullptr;
    if (outer && outer->stride == entry.dim.size * entry.dim.stride &&
        outer->out_stride == entry.dim.size * entry.dim.out_stride) {
      *outer = {outer->size * entry.dim.size, entry.dim.stride, entry.dim.out_stride};
    } else {
      group.dims[group.count++] = entry.dim;
    }
    previous_reduced = entry.is_reduced;
    plan.innermost_is_reduced = entry.is_reduced;
    plan.innermost_stride = entry.dim.stride;
  }
  if (plan.reduced.count == 0) plan.reduced.dims[plan.reduced.count++] = {1, 1, 0};
  return plan;
}

}  // namespace

ReductionPlan plan_reduction(Tensor* self, std::uint32_t mask) {
  // One variable, which is the result itself: a plan is large.
  ReductionPlan plan = plan_of(*self, mask);
  if (plan.innermost_stride != 1) {
    const Tensor copied = empty_like(*self);
    copy(copied, *self);
    *self = copied;
    plan = plan_of(*self, mask);
  }
  return plan;
}

}  // namespace ts::cpu
