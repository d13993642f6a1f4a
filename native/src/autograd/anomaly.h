// Anomaly mode, in which nodes remember the forward call that created them and errors in the backward pass name it.
#pragma once

#include <string>

#include "torchscratch/autograd.h"

namespace ts {

/// The names of the operators that are running, outermost first, and the text of the trace callback.
std::string describe_forward_call();

/// Throws AutogradError if a gradient that `node` computed contains NaN.
void check_for_nan(const Node& node, Span<const Tensor> grad_inputs);

bool anomaly_checks_nan();

}  // namespace ts
