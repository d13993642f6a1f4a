// Calls that succeed, found by trying: for each function of the op table, candidates for each argument are combined
// until some fit together. So a new row needs nothing here, unless its arguments are so particular that no combination
// fits; then the test says so, and `hints` in samples.cpp takes values for it.
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

/// Up to four samples of each function, the same in every run. Errors met on the way that are not typed, or do not name
/// the operator, go to `complaints`.
const std::vector<PropertySample>& property_samples(std::vector<std::string>* complaints = nullptr);

/// Why an operator fails for these values; "" when it does not. Anything but a typed error that names the operator is
/// described in `complaint`.
std::string failure_of(const OpCall& op, const Values& values, TensorList* results, std::string* complaint);

/// "conv2d(input=(2, 3, 4, 4) float32, ...)".
std::string describe_call(const OpCall& op, const Values& values);

/// The values with `change` applied to each tensor, those of lists included.
Values with_tensors(const Values& values, const std::function<Tensor(const Tensor&)>& change);

/// Whether results hold memory as it came (empty_like and the like).
bool is_uninitialized(const OpCall& op);

}  // namespace ts::test
