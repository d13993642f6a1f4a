// Nodes: numbering, hooks, and destruction without recursion.
#include <algorithm>
#include <atomic>

#include "autograd/anomaly.h"
#include "autograd/node_extras.h"

namespace ts {

namespace {

std::atomic<std::uint64_t> next_sequence{1};

// A node's destructor releases its edges and saved tensors, which may destroy more nodes, and so on down a graph that
// may be a million nodes deep. To avoid this recursion, only the outermost destroy() of a thread deletes; nested calls
// append to the list that starts at `doomed`, and the outermost one deletes those too.
thread_local Node* doomed = nullptr;
thread_local bool draining = false;

}  // namespace

Node::Node() : sequence_(next_sequence.fetch_add(1, std::memory_order_relaxed)) {
  if (anomaly_enabled()) make_extras().forward_call = describe_forward_call();
}

Node::~Node() = default;

void Node::destroy(Node* node) {
  if (draining) {
    node->next_doomed_ = doomed;
    doomed = node;
    return;
  }
  draining = true;
  delete node;
  while (doomed) {
    Node* const next = doomed;
    doomed = next->next_doomed_;
    delete next;
  }
  draining = false;
}

NodeExtras& Node::make_extras() {
  if (!extras_) extras_ = std::make_unique<NodeExtras>();
  return *extras_;
}

std::int64_t Node::add_pre_hook(NodePreHook hook) {
  TS_CHECK(hook, ValueError, "add_pre_hook: the hook is an empty function");
  NodeExtras& extras = make_extras();
  extras.pre_hooks.emplace_back(extras.next_id, std::move(hook));
  return extras.next_id++;
}

std::int64_t Node::add_post_hook(NodePostHook hook) {
  TS_CHECK(hook, ValueError, "add_post_hook: the hook is an empty function");
  NodeExtras& extras = make_extras();
  extras.post_hooks.emplace_back(extras.next_id, std::move(hook));
  return extras.next_id++;
}

void Node::remove_hook(std::int64_t id) {
  if (!extras_) return;
  const auto drop = [id](auto& hooks) {
    hooks.erase(std::remove_if(hooks.begin(), hooks.end(), [id](const auto& entry) { return entry.first == id; }),
                hooks.end());
  };
  drop(extras_->pre_hooks);
  drop(extras_->post_hooks);
}

}  // namespace ts
