// Plugins in the C ABI. Plugins and their operators live as long as the process, so handles are plain pointers.
#include "c_api/convert.h"
#include "torchscratch/plugin.h"

using namespace ts;
using namespace ts::c_api;

namespace {

const Plugin& to_plugin(ts_plugin handle) { return *reinterpret_cast<const Plugin*>(handle); }
const PluginOperator& to_operator(ts_operator handle) { return *reinterpret_cast<const PluginOperator*>(handle); }
ts_operator to_handle(const PluginOperator& op) {
  return reinterpret_cast<ts_operator>(const_cast<PluginOperator*>(&op));
}

}  // namespace

ts_status ts_plugin_load(const char* path, ts_plugin* out) {
  return guard([&] { *out = reinterpret_cast<ts_plugin>(const_cast<Plugin*>(&load_plugin(to_text(path, "path")))); });
}

const char* ts_plugin_name(ts_plugin plugin) { return to_plugin(plugin).name.c_str(); }

int32_t ts_plugin_operator_count(ts_plugin plugin) { return static_cast<int32_t>(to_plugin(plugin).operators.size()); }

ts_operator ts_plugin_operator(ts_plugin plugin, int32_t i) {
  return to_handle(*to_plugin(plugin).operators[static_cast<std::size_t>(i)]);
}

ts_status ts_operator_find(const char* name, ts_operator* out) {
  return guard([&] { *out = to_handle(find_operator(to_text(name, "name"))); });
}

const char* ts_operator_name(ts_operator self) { return to_operator(self).name.c_str(); }

const char* ts_operator_doc(ts_operator self) { return to_operator(self).doc.c_str(); }

ts_status ts_operator_signature(ts_operator self, char** out) {
  return guard([&] { *out = copy_text(to_operator(self).signature()); });
}

ts_status ts_operator_call(ts_operator self, const ts_tensor* tensors, int32_t tensors_count, const ts_scalar* numbers,
                           int32_t numbers_count, ts_tensor_list* out) {
  return guard([&] {
    TS_CHECK(self != nullptr, ValueError, "`operator` must not be NULL");
    TS_CHECK(numbers_count >= 0 && (numbers != nullptr || numbers_count == 0), ValueError, "a list of ", numbers_count,
             " numbers is NULL");
    const TensorList arguments = borrow_list(tensors, tensors_count);
    SmallVector<Scalar, 4> scalars;
    for (int32_t i = 0; i < numbers_count; ++i) scalars.push_back(to_scalar(numbers[i]));
    *out = to_list_handle(to_operator(self).call(arguments, Span<const Scalar>(scalars.data(), scalars.size())));
  });
}
