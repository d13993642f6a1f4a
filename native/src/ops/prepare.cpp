// Converts arguments to the form that kernels expect.
#include "ops/prepare.h"

#include "ops/argument_types.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/tensor.h"

namespace ts {

void check_floating_factor(const Scalar& alpha, DType sum) {
  TS_CHECK(is_floating(sum), ValueError, "alpha is ", alpha.to_string(), ", but the operands are ", dtype_name(sum),
           ", for which it must be an integer; convert them to a floating dtype");
  check_fits(alpha, sum);
}

void check_exponent(const Scalar& exponent, DType power) {
  TS_CHECK(is_floating(power) || exponent.to_int() >= 0, ValueError, "an integer to the power ", exponent.to_string(),
           " is not an integer; convert `self` to a floating dtype");
  check_fits(exponent, power);
}

Tensor floating_contiguous(const Tensor& self, OptionalDType dtype) {
  const DType wanted = dtype.value_or(self.dtype());
  TS_CHECK(is_floating(wanted), DTypeError, "expected floating tensors, got ", describe(self),
           "; pass a floating dtype or convert it first");
  return contiguous(to(self, wanted));
}

Tensor sum_input(const Tensor& self, OptionalDType dtype) {
  if (dtype) return to(self, *dtype);
  return is_floating(self.dtype()) ? self : to(self, DType::Int64);
}

Tensor mean_input(const Tensor& self, OptionalDType dtype) {
  const DType wanted = dtype.value_or(self.dtype());
  TS_CHECK(is_floating(wanted), DTypeError, "expected floating tensors, got ", describe(self),
           "; pass a floating dtype or convert it first");
  return to(self, wanted);
}

Tensor index_input(const Tensor& index) {
  // As in PyTorch, an empty index may have any type, since it selects nothing.
  TS_CHECK(index.dtype() == DType::Int64 || index.dtype() == DType::Int32 || index.numel() == 0, DTypeError,
           "index must be int64 or int32, got ", describe(index));
  return contiguous(to(index, DType::Int64));
}

Tensor long_index(const Tensor& index) {
  TS_CHECK(index.dtype() == DType::Int64 || index.numel() == 0, DTypeError, "index must be int64, got ",
           describe(index), "; convert it with `to(int64)`");
  return index_input(index);
}

TensorList cat_inputs(Span<const Tensor> tensors, std::int64_t dim) {
  TS_CHECK(!tensors.empty(), ValueError, "expected at least one tensor");
  DType dtype = tensors[0].dtype();
  for (const Tensor& tensor : tensors) dtype = promote(dtype, tensor.dtype());
  // As in PyTorch, an empty vector can be concatenated with tensors of any shape.
  const auto is_legacy = [](const Tensor& tensor) { return tensor.dim() == 1 && tensor.numel() == 0; };
  TensorList inputs;
  bool tracks_legacy = false;
  for (const Tensor& tensor : tensors) {
    TS_CHECK(tensor.dim() > 0, ShapeError, "0-d tensors cannot be concatenated; use stack, or unsqueeze them");
    if (is_legacy(tensor) && tensors.size() > 1) {
      tracks_legacy = tracks_legacy || autograd::needs_grad(tensor);
      continue;
    }
    inputs.push_back(contiguous(to(tensor, dtype)));
  }
  if (inputs.empty()) inputs.push_back(to(tensors[0], dtype));
  if (!tracks_legacy) return inputs;
  Dims nothing = inputs[0].sizes();
  nothing[normalize_dim(dim, nothing.size())] = 0;
  for (const Tensor& tensor : tensors) {
    if (is_legacy(tensor) && autograd::needs_grad(tensor)) inputs.push_back(reshape(to(tensor, dtype), nothing));
  }
  return inputs;
}

Dims expand_list(IntList values, int count, const char* argument) {
  // Sizes of windows, strides and dilations: within these bounds no product of two of them overflows.
  constexpr std::int64_t bound = std::int64_t{1} << 31;
  for (const std::int64_t value : values) {
    TS_CHECK(value > -bound && value < bound, ValueError, "`", argument, "` of ", value,
             " is too large for any tensor");
  }
  if (values.size() == 1) return Dims::filled(static_cast<std::size_t>(count), values[0]);
  TS_CHECK(values.size() == static_cast<std::size_t>(count), ValueError, "`", argument, "` must have 1 or ", count,
           " numbers, got ", values.size());
  return values;
}

bool is_half(const Tensor& tensor) {
  return tensor.defined() && (tensor.dtype() == DType::Float16 || tensor.dtype() == DType::BFloat16);
}
bool is_half(Span<const Tensor> tensors) {
  for (const Tensor& tensor : tensors) {
    if (is_half(tensor)) return true;
  }
  return false;
}

Tensor widened(const Tensor& tensor) { return is_half(tensor) ? to(tensor, DType::Float32) : tensor; }
TensorList widened(Span<const Tensor> tensors) {
  TensorList wide;
  for (const Tensor& tensor : tensors) wide.push_back(widened(tensor));
  return wide;
}

void promote_floating(const Tensor& tensor, OptionalDType* type) {
  if (tensor.defined() && is_floating(tensor.dtype())) *type = *type ? promote(**type, tensor.dtype()) : tensor.dtype();
}
void promote_floating(Span<const Tensor> tensors, OptionalDType* type) {
  for (const Tensor& tensor : tensors) promote_floating(tensor, type);
}

Tensor rounded(const Tensor& result, DType type) {
  return result.defined() && result.dtype() == DType::Float32 ? to(result, type) : result;
}

}  // namespace ts
