// The backward pass.
//
// Nodes are numbered as they are made and edges lead only to older nodes, so taking the newest node that has received a
// gradient, again and again, visits every node after all its consumers: a priority queue replaces the counting of
// dependencies. Nothing recurses, so a graph may be as deep as memory allows. The queue holds the frontier alone, and
// each thread keeps its memory for the next pass.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "autograd/anomaly.h"
#include "autograd/node_extras.h"
#include "torchscratch/observer.h"

namespace ts {

namespace {

template <class T>
using PoolVector = std::vector<T, PoolAllocator<T>>;

// A gradient that flows along an edge must fit the tensor it belongs to: what forward broadcast is summed, what it
// promoted is cast back.
Tensor fit(Tensor grad, const TensorMeta& meta, const Node& from) {
  if (grad.sizes() != meta.sizes) {
    try {
      grad = engine_operators.sum_to_size(grad, meta.sizes);
    } catch (const ShapeError&) {
      throw ShapeError(format(from.name(), " computed a gradient of shape ", grad.sizes().to_string(),
                              " for an input of shape ", meta.sizes.to_string()));
    }
  }
  if (grad.dtype() != meta.dtype) grad = engine_operators.convert(grad, meta.dtype);
  return grad;
}

// Nodes that have received gradients and have not run yet.
class Frontier {
 public:
  bool empty() const { return heap_.empty(); }

  // Adds `grad` to what output `index` of `node` has received.
  void add(const Ref<Node>& node, std::uint32_t index, Tensor grad) {
    Entry& entry = find(node);
    Tensor& sum = entry.grads[index];
    if (!sum.defined()) sum = std::move(grad);
    else if (!grad_enabled() && take_over(sum)) engine_operators.add_in_place(sum, grad);
    else sum = engine_operators.add(sum, grad);
  }

  // What output `index` of `node` has received; null if nothing yet.
  Tensor* sum_at(const Node* node, std::uint32_t index) {
    if (used_ == 0) return nullptr;
    for (std::size_t i = home(node); table_[i] != kNone; i = (i + 1) & (table_.size() - 1)) {
      Entry& entry = entries_[table_[i]];
      if (entry.node.get() == node) return entry.grads[index].defined() ? &entry.grads[index] : nullptr;
    }
    return nullptr;
  }

  // Makes sure that `node` runs, with no gradient yet.
  void touch(const Ref<Node>& node) { find(node); }

  struct Entry {
    Ref<Node> node;
    GradList grads;
  };

  // The newest node and its gradients; swapped out so that vectors are reused.
  void pop(Entry& out) {
    std::pop_heap(heap_.begin(), heap_.end());
    const std::uint32_t slot = heap_.back().slot;
    heap_.pop_back();
    erase(entries_[slot].node.get());
    std::swap(out, entries_[slot]);
    entries_[slot].node.reset();
    entries_[slot].grads.clear();
    free_.push_back(slot);
  }

  void clear() {
    heap_.clear();
    for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) {
      entries_[slot].node.reset();
      entries_[slot].grads.clear();
    }
    free_.clear();
    for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) free_.push_back(slot);
    std::fill(table_.begin(), table_.end(), kNone);
    used_ = 0;
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffffu;

  struct HeapItem {
    std::uint64_t sequence;
    std::uint32_t slot;
    bool operator<(const HeapItem& other) const { return sequence < other.sequence; }
  };

  Entry& find(const Ref<Node>& node) {
    if (2 * (used_ + 1) > table_.size()) rehash();
    std::size_t i = home(node.get());
    while (table_[i] != kNone) {
      if (entries_[table_[i]].node == node) return entries_[table_[i]];
      i = (i + 1) & (table_.size() - 1);
    }
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(entries_.size()));
      entries_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    table_[i] = slot;
    ++used_;
    Entry& entry = entries_[slot];
    entry.node = node;
    entry.grads.resize(node->output_count());
    heap_.push_back({node->sequence(), slot});
    std::push_heap(heap_.begin(), heap_.end());
    return entry;
  }

