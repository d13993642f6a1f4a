// The error of dispatch.h, kept out of line so that kernels stay small.
#include "backend/dispatch.h"

#include "torchscratch/error.h"

namespace ts {

void throw_no_kernel(DType dtype) {
  throw DTypeError(detail::in_operator(
      format("does not take ", dtype_name(dtype), " tensors; convert them with `to(float32)` or another type")));
}

}  // namespace ts
