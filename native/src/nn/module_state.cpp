// The state of a module, that is, its parameters and buffers by name, in memory and in files.
#include <map>
#include <unordered_set>

#include "torchscratch/autograd.h"
#include "torchscratch/nn/module.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

namespace {

void list(std::string& text, const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  text += std::string("\n") + what + ": ";
  for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? "; " : "") + names[i];
}

std::string explain(const std::string& model, const std::vector<std::string>& missing,
                    const std::vector<std::string>& unexpected, const std::vector<std::string>& mismatches) {
  std::string text = "The state does not fit " + model + "; nothing was loaded.";
  list(text, "missing", missing);
  list(text, "unexpected", unexpected);
  list(text, "of another shape", mismatches);
  return text;
}

}  // namespace

StateDictError::StateDictError(const std::string& model, std::vector<std::string> missing,
                               std::vector<std::string> unexpected, std::vector<std::string> mismatches)
    : Error(ErrorKind::Value, explain(model, missing, unexpected, mismatches)),
      missing_(std::move(missing)),
      unexpected_(std::move(unexpected)),
      mismatches_(std::move(mismatches)) {}

// A tensor that is registered under two names is listed under both, as in a state of PyTorch's.
void Module::collect_state(NamedTensors& state, const std::string& prefix) const {
  for (const Entry& entry : parameters_) state.emplace_back(prefix + entry.name, entry.tensor);
  for (const Entry& entry : buffers_) {
    if (entry.persistent) state.emplace_back(prefix + entry.name, entry.tensor);
  }
  for (const auto& [name, child] : children_) child->collect_state(state, prefix + name + ".");
}

NamedTensors Module::state_dict() const {
  NamedTensors state;
  collect_state(state, "");
  for (auto& [name, tensor] : state) tensor = tensor.detach();
  return state;
}

void Module::load_state_dict(const NamedTensors& state, bool strict) {
  std::map<std::string, Tensor> given(state.begin(), state.end());
  NamedTensors targets;
  collect_state(targets, "");
  std::unordered_set<std::string> known;
  std::vector<std::string> missing, unexpected, mismatches;
  std::vector<std::pair<Tensor, Tensor>> copies;
  for (const auto& [name, target] : targets) {
    known.insert(name);
    const auto source = given.find(name);
    if (source == given.end()) missing.push_back(name);
    else if (!source->second.defined() || source->second.sizes() != target.sizes())
      mismatches.push_back(format(name, ": expected ", describe(target), ", got ", describe(source->second)));
    else copies.emplace_back(target, source->second);
  }
  for (const auto& [name, tensor] : state) {
    if (known.count(name) == 0) unexpected.push_back(name);
  }
  if (!mismatches.empty() || (strict && (!missing.empty() || !unexpected.empty())))
    throw StateDictError(name_, std::move(missing), std::move(unexpected), std::move(mismatches));
  const NoGrad no_grad;
  for (const auto& [target, source] : copies) copy_(target, source);
}

void Module::save(const std::string& path, const Metadata& metadata) const {
  save_safetensors(path, state_dict(), metadata);
}

void Module::load(const std::string& path, bool strict) { load_state_dict(load_safetensors(path), strict); }

}  // namespace ts::nn
