// Gradients of calls of which only a part is used. Each function of the operator table is called with each subset of
// its optional arguments and with each value of its enums and flags; then gradients flow from each subset of its
// results and into each operand alone. They must be those of the full call, and the ones that finite differences give.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "gradcheck.h"
#include "samples.h"

namespace ts::test {
namespace {

constexpr std::size_t kMostCombinations = 1024;  // of optional arguments, enums and flags, for each function
constexpr int kMostSamples = 4;                  // calls of each function to start from
constexpr std::size_t kMostTries = 3000;         // to find values for a subset of the optional arguments

using Mask = std::size_t;

// ---- Calls ----

// The positions of arguments that callers may leave out.
std::vector<std::size_t> optional_arguments(const OpCall& op) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < op.arguments.size(); ++i) {
    if (op.arguments[i].optional) found.push_back(i);
  }
  return found;
}

bool is_given(const Value& value) { return !std::holds_alternative<std::monostate>(value); }

// Advances the digits `at` of the given radices; false after the last combination.
bool next(std::vector<std::size_t>& at, const std::vector<std::size_t>& radices) {
  for (std::size_t i = at.size(); i-- > 0;) {
    if (++at[i] < radices[i]) return true;
    at[i] = 0;
  }
  return false;
}

bool succeeds(const OpCall& op, const Values& values) {
  std::string complaint;
  const Values copies = with_tensors(values, [](const Tensor& tensor) { return clone(tensor); });
  const bool success = failure_of(op, copies, nullptr, &complaint).empty();
  EXPECT_EQ(complaint, "");
  return success;
}

// Gives the optional arguments in `mask` the first values with which the call succeeds.
bool give(const OpCall& op, Mask mask, Values* values) {
  const std::vector<std::size_t> optional = optional_arguments(op);
  std::vector<std::size_t> given, radices;
  std::vector<std::vector<Value>> choices;
  for (std::size_t k = 0; k < optional.size(); ++k) {
    (*values)[optional[k]] = Value{};
    if ((mask >> k & 1) == 0) continue;
    std::vector<Value> candidates = property_candidates(op, op.arguments[optional[k]]);
    std::erase_if(candidates, [](const Value& value) { return !is_given(value); });
    if (candidates.empty()) return false;
    given.push_back(optional[k]);
    radices.push_back(candidates.size());
    choices.push_back(std::move(candidates));
  }
  std::vector<std::size_t> at(given.size(), 0);
  for (std::size_t tries = 0; tries < kMostTries; ++tries) {
    for (std::size_t k = 0; k < given.size(); ++k) (*values)[given[k]] = choices[k][at[k]];
    if (succeeds(op, *values)) return true;
    if (!next(at, radices)) return false;
  }
  return false;
}

// Calls `visit` with each value of the enums and flags.
void for_each_choice(const OpCall& op, Values values, const std::function<void(const Values&)>& visit) {
  std::vector<std::size_t> places, radices;
  for (std::size_t i = 0; i < op.arguments.size(); ++i) {
    const Argument& argument = op.arguments[i];
    if (argument.optional || (argument.kind != ArgumentKind::Enum && argument.kind != ArgumentKind::Bool)) continue;
    places.push_back(i);
    radices.push_back(argument.kind == ArgumentKind::Bool ? 2 : static_cast<std::size_t>(argument.choices));
  }
  std::vector<std::size_t> at(places.size(), 0);
  for (std::size_t n = 0; n < kMostCombinations; ++n) {
    for (std::size_t k = 0; k < places.size(); ++k) {
      if (op.arguments[places[k]].kind == ArgumentKind::Bool) values[places[k]] = at[k] == 1;
      else values[places[k]] = static_cast<std::int64_t>(at[k]);
    }
    visit(values);
    if (!next(at, radices)) return;
  }
}

// ---- Gradients ----

// Operands as leaves that require gradients if they are in `tracked`, and the results of a call on them.
struct Recorded {
  TensorList leaves, roots;
};

Values in_float64(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) {
    return tensor.dtype() == DType::Float32 ? to(tensor, DType::Float64) : clone(tensor);
  });
}

Recorded record(const OpCall& op, const Values& values, const std::function<bool(std::size_t)>& tracked) {
  Recorded recorded;
  const Values operands = with_tensors(values, [&](const Tensor& tensor) {
    if (tensor.dtype() != DType::Float64) return clone(tensor);
    Tensor leaf = clone(tensor);
    if (tracked(recorded.leaves.size())) leaf.requires_grad_();
    recorded.leaves.push_back(leaf);
    return op.in_place ? leaf * 1 : leaf;
  });
  manual_seed(1);
  try {
    for (const Tensor& result : op.call(operands)) {
      if (result.defined() && result.requires_grad()) recorded.roots.push_back(result);
    }
  } catch (const AutogradError&) {  // an in-place form without a gradient
  }
  return recorded;
}

