// Accumulation into leaves.
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
  // A dense gradient that nobody else holds is taken as it is; anything else is copied, since later passes add to it.
  sum = !grad_enabled() && take_over(grad) ? grad : engine_operators.clone(grad);
}

}  // namespace ts
