// The search for the calls of samples.h.
#include "samples.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <numeric>

#include "torchscratch/allocator.h"

namespace ts::test {

namespace {

// Very large sizes are valid arguments, but this machine need not support them: beyond this limit they give
// an OutOfMemoryError.
class MemoryLimit {
 public:
  MemoryLimit() : before_(allocator::stats().limit_bytes) {
    if (before_ == 0) allocator::set_limit(std::int64_t{1} << 25);
  }
  ~MemoryLimit() { allocator::set_limit(before_); }

 private:
  std::int64_t before_;
};

constexpr std::size_t kSamples = 4;
constexpr std::size_t kTries = 60'000;  // combinations for each function

std::int64_t count_of(const Dims& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

// Distinct numbers in (0, 1) in no particular order, valid as probabilities and as arguments of logarithms and
// inverse functions.
Tensor reals(const Dims& sizes) {
  std::vector<float> values(static_cast<std::size_t>(count_of(sizes)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(std::fmod(static_cast<double>(i + 1) * 0.6180339887498949, 1) * 0.98 + 0.01);
  }
  return tensor(values, sizes);
}

// 0, 1, 2, 0, 1 ...: positions in any dimension of the operands here, and classes.
Tensor indices(const Dims& sizes, std::int64_t below = 2) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(count_of(sizes)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i) % below;
  return tensor(values, sizes);
}

Tensor mask(const Dims& sizes) { return to(indices(sizes), DType::Bool); }

// Sizes differ where an error could confuse dimensions, and are equal where operators require it.
std::vector<Value> tensor_candidates() {
  std::vector<Value> all;
  for (const Dims& sizes : {Dims{3, 4}, Dims{4}, Dims{}, Dims{4, 4}, Dims{2, 3, 4}, Dims{2, 3, 4, 4}, Dims{3},
                            Dims{4, 3}, Dims{2, 4, 3}, Dims{3, 1, 2, 2}, Dims{2}, Dims{2, 3, 4, 4, 4}, Dims{12}}) {
    all.push_back(reals(sizes));
  }
  for (const Dims& sizes : {Dims{3, 4}, Dims{3}, Dims{4}, Dims{}, Dims{2}, Dims{2, 4}}) all.push_back(indices(sizes));
  all.push_back(mask({3, 4}));
  all.push_back(mask({4}));
  return all;
}

using Ints = std::vector<std::int64_t>;

std::vector<Value> candidates(const Argument& argument) {
  static const std::vector<Value> tensors = tensor_candidates();
  switch (argument.kind) {
    case ArgumentKind::Tensor:
      return tensors;
    case ArgumentKind::TensorList:
      return {TensorList{reals({3, 4}), reals({3, 4})}, TensorList{reals({4}), reals({4})},
              TensorList{indices({3}), indices({3})},   TensorList{reals({2, 3, 4, 4})},
              TensorList{reals({}), reals({})},         TensorList{indices({3})}};
    case ArgumentKind::Scalar:
      return {Scalar(2), Scalar(0.5)};
    case ArgumentKind::Int:
      return {std::int64_t{1}, std::int64_t{0}, std::int64_t{2}, std::int64_t{3}};
    case ArgumentKind::IntList:
      if (argument.choices > 0) return {Ints(static_cast<std::size_t>(argument.choices), 2)};
      return {Ints{0}, Ints{3, 4}, Ints{1, 0}, Ints{4}, Ints{2, 2}, Ints{1}, Ints{12}, Ints{1, 2}};
    case ArgumentKind::Float:
      return {0.5, 2.0};
    case ArgumentKind::Bool:
      return {false, true};
    case ArgumentKind::String:
      return {std::string("none")};
    case ArgumentKind::DType:
      return {DType::Float32, DType::Int64};
    case ArgumentKind::Device:
      return {Device()};
    case ArgumentKind::Enum: {
      std::vector<Value> all;
      for (std::int64_t i = 0; i < argument.choices; ++i) all.emplace_back(i);
      return all;
    }
  }
  return {};
}

// Values for arguments that no combination of the candidates satisfies, and values that make a sample more informative;
// by row and argument.
const std::map<std::string, std::map<std::string, std::vector<Value>>>& hints() {
  static const std::map<std::string, std::map<std::string, std::vector<Value>>> all = {
      {"einsum",
       {{"equation", {std::string("ij,kj->ik"), std::string("bc,bc->c")}},
        {"operands", {TensorList{reals({3, 4}), reals({3, 4})}}}}},
      {"arange", {{"start", {Scalar(1)}}, {"end", {Scalar(7), Scalar(2.5)}}}},
      {"randint", {{"low", {std::int64_t{-3}}}, {"high", {std::int64_t{9}}}, {"size", {Ints{3, 4}}}}},
      {"unflatten", {{"sizes", {Ints{2, 2}}}}},
      {"split.sizes", {{"split_size", {Ints{1, 3}, Ints{1, 2}}}}},
      {"split_with_sizes", {{"split_sizes", {Ints{1, 3}, Ints{1, 2}}}}},
      {"as_strided", {{"size", {Ints{2, 2}}}, {"stride", {Ints{1, 2}}}}},
      {"channel_shuffle", {{"input", {reals({2, 4, 3, 3}), reals({1, 4, 2})}}, {"groups", {std::int64_t{2}}}}},
      {"pixel_shuffle", {{"input", {reals({2, 4, 3, 3}), reals({4, 2, 1})}}, {"upscale_factor", {std::int64_t{2}}}}},
      {"pixel_unshuffle", {{"downscale_factor", {std::int64_t{2}}}}},
      {"fold",
       {{"input", {reals({2, 12, 4})}},
        {"output_size", {Ints{4, 4}}},
        {"kernel_size", {Ints{2, 2}}},
        {"stride", {Ints{2, 2}}}}},
      {"lstm_layer",
       {{"sums", {reals({3, 2, 8})}},
        {"hidden", {reals({2, 2})}},
        {"cell", {reals({2, 2})}},
        {"weight", {reals({8, 2})}}}},
      {"embedding_bag", {{"offsets", {Value{}, indices({2})}}}},
      {"interpolate", {{"size", {Ints{5}, Ints{5, 6}}}}},
      {"upsample_nearest", {{"size", {Ints{5}, Ints{5, 6}}}}},
      {"upsample_bilinear", {{"size", {Ints{5, 6}}}}},
      {"clamp", {{"min", {Scalar(0.2)}}, {"max", {Value{}, Scalar(0.7)}}}},
      {"clip", {{"min", {Scalar(0.2)}}, {"max", {Value{}, Scalar(0.7)}}}},
      {"clamp.tensor", {{"min", {reals({3, 4}), reals({4})}}}},
      {"clip.tensor", {{"min", {reals({3, 4}), reals({4})}}}},
      {"affine_grid", {{"theta", {reals({2, 2, 3})}}, {"size", {Ints{2, 3, 4, 4}}}}},
      {"rot90", {{"dims", {Ints{0, 1}}}}},
      {"tril", {{"self", {reals({3, 4}), reals({2, 3, 4})}}}},
      {"masked_scatter", {{"source", {reals({12}), reals({3, 4})}}}},
      {"conv3d", {{"input", {reals({2, 3, 4, 4, 4})}}, {"weight", {reals({2, 3, 2, 2, 2})}}}},
      {"conv3d.padding", {{"input", {reals({2, 3, 4, 4, 4})}}, {"weight", {reals({2, 3, 2, 2, 2})}}}},
      {"affine_grid", {{"theta", {reals({2, 2, 3})}}, {"size", {Ints{2, 3, 4, 4}}}}},
      {"conv_transpose1d", {{"input", {reals({2, 3, 4})}}, {"weight", {reals({3, 2, 2})}}}},
      {"batch_norm", {{"running_mean", {reals({3})}}, {"running_var", {reals({3})}}}},
      {"scaled_dot_product_attention",
       {{"query", {reals({2, 3, 4}), reals({2, 2, 3, 4})}},
        {"key", {reals({2, 3, 4}), reals({2, 2, 3, 4})}},
        {"value", {reals({2, 3, 4}), reals({2, 2, 3, 4})}}}},
  };
  return all;
}

// Calls `visit` with each combination until it returns false. The first arguments change most slowly.
void combine(const std::vector<std::vector<Value>>& choices, const std::function<bool(const Values&)>& visit) {
  std::vector<std::size_t> at(choices.size(), 0);
  for (std::size_t tries = 0; tries < kTries; ++tries) {
    Values values;
    for (std::size_t i = 0; i < choices.size(); ++i) values.push_back(choices[i][at[i]]);
    if (!visit(values)) return;
    std::size_t i = choices.size();
    while (i > 0 && ++at[i - 1] == choices[i - 1].size()) at[--i] = 0;
    if (i == 0) return;
  }
}

const std::vector<Value>* hint_of(const OpCall& op, const Argument& argument) {
  const auto row = hints().find(op.row);
  if (row == hints().end()) return nullptr;
  const auto given = row->second.find(argument.name);
  return given == row->second.end() ? nullptr : &given->second;
}

std::vector<std::vector<Value>> choices_of(const OpCall& op) {
  std::vector<std::vector<Value>> choices;
  for (const Argument& argument : op.arguments) {
    if (const auto* hint = hint_of(op, argument)) choices.push_back(*hint);
    else if (argument.has_default) choices.push_back({argument.initial});
    else if (argument.optional) choices.push_back({Value{}});
    else choices.push_back(candidates(argument));
  }
  return choices;
}

// The kinds of the tensors. Samples with different kinds are considered different.
std::string shape_text(const Values& values) {
  std::string text;
  for (const Value& value : values) {
    if (const Tensor* tensor = std::get_if<Tensor>(&value))
      text += format(tensor->dim(), dtype_name(tensor->dtype()), ";");
  }
  return text;
}

Value cloned(const Value& value) {
  if (const Tensor* tensor = std::get_if<Tensor>(&value)) return clone(*tensor);
  return value;
}

std::string text_of(const Value& value) {
  if (const auto* tensor = std::get_if<Tensor>(&value)) return tensor->defined() ? describe(*tensor) : "undefined";
  if (const auto* list = std::get_if<TensorList>(&value)) {
    std::string text;
    for (const Tensor& tensor : *list) text += (text.empty() ? "[" : ", ") + text_of(tensor);
    return text + "]";
  }
  if (const auto* number = std::get_if<Scalar>(&value)) return format(number->to_double());
  if (const auto* number = std::get_if<std::int64_t>(&value)) return format(*number);
  if (const auto* list = std::get_if<Ints>(&value)) {
    std::string text;
    for (const std::int64_t number : *list) text += (text.empty() ? "{" : ", ") + format(number);
    return text + "}";
  }
  if (const auto* number = std::get_if<double>(&value)) return format(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return "\"" + *text + "\"";
  if (const auto* dtype = std::get_if<DType>(&value)) return dtype_name(*dtype);
  return "none";
}

std::string failure_of_fresh(const OpCall& op, Values values, std::vector<std::string>* complaints) {
  if (op.in_place) values[0] = cloned(values[0]);
  std::string complaint;
  const std::string failure = failure_of(op, values, nullptr, &complaint);
  if (!complaint.empty()) complaints->push_back(complaint);
  return failure;
}

// The first sample again with each optional argument given in turn: the first value that is accepted, or all values of
// an enum.
void vary(const OpCall& op, const Values& values, std::vector<PropertySample>* samples,
          std::vector<std::string>* complaints) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Argument& argument = op.arguments[i];
    if (!argument.has_default && !argument.optional) continue;
    for (const Value& candidate : candidates(argument)) {
      Values varied = values;
      varied[i] = candidate;
      if (text_of(candidate) == text_of(values[i]) || !failure_of_fresh(op, varied, complaints).empty()) continue;
      samples->push_back({&op, varied});
      if (argument.kind != ArgumentKind::Enum) break;
    }
  }
}

std::vector<PropertySample> find(std::vector<std::string>* complaints) {
  std::vector<PropertySample> samples;
  for (const OpCall& op : op_calls()) {
    std::vector<Values> found;
    std::vector<std::string> kinds;
    std::string last_failure = "no combination was tried";
    combine(choices_of(op), [&](const Values& values) {
      const std::string failure = failure_of_fresh(op, values, complaints);
      if (!failure.empty()) {
        last_failure = failure;
        return true;
      }
      const std::string kind = shape_text(values);
      if (!kind.empty() && std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return true;
      kinds.push_back(kind);
      found.push_back(values);
      return found.size() < kSamples;
    });
    if (found.empty() && last_failure.find("needs LAPACK") != std::string::npos) {
      std::printf("skipped: %s needs LAPACK, which is not installed\n", op.row);
    } else if (found.empty()) {
      complaints->push_back(format(op.row, ": no call of it succeeded, the last for this reason: ", last_failure,
                                   "; give its arguments in `hints` of tests/native/properties/samples.cpp"));
    }
    for (const Values& values : found) samples.push_back({&op, values});
    if (!found.empty()) vary(op, found[0], &samples, complaints);
  }
  return samples;
}

}  // namespace

const std::vector<PropertySample>& property_samples(std::vector<std::string>* complaints) {
  static std::vector<std::string> met;
  static const std::vector<PropertySample> samples = find(&met);
  if (complaints) *complaints = met;
  return samples;
}

std::vector<Value> property_candidates(const OpCall& op, const Argument& argument) {
  const auto* hint = hint_of(op, argument);
  return hint ? *hint : candidates(argument);
}

namespace {

// The bytes and versions of all operands, and the position of the random numbers.
class Before {
 public:
  explicit Before(const Values& values) : draws_(default_generator().state().offset) {
    with_tensors(values, [&](const Tensor& tensor) {
      if (tensor.defined()) operands_.push_back({tensor, tensor.version(), tensor.sizes(), bytes_of(tensor)});
      return tensor;
    });
  }
  // "" if nothing has changed since.
  std::string change() const {
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const Operand& operand = operands_[i];
      if (bytes_of(operand.tensor) != operand.bytes) return format("the elements of tensor ", i);
      if (operand.tensor.version() != operand.version) return format("the version of tensor ", i);
      if (operand.tensor.sizes() != operand.sizes) return format("the shape of tensor ", i);
    }
    return default_generator().state().offset == draws_ ? "" : "the position of the random numbers";
  }

