// Text of a tensor's values.
#pragma once

#include <string>

#include "torchscratch/tensor.h"

namespace ts {

/// "tensor([...], size=..., dtype=..., <suffix>)".
std::string print_tensor(const Tensor& tensor, const std::string& suffix);

}  // namespace ts
