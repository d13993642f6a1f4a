// Saved tensors, which nodes keep and which are checked for in-place changes when the backward pass unpacks them.
#include "autograd/checkpoint.h"
#include "autograd/node_extras.h"
#include "autograd/view_nodes.h"

namespace ts {

namespace {

// Gives the value the history of the tensor that was saved: its gradient flows along `edge`.
Tensor at_edge(const Tensor& value, const Edge& edge) {
  Tensor tensor = value.detach();
  AutogradMeta& meta = autograd_meta(tensor);
  meta.grad_fn = edge.node;
  meta.output_nr = edge.index;
  return tensor;
}

}  // namespace

void check_not_released(bool released, const char* owner) {
  TS_CHECK(!released, AutogradError, owner,
           ": an earlier backward pass has already freed the tensors that this graph saved. If a tensor of an earlier "
           "step is used again, such as a hidden state or a sum of losses, detach it where it is kept; only to go "
           "through one graph twice, pass `retain_graph` to the first pass");
}

SavedTensor::SavedTensor(const Tensor& tensor, bool is_output) : is_output_(is_output) {
  if (!tensor.defined()) return;
  TS_CHECK(!tensor.impl()->inference, AutogradError, describe(tensor),
           " was created in inference mode and cannot be saved for the backward pass; clone it outside inference mode");
  version_ = tensor.version();
  if (is_output) output_nr_ = tensor.impl()->autograd ? tensor.impl()->autograd->output_nr : 0;
  if (CheckpointFrame* const frame = current_checkpoint()) {
    deferred_ = frame->defer(tensor, is_output);
    if (deferred_) return;
  }
  // An output owns the node. If the node owned the output too, neither would ever be freed.
  tensor_ = is_output ? tensor.detach() : tensor;
}

Tensor SavedTensor::unpack(const char* owner) const {
  check_not_released(released_, owner);
  if (deferred_) {
    Tensor value = deferred_->compute(owner);
    if (!deferred_->edge || !grad_enabled() || !is_floating(value.dtype())) return value;
    return at_edge(value, deferred_->edge);
  }
  TS_CHECK(!tensor_.defined() || version_ == tensor_.version(), AutogradError, owner, ": ", describe(tensor_),
           is_output_ ? ", its result," : ", which it saved,", " was changed in place after the forward call (version ",
           tensor_.version(), " instead of ", version_, "); change a clone instead");
  return tensor_;
}

Tensor SavedTensor::unpack(Node* owner) const {
  Tensor value = unpack(owner->name());
  if (!is_output_ || !value.defined() || !grad_enabled() || !is_floating(value.dtype())) return value;
  return as_result_of(owner, value);
}

Tensor SavedTensor::as_result_of(Node* owner, const Tensor& value) const {
  Tensor output = value.detach();
  AutogradMeta& meta = autograd_meta(output);
  if (const CopySlices* const splice = owner->extras() ? owner->extras()->splice : nullptr) {
    // The operation is not a node of the graph itself; its result is a view of the output of the splice, which is.
    const Edge base{Ref<Node>::share(const_cast<CopySlices*>(splice)), 0};
    meta.grad_fn = make_ref<AsStridedBackward>(splice->geometry(), base, output);
    return output;
  }
  meta.grad_fn = Ref<Node>::share(owner);
  meta.output_nr = output_nr_;
  return output;
}

void SavedTensor::reset() {
  tensor_ = Tensor();
  deferred_.reset();
  released_ = true;
}

}  // namespace ts
