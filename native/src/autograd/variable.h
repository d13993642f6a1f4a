// The autograd state of a tensor.
#pragma once

#include <mutex>

#include "torchscratch/autograd.h"

namespace ts {

/// Where a gradient accumulates. Shared by the tensor and the node that writes to it, so neither owns the other and a
/// gradient outlives whichever goes first.
struct GradSlot final : RefCounted<GradSlot>, Pooled {
  static void destroy(GradSlot* slot) { delete slot; }
  std::mutex mutex;
  Tensor grad;
};

/// Receives the gradients of a leaf. It is made when the leaf first requires a gradient, hence older than every node
/// that uses the leaf, which is all the backward pass asks of it.
class AccumulateGrad final : public Node {
 public:
  AccumulateGrad(const Tensor& leaf, Ref<GradSlot> slot) : slot_(std::move(slot)) { outputs.emplace_back(leaf); }
  const char* name() const override { return "AccumulateGrad"; }
  void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) override;

 private:
  Ref<GradSlot> slot_;
};

struct AutogradMeta final : Pooled {
  bool requires_grad = false;      // of a leaf
  std::uint32_t output_nr = 0;     // of a tensor with grad_fn
  Ref<Node> grad_fn;
  Ref<AccumulateGrad> accumulator;  // of a leaf
  Ref<GradSlot> slot;               // of a leaf, or of a tensor that retains its gradient
};

/// Made on first use.
AutogradMeta& autograd_meta(const Tensor& tensor);

/// Brings a view's history in step with in-place changes made through its base or another view.
void synchronize_view(const Tensor& view);

/// True if nobody else can see `tensor`, which is dense: it may be kept or changed. A view of a whole tensor of which
/// nothing but the view is left becomes a tensor of its own.
bool take_over(const Tensor& tensor);

/// Throws AutogradError, on behalf of the node called `owner`, if the tensors that it saved have been released.
void check_not_released(bool released, const char* owner);

/// The operators that the engine itself needs. They live a layer above, which hands them down when it is loaded.
struct EngineOperators {
  Tensor (*add)(const Tensor&, const Tensor&);
  void (*add_in_place)(const Tensor& into, const Tensor&);
  Tensor (*clone)(const Tensor&);
  Tensor (*convert)(const Tensor&, DType);
  Tensor (*sum_to_size)(const Tensor&, const Dims&);
  Tensor (*ones)(const Dims&, DType);
  Tensor (*as_strided)(const Tensor&, const Dims& sizes, const Dims& strides, std::int64_t offset);
  Tensor (*as_strided_backward)(const Tensor& grad, const Dims& base_sizes, const Dims& sizes, const Dims& strides,
                                std::int64_t offset);
  void (*copy_in_place)(const Tensor& into, const Tensor&);
  bool (*has_nan)(const Tensor&);
};
extern EngineOperators engine_operators;

}  // namespace ts
