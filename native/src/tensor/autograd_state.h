// What a tensor asks of its autograd state, which is defined a layer above (src/autograd/variable.cpp).
#pragma once

#include <string>

#include "torchscratch/tensor.h"

namespace ts {

/// Deletes the state of a tensor that is being destroyed.
void destroy_autograd_meta(AutogradMeta* meta);

/// What a tensor's text says about its history: "grad_fn=<AddBackward>", "requires_grad=True" or "".
std::string describe_history(const Tensor& tensor);

}  // namespace ts
