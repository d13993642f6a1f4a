// Loading of plugins, and the registry of their operators.
#include "torchscratch/plugin.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "tensor/shared_library.h"

namespace ts {

namespace {

struct Registered {
  std::mutex mutex;
  std::deque<PluginOperator> operators;  // a deque never moves its elements
  std::map<std::string, const PluginOperator*, std::less<>> by_name;
  std::deque<Plugin> plugins;
  std::map<void*, const Plugin*> by_library;
};

// Never destroyed, since graphs that refer to operators may still exist after main returns.
Registered& registered() {
  static Registered* const instance = new Registered;
  return *instance;
}

bool is_name(const std::string& text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

const char* kind_name(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::Tensor:
      return "Tensor";
    case ParameterKind::Double:
      return "double";
    case ParameterKind::Int:
      return "int";
    case ParameterKind::Bool:
      return "bool";
    default:
      return "Scalar";
  }
}

// Registers all operators, or none if a name is used already. The caller holds the mutex.
const Plugin& publish(Registered& all, const std::string& name, const std::string& path, OperatorRegistry registry) {
  for (const PluginOperator& op : registry.operators) {
    TS_CHECK(!all.by_name.count(op.name), ValueError, "plugin: the operator ", op.name, " is registered already");
  }
  Plugin& plugin = all.plugins.emplace_back();
  plugin.name = name;
  plugin.path = path;
  for (PluginOperator& op : registry.operators) {
    const PluginOperator& kept = all.operators.emplace_back(std::move(op));
    all.by_name.emplace(kept.name, &kept);
    plugin.operators.push_back(&kept);
  }
  return plugin;
}

OperatorRegistry fill_registry(const std::string& name, const std::function<void(OperatorRegistry&)>& fill) {
  TS_CHECK(is_name(name), ValueError, "plugin: the name \"", name,
           "\" must consist of a-z, 0-9 and _ and must not begin with a digit");
  OperatorRegistry registry(name);
  fill(registry);
  return registry;
}

void* open_library(const std::string& path) {
  try {
    return open_shared_library(path);
  } catch (const IOError& error) {
    throw IOError(format("plugin: ", error.what()));
  }
}

}  // namespace

std::string PluginOperator::signature() const {
  std::string text = name + "(";
  for (const ParameterKind kind : parameters) text += (text.back() == '(' ? "" : ", ") + std::string(kind_name(kind));
  return text + ")";
}

TensorList PluginOperator::call(Span<const Tensor> tensors, Span<const Scalar> numbers) const {
  const detail::OpScope scope(name.c_str());
  const auto wanted = static_cast<std::size_t>(std::count(parameters.begin(), parameters.end(), ParameterKind::Tensor));
  TS_CHECK(tensors.size() == wanted && numbers.size() == parameters.size() - wanted, ValueError, "takes ", wanted,
           " tensors and ", parameters.size() - wanted, " numbers, as ", signature(), "; got ", tensors.size(), " and ",
           numbers.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    TS_CHECK(tensors[i].defined(), ValueError, "tensor ", i, " is undefined");
  }
  std::size_t number = 0;
  for (const ParameterKind kind : parameters) {
    if (kind == ParameterKind::Tensor) continue;
    const Scalar::Kind given = numbers[number++].kind();
    TS_CHECK(kind != ParameterKind::Int || given != Scalar::Kind::Float, ValueError, "number ", number - 1,
             " must be an integer, as in ", signature());
  }
  TensorList results = body(tensors, numbers);
  for (const Tensor& result : results) {
    TS_CHECK(result.defined(), ValueError, "the operator returned an undefined tensor");
  }
  return results;
}

void OperatorRegistry::add(PluginOperator op) {
  TS_CHECK(is_name(op.name), ValueError, "plugin ", prefix_, ": the operator name \"", op.name,
           "\" must consist of a-z, 0-9 and _ and must not begin with a digit");
  op.name = prefix_ + "::" + op.name;
  TS_CHECK(op.body != nullptr, ValueError, "plugin ", prefix_, ": ", op.name, " has no function");
  for (const PluginOperator& other : operators) {
    TS_CHECK(other.name != op.name, ValueError, "plugin ", prefix_, ": ", op.name, " is added twice");
  }
  operators.push_back(std::move(op));
}

const Plugin& load_plugin(const std::string& path) {
  void* const library = open_library(path);
  Registered& all = registered();
  const std::lock_guard lock(all.mutex);
  if (const auto known = all.by_library.find(library); known != all.by_library.end()) return *known->second;
  const auto describe_itself = reinterpret_cast<const PluginInfo* (*)()>(find_symbol(library, "torchscratch_plugin"));
  TS_CHECK(describe_itself, IOError, "plugin: ", path,
           ": not a plugin of TorchScratch, since it does not export torchscratch_plugin, which TS_PLUGIN defines");
  const PluginInfo* const info = describe_itself();
  TS_CHECK(info->abi == TORCHSCRATCH_PLUGIN_ABI, NotSupportedError, "plugin: ", path, ": built for plugin ABI ",
           info->abi, " but this library has ABI ", TORCHSCRATCH_PLUGIN_ABI,
           "; build it again with this library's headers");
  TS_CHECK(info->layout == detail::plugin_layout(), NotSupportedError, "plugin: ", path,
           ": built with other headers or another compiler; build it again with this library's headers");
  const Plugin& plugin = publish(all, info->name, path, fill_registry(info->name, info->fill));
  all.by_library.emplace(library, &plugin);
  return plugin;
}

const Plugin& register_operators(const std::string& name, const std::function<void(OperatorRegistry&)>& fill) {
  OperatorRegistry registry = fill_registry(name, fill);
  Registered& all = registered();
  const std::lock_guard lock(all.mutex);
  return publish(all, name, "", std::move(registry));
}

const PluginOperator& find_operator(const std::string& name) {
  Registered& all = registered();
  const std::lock_guard lock(all.mutex);
  if (const auto found = all.by_name.find(name); found != all.by_name.end()) return *found->second;
  std::string known;
  for (const auto& entry : all.by_name) known += (known.empty() ? "" : ", ") + entry.first;
  throw ValueError(
      format("operator: there is no ", name, known.empty() ? "; no plugin is loaded" : "; known operators: ", known));
}

}  // namespace ts