bool close(const Tensor& want, const Tensor& got) {
  const std::vector<double> a = want.defined() ? elements(want) : std::vector<double>();
  const std::vector<double> b = got.defined() ? elements(got) : std::vector<double>(a.size(), 0.0);
  if (!want.defined()) return std::all_of(b.begin(), b.end(), [](double x) { return x == 0; });
  if (a.size() != b.size()) return false;
  double scale = 1;
  for (const double x : a) scale = std::isfinite(x) ? std::max(scale, std::fabs(x)) : scale;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    if (!same && !(std::fabs(a[i] - b[i]) <= 0x1p-40 * scale)) return false;
  }
  return true;
}

std::string text_of(const Tensor& tensor) { return tensor.defined() ? tensor.to_string() : "undefined"; }

void expect_close(const TensorList& want, const TensorList& got, const std::string& where) {
  ASSERT_EQ(want.size(), got.size()) << where;
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_TRUE(close(want[i], got[i])) << where << ": the gradient of operand " << i << " is " << text_of(got[i])
                                        << ", not " << text_of(want[i]);
  }
}

TensorList chosen(const TensorList& all, Mask mask) {
  TensorList some;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (mask >> i & 1) some.push_back(all[i]);
  }
  return some;
}

void check_call(const OpCall& op, const Values& values) {
  const std::string where = describe_call(op, values);
  const auto all = [](std::size_t) { return true; };
  const Recorded call = record(op, values, all);
  if (call.roots.empty() || call.leaves.empty()) return;
  TensorList vectors;
  for (std::size_t k = 0; k < call.roots.size(); ++k)
    vectors.push_back(to(random_vector(call.roots[k].sizes(), 7 + static_cast<unsigned>(k)), call.roots[k].dtype()));

  for (Mask mask = 1; mask < Mask{1} << call.roots.size(); ++mask) {
    const std::string which = format(where, ", results ", mask);
    // Zeros for what is not used give the same gradients, along the way that all results take.
    TensorList padded = vectors;
    for (std::size_t k = 0; k < padded.size(); ++k) {
      if ((mask >> k & 1) == 0) padded[k] = zeros_like(padded[k]);
    }
    const TensorList want = grad(call.roots, call.leaves, padded, true, false, true);
    const TensorList roots = chosen(call.roots, mask), some = chosen(vectors, mask);
    expect_close(want, grad(roots, call.leaves, some, true, false, true), which);

    // A pass that is recorded may take another way, and can be differentiated again.
    const TensorList recorded = grad(roots, call.leaves, some, true, true, true);
    expect_close(want, recorded, which + ", recorded");
    TensorList second;
    for (const Tensor& gradient : recorded) {
      if (gradient.defined() && gradient.requires_grad()) second.push_back(gradient);
    }
    TensorList ones;
    for (const Tensor& gradient : second) ones.push_back(ones_like(gradient));
    if (!second.empty()) grad(second, call.leaves, ones, true, false, true);

    for (std::size_t i = 0; i < call.leaves.size(); ++i) {
      const Recorded alone = record(op, values, [i](std::size_t leaf) { return leaf == i; });
      if (alone.roots.size() != call.roots.size()) continue;  // some results do not depend on this operand
      const TensorList one = grad(chosen(alone.roots, mask), {alone.leaves[i]}, some, false, false, true);
      expect_close({want[i]}, one, format(which, ", operand ", i, " alone"));
    }
  }
}

// The optional arguments that were given in a call that succeeded.
void check_samples_of(const OpCall& op, const Values& sample, std::set<std::size_t>* given) {
  const std::size_t subsets = std::size_t{1} << optional_arguments(op).size();
  for_each_choice(op, sample, [&](const Values& choice) {
    for (Mask mask = 0; mask < subsets; ++mask) {
      Values values = choice;
      if (!give(op, mask, &values)) continue;
      for (const std::size_t i : optional_arguments(op)) {
        if (is_given(values[i])) given->insert(i);
      }
      try {
        check_call(op, in_float64(values));
      } catch (const Error& e) {
        // Some derivatives are refused, as that of the LU factors of a matrix that is not square. float64 may not fit to
        // integers where float32 does: 0.5 times int64 is float32.
        EXPECT_TRUE(e.kind() == ErrorKind::NotSupported || e.kind() == ErrorKind::Autograd ||
                    e.kind() == ErrorKind::Shape || e.kind() == ErrorKind::DType)
            << describe_call(op, values) << ": " << e.what();
      }
    }
  });
}

TEST(Properties, GradientsOfPartsOfACall) {
  std::map<const OpCall*, std::set<std::size_t>> given;
  std::map<const OpCall*, int> samples;
  for (const PropertySample& sample : property_samples()) {
    if (is_uninitialized(*sample.op) || samples[sample.op]++ >= kMostSamples) continue;
    check_samples_of(*sample.op, sample.values, &given[sample.op]);
  }
  for (const auto& [op, arguments] : given) {
    for (const std::size_t i : optional_arguments(*op)) {
      EXPECT_EQ(arguments.count(i), 1u) << op->row << ": no call with " << op->arguments[i].name
                                        << " succeeded; give it in `hints` of tests/native/properties/samples.cpp";
    }
  }
}

}  // namespace
}  // namespace ts::test
