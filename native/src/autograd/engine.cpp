// The backward pass.
//
// Nodes are numbered in the order in which they are created, and an edge always leads to an older node. So running the
// newest node that has received a gradient, again and again, visits every node after all the nodes that send gradients
// to it: a priority queue replaces the counting of dependencies. Nothing recurses, so a graph may be as deep as memory
// allows, and the queue holds only the nodes that the pass has reached and not yet run.
#include "autograd/anomaly.h"
#include "autograd/autocast.h"
#include "autograd/captures.h"
#include "autograd/node_extras.h"
#include "autograd/ready_queue.h"
#include "tensor/error.h"
#include "torchscratch/observer.h"

namespace ts {

namespace {

// A gradient must have the shape, dtype and device of the tensor it belongs to: dimensions that forward broadcast are
// summed, and a dtype that forward promoted is cast back.
Tensor fit(Tensor grad, const TensorMeta& meta, const Node& from) {
  if (grad.sizes() != meta.sizes) {
    try {
      grad = engine_operators.sum_to_size(grad, meta.sizes);
    } catch (const ShapeError&) {
      throw ShapeError(format(from.name(), " computed a gradient of shape ", grad.sizes().to_string(),
                              " for an input of shape ", meta.sizes.to_string()));
    }
  }
  if (grad.device() != meta.device) {
    // Operators take numbers that are 0-d tensors on the CPU beside operands on a device, where the gradient is computed.
    TS_CHECK(meta.sizes.empty() && meta.device.is_cpu(), DeviceError, from.name(), " computed a gradient on ",
             grad.device().to_string(), " for an input on ", meta.device.to_string());
    grad = engine_operators.move(grad, meta.device);
  }
  if (grad.dtype() != meta.dtype) grad = engine_operators.convert(grad, meta.dtype);
  return grad;
}

// Lends one of this thread's queues to a pass. Passes may be nested, because a hook or a custom function may start
// another one, so there is a queue for each level. Queues are kept for the next pass, together with their memory.
class ReadyQueueLease {
 public:
  ReadyQueueLease() {
    if (depth() == pool().size()) pool().push_back(std::make_unique<ReadyQueue>());
    queue_ = pool()[depth()++].get();
  }
  ~ReadyQueueLease() {
    --depth();
    queue_->clear();  // nodes are left only when the pass ended with an error
  }
  ReadyQueueLease(const ReadyQueueLease&) = delete;
  ReadyQueueLease& operator=(const ReadyQueueLease&) = delete;
  ReadyQueue& operator*() const { return *queue_; }

