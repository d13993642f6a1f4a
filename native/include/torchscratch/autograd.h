// Reverse-mode automatic differentiation, define by run. Every operator that touches a tensor requiring a gradient
// leaves a Node; a Node's edges lead to the nodes of its operands, down to the leaves. The backward pass walks the
// graph from the newest node to the oldest, multiplying vectors by Jacobians.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "torchscratch/small_vector.h"
#include "torchscratch/tensor.h"

namespace ts {

// ---- Modes, per thread ----

/// Whether operators record nodes.
TS_API bool grad_enabled();
/// Returns the former value.
TS_API bool set_grad_enabled(bool enabled);
/// Inference mode: nothing is recorded, versions are not counted, and its tensors can never be saved for backward.
TS_API bool inference_enabled();
TS_API bool set_inference_enabled(bool enabled);

/// Sets grad mode for a scope.
class GradMode {
 public:
  explicit GradMode(bool enabled) : previous_(set_grad_enabled(enabled)) {}
  ~GradMode() { set_grad_enabled(previous_); }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};
struct NoGrad : GradMode {
  NoGrad() : GradMode(false) {}
};
struct EnableGrad : GradMode {
  EnableGrad() : GradMode(true) {}
};
class InferenceMode {
 public:
  explicit InferenceMode(bool enabled = true) : previous_(set_inference_enabled(enabled)) {}
  ~InferenceMode() { set_inference_enabled(previous_); }
  InferenceMode(const InferenceMode&) = delete;
  InferenceMode& operator=(const InferenceMode&) = delete;

 private:
  bool previous_;
};

/// Text that is added to an error about a forward call, such as the host language's stack; may return "".
using TraceCallback = std::function<std::string()>;
/// Anomaly mode: every node remembers the call that made it, and a backward pass that meets an error or produces a
/// NaN (with `check_nan`) names that call. Slow; for finding bugs. Process wide.
TS_API void set_anomaly_mode(bool enabled, bool check_nan = true, TraceCallback trace = {});
TS_API bool anomaly_enabled();

// ---- The graph ----

/// Where a gradient flows: to input `index` of `node`.
struct Edge {
  Ref<Node> node;
  std::uint32_t index = 0;
  explicit operator bool() const { return static_cast<bool>(node); }
};

/// What an operator's result was, so that its gradient can be checked, summed over broadcast dimensions and cast.
struct TensorMeta {
  Dims sizes;
  DType dtype = DType::Float32;
  Device device;
  TensorMeta() = default;
  explicit TensorMeta(const Tensor& tensor) : sizes(tensor.sizes()), dtype(tensor.dtype()), device(tensor.device()) {}
  TensorMeta(TensorMeta&&) = default;
};

/// Gradients passed to a hook; it may replace entries.
using GradList = std::vector<Tensor>;
/// Before a node: hook(gradients of its outputs). After: hook(gradients of its inputs, gradients of its outputs).
using NodePreHook = std::function<void(GradList& grad_outputs)>;
using NodePostHook = std::function<void(GradList& grad_inputs, const GradList& grad_outputs)>;

struct NodeExtras;

/// One recorded operation. Inputs of the backward function are the outputs of the forward one.
class TS_API Node : public RefCounted<Node>, public Pooled {
 public:
  Node();
  virtual ~Node();
  /// Frees a graph of any depth without recursion: nested destructions queue up and one loop drains them.
  static void destroy(Node* node);

  /// "SoftmaxBackward"
  virtual const char* name() const = 0;
  /// Computes grad_inputs[i], for edge i, from the gradients of the outputs; entries may be undefined (zero).
  /// Only inputs for which needs_input(i) holds are worth computing.
  virtual void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) = 0;
  /// Whether it records a view that has each element of its one input at most once: its gradient may be added to
  /// part_of(gradient of the input) instead of being put among zeros.
  virtual bool is_part() const { return false; }
  virtual Tensor part_of(const Tensor& whole) const { return whole; }
  /// Lets go of saved tensors, after which apply() throws.
  virtual void release_saved() {}

  bool needs_input(std::size_t i) const { return static_cast<bool>(edges[i]); }
  std::size_t input_count() const { return edges.size(); }
  std::size_t output_count() const { return outputs.size(); }
  /// Nodes made later have higher numbers, and edges lead only to lower ones: the order of the backward pass.
  std::uint64_t sequence() const { return sequence_; }

