// Nodes that keep the histories of views and their base consistent after in-place changes.
#pragma once

#include "autograd/variable.h"

namespace ts {

/// Throws AutogradError unless the gradient of a view of `base` can be placed in that of `base`.
void check_recordable(const Tensor& base, const Tensor& view);

/// The position of a view in a dense base; strides and offset are in elements.
struct ViewGeometry {
  ViewGeometry(const Tensor& base, const Tensor& view);
  Dims base_sizes, sizes, strides;
  std::int64_t offset;
};

/// The history of a view of a changed base, however the view was made: its gradient flows to the elements of the base
/// that it shows.
class AsStridedBackward final : public Node {
 public:
  AsStridedBackward(const Tensor& base, const Tensor& view);
  AsStridedBackward(const ViewGeometry& geometry, Edge base, const Tensor& view);
  const char* name() const override { return "AsStridedBackward"; }
  void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) override;

 private:
  ViewGeometry geometry_;
};

/// The history of a base after `operation` changed a view of it in place. The part of the gradient that lies in the
/// view passes through the operation, and the rest passes unchanged. Input 0 is the base before the change; input i is
/// input i of the operation, whose input 0 is the view itself.
class CopySlices final : public Node {
 public:
  CopySlices(const Tensor& base, const Tensor& view, Ref<Node> operation);
  const char* name() const override { return "CopySlices"; }
  void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) override;
  void release_saved() override { operation_->release_saved(); }
  const ViewGeometry& geometry() const { return geometry_; }

 private:
  ViewGeometry geometry_;
  Ref<Node> operation_;
};

}  // namespace ts