  // Open addressing with linear probing; erasing moves later entries of the run back, so there are no tombstones.
  std::size_t home(const Node* node) const {
    return static_cast<std::size_t>((node->sequence() * 0x9e3779b97f4a7c15ull) >> 20) & (table_.size() - 1);
  }

  void erase(const Node* node) {
    const std::size_t mask = table_.size() - 1;
    std::size_t hole = home(node);
    while (entries_[table_[hole]].node.get() != node) hole = (hole + 1) & mask;
    for (std::size_t i = (hole + 1) & mask; table_[i] != kNone; i = (i + 1) & mask) {
      const std::size_t wanted = home(entries_[table_[i]].node.get());
      if (((i - wanted) & mask) >= ((i - hole) & mask)) {
        table_[hole] = table_[i];
        hole = i;
      }
    }
    table_[hole] = kNone;
    --used_;
  }

  void rehash() {
    PoolVector<std::uint32_t> old = std::move(table_);
    table_.assign(std::max<std::size_t>(16, old.size() * 2), kNone);
    for (const std::uint32_t slot : old) {
      if (slot == kNone) continue;
      std::size_t i = home(entries_[slot].node.get());
      while (table_[i] != kNone) i = (i + 1) & (table_.size() - 1);
      table_[i] = slot;
    }
  }

  PoolVector<HeapItem> heap_;
  std::vector<Entry> entries_;
  PoolVector<std::uint32_t> free_;
  PoolVector<std::uint32_t> table_;
  std::size_t used_ = 0;
};

// A thread's frontiers, one for each level of nesting: a hook or custom function may start a pass of its own.
class FrontierLease {
 public:
  FrontierLease() {
    if (depth() == pool().size()) pool().push_back(std::make_unique<Frontier>());
    frontier_ = pool()[depth()++].get();
  }
  ~FrontierLease() {
    --depth();
    // Only after an error is anything left.
    if (!frontier_->empty()) frontier_->clear();
  }
  FrontierLease(const FrontierLease&) = delete;
  FrontierLease& operator=(const FrontierLease&) = delete;
  Frontier& operator*() const { return *frontier_; }

 private:
  static std::vector<std::unique_ptr<Frontier>>& pool() {
    thread_local std::vector<std::unique_ptr<Frontier>> frontiers;
    return frontiers;
  }
  static std::size_t& depth() {
    thread_local std::size_t level = 0;
    return level;
  }
  Frontier* frontier_;
};

// For gradients with respect to given inputs: where they are taken, and which nodes lead to one.
struct Captures {
  struct Place {
    std::uint32_t index;
    std::size_t result;
  };
  std::unordered_map<const Node*, std::vector<Place>> places;
  std::unordered_map<const Node*, bool> leads;  // the node's own inputs are worth computing
  TensorList results;

  bool leads_to_capture(const Node* node) const {
    const auto found = leads.find(node);
    return found != leads.end() && found->second;
  }
  // Others neither run nor have their hooks called.
  bool wants(const Node* node) const { return places.count(node) || leads_to_capture(node); }
};

void mark_nodes_that_lead_to_captures(Span<const Edge> roots, Captures& captures) {
  std::vector<const Node*> nodes;
  for (const Edge& root : roots) {
    if (root && captures.leads.emplace(root.node.get(), false).second) nodes.push_back(root.node.get());
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const Edge& edge : nodes[i]->edges) {
      if (edge && captures.leads.emplace(edge.node.get(), false).second) nodes.push_back(edge.node.get());
    }
  }
  // Oldest first: a node's inputs are decided before it is.
  std::sort(nodes.begin(), nodes.end(), [](const Node* a, const Node* b) { return a->sequence() < b->sequence(); });
  for (const Node* node : nodes) {
    bool& leads = captures.leads[node];
    for (const Edge& edge : node->edges) {
      if (edge && (captures.places.count(edge.node.get()) || captures.leads[edge.node.get()])) leads = true;
    }
  }
}

