// Drawings of the autograd graph that leads to a tensor.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "torchscratch/tensor.h"

namespace ts {

struct GraphOptions {
  /// Names by which tensors of the graph are labelled, usually those of a model's parameters.
  std::vector<std::pair<std::string, Tensor>> names;
  /// The largest number of nodes drawn, at least 1. Those nearest to the tensor are drawn, and a note says that others
  /// are left out.
  std::int64_t max_nodes = 1000;
};

/// The graph in the DOT language of Graphviz, for `dot -Tsvg`. Arrows point in the direction of the forward
/// computation, from the leaves to the tensor, and are labelled with dtypes and shapes. The same graph always gives the
/// same text. Throws AutogradError if the tensor requires no gradient, ValueError if max_nodes < 1.
TS_API std::string graph_to_dot(const Tensor& tensor, const GraphOptions& options = {});
/// The same as a Mermaid flowchart, which many Markdown viewers can draw.
TS_API std::string graph_to_mermaid(const Tensor& tensor, const GraphOptions& options = {});

}  // namespace ts
