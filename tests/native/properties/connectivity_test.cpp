// The graph at degenerate arguments: a function that is differentiable for ordinary arguments must stay so for empty
// tensors, single elements and special parameters (0, 1, infinity, the other value of a flag). Its result requires a
// gradient, and every operand gets one, zeros if nothing else. For a special number the second derivative exists if it
// did before, as that of x^1 does.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "samples.h"

namespace ts::test {
namespace {

// What requires a gradient and what receives one, for the operands with floating elements.
struct Connection {
  bool accepted = false;
  std::vector<bool> results;   // whether the result requires a gradient
  std::vector<bool> floating;  // whether it could
  std::vector<bool> operands;  // whether the operand receives a gradient
  std::vector<bool> again;     // whether that gradient can be differentiated again
  std::vector<bool> zero;      // whether it is zero
  std::string wrong;           // a gradient of another shape or dtype
  std::string refused;         // the error of the backward pass
};

Connection connection(const OpCall& op, const Values& values) {
  Connection found;
  TensorList leaves;
  const Values tracked = with_tensors(values, [&](const Tensor& tensor) {
    if (!is_floating(tensor.dtype())) return tensor;
    leaves.push_back(clone(tensor.detach()).requires_grad_());
    return op.in_place ? leaves.back() * 1 : leaves.back();
  });
  TensorList results, roots, vectors;
  std::string complaint;
  if (!failure_of(op, tracked, &results, &complaint).empty()) return found;
  found.accepted = true;
  for (const Tensor& result : results) {
    found.results.push_back(result.requires_grad());
    found.floating.push_back(is_floating(result.dtype()));
    if (!result.requires_grad()) continue;
    roots.push_back(result);
    vectors.push_back(full(result.sizes(), 0.5, result.dtype()));
  }
  if (roots.empty() || leaves.empty()) return found;
  try {
    const TensorList gradients = grad(roots, leaves, vectors, true, true, true);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      found.operands.push_back(gradients[i].defined());
      found.again.push_back(gradients[i].defined() && gradients[i].requires_grad());
      found.zero.push_back(gradients[i].defined() && !any(gradients[i] != 0).item<bool>());
      if (gradients[i].defined() &&
          (gradients[i].sizes() != leaves[i].sizes() || gradients[i].dtype() != leaves[i].dtype())) {
        found.wrong = format("the gradient of ", describe(leaves[i]), " is ", describe(gradients[i]));
      }
    }
  } catch (const Error& e) {
    found.refused = e.what();
  }
  return found;
}

// The operands with each size replaced, and the numbers that stand for sizes.
using Sizes = std::map<std::int64_t, std::int64_t>;
Values resized(const Values& values, const Sizes& sizes) {
  const auto renew = [&](std::int64_t size) { return sizes.count(size) ? sizes.at(size) : size; };
  Values changed = with_tensors(values, [&](const Tensor& tensor) {
    std::vector<std::int64_t> renewed;
    for (const std::int64_t size : tensor.sizes()) renewed.push_back(renew(size));
    if (!is_floating(tensor.dtype())) return zeros(renewed, tensor.dtype());
    // Distinct numbers in (0, 1), so that square matrices are regular.
    const Tensor numbers = arange(product(Dims(renewed))) * 0.6180339887498949 + 0.01;
    return reshape(to(remainder(numbers, 1), tensor.dtype()), renewed);
  });
  for (Value& value : changed) {
    if (auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      for (std::int64_t& number : *list) number = number > 2 ? renew(number) : number;
    }
  }
  return changed;
}

struct Variant {
  Values values;
  bool special_number;
};

// The sample with sizes of 0 and 1, and with each parameter replaced by each special value of its kind.
std::vector<Variant> degenerate(const PropertySample& sample) {
  std::vector<Variant> all;
  for (const Sizes& sizes : {Sizes{{3, 0}}, Sizes{{4, 0}}, Sizes{{2, 0}}, Sizes{{2, 0}, {3, 0}, {4, 0}, {12, 0}},
                             Sizes{{2, 1}, {3, 1}, {4, 1}, {12, 1}}}) {
    all.push_back({resized(sample.values, sizes), false});
  }
  const double infinity = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    const ArgumentKind kind = sample.op->arguments[i].kind;
    const auto with = [&](const Value& value) {
      all.push_back({sample.values, kind == ArgumentKind::Float || kind == ArgumentKind::Scalar});
      all.back().values[i] = value;
    };
    switch (kind) {
      case ArgumentKind::Float:
        for (const double x : {0.0, 1.0, 2.0, infinity, -infinity}) with(x);
        break;
      case ArgumentKind::Scalar:
        for (const double x : {0.0, 1.0, 2.0, infinity, -infinity}) with(Scalar(x));
        for (const int x : {0, 1, 2}) with(Scalar(x));
        break;
      case ArgumentKind::Int:
        for (const std::int64_t x : {0, 1}) with(x);
        break;
      case ArgumentKind::Bool:
        for (const bool x : {false, true}) with(x);
        break;
      case ArgumentKind::Enum:
        for (std::int64_t x = 0; x < sample.op->arguments[i].choices; ++x) with(x);
        break;
      default:
        break;
    }
  }
  return all;
}

