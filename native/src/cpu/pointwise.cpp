// One exported function for each pointwise row: find the row for this machine, run the loop.
#include "cpu/pointwise.h"

#include "cpu/pointwise_engine.h"
#include "cpu/pointwise_row.h"

namespace ts::cpu {

template <PointwiseIndex index>
static const PointwiseRow& row_of() {
  constexpr int i = static_cast<int>(index);
  return pointwise_rows<i % kPointwiseParts>()[i / kPointwiseParts];
}

#define TS_DEFINE_KERNEL(name, functor, operands, params, type_class)              \
  void name(const PointwiseArgs& args) {                                           \
    if constexpr (PointwiseIndex::name == PointwiseIndex::copy) {                  \
      run_copy(args);                                                              \
    } else {                                                                       \
      run_pointwise(#name, row_of<PointwiseIndex::name>(), args);                  \
    }                                                                              \
  }
TS_POINTWISE_OPS(TS_DEFINE_KERNEL)
#undef TS_DEFINE_KERNEL

}  // namespace ts::cpu
