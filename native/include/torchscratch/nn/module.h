// The base class of modules: named parameters, buffers and submodules.
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

/// Thrown if a state does not match the model, of which nothing is loaded then.
class TS_API StateDictError : public Error {
 public:
  StateDictError(const std::string& model, std::vector<std::string> missing, std::vector<std::string> unexpected,
                 std::vector<std::string> mismatches);
  /// Names that the model has but the state does not.
  const std::vector<std::string>& missing_keys() const { return missing_; }
  /// Names that the state has but the model does not.
  const std::vector<std::string>& unexpected_keys() const { return unexpected_; }
  /// Tensors whose shapes differ, such as "weight: expected float32[2, 3], got float32[3, 2]".
  const std::vector<std::string>& mismatches() const { return mismatches_; }

 private:
  std::vector<std::string> missing_, unexpected_, mismatches_;
};

/// What load_state_dict did not load. All lists are empty if the state fitted the model exactly.
struct LoadResult {
  std::vector<std::string> missing_keys;     // the model has them and the state lacks them
  std::vector<std::string> unexpected_keys;  // the state has them and the model lacks them
  std::vector<std::string> mismatched_keys;  // their tensors have another shape
  bool is_complete() const { return missing_keys.empty() && unexpected_keys.empty() && mismatched_keys.empty(); }
};

/// A part of a model. It has parameters, buffers (state that is not learned) and submodules, each registered under a
/// name in the constructor or in a member's initializer. Names joined by dots are the keys of a state and equal
/// PyTorch's. A derived class has a `forward`, which Handle calls. Several threads may read a module, but only one may
/// change it.
class TS_API Module {
 public:
  /// `name` is the name of the module's class, used in texts and errors.
  explicit Module(std::string name = "Module") : name_(std::move(name)) {}
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const std::string& name() const { return name_; }
  /// Whether the module, for example a Dropout, behaves as in training; initially true.
  bool is_training() const { return training_; }
  /// Switches this module and all submodules to training or to evaluation.
  void train(bool on = true);
  void eval() { train(false); }

  /// The parameters of this module and of all submodules. A shared one occurs once, under its first name.
  TensorList parameters() const;
  NamedTensors named_parameters() const;
  /// The same for buffers.
  NamedTensors named_buffers() const;
  /// This module, under the name "", and all submodules, a module before its submodules. A shared one occurs once.
  std::vector<std::pair<std::string, Module*>> named_modules();
  /// Calls `action` with all submodules and this module, a module after its submodules; useful for initialization.
  void apply(const std::function<void(Module&)>& action);

  /// Removes the gradients of all parameters or, without `set_to_none`, sets them to 0.
  void zero_grad(bool set_to_none = true);
  /// Sets requires_grad of all parameters.
  void requires_grad_(bool value = true);
  /// Converts all floating parameters and buffers to `dtype` and drops gradients and hooks of those that change. The
  /// tensors stay the same objects, so everything that holds them sees the change; a backward pass through a graph that
  /// saved them before throws AutogradError. Throws DTypeError if `dtype` is not floating.
  void to(DType dtype);
  /// Moves all parameters with their gradients, and all buffers, to a device; hooks of those that move are dropped. The
  /// tensors stay the same objects. Throws DeviceError if there is no such device, and OutOfMemoryError, in which case
  /// nothing has moved.
  void to(Device device);

  /// All parameters and persistent buffers by name, in PyTorch's order. They share memory with those of the module but
  /// are detached.
  NamedTensors state_dict() const;
  /// Copies the values of a state into the module, converted to its dtypes. If anything does not match, nothing is
  /// copied and StateDictError is thrown, which lists everything that does not. Missing and unexpected names are errors
  /// only if `strict`, other shapes only without `skip_mismatched`; the result lists what was left out. A name must not
  /// come twice. A
  /// num_batches_tracked may be missing, as it is from states that old versions of PyTorch saved; it stays as it is.
  LoadResult load_state_dict(const NamedTensors& state, bool strict = true, bool skip_mismatched = false);
  /// Writes the state to a .safetensors file, which PyTorch and the C# layer can read. Throws IOError.
  void save(const std::string& path, const Metadata& metadata = {}) const;
  /// Loads a .safetensors file that save() or PyTorch wrote. Throws IOError and StateDictError.
  LoadResult load(const std::string& path, bool strict = true, bool skip_mismatched = false);

  /// This module and all submodules, one line each, as PyTorch prints them.
  std::string to_string() const;

 protected:
  /// The text between the parentheses on the module's own line, such as "p=0.5".
  virtual std::string description() const { return ""; }

  // The register functions return what they were given, so that a single line can register and store it. They throw
  // ValueError if the name is empty, contains a dot or is used already.

  /// Registers a tensor that is learned. Throws DTypeError unless it is floating, AutogradError if it is the result of
  /// a recorded operation or a view.
  Tensor register_parameter(const std::string& name, Tensor value, bool requires_grad = true);
  /// Registers a tensor that is not learned; if `persistent`, it is part of the state. Throws AutogradError if it
  /// requires a gradient.
  Tensor register_buffer(const std::string& name, Tensor value, bool persistent = true);
  /// Registers a buffer that a state need not have.
  Tensor register_optional_buffer(const std::string& name, Tensor value);
  /// Registers a submodule. Throws ValueError if it is empty or contains this module.
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
    bool optional = false;  // a state need not have it, because older ones do not
  };

  void add_child(const std::string& name, std::shared_ptr<Module> module);
  void check_name(const std::string& name) const;
  void print(std::string& text, std::size_t indent) const;
  void collect_state(std::vector<Entry>& state, const std::string& prefix) const;
  static NamedTensors named(const std::vector<std::pair<std::string, Module*>>& modules,
                            std::vector<Entry> Module::*entries);

  std::string name_;
  bool training_ = true;
  std::vector<Entry> parameters_, buffers_;
  std::vector<std::pair<std::string, std::shared_ptr<Module>>> children_;
};

/// Writes to_string().
TS_API std::ostream& operator<<(std::ostream& stream, const Module& module);

/// A module whose forward takes one tensor and returns one; a Sequential consists of such modules.
class TS_API Layer : public Module {
 public:
  explicit Layer(std::string name = "Layer") : Module(std::move(name)) {}
  virtual Tensor forward(const Tensor& input) = 0;
  Tensor operator()(const Tensor& input) { return forward(input); }
};

}  // namespace ts::nn