void run_pre_hooks(Frontier::Entry& entry) {
  NodeExtras* const extras = entry.node->extras();
  if (!extras) return;
  // A copy, since a hook may remove itself.
  const auto hooks = extras->pre_hooks;
  for (const auto& hook : hooks) hook.second(entry.grads);
  for (const auto& [index, slot] : extras->retained) {
    const Tensor& grad = entry.grads[index];
    if (!grad.defined()) continue;
    const std::lock_guard lock(slot->mutex);
    slot->grad = slot->grad.defined() ? engine_operators.add(slot->grad, grad) : grad;
  }
}

// Tells the observer of a node's run, however it ends.
class NodeScope {
 public:
  explicit NodeScope(const Node& node) : node_(node), observer_(detail::op_observer.load(std::memory_order_acquire)) {
    if (observer_) observer_->before_node(node_);
  }
  ~NodeScope() {
    if (observer_) observer_->after_node(node_);
  }
  NodeScope(const NodeScope&) = delete;
  NodeScope& operator=(const NodeScope&) = delete;

 private:
  const Node& node_;
  OpObserver* observer_;
};

void run_node(Frontier::Entry& entry, GradList& grad_inputs) {
  Node& node = *entry.node;
  const NodeScope scope(node);
  try {
    node.apply(Span<const Tensor>(entry.grads.data(), entry.grads.size()),
               Span<Tensor>(grad_inputs.data(), grad_inputs.size()));
    if (anomaly_checks_nan()) check_for_nan(node, Span<const Tensor>(grad_inputs.data(), grad_inputs.size()));
  } catch (const Error& error) {
    const NodeExtras* const extras = node.extras();
    if (!extras || extras->forward_call.empty()) throw;
    std::string result = node.outputs.empty() ? "" : format(" -> ", dtype_name(node.outputs[0].dtype),
                                                           node.outputs[0].sizes.to_string());
    throw_error(error.kind(), format(error.what(), "\nThe forward call was: ", extras->forward_call, result));
  }
  if (NodeExtras* const extras = node.extras(); extras && !extras->post_hooks.empty()) {
    const auto hooks = extras->post_hooks;
    for (const auto& hook : hooks) hook.second(grad_inputs, entry.grads);
  }
}

// Adds the gradient of a view to its part of the whole's gradient, where there is one already and it is ours to change.
// T slices of a tensor then cost as much as the tensor; summing wholes with zeros around them costs T times as much.
bool add_to_part(const Frontier::Entry& entry, Frontier& frontier) {
  const Node& node = *entry.node;
  if (!node.is_part() || grad_enabled() || anomaly_enabled() || node.extras()) return false;
  Tensor* const sum = frontier.sum_at(node.edges[0].node.get(), node.edges[0].index);
  if (!sum || !take_over(*sum)) return false;
  const NodeScope scope(node);
  engine_operators.add_in_place(node.part_of(*sum), entry.grads[0]);
  return true;
}

void run(Span<const Edge> roots, Span<const Tensor> root_grads, bool retain_graph, bool create_graph,
         Captures* captures) {
  const GradMode mode(create_graph);
  FrontierLease lease;
  Frontier& frontier = *lease;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (roots[i]) frontier.add(roots[i].node, roots[i].index, root_grads[i]);
  }
  Frontier::Entry entry;
  GradList grad_inputs;
  while (!frontier.empty()) {
    frontier.pop(entry);
    Node& node = *entry.node;
    run_pre_hooks(entry);
    if (captures) {
      const auto found = captures->places.find(&node);
      if (found != captures->places.end()) {
        for (const Captures::Place& place : found->second) captures->results[place.result] = entry.grads[place.index];
      }
      if (!captures->leads_to_capture(&node)) {
        entry.grads.clear();
        continue;
      }
    }
    bool any = false;
    for (const Tensor& grad : entry.grads) any = any || grad.defined();
    if (any && add_to_part(entry, frontier)) {
      entry.grads.clear();
      continue;
    }
    grad_inputs.assign(node.input_count(), Tensor());
    if (any) run_node(entry, grad_inputs);
    if (!retain_graph) node.release_saved();
    entry.grads.clear();
    for (std::size_t i = 0; i < grad_inputs.size(); ++i) {
      const Edge& edge = node.edges[i];
      if (!edge || !grad_inputs[i].defined() || (captures && !captures->wants(edge.node.get()))) continue;
      frontier.add(edge.node, edge.index, fit(std::move(grad_inputs[i]), edge.node->outputs[edge.index], node));
    }
    grad_inputs.clear();
  }
}