 private:
  struct Operand {
    Tensor tensor;
    std::uint32_t version;
    Dims sizes;
    std::string bytes;
  };
  static std::string bytes_of(const Tensor& tensor) {
    const Storage& storage = *tensor.impl()->storage;
    return std::string(static_cast<const char*>(storage.data()), static_cast<std::size_t>(storage.bytes()));
  }
  std::vector<Operand> operands_;
  std::uint64_t draws_;
};

}  // namespace

std::string failure_of(const OpCall& op, const Values& values, TensorList* results, std::string* complaint) {
  std::string problem, message;
  manual_seed(1);
  const Before before(values);
  try {
    const MemoryLimit limit;
    TensorList got = op.call(values);
    // A result that was not requested is undefined.
    std::erase_if(got, [](const Tensor& result) { return !result.defined(); });
    if (results) *results = std::move(got);
    return "";
  } catch (const Error& e) {
    message = e.what();
    const std::string name = op.function;
    const bool named = message.rfind(name + ": ", 0) == 0 || message.rfind(name + " (in ", 0) == 0;
    if (e.kind() == ErrorKind::Generic) problem = "a generic error";
    else if (!named) problem = "an error that does not start with the operator's name";
  } catch (const std::exception& e) {
    message = e.what();
    problem = "an exception of another type";
  }
  if (const std::string change = before.change(); problem.empty() && !change.empty()) {
    problem = format("an error, but changed ", change, ",");
  }
  if (!problem.empty()) *complaint = format(describe_call(op, values), " raised ", problem, ": ", message);
  return message.empty() ? "an error without a message" : message;
}

std::string describe_call(const OpCall& op, const Values& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += format(i > 0 ? ", " : "", op.arguments[i].name, "=", text_of(values[i]));
  }
  return format(op.row, op.in_place ? " in place" : "", "(", text, ")");
}

Values with_tensors(const Values& values, const std::function<Tensor(const Tensor&)>& change) {
  Values changed = values;
  for (Value& value : changed) {
    if (auto* tensor = std::get_if<Tensor>(&value)) *tensor = tensor->defined() ? change(*tensor) : *tensor;
    if (auto* list = std::get_if<TensorList>(&value)) {
      for (Tensor& tensor : *list) tensor = change(tensor);
    }
  }
  return changed;
}

bool is_uninitialized(const OpCall& op) {
  return std::strncmp(op.row, "empty", 5) == 0 || std::strncmp(op.row, "new_empty", 9) == 0;
}

}  // namespace ts::test
