// The autograd state of a tensor.
#pragma once

#include <mutex>

#include "torchscratch/autograd.h"

namespace ts {

/// Where a gradient is accumulated. The tensor and the node that writes the gradient share it, so that neither owns the
/// other and the gradient lives as long as either of them.
struct GradSlot final : RefCounted<GradSlot>, Pooled {
  static void destroy(GradSlot* slot) { delete slot; }
  std::mutex mutex;
  Tensor grad;
};

/// Receives the gradients of a leaf. It is created when the leaf first requires a gradient, so it is older than every
/// node that uses the leaf, as the order of the backward pass demands.
class AccumulateGrad final : public Node {
 public:
  AccumulateGrad(const Tensor& leaf, Ref<GradSlot> slot) : slot_(std::move(slot)) { outputs.emplace_back(leaf); }
  const char* name() const override { return "AccumulateGrad"; }
  void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) override;

 private:
  Ref<GradSlot> slot_;
};

/// The autograd state of a tensor.
struct AutogradMeta final : Pooled {
  bool requires_grad = false;       // leaves only
  std::uint32_t output_nr = 0;      // which output of grad_fn the tensor is
  Ref<Node> grad_fn;                // null for leaves
  Ref<AccumulateGrad> accumulator;  // leaves only
  Ref<GradSlot> slot;               // leaves and tensors that retain their gradients
};

/// The tensor's state, which is created on first use.
AutogradMeta& autograd_meta(const Tensor& tensor);

/// Updates a view's history after in-place changes made through its base or through another view.
void synchronize_view(const Tensor& view);

/// Whether `tensor` is dense and nothing else can see its data, so that it may be changed or kept without a copy. A
/// view of all elements of a base that nothing else holds stops being a view, and the result is true.
bool take_over(const Tensor& tensor);

/// Throws AutogradError, on behalf of the node called `owner`, if the tensors that it saved have been released.
void check_not_released(bool released, const char* owner);

/// The operators that the engine itself needs. They are defined a layer above, which sets these pointers when the
/// library is loaded.
struct EngineOperators {
  Tensor (*add)(const Tensor&, const Tensor&);
  void (*add_in_place)(const Tensor& into, const Tensor&);
  Tensor (*clone)(const Tensor&);
  Tensor (*convert)(const Tensor&, DType);
  Tensor (*sum_to_size)(const Tensor&, const Dims&);
  Tensor (*move)(const Tensor&, Device);
  Tensor (*ones)(const Dims&, DType, Device);
  Tensor (*as_strided)(const Tensor&, const Dims& sizes, const Dims& strides, std::int64_t offset);
  Tensor (*as_strided_backward)(const Tensor& grad, const Dims& base_sizes, const Dims& sizes, const Dims& strides,
                                std::int64_t offset);
  void (*copy_in_place)(const Tensor& into, const Tensor&);
  bool (*has_nan)(const Tensor&);
};
extern EngineOperators engine_operators;

}  // namespace ts
