// Modules: registration, modes and the tree of submodules.
#include "torchscratch/nn/module.h"

#include <algorithm>
#include <ostream>
#include <unordered_set>

#include "torchscratch/autograd.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/zero.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

namespace {

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : format(path, ".", name);
}

// Converts the tensor itself, so that everything that holds it sees the change.
void convert_in_place(const Tensor& tensor, DType dtype) {
  if (!is_floating(tensor.dtype()) || tensor.dtype() == dtype) return;
  const NoGrad no_grad;
  set_data(tensor, to(tensor.detach(), dtype));
}

}  // namespace

void Module::train(bool on) {
  for (const auto& [name, module] : named_modules()) module->training_ = on;
}

TensorList Module::parameters() const {
  TensorList tensors;
  for (auto& [name, tensor] : named_parameters()) tensors.push_back(std::move(tensor));
  return tensors;
}

NamedTensors Module::named_parameters() const {
  return named(const_cast<Module*>(this)->named_modules(), &Module::parameters_);
}

NamedTensors Module::named_buffers() const {
  return named(const_cast<Module*>(this)->named_modules(), &Module::buffers_);
}

NamedTensors Module::named(const std::vector<std::pair<std::string, Module*>>& modules,
                           std::vector<Entry> Module::*entries) {
  NamedTensors tensors;
  std::unordered_set<const TensorImpl*> seen;
  for (const auto& [path, module] : modules) {
    for (const Entry& entry : module->*entries) {
      if (seen.insert(entry.tensor.impl()).second) tensors.emplace_back(join(path, entry.name), entry.tensor);
    }
  }
  return tensors;
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> found;
  std::unordered_set<const Module*> seen;
  // Depth-first with an explicit stack, so that a deep model cannot overflow the call stack.
  std::vector<std::pair<std::string, Module*>> pending = {{"", this}};
  while (!pending.empty()) {
    const auto [path, module] = std::move(pending.back());
    pending.pop_back();
    if (!seen.insert(module).second) continue;
    found.emplace_back(path, module);
    // In reverse, so that the first child is on top of the stack.
    for (auto child = module->children_.rbegin(); child != module->children_.rend(); ++child) {
      pending.emplace_back(join(path, child->first), child->second.get());
    }
  }
  return found;
}

void Module::apply(const std::function<void(Module&)>& action) {
  const auto modules = named_modules();
  for (auto entry = modules.rbegin(); entry != modules.rend(); ++entry) action(*entry->second);
}

void Module::zero_grad(bool set_to_none) {
  const NoGrad no_grad;
  for (const Tensor& parameter : parameters()) {
    if (set_to_none) parameter.set_grad({});
    else if (const Tensor grad = parameter.grad(); grad.defined()) zero_(grad);
  }
}

void Module::requires_grad_(bool value) {
  for (Tensor& parameter : parameters()) parameter.requires_grad_(value);
}

void Module::to(DType dtype) {
  TS_CHECK(is_floating(dtype), DTypeError, name_, "::to: parameters must have a floating dtype, got ",
           dtype_name(dtype));
  for (const Tensor& parameter : parameters()) convert_in_place(parameter, dtype);
  for (const auto& [name, buffer] : named_buffers()) convert_in_place(buffer, dtype);
}

void Module::to(Device device) {
  const NoGrad no_grad;
  // All copies are made first, so that a device without room for them leaves the module as it is.
  std::vector<std::pair<Tensor, Tensor>> moved;
  TensorList gradients;
  const auto move = [&](const Tensor& tensor) {
    if (tensor.device() == device) return;
    moved.emplace_back(tensor, ts::to(tensor.detach(), device));
    const Tensor gradient = tensor.grad();
    gradients.push_back(gradient.defined() ? ts::to(gradient, device) : gradient);
  };
  for (const Tensor& parameter : parameters()) move(parameter);
  for (const auto& [name, buffer] : named_buffers()) move(buffer);
  for (std::size_t i = 0; i < moved.size(); ++i) {
    set_data(moved[i].first, moved[i].second);
    if (gradients[i].defined()) moved[i].first.set_grad(gradients[i]);
  }
}

Tensor Module::register_parameter(const std::string& name, Tensor value, bool requires_grad) {
  check_name(name);
  TS_CHECK(value.defined() && is_floating(value.dtype()), DTypeError, name_, ": parameter ", name,
           " must be a floating tensor, got ", describe(value));
  TS_CHECK(value.is_leaf() && !value.is_view(), AutogradError, name_, ": parameter ", name,
           " is the result of a recorded operation or a view; pass clone(value).detach()");
  value.requires_grad_(requires_grad);
  parameters_.push_back({name, value});
  return value;
}

Tensor Module::register_buffer(const std::string& name, Tensor value, bool persistent) {
  check_name(name);
  TS_CHECK(value.defined() && !value.requires_grad(), AutogradError, name_, ": buffer ", name,
           " must be a tensor that does not require a gradient");
  buffers_.push_back({name, value, persistent});
  return value;
}

Tensor Module::register_optional_buffer(const std::string& name, Tensor value) {
  value = register_buffer(name, std::move(value));
  buffers_.back().optional = true;
  return value;
}

void Module::add_child(const std::string& name, std::shared_ptr<Module> module) {
  check_name(name);
  TS_CHECK(module, ValueError, name_, ": module ", name, " is empty");
  for (const auto& [path, part] : module->named_modules()) {
    TS_CHECK(part != this, ValueError, name_, ": ", name, " contains this module, which cannot contain itself");
  }
  children_.emplace_back(name, std::move(module));
}

void Module::check_name(const std::string& name) const {
  TS_CHECK(!name.empty() && name.find('.') == std::string::npos, ValueError, name_, ": the name \"", name,
           "\" is empty or contains a dot, which separates names in a path");
  const auto is_name = [&](const auto& entry) { return entry.name == name; };
  const bool used =
      std::any_of(parameters_.begin(), parameters_.end(), is_name) ||
      std::any_of(buffers_.begin(), buffers_.end(), is_name) ||
      std::any_of(children_.begin(), children_.end(), [&](const auto& child) { return child.first == name; });
  TS_CHECK(!used, ValueError, name_, ": the name ", name, " is used already");
}

std::string Module::to_string() const {
  std::string text;
  print(text, 0);
  return text;
}

void Module::print(std::string& text, std::size_t indent) const {
  text += format(name_, "(", description());
  for (const auto& [name, child] : children_) {
    text += format("\n", std::string(indent + 2, ' '), "(", name, "): ");
    child->print(text, indent + 2);
  }
  if (!children_.empty()) text.append("\n").append(indent, ' ');
  text += ")";
}

std::ostream& operator<<(std::ostream& stream, const Module& module) { return stream << module.to_string(); }

}  // namespace ts::nn
