// What every module has, whatever it computes: named parameters, buffers and children.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "torchscratch/nn/handle.h"
#include "torchscratch/safetensors.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

/// A state and a model do not fit together; nothing was loaded.
class TS_API StateDictError : public Error {
 public:
  StateDictError(const std::string& model, std::vector<std::string> missing, std::vector<std::string> unexpected,
                 std::vector<std::string> mismatches);
  /// Names that the model has and the state has not.
  const std::vector<std::string>& missing_keys() const { return missing_; }
  /// Names that the state has and the model has not.
  const std::vector<std::string>& unexpected_keys() const { return unexpected_; }
  /// Tensors of another shape: the name, what was expected and what came.
  const std::vector<std::string>& mismatches() const { return mismatches_; }

 private:
  std::vector<std::string> missing_, unexpected_, mismatches_;
};

/// A part of a model: parameters, buffers (state that is not learned) and other modules, each registered under a name.
/// The names, joined by dots, are the keys of a state and equal PyTorch's. A derived class has a `forward`, which a
/// Handle calls. Registered in a constructor or a member's initializer, read from any thread, changed from one.
class TS_API Module {
 public:
  /// `name` is what the module is called in texts and errors: the name of its class.
  explicit Module(std::string name = "Module") : name_(std::move(name)) {}
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const std::string& name() const { return name_; }
  /// Whether modules such as Dropout behave as in training; true at first.
  bool is_training() const { return training_; }
  /// Sets this module and all below it to training, or to evaluation.
  void train(bool on = true);
  void eval() { train(false); }

  /// Of this module and those below it; a shared one comes once, under its first name.
  TensorList parameters() const;
  NamedTensors named_parameters() const;
  NamedTensors named_buffers() const;
  /// This module, named "", and all below it, outermost first; a shared one comes once.
  std::vector<std::pair<std::string, Module*>> named_modules();
  /// Calls `action` with this module and all below it, the innermost first, as for an initialization.
  void apply(const std::function<void(Module&)>& action);

  /// Drops the gradients of all parameters, or sets them to 0.
  void zero_grad(bool set_to_none = true);
  /// Makes all parameters learn, or none.
  void requires_grad_(bool value = true);
  /// Converts floating-point parameters and buffers, and drops gradients and hooks. They stay the same tensors, so
  /// whoever holds them sees the change; a graph recorded before it cannot be differentiated any more. Throws
  /// DTypeError for a type that is not floating-point.
  void to(DType dtype);

  /// All parameters and persistent buffers by name, in PyTorch's order. They share memory with the module's and take no
  /// part in autograd.
  NamedTensors state_dict() const;
  /// Copies values in, converting the element type if need be: all, or none when something does not fit. With `strict`
  /// missing and unexpected names are errors; shapes must agree in any case. Throws StateDictError, which lists
  /// everything that does not fit.
  void load_state_dict(const NamedTensors& state, bool strict = true);
  /// Writes the state as a .safetensors file, which PyTorch and the C# layer read. Throws IOError.
  void save(const std::string& path, const Metadata& metadata = {}) const;
  /// Reads what save wrote, or a .safetensors file of PyTorch's. Throws IOError and StateDictError.
  void load(const std::string& path, bool strict = true);

  /// This module and all below it, one line each, as PyTorch prints them.
  std::string to_string() const;

 protected:
  /// What stands between the parentheses of this module's own line, such as "p=0.5".
  virtual std::string description() const { return ""; }

  // A name is not empty, has no dots and is not used yet; else they throw ValueError. All return what they were given,
  // so that one line registers and stores it.

  /// `value` is a floating-point leaf, no view of another tensor.
  Tensor register_parameter(const std::string& name, Tensor value, bool requires_grad = true);
  /// A tensor that is not learned. With `persistent` it belongs into the state.
  Tensor register_buffer(const std::string& name, Tensor value, bool persistent = true);
  template <class M>
  std::shared_ptr<M> register_module(const std::string& name, std::shared_ptr<M> module) {
    add_child(name, module);
    return module;
  }
  template <class Impl>
  Handle<Impl> register_module(const std::string& name, Handle<Impl> module) {
    add_child(name, module.ptr());
    return module;
  }

 private:
  struct Entry {
    std::string name;
    Tensor tensor;
    bool persistent = true;
  };

  void add_child(const std::string& name, std::shared_ptr<Module> module);
  void check_name(const std::string& name) const;
  void print(std::string& text, std::size_t indent) const;
  void collect_state(NamedTensors& state, const std::string& prefix) const;
  static NamedTensors named(const std::vector<std::pair<std::string, Module*>>& modules,
                            std::vector<Entry> Module::*entries);

  std::string name_;
  bool training_ = true;
  std::vector<Entry> parameters_, buffers_;
  std::vector<std::pair<std::string, std::shared_ptr<Module>>> children_;
};

/// Writes to_string().
TS_API std::ostream& operator<<(std::ostream& stream, const Module& module);

/// A module that makes one tensor of one: what a Sequential is made of.
class TS_API Layer : public Module {
 public:
  explicit Layer(std::string name = "Layer") : Module(std::move(name)) {}
  virtual Tensor forward(const Tensor& input) = 0;
  Tensor operator()(const Tensor& input) { return forward(input); }
};

}  // namespace ts::nn
