// The state of a module, that is, its parameters and buffers by name, in memory and in files.
#include <map>
#include <unordered_set>

#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/nn/module.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/eq.g.h"
#include "torchscratch/ops/isfinite.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/trunc.g.h"
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

// What is wrong with a value, to be put behind its description; null if nothing is.
const char* why_not(const Tensor& target, const Tensor& source) {
  if (!source.defined() || source.sizes() != target.sizes()) return "";
  if (is_floating(target.dtype()) || !is_floating(source.dtype())) return nullptr;
  // A count that is copied from a fraction, or from NaN, would be another number.
  const NoGrad no_grad;
  const Tensor whole = eq(trunc(source.detach()), source.detach());
  const bool fits = host_value<bool>(all(logical_and(whole, isfinite(source.detach()))));
  return fits ? nullptr : " with numbers that are not whole";
}

}  // namespace

StateDictError::StateDictError(const std::string& model, std::vector<std::string> missing,
                               std::vector<std::string> unexpected, std::vector<std::string> mismatches)
    : Error(ErrorKind::Value, explain(model, missing, unexpected, mismatches)),
      missing_(std::move(missing)),
      unexpected_(std::move(unexpected)),
      mismatches_(std::move(mismatches)) {}

// A tensor that is registered under two names is listed under both, as in a state of PyTorch's.
void Module::collect_state(std::vector<Entry>& state, const std::string& prefix) const {
  for (const std::vector<Entry>* entries : {&parameters_, &buffers_}) {
    for (const Entry& entry : *entries) {
      if (!entry.persistent) continue;
      state.push_back(entry);
      state.back().name = prefix + entry.name;
    }
  }
  for (const auto& [name, child] : children_) child->collect_state(state, prefix + name + ".");
}

NamedTensors Module::state_dict() const {
  std::vector<Entry> entries;
  collect_state(entries, "");
  NamedTensors state;
  for (const Entry& entry : entries) state.emplace_back(entry.name, entry.tensor.detach());
  return state;
}

LoadResult Module::load_state_dict(const NamedTensors& state, bool strict, bool skip_mismatched) {
  std::vector<Entry> targets;
  collect_state(targets, "");
  std::map<std::string, Tensor> given;
  std::unordered_set<std::string> known;
  std::vector<std::string> mismatches;
  LoadResult result;
  for (const auto& [name, tensor] : state) {
    if (!given.emplace(name, tensor).second) throw StateDictError(name_, {}, {}, {name + ": it is in the state twice"});
  }
  std::vector<std::pair<Tensor, Tensor>> copies;
  for (const Entry& target : targets) {
    known.insert(target.name);
    const auto source = given.find(target.name);
    if (source == given.end()) {
      if (!target.optional) result.missing_keys.push_back(target.name);
      continue;
    }
    const char* const problem = why_not(target.tensor, source->second);
    if (problem == nullptr) {
      copies.emplace_back(target.tensor, source->second);
      continue;
    }
    result.mismatched_keys.push_back(target.name);
    mismatches.push_back(
        format(target.name, ": expected ", describe(target.tensor), ", got ", describe(source->second), problem));
  }
  for (const auto& [name, tensor] : state) {
    if (known.count(name) == 0) result.unexpected_keys.push_back(name);
  }
  if ((!mismatches.empty() && !skip_mismatched) ||
      (strict && (!result.missing_keys.empty() || !result.unexpected_keys.empty()))) {
    throw StateDictError(name_, std::move(result.missing_keys), std::move(result.unexpected_keys),
                         std::move(mismatches));
  }
  const NoGrad no_grad;
  for (const auto& [target, source] : copies) copy_(target, source);
  return result;
}

void Module::save(const std::string& path, const Metadata& metadata) const {
  save_safetensors(path, state_dict(), metadata);
}

LoadResult Module::load(const std::string& path, bool strict, bool skip_mismatched) {
  return load_state_dict(load_safetensors(path), strict, skip_mismatched);
}

}  // namespace ts::nn
