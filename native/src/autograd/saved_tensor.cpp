// Saved tensors: kept by nodes, checked against in-place changes when the backward pass wants them.
#include "autograd/node_extras.h"
#include "autograd/view_nodes.h"

namespace ts {

SavedTensor::SavedTensor(const Tensor& tensor, bool is_output) : is_output_(is_output) {
  if (!tensor.defined()) return;
  TS_CHECK(!tensor.impl()->inference, AutogradError, describe(tensor),
           " was made in inference mode and cannot be saved for the backward pass; clone it outside inference mode");
  version_ = tensor.version();
  if (is_output) {
    // The tensor owns the node; were the node to own the tensor, neither would ever be freed.
    output_nr_ = tensor.impl()->autograd ? tensor.impl()->autograd->output_nr : 0;
    tensor_ = tensor.detach();
  } else {
    tensor_ = tensor;
  }
}

Tensor SavedTensor::unpack(Node* owner) const {
  TS_CHECK(!released_, AutogradError, owner->name(),
           ": the graph was used up by an earlier backward pass; pass retain_graph to the first one to go back twice");
  if (!tensor_.defined()) return {};
  TS_CHECK(version_ == tensor_.version(), AutogradError, owner->name(), ": ", describe(tensor_),
           is_output_ ? ", its result," : ", which it saved,", " was changed in place after the forward call (version ",
           tensor_.version(), " instead of ", version_, "); change a clone instead");
  if (!is_output_ || !grad_enabled() || !is_floating(tensor_.dtype())) return tensor_;
  Tensor output = tensor_.detach();
  AutogradMeta& meta = autograd_meta(output);
  if (const CopySlices* const splice = owner->extras() ? owner->extras()->splice : nullptr) {
    // The result is a view of what the splice made; the operation inside it is no node of the graph.
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
  released_ = true;
}

}  // namespace ts
