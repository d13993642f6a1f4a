// Gradients with respect to chosen tensors: where the backward pass takes them, and which nodes lead there.
#pragma once

#include <unordered_map>
#include <vector>

#include "autograd/variable.h"

namespace ts {

class Captures {
 public:
  explicit Captures(std::size_t count) : results(count) {}

  /// The gradient that arrives at `edge` becomes results[result].
  void add(const Edge& edge, std::size_t result);
  /// To be called once, after the last add(): finds the nodes between `roots` and the captures.
  void mark_nodes_between(Span<const Edge> roots);

  /// Stores the gradients of the outputs of `node` that are captured.
  void take(const Node* node, const GradList& grads);
  /// Whether a capture depends on the gradients that `node` computes for its inputs.
  bool leads_to_capture(const Node* node) const;
  /// Other nodes are left out of the pass: they do not run, and their hooks are not called.
  bool wants(const Node* node) const { return captured_.count(node) || leads_to_capture(node); }

  TensorList results;

 private:
  struct Capture {
    std::uint32_t index;
    std::size_t result;
  };
  std::unordered_map<const Node*, std::vector<Capture>> captured_;
  std::unordered_map<const Node*, bool> leads_;
};

}  // namespace ts
