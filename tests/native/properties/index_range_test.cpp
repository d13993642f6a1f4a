// Indices and classes outside [0, n) are refused on every path of an operator, by an error that contains the number.
// Which arguments hold indices is found by trial: tensors in which 0 is accepted and 1000 is not.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "samples.h"

namespace ts::test {
namespace {

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmall = std::numeric_limits<std::int64_t>::min();

// Where a negative index counts from the end, as in PyTorch; and narrow, whose start does.
bool counts_from_end(const OpCall& op) {
  static const std::set<std::string> rows = {"index_fill", "index_fill.scalar", "take",
                                             "put",        "index_put",         "narrow.tensor"};
  return rows.count(op.row) > 0;
}

// The tensor with `number` as its last element.
Tensor ending_in(const Tensor& tensor, std::int64_t number) {
  const Tensor changed = clone(tensor);
  changed.data<std::int64_t>()[changed.numel() - 1] = number;
  return changed;
}

Value ending_in(const Value& value, std::int64_t number) {
  if (const auto* tensor = std::get_if<Tensor>(&value)) return ending_in(*tensor, number);
  TensorList list = std::get<TensorList>(value);
  list.back() = ending_in(list.back(), number);
  return list;
}

bool holds_integers(const Value& value) {
  const Tensor* tensor = std::get_if<Tensor>(&value);
  if (const auto* list = std::get_if<TensorList>(&value)) tensor = list->empty() ? nullptr : &list->back();
  return tensor && tensor->defined() && tensor->dtype() == DType::Int64 && tensor->numel() > 0;
}

std::string failure(const OpCall& op, Values values, TensorList* results = nullptr) {
  if (op.in_place) values[0] = clone(std::get<Tensor>(values[0]));
  std::string complaint;
  const std::string message = failure_of(op, values, results, &complaint);
  EXPECT_EQ(complaint, "");
  return message;
}

bool same_elements(const TensorList& a, const TensorList& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Tensor x = contiguous(a[i]), y = contiguous(b[i]);
    const auto bytes = static_cast<std::size_t>(x.numel() * item_size(x.dtype()));
    if (x.sizes() != y.sizes() || std::memcmp(x.raw_data(), y.raw_data(), bytes) != 0) return false;
  }
  return a.size() == b.size();
}

TEST(Properties, IndicesOutOfRangeAreRefused) {
  std::set<std::string> found;
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    for (std::size_t i = op.in_place ? 1 : 0; i < sample.values.size(); ++i) {
      if (!holds_integers(sample.values[i])) continue;
      const auto with = [&](std::int64_t number) {
        Values values = sample.values;
        values[i] = ending_in(values[i], number);
        return values;
      };
      if (!failure(op, with(0)).empty() || failure(op, with(1000)).empty()) continue;
      found.insert(op.row);
      std::int64_t size = 1;
      while (failure(op, with(size)).empty()) ++size;
      const std::string call = describe_call(op, sample.values) + ", " + op.arguments[i].name;
      std::vector<std::int64_t> wrong = {size, 1000, kHuge, kSmall, -1000, -size - 1};
      if (!counts_from_end(op)) {
        wrong.push_back(-1);
        wrong.push_back(-size);
      } else if (std::strcmp(op.row, "narrow.tensor") != 0) {
        for (std::int64_t at = 0; at < size; ++at) {
          TensorList positive, negative;
          EXPECT_EQ(failure(op, with(at), &positive), "") << call;
          EXPECT_EQ(failure(op, with(at - size), &negative), "") << call;
          EXPECT_TRUE(same_elements(positive, negative)) << call << ": " << at << " and " << at - size << " differ";
        }
      } else {
        wrong.pop_back();
      }
      for (const std::int64_t number : wrong) {
        const std::string message = failure(op, with(number));
        EXPECT_NE(message.find(format(number)), std::string::npos)
            << call << ": " << number << " was " << (message.empty() ? "accepted" : "refused by: " + message);
      }
    }
  }
  for (const char* row : {"gather", "scatter", "scatter.value", "scatter.join", "scatter_add", "scatter_reduce",
                          "index_select", "index_add", "index_add.alpha", "index_copy", "take_along_dim", "embedding",
                          "embedding_bag", "nll_loss", "cross_entropy", "multi_margin_loss", "take", "put"}) {
    EXPECT_TRUE(found.count(row)) << row << " was found to have no argument with indices";
  }
}

