// The C ABI: statuses and messages, NULL, callbacks that fail, lists, custom functions, and ownership.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "torchscratch/allocator.h"
#include "torchscratch/c_api.h"

namespace {

ts_scalar number(int value) { return {value, TS_SCALAR_INT}; }

// Releases a handle at the end of the scope.
struct Handle {
  ts_tensor value = nullptr;
  Handle() = default;
  explicit Handle(ts_tensor taken) : value(taken) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { ts_tensor_release(value); }
  operator ts_tensor() const { return value; }  // NOLINT: converts to the handle
  ts_tensor* operator&() { return &value; }     // NOLINT: for results
};

void make(Handle& out, const std::vector<float>& values) {
  const auto size = static_cast<std::int64_t>(values.size());
  ASSERT_EQ(ts_tensor_create(values.data(), &size, 1, TS_FLOAT32, -1, &out), TS_OK);
}
void make_leaf(Handle& out, const std::vector<float>& values) {
  make(out, values);
  ASSERT_EQ(ts_tensor_set_requires_grad(out, 1), TS_OK);
}

std::vector<float> values_of(ts_tensor tensor) {
  ts_tensor_info info;
  ts_tensor_get_info(tensor, &info);
  std::vector<float> values(static_cast<std::size_t>(info.numel));
  EXPECT_EQ(ts_tensor_copy_to(tensor, values.data(), info.numel * 4), TS_OK) << ts_last_error_message();
  return values;
}

void expect_error(ts_status status, ts_status wanted, const std::string& part) {
  EXPECT_EQ(status, wanted);
  EXPECT_NE(std::string(ts_last_error_message()).find(part), std::string::npos)
      << "\"" << part << "\" is not in: " << ts_last_error_message();
}

TEST(CApi, StatusesAndMessages) {
  Handle a, b;
  make(a, {1, 2, 3});
  make(b, {1, 2});
  ts_tensor untouched = a;
  expect_error(ts_mm(a, b, &untouched), TS_ERROR_SHAPE, "mm: ");
  EXPECT_EQ(untouched, a.value) << "results are not written";
  expect_error(ts_mm(nullptr, b, &untouched), TS_ERROR_VALUE, "mm: ");
  Handle scalar;
  expect_error(ts_tensor_from_scalar(number(1), 77, -1, &scalar), TS_ERROR_DTYPE, "77");
  expect_error(ts_tensor_from_scalar({1, 9}, TS_FLOAT32, -1, &scalar), TS_ERROR_VALUE, "kind");
  ts_scalar item;
  expect_error(ts_tensor_item(a, &item), TS_ERROR_VALUE, "float32[3]");
  expect_error(ts_select(a, 0, 5, &untouched), TS_ERROR_INDEX, "select: ");
  expect_error(ts_set_num_threads(0), TS_ERROR_VALUE, "");
  expect_error(ts_set_default_dtype(TS_INT32), TS_ERROR_DTYPE, "int32");
  std::int32_t promoted = 0;
  EXPECT_EQ(ts_promote(TS_UINT8, TS_INT8, &promoted), TS_OK);
  EXPECT_EQ(promoted, TS_INT16);
  expect_error(ts_promote(-1, 0, &promoted), TS_ERROR_DTYPE, "-1");
  ts_allocator_set_limit(1);
  const std::int64_t big = 1 << 20;
  const ts_status refused = ts_tensor_create(nullptr, &big, 1, TS_FLOAT32, -1, &scalar);
  ts_allocator_set_limit(0);
  expect_error(refused, TS_ERROR_OUT_OF_MEMORY, "limit");
}

TEST(CApi, TensorsAndTheirParts) {
  const std::int64_t before = ts::allocator::stats().live_bytes;
  {
    const float data[] = {1, 2, 3, 4, 5, 6};
    const std::int64_t sizes[] = {2, 3};
    Handle t, column;
    ASSERT_EQ(ts_tensor_create(data, sizes, 2, TS_FLOAT32, -1, &t), TS_OK);
    ASSERT_EQ(ts_select(t, 1, 1, &column), TS_OK);
    ts_tensor_info info;
    ts_tensor_get_info(column, &info);
    EXPECT_EQ(info.ndim, 1);
    EXPECT_EQ(info.sizes[0], 2);
    EXPECT_EQ(info.strides[0], 3);
    EXPECT_EQ(info.storage_offset, 1);
    EXPECT_EQ(info.dtype, TS_FLOAT32);
    EXPECT_FALSE(info.is_contiguous);
    EXPECT_TRUE(ts_tensor_is_view(column));
    EXPECT_EQ(values_of(column), (std::vector<float>{2, 5}));
    float one = 0;
    expect_error(ts_tensor_copy_to(column, &one, 4), TS_ERROR_VALUE, "8 bytes");
    ASSERT_EQ(ts_fill_(column, number(9)), TS_OK);
    EXPECT_EQ(ts_tensor_version(t), 1);
    EXPECT_EQ(values_of(t), (std::vector<float>{1, 9, 3, 4, 9, 6}));
    const Handle again(ts_tensor_retain(t));
    EXPECT_TRUE(ts_tensor_is_same(again, t));
    char* text = nullptr;
    ASSERT_EQ(ts_tensor_to_string(column, &text), TS_OK);
    EXPECT_STREQ(text, "tensor([9., 9.])");
    ts_string_free(text);
    ts_string_free(nullptr);
    ts_tensor_release(nullptr);
    EXPECT_EQ(ts_tensor_retain(nullptr), nullptr);
  }
  EXPECT_EQ(ts::allocator::stats().live_bytes, before);
}

TEST(CApi, NullForARequiredTensorIsAnError) {
  Handle out;
  ts_scalar item;
  std::int64_t id = 0;
  expect_error(ts_tensor_item(nullptr, &item), TS_ERROR_VALUE, "NULL");
  expect_error(ts_tensor_set_requires_grad(nullptr, 1), TS_ERROR_VALUE, "NULL");
  expect_error(ts_tensor_grad(nullptr, &out), TS_ERROR_VALUE, "NULL");
  expect_error(ts_tensor_detach(nullptr, &out), TS_ERROR_VALUE, "NULL");
  expect_error(ts_tensor_remove_hook(nullptr, id), TS_ERROR_VALUE, "NULL");
  expect_error(ts_tensor_copy_to(nullptr, nullptr, 0), TS_ERROR_VALUE, "NULL");
  EXPECT_EQ(ts_fill_(nullptr, number(1)), TS_ERROR_VALUE);
  EXPECT_EQ(ts_copy_(nullptr, nullptr), TS_ERROR_VALUE);
  expect_error(ts_backward(nullptr, 1, nullptr, 0, 0), TS_ERROR_VALUE, "NULL");
  expect_error(ts_safetensors_save(nullptr, nullptr, nullptr, 0, nullptr), TS_ERROR_VALUE, "NULL");
  const ts_tensor none = nullptr;
  expect_error(ts_safetensors_save("x", nullptr, &none, 1, nullptr), TS_ERROR_VALUE, "NULL");
  expect_error(ts_tensor_create(nullptr, nullptr, 2, TS_FLOAT32, -1, &out), TS_ERROR_VALUE, "NULL");
  // NULL stands for an absent optional tensor.
  Handle input, weight, result;
  const float ones[] = {1, 1, 1, 1};
  const std::int64_t square[] = {2, 2};
  ASSERT_EQ(ts_tensor_create(ones, square, 2, TS_FLOAT32, -1, &input), TS_OK);
  ASSERT_EQ(ts_tensor_create(ones, square, 2, TS_FLOAT32, -1, &weight), TS_OK);
  ASSERT_EQ(ts_linear(input, weight, nullptr, &result), TS_OK);
  EXPECT_EQ(values_of(result), (std::vector<float>{2, 2, 2, 2}));
}

void count_release(void* user) { ++*static_cast<int*>(user); }

TEST(CApi, BlobsAreReleasedOnce) {
  int released = 0;
  float data[] = {1, 2, 3, 4};
  const std::int64_t size = 4;
  ts_tensor blob = nullptr, part = nullptr;
  ASSERT_EQ(ts_tensor_from_blob(data, &size, 1, TS_FLOAT32, &count_release, &released, &blob), TS_OK);
  ASSERT_EQ(ts_slice(blob, 0, {1, 1}, {3, 1}, 1, &part), TS_OK) << ts_last_error_message();
  data[1] = 7;
  EXPECT_EQ(values_of(part), (std::vector<float>{7, 3}));
  ts_tensor_release(blob);
  EXPECT_EQ(released, 0);
  ts_tensor_release(part);
  EXPECT_EQ(released, 1);
}

TEST(CApi, Lists) {
  Handle x;
  make(x, {1, 2, 3});
  ts_tensor_list list = nullptr;
  ASSERT_EQ(ts_unbind(x, 0, &list), TS_OK);
  ASSERT_EQ(ts_tensor_list_size(list), 3);
  const Handle last(ts_tensor_list_get(list, 2));
  EXPECT_EQ(ts_tensor_list_get(list, 3), nullptr);
  EXPECT_EQ(ts_tensor_list_get(list, -1), nullptr);
  ts_tensor_list_free(list);
  ts_tensor_list_free(nullptr);
  EXPECT_EQ(values_of(last), (std::vector<float>{3}));
  const ts_tensor parts[] = {x, x};
  Handle joined;
  ASSERT_EQ(ts_cat(parts, 2, 0, &joined), TS_OK);
  EXPECT_EQ(values_of(joined), (std::vector<float>{1, 2, 3, 1, 2, 3}));
  expect_error(ts_cat(nullptr, 2, 0, &joined), TS_ERROR_VALUE, "NULL");
}

TEST(CApi, Gradients) {
  Handle x, y, unused;
  make_leaf(x, {1, 2, 3});
  make_leaf(unused, {1});
  ASSERT_EQ(ts_mul(x, x, &y), TS_OK);
  Handle total;
  ASSERT_EQ(ts_sum(y, nullptr, -1, 0, -1, &total), TS_OK);
  const ts_tensor outputs[] = {total};
  const ts_tensor inputs[] = {x, unused};
  ts_tensor_list gradients = nullptr;
  ASSERT_EQ(ts_autograd_grad(outputs, 1, inputs, 2, nullptr, 1, 0, 1, &gradients), TS_OK);
  const Handle first(ts_tensor_list_get(gradients, 0));
  EXPECT_EQ(values_of(first), (std::vector<float>{2, 4, 6}));
  EXPECT_EQ(ts_tensor_list_get(gradients, 1), nullptr) << "undefined";
  ts_tensor_list_free(gradients);
  expect_error(ts_autograd_grad(outputs, 1, inputs, 2, nullptr, 1, 0, 0, &gradients), TS_ERROR_AUTOGRAD, "allow_unused");
  Handle grad;
  ASSERT_EQ(ts_tensor_grad(x, &grad), TS_OK);
  EXPECT_EQ(grad.value, nullptr);
  ASSERT_EQ(ts_backward(outputs, 1, nullptr, 0, 0), TS_OK);
  ASSERT_EQ(ts_tensor_grad(x, &grad), TS_OK);
  EXPECT_EQ(values_of(grad), (std::vector<float>{2, 4, 6}));
  expect_error(ts_backward(outputs, 1, nullptr, 0, 0), TS_ERROR_AUTOGRAD, "retain_graph");
  ts_node node = nullptr;
  ASSERT_EQ(ts_tensor_grad_fn(y, &node), TS_OK);
  EXPECT_STREQ(ts_node_name(node), "MulBackward");
  EXPECT_EQ(ts_node_edge_count(node), 2);
  const ts_node below = ts_node_edge(node, 0);
  EXPECT_STREQ(ts_node_name(below), "AccumulateGrad");
  EXPECT_EQ(ts_node_edge(node, 2), nullptr);
  ts_node_release(below);
  ts_node_release(node);
  ts_node_release(nullptr);
}

TEST(CApi, Modes) {
  EXPECT_EQ(ts_set_grad_enabled(0), 1);
  EXPECT_EQ(ts_grad_enabled(), 0);
  EXPECT_EQ(ts_set_grad_enabled(1), 0);
  EXPECT_EQ(ts_set_inference_enabled(1), 0);
  EXPECT_EQ(ts_grad_enabled(), 0);
  EXPECT_EQ(ts_set_inference_enabled(0), 1);
}

// ---- Callbacks ----

struct HookUser {
  int calls = 0, released = 0;
  bool fails = false, replaces = false;
};
ts_status tensor_hook(void* user, ts_tensor grad, ts_tensor* replacement) {
  auto& self = *static_cast<HookUser*>(user);
  ++self.calls;
  if (self.fails) {
    ts_set_callback_error("the hook's own words");
    return TS_ERROR_CALLBACK;
  }
  return self.replaces ? ts_add_scalar(grad, number(10), number(1), replacement) : TS_OK;
}
void hook_release(void* user) { ++static_cast<HookUser*>(user)->released; }

TEST(CApi, TensorHooks) {
  HookUser user;
  {
    Handle x, total;
    make_leaf(x, {1, 2});
    std::int64_t id = 0;
    ASSERT_EQ(ts_tensor_register_hook(x, &tensor_hook, &hook_release, &user, &id), TS_OK);
    ASSERT_EQ(ts_sum(x, nullptr, -1, 0, -1, &total), TS_OK);
    const ts_tensor outputs[] = {total};
    user.fails = true;
    expect_error(ts_backward(outputs, 1, nullptr, 1, 0), TS_ERROR_CALLBACK, "the hook's own words");
    user.fails = false;
    user.replaces = true;
    ASSERT_EQ(ts_backward(outputs, 1, nullptr, 1, 0), TS_OK) << ts_last_error_message();
    Handle grad;
    ASSERT_EQ(ts_tensor_grad(x, &grad), TS_OK);
    EXPECT_EQ(values_of(grad), (std::vector<float>{11, 11}));
    ASSERT_EQ(ts_tensor_remove_hook(x, id), TS_OK);
    EXPECT_EQ(user.released, 1);
    ASSERT_EQ(ts_backward(outputs, 1, nullptr, 1, 0), TS_OK);
    EXPECT_EQ(user.calls, 2);
  }
  EXPECT_EQ(user.released, 1);
}

TEST(CApi, ARejectedHookIsReleased) {
  HookUser user;
  std::int64_t id = 0;
  Handle plain;
  make(plain, {1});
  EXPECT_EQ(ts_tensor_register_hook(plain, &tensor_hook, &hook_release, &user, &id), TS_ERROR_AUTOGRAD);
  EXPECT_EQ(user.released, 1);
  EXPECT_EQ(ts_tensor_register_hook(nullptr, &tensor_hook, &hook_release, &user, &id), TS_ERROR_VALUE);
  EXPECT_EQ(user.released, 2);
}

ts_status node_hook(void* user, ts_tensor_list inputs, ts_tensor_list outputs) {
  auto& self = *static_cast<HookUser*>(user);
  self.calls += 100 * ts_tensor_list_size(inputs) + ts_tensor_list_size(outputs);
  return self.fails ? TS_ERROR_CALLBACK : TS_OK;
}

TEST(CApi, NodeHooks) {
  HookUser before, after;
  {
    Handle x, y, total;
    make_leaf(x, {1, 2});
    ASSERT_EQ(ts_mul(x, x, &y), TS_OK);
    ASSERT_EQ(ts_sum(y, nullptr, -1, 0, -1, &total), TS_OK);
    ts_node node = nullptr;
    ASSERT_EQ(ts_tensor_grad_fn(y, &node), TS_OK);
    std::int64_t ids[2];
    ASSERT_EQ(ts_node_register_hook(node, 1, &node_hook, &hook_release, &before, &ids[0]), TS_OK);
    ASSERT_EQ(ts_node_register_hook(node, 0, &node_hook, &hook_release, &after, &ids[1]), TS_OK);
    const ts_tensor outputs[] = {total};
    ASSERT_EQ(ts_backward(outputs, 1, nullptr, 1, 0), TS_OK);
    EXPECT_EQ(before.calls, 1);
    EXPECT_EQ(after.calls, 201);
    after.fails = true;
    expect_error(ts_backward(outputs, 1, nullptr, 1, 0), TS_ERROR_CALLBACK, "without a message");
    ASSERT_EQ(ts_node_remove_hook(node, ids[0]), TS_OK);
    ts_node_release(node);
  }
  EXPECT_EQ(before.released, 1);
  EXPECT_EQ(after.released, 1);
}

// x -> (2 x, x > 0), whose gradient is twice that of the first output.
struct FunctionUser {
  ts_tensor input = nullptr;
  bool forward_fails = false, backward_fails = false, no_output = false;
  int released = 0, backward_calls = 0, needs = -1;
};
ts_status double_forward(void* user, ts_context context, ts_tensor* outputs) {
  auto& self = *static_cast<FunctionUser*>(user);
  if (self.no_output) return TS_OK;
  ts_status status = ts_mul_scalar(self.input, number(2), &outputs[0]);
  if (status != TS_OK) return status;
  if (self.forward_fails) {
    ts_set_callback_error("forward failed");
    return TS_ERROR_CALLBACK;
  }
  status = ts_gt_scalar(self.input, number(0), &outputs[1]);
  if (status != TS_OK) return status;
  self.needs = ts_context_needs_input_grad(context, 0) + 10 * ts_context_needs_input_grad(context, 1) +
               100 * ts_context_needs_input_grad(context, -1);
  return ts_context_save(context, &self.input, 1);
}
ts_status double_backward(void* user, ts_context context, const ts_tensor* grads, std::int32_t count, ts_tensor* out) {
  auto& self = *static_cast<FunctionUser*>(user);
  ++self.backward_calls;
  EXPECT_EQ(count, 2);
  EXPECT_EQ(grads[1], nullptr);
  if (self.backward_fails) {
    ts_set_callback_error("backward failed");
    return TS_ERROR_CALLBACK;
  }
  ts_tensor_list saved = nullptr;
  const ts_status status = ts_context_saved(context, &saved);
  if (status != TS_OK) {
    ts_set_callback_error(ts_last_error_message());
    return status;
  }
  EXPECT_EQ(ts_tensor_list_size(saved), 1);
  ts_tensor_list_free(saved);
  return ts_mul_scalar(grads[0], number(2), &out[0]);
}
void function_release(void* user) { ++static_cast<FunctionUser*>(user)->released; }

ts_status apply_double(FunctionUser& user, ts_tensor input, ts_tensor* outputs) {
  user.input = input;
  const ts_tensor inputs[] = {input, nullptr};
  return ts_function_apply("Double", inputs, 2, 2, &double_forward, &double_backward, &function_release, &user, outputs);
}

TEST(CApi, CustomFunctions) {
  const std::int64_t before = ts::allocator::stats().live_bytes;
  FunctionUser user;
  {
    Handle x, y, positive, total;
    make_leaf(x, {1, -2});
    ts_tensor outputs[2] = {};
    ASSERT_EQ(apply_double(user, x, outputs), TS_OK) << ts_last_error_message();
    y.value = outputs[0];
    positive.value = outputs[1];
    EXPECT_EQ(user.needs, 1);
    EXPECT_TRUE(ts_tensor_requires_grad(y));
    EXPECT_FALSE(ts_tensor_requires_grad(positive));
    ASSERT_EQ(ts_sum(y, nullptr, -1, 0, -1, &total), TS_OK);
    const ts_tensor roots[] = {total};
    user.backward_fails = true;
    expect_error(ts_backward(roots, 1, nullptr, 1, 0), TS_ERROR_CALLBACK, "backward failed");
    user.backward_fails = false;
    ASSERT_EQ(ts_backward(roots, 1, nullptr, 0, 0), TS_OK) << ts_last_error_message();
    Handle grad;
    ASSERT_EQ(ts_tensor_grad(x, &grad), TS_OK);
    EXPECT_EQ(values_of(grad), (std::vector<float>{2, 2}));
    EXPECT_EQ(user.backward_calls, 2);
    EXPECT_EQ(user.released, 0) << "the graph still exists";
  }
  EXPECT_EQ(user.released, 1);
  EXPECT_EQ(ts::allocator::stats().live_bytes, before);
}

TEST(CApi, CustomFunctionsThatFail) {
  const std::int64_t before = ts::allocator::stats().live_bytes;
  {
    Handle x;
    make_leaf(x, {1, -2});
    ts_tensor outputs[2] = {};
    FunctionUser failing;
    failing.forward_fails = true;
    expect_error(apply_double(failing, x, outputs), TS_ERROR_CALLBACK, "forward failed");
    EXPECT_EQ(failing.released, 1);
    FunctionUser lazy;
    lazy.no_output = true;
    expect_error(apply_double(lazy, x, outputs), TS_ERROR_VALUE, "undefined");
    EXPECT_EQ(lazy.released, 1);
    FunctionUser unnamed;
    const ts_tensor inputs[] = {x};
    expect_error(ts_function_apply(nullptr, inputs, 1, 1, &double_forward, &double_backward, &function_release, &unnamed,
                                   outputs),
                 TS_ERROR_VALUE, "name");
    EXPECT_EQ(unnamed.released, 1);
    EXPECT_EQ(outputs[0], nullptr);
  }
  EXPECT_EQ(ts::allocator::stats().live_bytes, before) << "outputs made before the failure are freed";
}

const char* trace(void*) { return "Program.cs:3"; }

TEST(CApi, AnomalyMode) {
  ts_set_anomaly_mode(1, 1, &trace, nullptr);
  EXPECT_EQ(ts_anomaly_enabled(), 1);
  Handle x, root, scaled, total;
  make_leaf(x, {0});
  ASSERT_EQ(ts_sqrt(x, &root), TS_OK);
  ASSERT_EQ(ts_mul_scalar(root, number(0), &scaled), TS_OK);
  ASSERT_EQ(ts_sum(scaled, nullptr, -1, 0, -1, &total), TS_OK);
  const ts_tensor roots[] = {total};
  const ts_status status = ts_backward(roots, 1, nullptr, 0, 0);
  ts_set_anomaly_mode(0, 0, nullptr, nullptr);
  expect_error(status, TS_ERROR_AUTOGRAD, "Program.cs:3");
}

TEST(CApi, LongMessagesAreCutAtWholeCharacters) {
  std::string words;
  while (words.size() < 10'000) words += "\xC3\xA4";
  HookUser user;
  Handle x, total;
  make_leaf(x, {1});
  std::int64_t id = 0;
  const auto shout = [](void* text, ts_tensor, ts_tensor*) -> ts_status {
    ts_set_callback_error(static_cast<const std::string*>(text)->c_str());
    return TS_ERROR_CALLBACK;
  };
  ASSERT_EQ(ts_tensor_register_hook(x, shout, nullptr, &words, &id), TS_OK);
  ASSERT_EQ(ts_sum(x, nullptr, -1, 0, -1, &total), TS_OK);
  const ts_tensor roots[] = {total};
  EXPECT_EQ(ts_backward(roots, 1, nullptr, 0, 0), TS_ERROR_CALLBACK);
  const std::string message = ts_last_error_message();
  EXPECT_GT(message.size(), 1000u);
  EXPECT_LT(message.size(), words.size());
  EXPECT_EQ(message.size() % 2, 0u);
}

TEST(CApi, Files) {
  const std::string path = (std::filesystem::temp_directory_path() / "torchscratch_c_api_test.safetensors").string();
  Handle a, b;
  make(a, {1, 2});
  make(b, {3});
  const char* const names[] = {"layer.weight", "layer.bias"};
  const ts_tensor tensors[] = {a, b};
  ASSERT_EQ(ts_safetensors_save(path.c_str(), names, tensors, 2, "{\"k\":\"v\"}"), TS_OK) << ts_last_error_message();
  expect_error(ts_safetensors_save(path.c_str(), names, tensors, 2, "[]"), TS_ERROR_VALUE, "metadata");
  ts_tensor_list list = nullptr;
  char* loaded_names = nullptr;
  char* metadata = nullptr;
  ASSERT_EQ(ts_safetensors_load(path.c_str(), -1, &list, &loaded_names, &metadata), TS_OK) << ts_last_error_message();
  ASSERT_EQ(ts_tensor_list_size(list), 2);
  EXPECT_STREQ(loaded_names, "layer.weight");
  EXPECT_STREQ(loaded_names + std::strlen(loaded_names) + 1, "layer.bias");
  EXPECT_STREQ(metadata, "{\"k\":\"v\"}");
  const Handle first(ts_tensor_list_get(list, 0));
  EXPECT_EQ(values_of(first), (std::vector<float>{1, 2}));
  ts_tensor_list_free(list);
  ts_string_free(loaded_names);
  ts_string_free(metadata);
  std::filesystem::remove(path);
  expect_error(ts_safetensors_load(path.c_str(), -1, &list, &loaded_names, &metadata), TS_ERROR_IO, path);
}

TEST(CApi, OptimizerStepsChangeParametersStatesAndCounts) {
  Handle p, g, buffer;
  make(p, {1, 1});
  make(g, {1, 2});
  make(buffer, {0, 0});
  const ts_tensor parameters[] = {p}, gradients[] = {g}, buffers[] = {buffer};
  std::int64_t steps[] = {0};
  ASSERT_EQ(ts_sgd_step(parameters, 1, gradients, 1, buffers, 1, steps, 1, 0.5, 0.9, 0, 0, 0, 0), TS_OK)
      << ts_last_error_message();
  EXPECT_EQ(values_of(buffer), (std::vector<float>{1, 2}));
  EXPECT_EQ(values_of(p), (std::vector<float>{0.5, 0}));
  EXPECT_EQ(steps[0], 1);
  const ts_tensor wrong[] = {nullptr};
  EXPECT_EQ(ts_adam_step(parameters, 1, gradients, 1, wrong, 1, wrong, 1, nullptr, 0, steps, 1, 0.1, 0.9, 0.99, 1e-8, 0, 0,
                         0, 0),
            TS_ERROR_VALUE);
  EXPECT_EQ(steps[0], 1);
  EXPECT_EQ(ts_lion_step(parameters, 1, gradients, 1, buffers, 1, nullptr, 1, 0.1, 0.9, 0.99, 0, 0), TS_ERROR_VALUE);
  EXPECT_EQ(values_of(p), (std::vector<float>{0.5, 0}));
}

TEST(CApi, RandomState) {
  ts_manual_seed(5);
  std::uint64_t seed = 0, offset = 1;
  ts_random_get_state(&seed, &offset);
  EXPECT_EQ(seed, 5u);
  EXPECT_EQ(offset, 0u);
  ts_random_set_state(9, 4);
  ts_random_get_state(&seed, &offset);
  EXPECT_EQ(seed, 9u);
  EXPECT_EQ(offset, 4u);
}

TEST(CApi, VersionAndInstructionSet) {
  EXPECT_GT(std::strlen(ts_version()), 0u);
  EXPECT_GT(std::strlen(ts_simd_target()), 0u);
}

}  // namespace