 private:
  static std::vector<std::unique_ptr<ReadyQueue>>& pool() {
    thread_local std::vector<std::unique_ptr<ReadyQueue>> queues;
    return queues;
  }
  static std::size_t& depth() {
    thread_local std::size_t level = 0;
    return level;
  }
  ReadyQueue* queue_;
};

void run_pre_hooks(ReadyQueue::Entry& entry) {
  NodeExtras* const extras = entry.node->extras();
  if (!extras) return;
  // A copy, because a hook may remove itself.
  const auto hooks = extras->pre_hooks;
  for (const auto& hook : hooks) hook.second(entry.grads);
  for (const auto& [index, slot] : extras->retained) {
    const Tensor& grad = entry.grads[index];
    if (!grad.defined()) continue;
    const std::lock_guard lock(slot->mutex);
    slot->grad = slot->grad.defined() ? engine_operators.add(slot->grad, grad) : grad;
  }
}

// Reports to the observer that a node runs and, however the run ends, that it has ended.
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

void run_node(ReadyQueue::Entry& entry, GradList& grad_inputs) {
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

// Adds the gradient of a view straight to its part of the base's gradient, if that exists already and nothing else can
// see it. T slices of a tensor then cost as much as the tensor itself; padding each with zeros to the size of the base
// and summing would cost T times as much.
bool add_to_part(const ReadyQueue::Entry& entry, ReadyQueue& queue) {
  const Node& node = *entry.node;
  if (!node.is_part() || grad_enabled() || anomaly_enabled() || node.extras()) return false;
  Tensor* const sum = queue.sum_at(node.edges[0].node.get(), node.edges[0].index);
  if (!sum || !take_over(*sum)) return false;
  const NodeScope scope(node);
  engine_operators.add_in_place(node.part_of(*sum), entry.grads[0]);
  return true;
}

// Counts the passes that run inside one another on this thread. A hook that starts a pass over its own graph would go
// on until the stack is exhausted, which cannot be caught.
class Depth {
 public:
  explicit Depth(const char* caller) {
    TS_CHECK(current_ < kMax, AutogradError, caller, ": ", kMax,
             " backward passes run inside one another; does a hook, or the backward of a custom function, start a pass "
             "that calls it again?");
    ++current_;
  }
  ~Depth() { --current_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  static constexpr int kMax = 100;
  static thread_local int current_;
};

thread_local int Depth::current_ = 0;

void run(Span<const Edge> roots, Span<const Tensor> root_grads, bool retain_graph, bool create_graph,
         Captures* captures) {
  const GradMode mode(create_graph);
  ReadyQueueLease lease;
  ReadyQueue& queue = *lease;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (roots[i]) queue.add(roots[i].node, roots[i].index, root_grads[i]);
  }
  ReadyQueue::Entry entry;
  GradList grad_inputs;
  while (!queue.empty()) {
    queue.pop(entry);
    Node& node = *entry.node;
    run_pre_hooks(entry);
    if (captures) {
      captures->take(&node, entry.grads);
      if (!captures->leads_to_capture(&node)) {
        entry.grads.clear();
        continue;
      }
    }
    bool any = false;
    for (const Tensor& grad : entry.grads) any = any || grad.defined();
    if (any && add_to_part(entry, queue)) {
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
      queue.add(edge.node, edge.index, fit(std::move(grad_inputs[i]), edge.node->outputs[edge.index], node));
    }
    grad_inputs.clear();
  }
}

// Checks the arguments of a pass and collects the edges it starts at and the gradients it starts with.
void prepare_roots(const char* caller, Span<const Tensor> outputs, Span<const Tensor> gradients, bool create_graph,
                   std::vector<Edge>& roots, TensorList& root_grads) {
  TS_CHECK(gradients.empty() || gradients.size() == outputs.size(), ValueError, caller, ": ", gradients.size(),
           " gradients for ", outputs.size(), " outputs");
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    TS_CHECK(output.defined(), ValueError, caller, ": output ", i, " is undefined");
    TS_CHECK(
        output.requires_grad(), AutogradError, caller, ": output ", i, ", ", describe(output),
        ", does not require a gradient: nothing it was computed from has `requires_grad`, or it was computed under "
        "NoGrad");
    Tensor gradient = gradients.empty() ? Tensor() : gradients[i];
    if (!gradient.defined()) {
      TS_CHECK(output.numel() == 1, AutogradError, caller, ": output ", i, " is ", describe(output),
               "; only a tensor of one element can go without a gradient: pass one of its shape, or reduce it first");
      gradient = engine_operators.ones(output.sizes(), output.dtype(), output.device());
    } else {
      TS_CHECK(gradient.sizes() == output.sizes(), ShapeError, caller, ": the gradient ", describe(gradient),
               " does not have the shape of output ", i, ", ", describe(output));
      TS_CHECK(gradient.device() == output.device(), DeviceError, "backward: the gradient of ", describe(output), " on ",
               output.device().to_string(), " cannot be on ", gradient.device().to_string(), "; move it with `to`");
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
  const Depth depth("backward");
  const autocast::Suspension no_autocast;
  prepare_roots("backward", outputs, gradients, create_graph, roots, root_grads);
  run(roots, root_grads, retain_graph || create_graph, create_graph, nullptr);
}

TensorList grad(Span<const Tensor> outputs, Span<const Tensor> inputs, Span<const Tensor> gradients, bool retain_graph,
                bool create_graph, bool allow_unused) {
  std::vector<Edge> roots;
  TensorList root_grads;
  const Depth depth("grad");
  const autocast::Suspension no_autocast;
  prepare_roots("grad", outputs, gradients, create_graph, roots, root_grads);
  Captures captures(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    TS_CHECK(inputs[i].defined() && inputs[i].requires_grad(), AutogradError, "grad: input ", i, ", ",
             describe(inputs[i]), ", does not require a gradient");
    captures.add(autograd::gradient_edge(inputs[i]), i);
  }
  captures.mark_nodes_between(roots);
  run(roots, root_grads, retain_graph || create_graph, create_graph, &captures);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    TS_CHECK(captures.results[i].defined() || allow_unused, AutogradError, "grad: no output depends on input ", i, ", ",
             describe(inputs[i]), "; call `grad(allow_unused=true)` to get `none` for it");
  }
  return std::move(captures.results);
}

}  // namespace ts
