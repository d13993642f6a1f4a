// Every pointwise functor, and the CPU's kernel of each row.
#pragma once

#include "generated/pointwise/list.g.h"
#include "backend/pointwise_args.h"

#define TS_POINTWISE_FUNCTORS "generated/pointwise/functors.g.h"
#include "backend/pointwise.h"

namespace ts::cpu {

#define TS_DECLARE_KERNEL(name, functor, operands, params, type_class) void name(const PointwiseArgs& args);
TS_POINTWISE_OPS(TS_DECLARE_KERNEL)
#undef TS_DECLARE_KERNEL

}  // namespace ts::cpu
