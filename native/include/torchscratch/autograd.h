// Reverse-mode automatic differentiation, define-by-run. Every operator with an operand that requires a gradient
// records a Node, whose edges lead to the nodes of its operands and so down to the leaves. The backward pass visits the
// nodes from the newest to the oldest and computes a vector-Jacobian product at each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "torchscratch/autocast.h"
#include "torchscratch/small_vector.h"
#include "torchscratch/tensor.h"

namespace ts {

// ---- Modes, per thread ----

/// Whether operators record nodes: grad mode is on and inference mode is off.
TS_API bool grad_enabled();
/// Switches grad mode and returns its former value.
TS_API bool set_grad_enabled(bool enabled);
/// Whether inference mode is on. In inference mode nothing is recorded and in-place changes are not counted; a tensor
/// created in it can never be saved for a backward pass.
TS_API bool inference_enabled();
/// Switches inference mode and returns its former value.
TS_API bool set_inference_enabled(bool enabled);

/// Sets grad mode until the end of a scope.
class GradMode {
 public:
  explicit GradMode(bool enabled) : previous_(set_grad_enabled(enabled)) {}
  ~GradMode() { set_grad_enabled(previous_); }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};
/// Records nothing until the end of a scope: `const NoGrad no_grad;`
struct NoGrad : GradMode {
  NoGrad() : GradMode(false) {}
};
/// Records again inside a NoGrad.
struct EnableGrad : GradMode {
  EnableGrad() : GradMode(true) {}
};
/// Sets inference mode until the end of a scope.
class InferenceMode {
 public:
  explicit InferenceMode(bool enabled = true) : previous_(set_inference_enabled(enabled)) {}
  ~InferenceMode() { set_inference_enabled(previous_); }
  InferenceMode(const InferenceMode&) = delete;
  InferenceMode& operator=(const InferenceMode&) = delete;

 private:
  bool previous_;
};

/// Returns text to add to the description of a forward call, such as the host language's stack trace; may return "".
using TraceCallback = std::function<std::string()>;
/// Switches anomaly mode for the whole process. In anomaly mode every node remembers the call that created it, and an
/// error in a backward pass names that call. With `check_nan`, a NaN in a gradient is such an error (AutogradError).
/// Slow; meant for finding bugs.
TS_API void set_anomaly_mode(bool enabled, bool check_nan = true, TraceCallback trace = {});
TS_API bool anomaly_enabled();

// ---- The graph ----

/// Where a gradient flows: it is a gradient of output `index` of `node`.
struct Edge {
  Ref<Node> node;
  std::uint32_t index = 0;
  explicit operator bool() const { return static_cast<bool>(node); }
};

/// Shape, dtype and device of an operator's result, to which the engine fits its gradient by summing over broadcast
/// dimensions and by casting.
struct TensorMeta {
  Dims sizes;
  DType dtype = DType::Float32;
  Device device;
  TensorMeta() = default;
  explicit TensorMeta(const Tensor& tensor) : sizes(tensor.sizes()), dtype(tensor.dtype()), device(tensor.device()) {}
  TensorMeta(TensorMeta&&) = default;
};

/// The gradients that a node receives or computes, one for each output or input; undefined where there is none.
using GradList = std::vector<Tensor>;
/// Called before a node runs, with the gradients of its outputs; may replace entries.
using NodePreHook = std::function<void(GradList& grad_outputs)>;
/// Called after a node has run, with the gradients of its inputs, of which it may replace entries, and of its outputs.
using NodePostHook = std::function<void(GradList& grad_inputs, const GradList& grad_outputs)>;

struct NodeExtras;

/// One recorded operation. "Inputs" and "outputs" are those of the forward operation.
class TS_API Node : public RefCounted<Node>, public Pooled {
 public:
  Node();
  virtual ~Node();
  /// Deletes the node and everything that only it owned. A graph of any depth is freed without recursion, because nested
  /// destructions are queued and drained by one loop.
  static void destroy(Node* node);

  /// The node's name in graphs and errors, such as "SoftmaxBackward".
  virtual const char* name() const = 0;
  /// Computes grad_inputs[i], the gradient that flows along edge i, from the gradients of the outputs. Entries of
  /// either list may be undefined, which means zero. Inputs for which needs_input(i) is false need not be computed.
  virtual void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) = 0;
  /// Whether the operation is a view of its only input that contains no element twice. Then the engine may add the
  /// view's gradient to part_of(gradient of the input) in place, instead of calling apply(), which pads it with zeros.
  virtual bool is_part() const { return false; }
  /// The same view of `whole`, a tensor of the input's shape; only called if is_part().
  virtual Tensor part_of(const Tensor& whole) const { return whole; }
  /// Frees the saved tensors; afterwards apply() throws AutogradError.
  virtual void release_saved() {}

  bool needs_input(std::size_t i) const { return static_cast<bool>(edges[i]); }
  std::size_t input_count() const { return edges.size(); }
  std::size_t output_count() const { return outputs.size(); }
  /// Nodes are numbered in the order of their creation, and edges lead only to lower numbers. The backward pass runs
  /// nodes in descending order.
  std::uint64_t sequence() const { return sequence_; }

