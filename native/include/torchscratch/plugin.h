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
// An operator that is composed of the library's operators, like this one, is differentiable as it is;
// ts::Function defines one with a custom backward. Either way it appears in the profiler and in errors as my::swish.
#pragma once

#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "torchscratch/torchscratch.h"

/// Raised with every change after which plugins must be compiled again.
#ifndef TORCHSCRATCH_PLUGIN_ABI
#define TORCHSCRATCH_PLUGIN_ABI 2
#endif

namespace ts {

/// The type of a parameter. A call passes tensors in one list and numbers in another, each in the order of
/// the parameters.
enum class ParameterKind { Tensor, Double, Int, Bool, Scalar };

/// An operator of a plugin. Lives as long as the process.
struct TS_API PluginOperator {
  std::string name;  ///< the full name, such as "my::swish"
  std::string doc;
  std::vector<ParameterKind> parameters;
  std::function<TensorList(Span<const Tensor> tensors, Span<const Scalar> numbers)> body;

  /// Name and parameters, such as "my::swish(Tensor, double)".
  std::string signature() const;
  /// Calls the operator. Throws ValueError if the number or the kinds of the arguments do not match its parameters or
  /// if it returns an undefined tensor, and passes on any exception that the operator throws.
  TensorList call(Span<const Tensor> tensors, Span<const Scalar> numbers) const;
};

/// Collects the operators of one plugin.
class TS_API OperatorRegistry {
 public:
  /// `prefix` is the plugin's name, which stands before the names of its operators.
  explicit OperatorRegistry(std::string prefix) : prefix_(std::move(prefix)) {}

  /// Adds an operator. `function` takes parameters of type Tensor, double, std::int64_t, bool or Scalar, in any order,
  /// and returns a Tensor or a TensorList. `name` consists of lower-case letters, digits and underscores.
  template <class Result, class... Args>
  void add(const std::string& name, Result (*function)(Args...), const std::string& doc = "") {
    PluginOperator op;
    op.name = name;
    op.doc = doc;
    op.parameters = {kind_of<std::decay_t<Args>>()...};
    op.body = [function](Span<const Tensor> tensors, Span<const Scalar> numbers) {
      [[maybe_unused]] std::size_t tensor = 0;
      [[maybe_unused]] std::size_t number = 0;
      // Arguments between braces are evaluated in order, which those of a call are not.
      std::tuple<std::decay_t<Args>...> values{take<std::decay_t<Args>>(tensors, tensor, numbers, number)...};
      if constexpr (std::is_same_v<Result, Tensor>) return TensorList{std::apply(function, values)};
      else return TensorList(std::apply(function, values));
    };
    add(std::move(op));
  }
  /// The general form. Throws ValueError if the name is invalid or used already.
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
    else return numbers[number++].to<T>();
  }

  std::string prefix_;
};

/// A loaded plugin. It is never unloaded, because graphs may refer to its code.
struct Plugin {
  std::string name;
  std::string path;
  std::vector<const PluginOperator*> operators;
};

/// Loads a plugin and registers its operators. Loading the same file again returns the same plugin. Throws IOError if
/// the file is missing or is not a plugin, NotSupportedError if it was built against other headers or by another
/// compiler, and ValueError if an operator's name is used already.
TS_API const Plugin& load_plugin(const std::string& path);

/// Registers operators of the program itself as if they came from a plugin of this name. Throws ValueError if a name is
/// invalid or used already.
TS_API const Plugin& register_operators(const std::string& name, const std::function<void(OperatorRegistry&)>& fill);

/// Finds an operator by its full name. Throws ValueError, with a list of all operators, if there is none.
TS_API const PluginOperator& find_operator(const std::string& name);

/// What a plugin's only exported function returns; it is checked before anything else of the plugin is called.
struct PluginInfo {
  std::uint32_t abi;     ///< TORCHSCRATCH_PLUGIN_ABI when the plugin was compiled
  std::uint32_t layout;  ///< a hash of the sizes of shared classes, which differ between compilers and versions
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

/// Defines a plugin; used once in a shared library and followed by a body that adds operators to `registry`. The
/// plugin's name stands before the names of its operators.
#define TS_PLUGIN(plugin_name, registry)                                                                     \
  static void torchscratch_plugin_fill(::ts::OperatorRegistry& registry);                                    \
  TS_PLUGIN_EXPORT const ::ts::PluginInfo* torchscratch_plugin() {                                           \
    static const ::ts::PluginInfo info{TORCHSCRATCH_PLUGIN_ABI, ::ts::detail::plugin_layout(), #plugin_name, \
                                       &torchscratch_plugin_fill};                                           \
    return &info;                                                                                            \
  }                                                                                                          \
  static void torchscratch_plugin_fill(::ts::OperatorRegistry& registry)