  std::int64_t add_pre_hook(NodePreHook hook);
  std::int64_t add_post_hook(NodePostHook hook);
  void remove_hook(std::int64_t id);
  NodeExtras* extras() const { return extras_.get(); }
  NodeExtras& make_extras();

  SmallVector<Edge, 3> edges;
  SmallVector<TensorMeta, 1> outputs;

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
  /// The same for a tensor that something other than a node saved, and that is no output. `owner` is its name in errors.
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

// ---- What generated operators call ----

namespace autograd {

/// Grad mode is on and the tensor requires a gradient.
inline bool needs_grad(const Tensor& tensor) { return tensor.defined() && grad_enabled() && tensor.requires_grad(); }
TS_API bool needs_grad(Span<const Tensor> tensors);

/// The edge gradients of `tensor` flow along; empty if it needs none.
TS_API Edge gradient_edge(const Tensor& tensor);
inline void add_edge(Node& node, const Tensor& tensor) { node.edges.push_back(gradient_edge(tensor)); }
/// No gradient flows to this input.
inline void add_no_edge(Node& node) { node.edges.emplace_back(); }

/// Makes `tensor` the next output of `node`.
TS_API void set_history(const Tensor& tensor, const Ref<Node>& node);
/// The same after an in-place operation: a view's base gets the history too, and its other views follow.
TS_API void set_history_in_place(const Tensor& tensor, const Ref<Node>& node);
/// Throws AutogradError for what may not be changed in place (a leaf that requires a gradient, or a view of one, while
/// recording) and ValueError for a tensor whose elements share memory.
TS_API void check_in_place(const Tensor& tensor, bool recording);
/// Counts a change of the data.
TS_API void bump_version(const Tensor& tensor);

}  // namespace autograd

// ---- What users call ----

/// Gradients of all leaves below `outputs`, accumulated into their grad(). `gradients` are the vectors of the
/// vector-Jacobian product, undefined for a scalar output. Throws AutogradError.
TS_API void backward(Span<const Tensor> outputs, Span<const Tensor> gradients = {}, bool retain_graph = false,
                     bool create_graph = false);

/// Gradients of `outputs` with respect to `inputs` (leaves or not), accumulated nowhere. An input that no output
/// depends on gives an undefined Tensor when allow_unused, else AutogradError.
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

/// State shared by the two halves of a custom function.
class TS_API FunctionContext {
 public:
  void save_for_backward(TensorList tensors) { to_save = std::move(tensors); }
  /// The saved tensors, checked against in-place changes; only in backward.
  TensorList saved_tensors() const;
  /// Whether input i of the function needs a gradient.
  bool needs_input_grad(std::size_t i) const;
  /// These outputs get no gradient.
  void mark_non_differentiable(TensorList tensors) { non_differentiable = std::move(tensors); }
  /// Any values of the user's own.
  std::vector<Scalar> scalars;
  std::vector<Dims> shapes;

  TensorList to_save;
  TensorList non_differentiable;
  Node* node = nullptr;
};

using FunctionForward = std::function<TensorList(FunctionContext&)>;
using FunctionBackward = std::function<TensorList(FunctionContext&, const TensorList& grad_outputs)>;

/// Runs `forward` without recording and records one node whose backward is `backward`; Function<> below is the
/// convenient form, the C ABI is another.
TS_API TensorList apply_function(const std::string& name, Span<const Tensor> inputs, const FunctionForward& forward,
                                 FunctionBackward backward);

/// A user's own operator:
///
///     struct Square : ts::Function<Square> {
///       static Tensor forward(FunctionContext& ctx, const Tensor& x) { ctx.save_for_backward({x}); return x * x; }
///       static TensorList backward(FunctionContext& ctx, const TensorList& grads) {
///         return {grads[0] * 2 * ctx.saved_tensors()[0]};
///       }
///     };
///     Tensor y = Square::apply(x);
///
/// forward takes tensors first and may take other arguments after them; it returns a Tensor or a TensorList. backward
/// returns one gradient for each tensor input, undefined for none. Written with differentiable operators it can be
/// differentiated again. `static constexpr const char* kName = "SquareBackward";` names the node in graphs and errors.
template <class Derived>
struct Function {
  template <class... Args>
  static auto apply(const Args&... args) {
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

 private:
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