// ---- Losses over classes ----

constexpr std::int64_t kClasses = 3;

struct ClassShape {
  Dims input, target;
};
const ClassShape kShapes[] = {{{4, kClasses}, {4}}, {{kClasses}, {}}, {{2, kClasses, 2}, {2, 2}}, {{1, kClasses}, {1}}};

// What an argument other than input and target is given: every choice of an enum, absent and present tensors, class
// weights, and numbers that take another path, such as label smoothing.
std::vector<Value> choices_of(const Argument& argument) {
  std::vector<Value> choices{argument.initial};
  switch (argument.kind) {
    case ArgumentKind::Tensor:
      choices.push_back(full({kClasses}, 0.5));
      break;
    case ArgumentKind::Enum:
      choices.clear();
      for (std::int64_t i = 0; i < argument.choices; ++i) choices.push_back(i);
      break;
    case ArgumentKind::Int:
      choices.push_back(std::int64_t{1});
      choices.push_back(std::int64_t{2});
      choices.push_back(std::int64_t{-1});
      break;
    case ArgumentKind::Float:
      choices.push_back(0.25);
      break;
    case ArgumentKind::Bool:
      choices = {false, true};
      break;
    default:
      break;
  }
  return choices;
}

void for_each_combination(const OpCall& op, Values values, std::size_t from,
                          const std::function<void(const Values&)>& visit) {
  if (from == values.size()) return visit(values);
  const std::string name = op.arguments[from].name;
  if (name == "input" || name == "target") return for_each_combination(op, values, from + 1, visit);
  for (const Value& choice : choices_of(op.arguments[from])) {
    values[from] = choice;
    for_each_combination(op, values, from + 1, visit);
  }
}

// The argument of this name; none if there is no such argument.
std::optional<std::size_t> position(const OpCall& op, const char* name) {
  for (std::size_t i = 0; i < op.arguments.size(); ++i) {
    if (std::strcmp(op.arguments[i].name, name) == 0) return i;
  }
  return std::nullopt;
}

// Every loss that takes classes (4) for scores (4, 3), with every combination of its other arguments.
TEST(Properties, LossesRefuseClassesOutOfRangeOnEveryPath) {
  std::set<std::string> losses;
  int paths = 0;
  for (const OpCall& op : op_calls()) {
    const auto input = position(op, "input"), target = position(op, "target"), ignore = position(op, "ignore_index");
    if (!input || !target) continue;
    for (const ClassShape& shape : kShapes) {
      for (const bool recorded : {false, true}) {
        Values plain(op.arguments.size());
        plain[*input] = reshape(linspace(-1, 1, product(shape.input)), shape.input).requires_grad_(recorded);
        for_each_combination(op, plain, 0, [&](Values values) {
          const auto with = [&](std::int64_t number) {
            values[*target] = ending_in(zeros(shape.target, DType::Int64), number);
            return failure(op, values);
          };
          if (!with(0).empty() || !with(kClasses - 1).empty() || with(1000).empty()) return;
          losses.insert(op.row);
          ++paths;
          for (const std::int64_t number : {std::int64_t{-1}, kClasses, kClasses + 4, -kClasses, kHuge, kSmall}) {
            const std::string message = with(number);
            if (ignore && std::get<std::int64_t>(values[*ignore]) == number) {
              EXPECT_EQ(message, "") << describe_call(op, values);
            } else {
              EXPECT_NE(message.find(format(number)), std::string::npos)
                  << describe_call(op, values) << ": class " << number << " was "
                  << (message.empty() ? "accepted" : "refused by: " + message);
            }
          }
        });
      }
    }
  }
  EXPECT_EQ(losses, (std::set<std::string>{"cross_entropy", "multi_margin_loss", "nll_loss"}));
  EXPECT_GT(paths, 300);
}

}  // namespace
}  // namespace ts::test
