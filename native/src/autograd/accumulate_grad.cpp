// Accumulating the gradients of leaves.
#include "autograd/variable.h"

namespace ts {

void AccumulateGrad::apply(Span<const Tensor> grad_outputs, Span<Tensor>) {
  const Tensor& grad = grad_outputs[0];
  if (!grad.defined()) return;
  const std::lock_guard lock(slot_->mutex);
  Tensor& sum = slot_->grad;
  if (sum.defined()) {
    if (grad_enabled() || sum.requires_grad()) sum = engine_operators.add(sum, grad);
    else engine_operators.add_in_place(sum, grad);
    return;
  }
  // Later passes add to this tensor in place, so it is copied unless it is dense and nothing else holds it.
  sum = !grad_enabled() && take_over(grad) ? grad : engine_operators.clone(grad);
}

}  // namespace ts
