// Custom autograd functions: a node that calls the user's backward.
#include <algorithm>

#include "autograd/variable.h"

namespace ts {

namespace {

bool contains(Span<const Tensor> tensors, const Tensor& wanted) {
  return std::any_of(tensors.begin(), tensors.end(), [&](const Tensor& tensor) { return tensor.is_same(wanted); });
}

class FunctionNode final : public Node {
 public:
  FunctionNode(std::string name, FunctionBackward backward) : name_(std::move(name)), backward_(std::move(backward)) {
    context.node = this;
  }

  const char* name() const override { return name_.c_str(); }

  void apply(Span<const Tensor> grad_outputs, Span<Tensor> grad_inputs) override {
    check_not_released(released_, name());
    const TensorList grads(grad_outputs.begin(), grad_outputs.end());
    TensorList results = backward_(context, grads);
    TS_CHECK(results.size() == grad_inputs.size(), AutogradError, name_, ": backward returned ", results.size(),
             " gradients for ", grad_inputs.size(), " inputs");
    std::move(results.begin(), results.end(), grad_inputs.begin());
  }

  void release_saved() override {
    released_ = true;
    saved_.clear();
  }

  void save(const TensorList& results) {
    for (const Tensor& tensor : context.to_save) {
      const bool is_output = contains(results, tensor);
      saved_.emplace_back(tensor, is_output);
    }
    // Outputs among these tensors own this node, so keeping them here would be a cycle.
    context.to_save.clear();
    context.non_differentiable.clear();
  }

  TensorList unpack() {
    TensorList tensors;
    for (const SavedTensor& saved : saved_) tensors.push_back(saved.unpack(this));
    return tensors;
  }

  FunctionContext context;

 private:
  std::string name_;
  FunctionBackward backward_;
  std::vector<SavedTensor> saved_;
  bool released_ = false;
};

}  // namespace

TensorList FunctionContext::saved_tensors() const {
  TS_CHECK(node, AutogradError, "saved_tensors: this context belongs to no node");
  return static_cast<FunctionNode*>(node)->unpack();
}

bool FunctionContext::needs_input_grad(std::size_t i) const {
  return node && i < node->edges.size() && node->needs_input(i);
}

TensorList apply_function(const std::string& name, Span<const Tensor> inputs, const FunctionForward& forward,
                          FunctionBackward backward) {
  TS_CHECK(forward && backward, ValueError, name, ": forward and backward must not be empty functions");
  const bool recording = autograd::needs_grad(inputs);
  auto node = make_ref<FunctionNode>(name, std::move(backward));
  if (recording) {
    for (const Tensor& input : inputs) autograd::add_edge(*node, input);
  }
  TensorList outputs;
  {
    const NoGrad no_grad;
    outputs = forward(node->context);
  }
  std::vector<bool> differentiable;
  for (Tensor& output : outputs) {
    TS_CHECK(output.defined(), ValueError, name, ": forward returned an undefined tensor");
    differentiable.push_back(is_floating(output.dtype()) && !contains(node->context.non_differentiable, output));
    // If forward returns an input or a view of one, the result is a new tensor; otherwise the input's history would
    // be overwritten.
    if (contains(inputs, output) || output.is_view() || !output.is_leaf()) output = output.detach();
  }
  if (!recording) return outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (differentiable[i]) autograd::set_history(outputs[i], node);
    else node->outputs.emplace_back(outputs[i]);
  }
  node->save(outputs);
  return outputs;
}

}  // namespace ts
