// How gradients flow between a base and a view of it that was changed in place.
#include "autograd/view_nodes.h"

#include <vector>

namespace ts {

void check_recordable(const Tensor& base, const Tensor& view) {
  TS_CHECK(base.is_contiguous(), AutogradError, "cannot record an in-place change of ", describe(view),
           ": it is a view of a detached tensor that is not contiguous; clone the detached tensor first");
}

ViewGeometry::ViewGeometry(const Tensor& base, const Tensor& view)
    : base_sizes(base.sizes()),
      sizes(view.sizes()),
      strides(view.strides()),
      offset(view.storage_offset() - base.storage_offset()) {
  check_recordable(base, view);
}

AsStridedBackward::AsStridedBackward(const Tensor& base, const Tensor& view) : geometry_(base, view) {
  edges.push_back(autograd::gradient_edge(base));
  outputs.emplace_back(view);
}

AsStridedBackward::AsStridedBackward(const ViewGeometry& geometry, Edge base, const Tensor& view)
    : geometry_(geometry) {
  edges.push_back(std::move(base));
  outputs.emplace_back(view);
}

void AsStridedBackward::apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) {
  grad_inputs[0] = engine_operators.as_strided_backward(grad_outputs[0], geometry_.base_sizes, geometry_.sizes,
                                                        geometry_.strides, geometry_.offset);
}

CopySlices::CopySlices(const Tensor& base, const Tensor& view, Ref<Node> operation)
    : geometry_(base, view), operation_(std::move(operation)) {
  edges.push_back(autograd::gradient_edge(base));
  for (std::size_t i = 1; i < operation_->edges.size(); ++i) {
    edges.push_back({operation_->edges[i].node, operation_->edges[i].index});
  }
}

void CopySlices::apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) {
  const Tensor whole = engine_operators.clone(grad_outputs[0]);
  const Tensor part = engine_operators.as_strided(whole, geometry_.sizes, geometry_.strides, geometry_.offset);
  const Tensor part_gradient = engine_operators.clone(part);
  std::vector<Tensor> results(operation_->edges.size());
  operation_->apply(Span<const Tensor>(&part_gradient, 1), results);
  // If the operation does not depend on the former values of the view, their gradient is 0.
  const Tensor through = !results.empty() && results[0].defined()
                             ? results[0]
                             : scalar_tensor(0, part.dtype(), part.device());
  engine_operators.copy_in_place(part, through);
  grad_inputs[0] = whole;
  for (std::size_t i = 1; i < results.size(); ++i) grad_inputs[i] = std::move(results[i]);
}

}  // namespace ts
