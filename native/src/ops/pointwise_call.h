// One call of a pointwise operator: result type and shape, memory, and the loop handed to the kernel.
#pragma once

#include <initializer_list>

#include "backend/pointwise_args.h"
#include "torchscratch/tensor.h"

namespace ts {

/// How the result's dtype follows from the promoted type of the operands.
enum class PointwiseRule {
  Promoted,  ///< the promoted type
  NoBool,    ///< the promoted type; bool is an error
  Floating,  ///< integers become the default floating dtype
  Integral,  ///< the promoted type; a floating one is an error
  Bool,      ///< computed in the promoted type, the result is bool
};

/// A tensor, or a number in place of a tensor.
struct PointwiseInput {
  PointwiseInput(const Tensor& value) : tensor(&value) {}  // NOLINT: implicit by design
  PointwiseInput(const Scalar& value) : scalar(value) {}   // NOLINT: implicit by design
  const Tensor* tensor = nullptr;
  Scalar scalar;
};

/// The type to which the operands are promoted.
DType promoted_type(std::initializer_list<PointwiseInput> inputs);

class PointwiseCall {
 public:
  using Kernel = void (*)(const PointwiseArgs& args);

  /// The first `unpromoted` operands (a mask) do not take part in type promotion.
  PointwiseCall(PointwiseRule rule, std::initializer_list<PointwiseInput> inputs, int unpromoted = 0);

  /// The result, contiguous and uninitialized.
  Tensor allocate() const { return empty(shape_, result_dtype_, device_); }
  /// Throws ValueError if one of `params` does not fit in the integer type of the result.
  void run(Kernel kernel, const Tensor& result, std::initializer_list<Scalar> params = {});
  /// Writes to `self`, which must be the first operand; throws if its shape or dtype does not match that of the result.
  void run_in_place(Kernel kernel, const Tensor& self, std::initializer_list<Scalar> params = {});

 private:
  void see_device(const Tensor& tensor);
  void set_operand(int i, const Tensor& tensor);
  void set_number(int i, const Scalar& value);

  PointwiseArgs args_;
  Dims shape_;
  DType result_dtype_;
  Device device_;
  bool dense_;                                  // all operands are numbers, or contiguous tensors of the same shape
  Tensor copies_[PointwiseArgs::kMaxOperands];  // of operands that overlap the output of an in-place call
  union Number {
    float f32;
    double f64;
    std::int64_t i64;
  } numbers_[PointwiseArgs::kMaxOperands];
};

}  // namespace ts