  /// Adds a hook and returns its id for remove_hook().
  std::int64_t add_pre_hook(NodePreHook hook);
  std::int64_t add_post_hook(NodePostHook hook);
  void remove_hook(std::int64_t id);
  /// Hooks and other state that few nodes have; null if this one has none.
  NodeExtras* extras() const { return extras_.get(); }
  NodeExtras& make_extras();

  SmallVector<Edge, 3> edges;          ///< one for each input; empty where no gradient flows
  SmallVector<TensorMeta, 1> outputs;  ///< one for each output

 private:
  std::uint64_t sequence_;
  Node* next_doomed_ = nullptr;
  std::unique_ptr<NodeExtras> extras_;
};

/// A saved value that is not kept but computed again when the backward pass needs it; see checkpoint.h.
class TS_API DeferredTensor {
 public:
  virtual ~DeferredTensor() = default;
  /// Computes the value, detached from the graph. `owner` names what saved it in errors.
  virtual Tensor compute(const char* owner) = 0;
  /// Where the value's gradient flows; empty if it needs none or if it is an output of the node that saved it.
  Edge edge;
};

/// A tensor that a node keeps for its backward pass. Unpacking checks that it has not been changed in place since.
class TS_API SavedTensor {
 public:
  SavedTensor() = default;
  /// `is_output` says that the tensor is a result of the node itself. Then a detached handle is kept, because otherwise
  /// the node would own itself.
  SavedTensor(const Tensor& tensor, bool is_output);
  /// The tensor as it was saved, with its history; undefined if an undefined tensor was saved. `owner` is the node that
  /// saved it. Throws AutogradError if the tensor was changed in place or released in the meantime.
  Tensor unpack(Node* owner) const;
  /// The same for a tensor that something other than a node saved, and that is no output. `owner` is its name
  /// in errors.
  Tensor unpack(const char* owner) const;
  /// Frees the tensor; from now on unpack() throws.
  void reset();
  /// Whether reset() was called.
  bool released() const { return released_; }

 private:
  Tensor as_result_of(Node* owner, const Tensor& value) const;

  Tensor tensor_;
  std::unique_ptr<DeferredTensor> deferred_;  // inside a checkpoint, instead of tensor_
  std::uint32_t version_ = 0;
  std::uint32_t output_nr_ = 0;
  bool is_output_ = false;
  bool released_ = false;
};

// ---- Called by generated operators ----

namespace autograd {

/// Whether grad mode is on and the tensor, or any of them, requires a gradient.
inline bool needs_grad(const Tensor& tensor) { return tensor.defined() && grad_enabled() && tensor.requires_grad(); }
TS_API bool needs_grad(Span<const Tensor> tensors);

/// Where the gradient of `tensor` flows: to the node that made it or, for a leaf, to its accumulator. Empty if it
/// requires no gradient.
TS_API Edge gradient_edge(const Tensor& tensor);
/// Adds `tensor` as the node's next input.
inline void add_edge(Node& node, const Tensor& tensor) { node.edges.push_back(gradient_edge(tensor)); }
/// Adds an input to which no gradient flows.
inline void add_no_edge(Node& node) { node.edges.emplace_back(); }

/// Makes `tensor` the next output of `node`.
TS_API void set_history(const Tensor& tensor, const Ref<Node>& node);
/// The same after an in-place operation. If `tensor` is a view, its base receives the history too, and the other views
/// of the base follow.
TS_API void set_history_in_place(const Tensor& tensor, const Ref<Node>& node);
/// Throws ValueError if elements of `tensor` share memory, as after expand. While recording, throws AutogradError if
/// `tensor` is a leaf that requires a gradient, a view of one, or was created in inference mode.
TS_API void check_in_place(const Tensor& tensor, bool recording);
/// Counts an in-place change of the tensor's data.
TS_API void bump_version(const Tensor& tensor);

}  // namespace autograd

// ---- Called by users ----

/// Computes the gradients of the sum of `outputs` with respect to all leaves they depend on and adds them to the
/// leaves' grad(). `gradients[i]` is the vector of output i's vector-Jacobian product and has its shape; it may be
/// undefined, and `gradients` may be empty, where an output has a single element.
///
/// The pass frees the tensors that the graph saved unless `retain_graph`. With `create_graph` the pass is recorded
/// itself, so that gradients can be differentiated, and the graph is retained.
///
/// Throws AutogradError if an output requires no gradient, if the graph was freed by an earlier pass, or if a tensor it
/// saved was changed in place; ShapeError if a gradient does not have the shape of its output.
TS_API void backward(Span<const Tensor> outputs, Span<const Tensor> gradients = {}, bool retain_graph = false,
                     bool create_graph = false);

/// Returns the gradients of the sum of `outputs` with respect to `inputs`, which need not be leaves, without adding
/// them to any grad(). The other arguments are those of backward(). For an input on which no output depends the result
/// is undefined if `allow_unused`; otherwise AutogradError is thrown.
TS_API TensorList grad(Span<const Tensor> outputs, Span<const Tensor> inputs, Span<const Tensor> gradients = {},
                       bool retain_graph = false, bool create_graph = false, bool allow_unused = false);

