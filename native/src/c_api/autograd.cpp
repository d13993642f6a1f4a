// Autograd in the C ABI: modes, gradients, hooks, nodes, custom functions and checkpoints.
#include <memory>
#include <vector>

#include "c_api/convert.h"
#include "torchscratch/checkpoint.h"

using namespace ts;
using namespace ts::c_api;

namespace {

/// The `user` pointer of a callback, which is released with the last copy of the closure that holds it.
using UserData = std::shared_ptr<void>;
UserData own(void* user, ts_release_callback release) {
  return UserData(user, [release](void* data) {
    if (release) release(data);
  });
}

Node* to_node(ts_node handle) { return reinterpret_cast<Node*>(handle); }
ts_node to_handle(Ref<Node> node) { return reinterpret_cast<ts_node>(node.detach()); }
FunctionContext* to_context(ts_context handle) { return reinterpret_cast<FunctionContext*>(handle); }

}  // namespace

int32_t ts_grad_enabled(void) { return grad_enabled(); }
int32_t ts_set_grad_enabled(int32_t enabled) { return set_grad_enabled(enabled != 0); }
int32_t ts_inference_enabled(void) { return inference_enabled(); }
int32_t ts_set_inference_enabled(int32_t enabled) { return set_inference_enabled(enabled != 0); }

void ts_set_anomaly_mode(int32_t enabled, int32_t check_nan, ts_trace_callback trace, void* user) {
  TraceCallback callback;
  if (trace) {
    callback = [trace, user] {
      const char* const text = trace(user);
      return std::string(text ? text : "");
    };
  }
  set_anomaly_mode(enabled != 0, check_nan != 0, std::move(callback));
}

int32_t ts_anomaly_enabled(void) { return anomaly_enabled(); }

int32_t ts_tensor_requires_grad(ts_tensor self) { return borrow(self)->requires_grad(); }

ts_status ts_tensor_set_requires_grad(ts_tensor self, int32_t value) {
  return guard("requires_grad_", [&] {
    require(self, "self");
    share(self).requires_grad_(value != 0);
  });
}

int32_t ts_tensor_is_leaf(ts_tensor self) { return borrow(self)->is_leaf(); }
int32_t ts_tensor_is_view(ts_tensor self) { return borrow(self)->is_view(); }

ts_status ts_tensor_grad(ts_tensor self, ts_tensor* out) {
  return guard("grad", [&] { *out = to_handle(require(self, "self")->grad()); });
}

ts_status ts_tensor_set_grad(ts_tensor self, ts_tensor grad) {
  return guard("grad", [&] { require(self, "self")->set_grad(share(grad)); });
}

ts_status ts_tensor_retain_grad(ts_tensor self) {
  return guard("retain_grad", [&] { require(self, "self")->retain_grad(); });
}

ts_status ts_tensor_set_data(ts_tensor self, ts_tensor source) {
  return guard([&] { set_data(*require(self, "self"), *require(source, "source")); });
}

ts_status ts_tensor_detach(ts_tensor self, ts_tensor* out) {
  return guard("detach", [&] { *out = to_handle(require(self, "self")->detach()); });
}

ts_status ts_tensor_grad_fn(ts_tensor self, ts_node* out) {
  return guard("grad_fn", [&] { *out = to_handle(require(self, "self")->grad_fn()); });
}

ts_status ts_backward(const ts_tensor* outputs, int32_t outputs_count, const ts_tensor* gradients, int32_t retain_graph,
                      int32_t create_graph) {
  return guard("backward", [&] {
    const TensorList roots = borrow_list(outputs, outputs_count);
    const TensorList vectors = gradients ? borrow_list(gradients, outputs_count) : TensorList();
    backward(roots, vectors, retain_graph != 0, create_graph != 0);
  });
}

ts_status ts_autograd_grad(const ts_tensor* outputs, int32_t outputs_count, const ts_tensor* inputs,
                           int32_t inputs_count, const ts_tensor* gradients, int32_t retain_graph, int32_t create_graph,
                           int32_t allow_unused, ts_tensor_list* out) {
  return guard("grad", [&] {
    const TensorList roots = borrow_list(outputs, outputs_count);
    const TensorList vectors = gradients ? borrow_list(gradients, outputs_count) : TensorList();
    *out = to_list_handle(grad(roots, borrow_list(inputs, inputs_count), vectors, retain_graph != 0, create_graph != 0,
                               allow_unused != 0));
  });
}

ts_status ts_tensor_register_hook(ts_tensor self, ts_tensor_hook hook, ts_release_callback release, void* user,
                                  int64_t* id) {
  return guard("register_hook", [&] {
    // Owned before anything can fail, so that it is released in any case.
    const UserData owned = own(user, release);
    const auto tensor = require(self, "self");
    *id = tensor->register_hook([hook, data = owned](const Tensor& grad) {
      ts_tensor replacement = nullptr;
      check_callback(hook(data.get(), reinterpret_cast<ts_tensor>(grad.impl()), &replacement));
      return Tensor(Ref<TensorImpl>::adopt(to_impl(replacement)));
    });
  });
}

ts_status ts_tensor_remove_hook(ts_tensor self, int64_t id) {
  return guard("remove_hook", [&] { require(self, "self")->remove_hook(id); });
}

