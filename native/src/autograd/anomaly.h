// Anomaly mode: nodes remember the forward call that made them, and errors of the backward pass name it.
#pragma once

#include <string>

#include "torchscratch/autograd.h"

namespace ts {

/// The running operators, outermost first, and what the trace callback adds.
std::string describe_forward_call();

/// Throws AutogradError if a gradient that `node` computed holds a NaN.
void check_for_nan(const Node& node, Span<const Tensor> grad_inputs);

bool anomaly_checks_nan();

}  // namespace ts
