// Promotion, broadcasting and the layout of pointwise loops.
#include "ops/pointwise_call.h"

#include "torchscratch/autograd.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/view.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

enum class Class { None, Bool, Integer, Floating };

Class class_of(DType dtype) {
  if (is_floating(dtype)) return Class::Floating;
  return dtype == DType::Bool ? Class::Bool : Class::Integer;
}

// The result_type of PyTorch: tensors with at least one dimension determine the type. 0-d tensors, and with lower
// priority numbers, can raise its category (bool, integer, floating) but not its width within the category.
class Promotion {
 public:
  void see(const PointwiseInput& input) {
    if (!input.tensor) see(numbers_, input.scalar.dtype());
    else if (input.tensor->impl()->wrapped_number)
      see(numbers_, is_floating(input.tensor->dtype()) ? default_dtype() : input.tensor->dtype());
    else see(input.tensor->dim() > 0 ? tensors_ : scalars_, input.tensor->dtype());
  }
  DType result() const {
    const Kind best = combine(combine(tensors_, scalars_), numbers_);
    return best.dtype;
  }

 private:
  struct Kind {
    bool present = false;
    DType dtype = DType::Bool;
  };
  static void see(Kind& kind, DType dtype) {
    kind.dtype = kind.present ? promote(kind.dtype, dtype) : dtype;
    kind.present = true;
  }
  static Kind combine(const Kind& high, const Kind& low) {
    if (!low.present) return high;
    if (!high.present) return low;
    return class_of(low.dtype) > class_of(high.dtype) ? Kind{true, promote(high.dtype, low.dtype)} : high;
  }
  Kind tensors_, scalars_, numbers_;
};

DType result_of(PointwiseRule rule, DType promoted) {
  switch (rule) {
    case PointwiseRule::Promoted:
      return promoted;
    case PointwiseRule::NoBool:
      TS_CHECK(promoted != DType::Bool, DTypeError,
               "not defined for bool tensors; use logical operators, or convert to an integer type first");
      return promoted;
    case PointwiseRule::Floating:
      return floating_result(promoted);
    case PointwiseRule::Integral:
      TS_CHECK(!is_floating(promoted), DTypeError, "expected integer or bool tensors, got ", dtype_name(promoted));
      return promoted;
    case PointwiseRule::Bool:
      return DType::Bool;
  }
  return promoted;
}

DType compute_type(DType dtype) {
  if (dtype == DType::Float64) return DType::Float64;
  return is_floating(dtype) ? DType::Float32 : DType::Int64;
}

}  // namespace

DType promoted_type(std::initializer_list<PointwiseInput> inputs) {
  Promotion promotion;
  for (const PointwiseInput& input : inputs) promotion.see(input);
  return promotion.result();
}

PointwiseCall::PointwiseCall(PointwiseRule rule, std::initializer_list<PointwiseInput> inputs, int unpromoted)
    : dense_(true) {
  // The common case, operands of one dtype, needs no promotion at all.
  const Tensor* first = nullptr;
  bool uniform = unpromoted == 0;
  Promotion promotion;
  int i = 0;
  for (const PointwiseInput& input : inputs) {
    if (const Tensor* const tensor = input.tensor) {
      if (!first) {
        first = tensor;
        shape_ = tensor->sizes();
        device_ = tensor->device();
        dense_ = tensor->is_contiguous();
      } else {
        if (tensor->device() != device_) see_device(*tensor);
        if (tensor->sizes() != shape_) {
          shape_ = broadcast_shapes(shape_, tensor->sizes());
          dense_ = false;
        } else {
          dense_ = dense_ && tensor->is_contiguous();
        }
      }
      uniform = uniform && tensor->dtype() == first->dtype() && !tensor->impl()->wrapped_number;
    } else {
      uniform = false;
    }
    if (i++ >= unpromoted) promotion.see(input);
  }
  const DType promoted = uniform ? first->dtype() : promotion.result();
  result_dtype_ = result_of(rule, promoted);
  args_.compute = compute_type(rule == PointwiseRule::Bool ? promoted : result_dtype_);
  args_.operand_count = static_cast<int>(inputs.size()) + 1;
  args_.numbers = 0;
  args_.numel = product(shape_);
  if (dense_) {
    args_.ndim = 1;
    args_.sizes[0] = args_.numel;
  } else {
    args_.ndim = shape_.size();
    for (int d = 0; d < args_.ndim; ++d) args_.sizes[d] = shape_[d];
  }
  i = 1;
  for (const PointwiseInput& input : inputs) {
    // A 0-d tensor on the CPU beside tensors on a device is promoted like a tensor and passed like a number.
    if (!input.tensor) set_number(i++, input.scalar);
    else if (input.tensor->device() != device_) set_number(i++, input.tensor->item());
    else set_operand(i++, *input.tensor);
  }
}

