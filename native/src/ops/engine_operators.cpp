// Registers the operators that the backward engine needs when the library is loaded.
#include "autograd/variable.h"
#include "generated/functions/creation.g.h"
#include "ops/gradients.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/add.g.h"
#include "torchscratch/ops/any.g.h"
#include "torchscratch/ops/as_strided.g.h"
#include "torchscratch/ops/as_strided_backward.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/isnan.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

[[maybe_unused]] const bool installed = [] {
  engine_operators = {
      .add = [](const Tensor& a, const Tensor& b) { return add(a, b); },
      .add_in_place = [](const Tensor& into, const Tensor& b) { add_(into, b); },
      .clone = [](const Tensor& a) { return clone(a); },
      .convert = [](const Tensor& a, DType dtype) { return to(a, dtype); },
      .sum_to_size = [](const Tensor& a, const Dims& sizes) { return summed_to_size(a, sizes); },
      .move = [](const Tensor& a, Device device) { return to(a, device); },
      .ones = [](const Dims& sizes, DType dtype, Device device) { return full_composite(sizes, 1, dtype, device); },
      .as_strided = [](const Tensor& a, const Dims& sizes, const Dims& strides,
                       std::int64_t offset) { return as_strided(a, sizes, strides, offset); },
      .as_strided_backward = [](const Tensor& grad, const Dims& base_sizes, const Dims& sizes, const Dims& strides,
                                std::int64_t offset) {
        return as_strided_backward(grad, base_sizes, sizes, strides, offset);
      },
      .copy_in_place = [](const Tensor& into, const Tensor& a) { copy_(into, a); },
      .has_nan =
          [](const Tensor& a) {
            const NoGrad no_grad;
            return host_value<bool>(any(isnan(a)));
          },
  };
  return true;
}();

}  // namespace
}  // namespace ts
