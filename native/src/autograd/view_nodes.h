// Nodes that keep views and their base in step after in-place changes.
#pragma once

#include "autograd/variable.h"

namespace ts {

/// Where a view lies in its base: strides and offset in elements of a dense base.
struct ViewGeometry {
  ViewGeometry(const Tensor& base, const Tensor& view);
  Dims base_sizes, sizes, strides;
  std::int64_t offset;
};

/// A view taken from its base by geometry alone: the gradient goes back to the elements it was viewed from.
class AsStridedBackward final : public Node {
 public:
  AsStridedBackward(const Tensor& base, const Tensor& view);
  AsStridedBackward(const ViewGeometry& geometry, Edge base, const Tensor& view);
  const char* name() const override { return "AsStridedBackward"; }
  void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) override;

 private:
  ViewGeometry geometry_;
};

/// The history of a base after `view` of it was changed in place by `operation`: the part of the gradient that lies in
/// the view goes through the operation, the rest passes unchanged. Input 0 is the base before; the others are the
/// operation's inputs from 1 on (its input 0 is the view itself).
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