void ts_node_release(ts_node node) {
  if (node) to_node(node)->release();
}

const char* ts_node_name(ts_node node) { return to_node(node)->name(); }

int32_t ts_node_edge_count(ts_node node) { return static_cast<int32_t>(to_node(node)->edges.size()); }

ts_node ts_node_edge(ts_node node, int32_t i) {
  Node* const self = to_node(node);
  if (i < 0 || static_cast<std::size_t>(i) >= self->edges.size()) return nullptr;
  return to_handle(self->edges[static_cast<std::size_t>(i)].node);
}

ts_status ts_node_register_hook(ts_node node, int32_t before, ts_node_hook hook, ts_release_callback release,
                                void* user, int64_t* id) {
  return guard("register_hook", [&] {
    const auto call = [hook, data = own(user, release)](const GradList& inputs, const GradList& outputs) {
      GradList grad_inputs = inputs;
      GradList grad_outputs = outputs;
      check_callback(hook(data.get(), reinterpret_cast<ts_tensor_list>(&grad_inputs),
                          reinterpret_cast<ts_tensor_list>(&grad_outputs)));
    };
    if (before) *id = to_node(node)->add_pre_hook([call](GradList& outputs) { call({}, outputs); });
    else
      *id = to_node(node)->add_post_hook([call](GradList& inputs, const GradList& outputs) { call(inputs, outputs); });
  });
}

ts_status ts_node_remove_hook(ts_node node, int64_t id) {
  return guard([&] { to_node(node)->remove_hook(id); });
}

ts_status ts_function_apply(const char* name, const ts_tensor* inputs, int32_t inputs_count, int32_t outputs_count,
                            ts_function_forward forward, ts_function_backward backward, ts_release_callback release,
                            void* user, ts_tensor* outputs) {
  // Owned before anything can fail, so that it is released in any case.
  UserData data;
  const ts_status owned = guard("apply", [&] { data = own(user, release); });
  if (owned != TS_OK) return owned;
  return guard("apply", [&] {
    const TensorList tensors = borrow_list(inputs, inputs_count);
    TS_CHECK(outputs_count > 0, ValueError, "a function has at least one output, got ", outputs_count);
    const auto run_forward = [&](FunctionContext& context) {
      std::vector<ts_tensor> handles(static_cast<std::size_t>(outputs_count), nullptr);
      const ts_status status = forward(data.get(), reinterpret_cast<ts_context>(&context), handles.data());
      TensorList results;
      for (ts_tensor handle : handles) results.emplace_back(Ref<TensorImpl>::adopt(to_impl(handle)));
      check_callback(status);
      return results;
    };
    const auto run_backward = [backward, data](FunctionContext& context, const TensorList& grad_outputs) {
      std::vector<ts_tensor> grads;
      for (const Tensor& grad : grad_outputs) grads.push_back(reinterpret_cast<ts_tensor>(grad.impl()));
      std::vector<ts_tensor> handles(context.node->input_count(), nullptr);
      const ts_status status = backward(data.get(), reinterpret_cast<ts_context>(&context), grads.data(),
                                        static_cast<int32_t>(grads.size()), handles.data());
      TensorList results;
      for (ts_tensor handle : handles) results.emplace_back(Ref<TensorImpl>::adopt(to_impl(handle)));
      check_callback(status);
      return results;
    };
    TensorList results = apply_function(to_text(name, "name"), tensors, run_forward, run_backward);
    for (std::size_t i = 0; i < results.size(); ++i) outputs[i] = c_api::to_handle(std::move(results[i]));
  });
}

ts_status ts_context_save(ts_context context, const ts_tensor* tensors, int32_t count) {
  return guard("save_for_backward", [&] { to_context(context)->save_for_backward(borrow_list(tensors, count)); });
}

ts_status ts_context_saved(ts_context context, ts_tensor_list* out) {
  return guard("saved_tensors", [&] { *out = to_list_handle(to_context(context)->saved_tensors()); });
}

int32_t ts_context_needs_input_grad(ts_context context, int32_t i) {
  return i >= 0 && to_context(context)->needs_input_grad(static_cast<std::size_t>(i));
}

ts_status ts_context_mark_non_differentiable(ts_context context, const ts_tensor* tensors, int32_t count) {
  return guard("mark_non_differentiable",
               [&] { to_context(context)->mark_non_differentiable(borrow_list(tensors, count)); });
}

ts_status ts_checkpoint(const ts_tensor* inputs, int32_t inputs_count, ts_checkpoint_function function,
                        ts_release_callback release, void* user, ts_tensor_list* out) {
  // Owned before anything can fail, so that it is released in any case.
  UserData data;
  const ts_status owned = guard("checkpoint", [&] { data = own(user, release); });
  if (owned != TS_OK) return owned;
  return guard("checkpoint", [&] {
    const auto call = [function, data](const TensorList& arguments) {
      std::vector<ts_tensor> handles;
      for (const Tensor& argument : arguments) handles.push_back(reinterpret_cast<ts_tensor>(argument.impl()));
      TensorList outputs;
      check_callback(function(data.get(), handles.data(), static_cast<int32_t>(handles.size()),
                              reinterpret_cast<ts_tensor_list>(&outputs)));
      return outputs;
    };
    *out = to_list_handle(checkpoint(call, borrow_list(inputs, inputs_count)));
  });
}