std::string difference(const Connection& usual, const Connection& here, bool special_number) {
  if (!here.wrong.empty()) return here.wrong;
  if (!here.refused.empty()) return here.refused;
  // With another number of results there is nothing to compare one by one.
  for (std::size_t k = 0; usual.results.size() == here.results.size() && k < usual.results.size(); ++k) {
    if (usual.results[k] && here.floating[k] && !here.results[k]) return format("result ", k, " requires no gradient");
  }
  for (std::size_t i = 0; i < usual.operands.size() && !here.operands.empty(); ++i) {
    if (usual.operands[i] && !here.operands[i]) return format("operand ", i, " receives no gradient");
    if (special_number && usual.again[i] && !here.again[i] && !here.zero[i]) {
      return format("the gradient of operand ", i, " has no derivative");
    }
  }
  return "";
}

// Factors that are not unique, or whose derivative needs another factor, have none in PyTorch either.
bool may_refuse(const OpCall& op) {
  const std::string row = op.row;
  return row == "linalg_qr" || row == "linalg_lu" || row == "linalg_lu_factor";
}

TEST(Connectivity, SurvivesDegenerateArguments) {
  int compared = 0;
  for (const PropertySample& sample : property_samples()) {
    const Connection usual = connection(*sample.op, sample.values);
    EXPECT_EQ(usual.wrong, "") << describe_call(*sample.op, sample.values);
    EXPECT_TRUE(usual.refused.empty() || may_refuse(*sample.op)) << usual.refused;
    if (std::find(usual.results.begin(), usual.results.end(), true) == usual.results.end()) continue;
    for (const Variant& variant : degenerate(sample)) {
      const Connection here = connection(*sample.op, variant.values);
      if (!here.accepted || (!here.refused.empty() && may_refuse(*sample.op))) continue;
      ++compared;
      EXPECT_EQ(difference(usual, here, variant.special_number), "")
          << describe_call(*sample.op, variant.values) << ", unlike " << describe_call(*sample.op, sample.values);
    }
  }
  EXPECT_GT(compared, 3000);
}

// Floating results of floating operands that never have a derivative; every other one must have one.
TEST(Connectivity, EveryFloatingResultIsDifferentiableOrListed) {
  const std::set<std::string> without = {
      // Only the shape and the dtype are used.
      "full_like", "ones_like", "rand_like", "randint_like", "randn_like", "zeros_like",
      // Random draws.
      "bernoulli", "bernoulli.p", "normal", "normal.one_mean", "normal.one_std",
      // Steps, counts and selections, for which PyTorch has no derivative either.
      "bincount", "heaviside", "histc", "nextafter", "unique", "unique, result 0", "unique_consecutive",
      "unique_consecutive, result 0",
      // Permutations, residuals and singular values beside the result proper.
      "linalg_lstsq, result 1", "linalg_lstsq, result 3", "linalg_lu, result 0",
  };
  std::map<std::string, bool> differentiable;  // by row and number of the result
  for (const PropertySample& sample : property_samples()) {
    bool has_floating = false;
    with_tensors(sample.values, [&](const Tensor& tensor) {
      has_floating = has_floating || is_floating(tensor.dtype());
      return tensor;
    });
    const Connection found = connection(*sample.op, sample.values);
    for (std::size_t k = 0; has_floating && k < found.results.size(); ++k) {
      if (!found.floating[k]) continue;
      bool& known = differentiable[format(sample.op->row, found.results.size() > 1 ? format(", result ", k) : "")];
      known = known || found.results[k];
    }
  }
  for (const auto& [result, is_differentiable] : differentiable) {
    EXPECT_NE(is_differentiable, without.count(result) > 0) << result;
  }
}

}  // namespace
}  // namespace ts::test