// The edges of the outputs and the vectors to start from.
void prepare_roots(const char* caller, Span<const Tensor> outputs, Span<const Tensor> gradients, bool create_graph,
                   std::vector<Edge>& roots, TensorList& root_grads) {
  TS_CHECK(gradients.empty() || gradients.size() == outputs.size(), ValueError, caller, ": ", gradients.size(),
           " gradients for ", outputs.size(), " outputs");
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    TS_CHECK(output.defined(), ValueError, caller, ": output ", i, " is undefined");
    TS_CHECK(output.requires_grad(), AutogradError, caller, ": output ", i, ", ", describe(output),
             ", does not require a gradient: nothing it was computed from has requires_grad, or it was computed under "
             "NoGrad");
    Tensor gradient = gradients.empty() ? Tensor() : gradients[i];
    if (!gradient.defined()) {
      TS_CHECK(output.numel() == 1, AutogradError, caller, ": output ", i, " is ", describe(output),
               "; only a tensor of one element can go without a gradient: pass one of its shape, or reduce it first");
      gradient = engine_operators.ones(output.sizes(), output.dtype());
    } else {
      TS_CHECK(gradient.sizes() == output.sizes(), ShapeError, caller, ": the gradient ", describe(gradient),
               " does not have the shape of output ", i, ", ", describe(output));
      if (gradient.dtype() != output.dtype()) {
        const GradMode mode(create_graph);
        gradient = engine_operators.convert(gradient, output.dtype());
      }
    }
    roots.push_back(autograd::gradient_edge(output));
    root_grads.push_back(std::move(gradient));
  }
}

}  // namespace

void backward(Span<const Tensor> outputs, Span<const Tensor> gradients, bool retain_graph, bool create_graph) {
  std::vector<Edge> roots;
  TensorList root_grads;
  prepare_roots("backward", outputs, gradients, create_graph, roots, root_grads);
  run(Span<const Edge>(roots.data(), roots.size()), root_grads, retain_graph || create_graph, create_graph, nullptr);
}

TensorList grad(Span<const Tensor> outputs, Span<const Tensor> inputs, Span<const Tensor> gradients, bool retain_graph,
                bool create_graph, bool allow_unused) {
  std::vector<Edge> roots;
  TensorList root_grads;
  prepare_roots("grad", outputs, gradients, create_graph, roots, root_grads);
  Captures captures;
  captures.results.resize(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    TS_CHECK(inputs[i].defined() && inputs[i].requires_grad(), AutogradError, "grad: input ", i, ", ",
             describe(inputs[i]), ", does not require a gradient");
    const Edge edge = autograd::gradient_edge(inputs[i]);
    captures.places[edge.node.get()].push_back({edge.index, i});
  }
  mark_nodes_that_lead_to_captures(Span<const Edge>(roots.data(), roots.size()), captures);
  run(Span<const Edge>(roots.data(), roots.size()), root_grads, retain_graph || create_graph, create_graph, &captures);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    TS_CHECK(captures.results[i].defined() || allow_unused, AutogradError, "grad: no output depends on input ", i, ", ",
             describe(inputs[i]), "; pass allow_unused to get none for it");
  }
  return std::move(captures.results);
}

}  // namespace ts