/// Gives `tensor` the data of `source`, as `tensor.data = source` does in PyTorch: it takes over the storage, shape,
/// strides, dtype and device, and everything that holds `tensor` sees the change, which is not recorded. The two then
/// share memory. A view stops being a view; views taken of `tensor` before keep the former data. A graph that saved
/// `tensor` counts it as changed in place, so a backward pass through it throws AutogradError.
///
/// requires_grad stays. Gradient and hooks stay if shape, dtype and device do; otherwise they are dropped, since they
/// belong to the former data, and graphs recorded before no longer lead to `tensor`.
///
/// Throws AutogradError if `tensor` is not a leaf, DTypeError if it requires a gradient and `source` is not floating,
/// ValueError if either is undefined.
TS_API void set_data(const Tensor& tensor, const Tensor& source);

/// What forward and backward of a custom function share.
class TS_API FunctionContext {
 public:
  /// In forward: keeps tensors for backward. They may be inputs, outputs or any others.
  void save_for_backward(TensorList tensors) { to_save = std::move(tensors); }
  /// In backward: the saved tensors. Throws AutogradError if one was changed in place since.
  TensorList saved_tensors() const;
  /// Whether input i of the function requires a gradient.
  bool needs_input_grad(std::size_t i) const;
  /// In forward: says that these outputs have no gradient.
  void mark_non_differentiable(TensorList tensors) { non_differentiable = std::move(tensors); }
  /// For values that the function itself wants to keep.
  std::vector<Scalar> scalars;
  std::vector<Dims> shapes;

  // Used by apply_function.
  TensorList to_save;
  TensorList non_differentiable;
  Node* node = nullptr;
};

using FunctionForward = std::function<TensorList(FunctionContext&)>;
using FunctionBackward = std::function<TensorList(FunctionContext&, const TensorList& grad_outputs)>;

/// Runs `forward` without recording what it does, and records a single node whose backward is `backward`. Function<>
/// below is more convenient.
TS_API TensorList apply_function(const std::string& name, Span<const Tensor> inputs, const FunctionForward& forward,
                                 FunctionBackward backward);

/// A differentiable operator with a custom backward:
///
///     struct Square : ts::Function<Square> {
///       static Tensor forward(FunctionContext& ctx, const Tensor& x) { ctx.save_for_backward({x}); return x * x; }
///       static TensorList backward(FunctionContext& ctx, const TensorList& grads) {
///         return {grads[0] * 2 * ctx.saved_tensors()[0]};
///       }
///     };
///     Tensor y = Square::apply(x);
///
/// forward takes tensors, and other arguments after them, and returns a Tensor or a TensorList. backward returns one
/// gradient for each tensor input, which may be undefined; if it is composed of differentiable operators, it can be
/// differentiated again. `static constexpr const char* kName = "SquareBackward";` names the node in graphs and errors.
///
/// In an AutocastScope, forward follows the scope like other code. With `static constexpr DType kAutocastInputs =
/// DType::Float32;` its tensors are converted to that type instead, and it runs with autocast off. backward always
/// does.
template <class Derived>
struct Function {
  template <class... Args>
  static auto apply(const Args&... args) {
    if (const std::optional<DType> dtype = autocast_inputs(static_cast<Derived*>(nullptr));
        dtype && autocast_enabled()) {
      const NoAutocast no_autocast;
      return run(converted(args, *dtype)...);
    }
    return run(args...);
  }

 private:
  template <class... Args>
  static auto run(const Args&... args) {
    TensorList inputs;
    (collect(inputs, args), ...);
    using Result = decltype(Derived::forward(std::declval<FunctionContext&>(), args...));
    TensorList outputs = apply_function(
        name_of(static_cast<Derived*>(nullptr)), inputs,
        [&](FunctionContext& context) {
          if constexpr (std::is_same_v<Result, Tensor>) return TensorList{Derived::forward(context, args...)};
          else return Derived::forward(context, args...);
        },
        [](FunctionContext& context, const TensorList& grads) { return Derived::backward(context, grads); });
    if constexpr (std::is_same_v<Result, Tensor>) return outputs[0];
    else return outputs;
  }

  template <class T>
  static auto autocast_inputs(T*) -> std::optional<std::decay_t<decltype(T::kAutocastInputs)>> {
    return T::kAutocastInputs;
  }
  static std::optional<DType> autocast_inputs(void*) { return std::nullopt; }

  template <class T>
  static decltype(auto) converted(const T& value, DType dtype) {
    if constexpr (std::is_same_v<T, Tensor>) return autocast_to(value, dtype);
    else return (value);
  }

  template <class T>
  static auto name_of(T*) -> decltype(T::kName) {
    return T::kName;
  }
  static const char* name_of(void*) { return "CustomFunction"; }

  template <class T>
  static void collect(TensorList& inputs, const T& value) {
    if constexpr (std::is_same_v<T, Tensor>) inputs.push_back(value);
  }
};

}  // namespace ts
