// The autograd graph as a drawing: what leads to a tensor, with shapes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "torchscratch/tensor.h"

namespace ts {

struct GraphOptions {
  /// Names to write at tensors of the graph: mostly parameters, with their names in the model.
  std::vector<std::pair<std::string, Tensor>> names;
  /// Nodes drawn at most, those nearest to the tensor; a note says what is left out.
  std::int64_t max_nodes = 1000;
};

/// The graph in Graphviz's language: `dot -Tsvg`. Arrows go as data went, from leaves to the tensor, and carry shapes.
/// Deterministic. AutogradError for a tensor that requires no gradient.
TS_API std::string graph_to_dot(const Tensor& tensor, const GraphOptions& options = {});
/// The same as a Mermaid flowchart, which Markdown viewers draw.
TS_API std::string graph_to_mermaid(const Tensor& tensor, const GraphOptions& options = {});

}  // namespace ts
