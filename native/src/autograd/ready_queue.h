// The queue of the backward pass: the nodes that have received a gradient and have not run yet, newest first.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "autograd/variable.h"

namespace ts {

class ReadyQueue {
 public:
  /// A node and the gradients that its outputs have received so far.
  struct Entry {
    Ref<Node> node;
    GradList grads;
  };

  bool empty() const { return entries_.empty(); }

  /// Adds `grad` to the gradient of output `index` of `node`.
  void add(const Ref<Node>& node, std::uint32_t index, Tensor grad) {
    Tensor& sum = entry_of(node).grads[index];
    if (!sum.defined()) sum = std::move(grad);
    else if (!grad_enabled() && take_over(sum)) engine_operators.add_in_place(sum, grad);
    else sum = engine_operators.add(sum, grad);
  }

  /// The gradient that output `index` of `node` has received so far; null if there is none.
  Tensor* sum_at(const Node* node, std::uint32_t index) {
    const auto found = entries_.find(node->sequence());
    return found != entries_.end() && found->second.grads[index].defined() ? &found->second.grads[index] : nullptr;
  }

  /// Moves the newest node and its gradients to `out`. What `out` held before is reused, so a pass that is repeated
  /// allocates nothing here.
  void pop(Entry& out) {
    auto slot = entries_.extract(entries_.begin());
    std::swap(out, slot.mapped());
    slot.mapped().node.reset();
    slot.mapped().grads.clear();
    spare_.push_back(std::move(slot));
  }

  void clear() { entries_.clear(); }

 private:
  // By sequence number, which no two nodes share.
  using Entries = std::map<std::uint64_t, Entry, std::greater<>, PoolAllocator<std::pair<const std::uint64_t, Entry>>>;

  Entry& entry_of(const Ref<Node>& node) {
    auto place = entries_.lower_bound(node->sequence());
    if (place != entries_.end() && place->first == node->sequence()) return place->second;
    if (spare_.empty()) {
      place = entries_.emplace_hint(place, node->sequence(), Entry());
    } else {
      spare_.back().key() = node->sequence();
      place = entries_.insert(place, std::move(spare_.back()));
      spare_.pop_back();
    }
    place->second.node = node;
    place->second.grads.resize(node->output_count());
    return place->second;
  }

  Entries entries_;
  std::vector<Entries::node_type> spare_;
};

}  // namespace ts
