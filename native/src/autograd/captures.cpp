// Marking the part of a graph that leads to captured gradients.
#include "autograd/captures.h"

#include <algorithm>

namespace ts {

void Captures::add(const Edge& edge, std::size_t result) { captured_[edge.node.get()].push_back({edge.index, result}); }

void Captures::mark_nodes_between(Span<const Edge> roots) {
  std::vector<const Node*> nodes;
  const auto visit = [&](const Edge& edge) {
    if (edge && leads_.emplace(edge.node.get(), false).second) nodes.push_back(edge.node.get());
  };
  for (const Edge& root : roots) visit(root);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const Edge& edge : nodes[i]->edges) visit(edge);
  }
  // Oldest first, so that the nodes that a node's edges lead to are decided before it is.
  std::sort(nodes.begin(), nodes.end(), [](const Node* a, const Node* b) { return a->sequence() < b->sequence(); });
  for (const Node* node : nodes) {
    bool& leads = leads_[node];
    for (const Edge& edge : node->edges) leads = leads || (edge && wants(edge.node.get()));
  }
}

void Captures::take(const Node* node, const GradList& grads) {
  const auto found = captured_.find(node);
  if (found == captured_.end()) return;
  for (const Capture& capture : found->second) results[capture.result] = grads[capture.index];
}

bool Captures::leads_to_capture(const Node* node) const {
  const auto found = leads_.find(node);
  return found != leads_.end() && found->second;
}

}  // namespace ts
