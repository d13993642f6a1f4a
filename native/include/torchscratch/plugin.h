// Operators from shared libraries, loaded at run time. A plugin is compiled against these headers:
//
//     #include <torchscratch/plugin.h>
//
//     ts::Tensor swish(const ts::Tensor& x, double beta) { return x * ts::sigmoid(x * beta); }
//
//     TS_PLUGIN(my, registry) {
//       registry.add("swish", swish, "x * sigmoid(beta x)");
//     }
//
// Composed of the library's operators, as here, it is differentiable as it stands; one with a backward of its own goes
// through ts::Function. Either way it is seen by the profiler, and named in errors, as my::swish.
#pragma once

#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "torchscratch/torchscratch.h"

/// Raised with every change that makes plugins compiled before unusable.
#ifndef TORCHSCRATCH_PLUGIN_ABI
#define TORCHSCRATCH_PLUGIN_ABI 1
#endif

namespace ts {

/// What a parameter takes. Tensors and numbers are passed in lists of their own, each in order.
enum class ParameterKind { Tensor, Double, Int, Bool, Scalar };

/// An operator that a plugin brought. Lives as long as the process.
struct TS_API PluginOperator {
  std::string name;  ///< "my::swish"
  std::string doc;
  std::vector<ParameterKind> parameters;
  std::function<TensorList(Span<const Tensor> tensors, Span<const Scalar> numbers)> body;

  /// "my::swish(Tensor, double)"
  std::string signature() const;
  /// Checks the number and the kinds of the arguments, and calls. Throws ValueError, or what the operator throws.
  TensorList call(Span<const Tensor> tensors, Span<const Scalar> numbers) const;
};

/// Takes the operators of one plugin.
class TS_API OperatorRegistry {
 public:
  explicit OperatorRegistry(std::string prefix) : prefix_(std::move(prefix)) {}

  /// `function` takes Tensors, doubles, std::int64_ts, bools or Scalars, in any order, and returns a Tensor or a
  /// TensorList. `name` is lower case: letters, digits and underscores.
  template <class Result, class... Args>
  void add(const std::string& name, Result (*function)(Args...), const std::string& doc = "") {
    PluginOperator op;
    op.name = name;
    op.doc = doc;
    op.parameters = {kind_of<std::decay_t<Args>>()...};
    op.body = [function](Span<const Tensor> tensors, Span<const Scalar> numbers) {
      [[maybe_unused]] std::size_t tensor = 0;
      [[maybe_unused]] std::size_t number = 0;
      // Braces evaluate in order, which a call's parentheses do not.
      std::tuple<std::decay_t<Args>...> values{take<std::decay_t<Args>>(tensors, tensor, numbers, number)...};
      if constexpr (std::is_same_v<Result, Tensor>) return TensorList{std::apply(function, values)};
      else return TensorList(std::apply(function, values));
    };
    add(std::move(op));
  }
  /// The general form; throws ValueError for a name that is taken or is none.
  void add(PluginOperator op);

  std::vector<PluginOperator> operators;

 private:
  template <class T>
  static constexpr ParameterKind kind_of() {
    if constexpr (std::is_same_v<T, Tensor>) return ParameterKind::Tensor;
    else if constexpr (std::is_same_v<T, bool>) return ParameterKind::Bool;
    else if constexpr (std::is_same_v<T, Scalar>) return ParameterKind::Scalar;
    else if constexpr (std::is_floating_point_v<T>) return ParameterKind::Double;
    else {
      static_assert(std::is_integral_v<T>, "an operator takes Tensor, double, std::int64_t, bool or Scalar");
      return ParameterKind::Int;
    }
  }
  template <class T>
  static T take(Span<const Tensor> tensors, std::size_t& tensor, Span<const Scalar> numbers, std::size_t& number) {
    if constexpr (std::is_same_v<T, Tensor>) return tensors[tensor++];
    else if constexpr (std::is_same_v<T, bool>) return numbers[number++].to_bool();
    else if constexpr (std::is_same_v<T, Scalar>) return numbers[number++];
    else if constexpr (std::is_floating_point_v<T>) return static_cast<T>(numbers[number++].to_double());
    else return static_cast<T>(numbers[number++].to_int());
  }

  std::string prefix_;
};

/// A plugin that is loaded. Lives as long as the process: graphs may hold its code.
struct Plugin {
  std::string name;
  std::string path;
  std::vector<const PluginOperator*> operators;
};

/// Loads a plugin and registers its operators; the same file again gives the same plugin. Throws IOError for a file
/// that is missing or no plugin, NotSupportedError for one built against other headers, ValueError for names that are
/// taken.
TS_API const Plugin& load_plugin(const std::string& path);

/// Registers operators of the program itself, as a plugin of this name.
TS_API const Plugin& register_operators(const std::string& name, const std::function<void(OperatorRegistry&)>& fill);

/// By its full name. Throws ValueError, which lists what there is.
TS_API const PluginOperator& find_operator(const std::string& name);

/// What a plugin tells of itself before anything of it runs.
struct PluginInfo {
  std::uint32_t abi;
  std::uint32_t layout;  ///< of the classes that cross the border; differs between compilers and versions
  const char* name;
  void (*fill)(OperatorRegistry& registry);
};

namespace detail {
constexpr std::uint32_t plugin_layout() {
  std::uint32_t layout = static_cast<std::uint32_t>(sizeof(void*));
  for (const std::size_t size : {sizeof(TensorImpl), sizeof(Storage), sizeof(Node), sizeof(Scalar), sizeof(std::string),
                                 sizeof(PluginOperator), sizeof(FunctionContext)}) {
    layout = layout * 31 + static_cast<std::uint32_t>(size);
  }
  return layout;
}
}  // namespace detail
}  // namespace ts

#if defined(_WIN32)
#define TS_PLUGIN_EXPORT extern "C" __declspec(dllexport)
#else
#define TS_PLUGIN_EXPORT extern "C" __attribute__((visibility("default")))
#endif

/// Once in a shared library, before a body that adds operators to `registry`. `name` comes before each one's.
#define TS_PLUGIN(plugin_name, registry)                                                                     \
  static void torchscratch_plugin_fill(::ts::OperatorRegistry& registry);                                    \
  TS_PLUGIN_EXPORT const ::ts::PluginInfo* torchscratch_plugin() {                                           \
    static const ::ts::PluginInfo info{TORCHSCRATCH_PLUGIN_ABI, ::ts::detail::plugin_layout(), #plugin_name, \
                                       &torchscratch_plugin_fill};                                           \
    return &info;                                                                                            \
  }                                                                                                          \
  static void torchscratch_plugin_fill(::ts::OperatorRegistry& registry)