// Called for an operand on another device than those before it.
void PointwiseCall::see_device(const Tensor& tensor) {
  const auto is_number = [](const Tensor& t) { return t.dim() == 0 && t.device().is_cpu(); };
  if (is_number(tensor)) return;
  TS_CHECK(shape_.size() == 0 && device_.is_cpu(), DeviceError, "the operands are on two devices: one is on ",
           device_.to_string(), ", ", dtype_name(tensor.dtype()), tensor.sizes().to_string(), " on ",
           tensor.device().to_string(), "; move one with `to`");
  device_ = tensor.device();
}

void PointwiseCall::set_operand(int i, const Tensor& tensor) {
  PointwiseOperand& operand = args_.operands[i];
  operand.data = tensor.raw_data();
  operand.dtype = tensor.dtype();
  if (dense_) {
    operand.strides[0] = 1;
    return;
  }
  const int lead = shape_.size() - tensor.dim();
  for (int d = 0; d < lead; ++d) operand.strides[d] = 0;
  for (int d = 0; d < tensor.dim(); ++d) {
    operand.strides[lead + d] = tensor.sizes()[d] == 1 && shape_[lead + d] != 1 ? 0 : tensor.strides()[d];
  }
}

void PointwiseCall::set_number(int i, const Scalar& value) {
  Number& number = numbers_[i - 1];
  if (args_.compute == DType::Float32) number.f32 = static_cast<float>(value.to_double());
  else if (args_.compute == DType::Float64) number.f64 = value.to_double();
  else number.i64 = value.to_int();
  args_.numbers |= 1u << i;
  PointwiseOperand& operand = args_.operands[i];
  operand.data = &number;
  operand.dtype = args_.compute;
  for (int d = 0; d < args_.ndim; ++d) operand.strides[d] = 0;
}

void PointwiseCall::run(Kernel kernel, const Tensor& result, std::initializer_list<Scalar> params) {
  if (args_.compute == DType::Int64) {
    for (const Scalar& param : params) check_fits(param, result_dtype_);
  }
  if (args_.numel == 0) return;
  PointwiseOperand& out = args_.operands[0];
  out.data = result.raw_data();
  out.dtype = result.dtype();
  if (dense_) {
    out.strides[0] = 1;
  } else {
    for (int d = 0; d < args_.ndim; ++d) out.strides[d] = result.strides()[d];
    coalesce(args_);
  }
  args_.device = device_.index;
  int p = 0;
  for (const Scalar& param : params) args_.params[p++] = param;
  kernel(args_);
}

void PointwiseCall::run_in_place(Kernel kernel, const Tensor& self, std::initializer_list<Scalar> params) {
  TS_CHECK(shape_ == self.sizes(), ShapeError, describe(self), " cannot hold the result of shape ", shape_.to_string(),
           "; the in-place form does not broadcast `self`");
  TS_CHECK(device_ == self.device(), DeviceError, describe(self), " is on ", self.device().to_string(),
           " and cannot hold a result on ", device_.to_string(), "; move it with `to`");
  TS_CHECK(can_cast(result_dtype_, self.dtype()), DTypeError, "the result of type ", dtype_name(result_dtype_),
           " cannot be stored in ", describe(self), "; use the out-of-place form");
  // An operand that overlaps the output but is not identical to it would be read after being overwritten.
  for (int i = 1; i < args_.operand_count; ++i) {
    PointwiseOperand& operand = args_.operands[i];
    const char* const begin = static_cast<const char*>(self.impl()->storage->data());
    const char* const data = static_cast<const char*>(operand.data);
    if (args_.numbers >> i & 1) continue;
    if (data < begin || data >= begin + self.impl()->storage->bytes()) continue;
    bool same = data == self.raw_data() && operand.dtype == self.dtype();
    if (!dense_) {
      for (int d = 0; d < args_.ndim; ++d) {
        same = same && (operand.strides[d] == self.strides()[d] || args_.sizes[d] == 1);
      }
    }
    if (same) continue;
    Dims sizes = Dims::filled(static_cast<std::size_t>(args_.ndim), 1);
    Dims strides = Dims::filled(static_cast<std::size_t>(args_.ndim), 0);
    for (int d = 0; d < args_.ndim; ++d) {
      if (operand.strides[d] != 0) sizes[d] = args_.sizes[d];
      strides[d] = operand.strides[d];
    }
    const NoGrad no_grad;
    const Tensor view(make_ref<TensorImpl>(self.impl()->storage, sizes, strides,
                                           (data - begin) / item_size(operand.dtype), operand.dtype));
    copies_[i - 1] = clone(view);
    operand.data = copies_[i - 1].raw_data();
    for (int d = 0; d < args_.ndim; ++d) {
      operand.strides[d] = operand.strides[d] == 0 ? 0 : copies_[i - 1].strides()[d];
    }
  }
  run(kernel, self, params);
}

}  // namespace ts
