// Calls that succeed, found by trial: for each function of the operator table, candidates for each argument are
// combined until a combination is accepted. So a new row needs no entry here unless its arguments are so specific that
// no combination fits; the test then says so, and values for it can be added to `hints` in samples.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "op_calls.h"
#include "torchscratch/torchscratch.h"

namespace ts::test {

/// A call that succeeds with contiguous operands.
struct PropertySample {
  const OpCall* op;
  Values values;
};

/// Up to four samples of each function, the same in every run. Errors that are not typed, or do not name the operator,
/// are appended to `complaints`.
const std::vector<PropertySample>& property_samples(std::vector<std::string>* complaints = nullptr);

/// The values that are tried for an argument.
std::vector<Value> property_candidates(const OpCall& op, const Argument& argument);

/// The error message of an operator for these values, or "" if it succeeds. Anything other than a typed error that
/// names the operator is described in `complaint`, and so is a failure that changed an operand.
std::string failure_of(const OpCall& op, const Values& values, TensorList* results, std::string* complaint);

/// "conv2d(input=(2, 3, 4, 4) float32, ...)".
std::string describe_call(const OpCall& op, const Values& values);

/// The values with `change` applied to each tensor, including those in lists.
Values with_tensors(const Values& values, const std::function<Tensor(const Tensor&)>& change);

/// Whether the results contain uninitialized memory (empty_like and similar functions).
bool is_uninitialized(const OpCall& op);

}  // namespace ts::test
