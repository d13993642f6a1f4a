// The CPU's pointwise kernels: one function for each row of the list, all of the same type.
#pragma once

#include "backend/pointwise_args.h"
#include "generated/pointwise_list.g.h"

namespace ts::cpu {

#define TS_DECLARE_KERNEL(name, functor, operands, params, type_class) void name(const PointwiseArgs& args);
TS_POINTWISE_OPS(TS_DECLARE_KERNEL)
#undef TS_DECLARE_KERNEL

}  // namespace ts::cpu
