// Tensors, shapes and types written to a stream: `std::cout << tensor`.
#pragma once

#include <iosfwd>

#include "torchscratch/dims.h"
#include "torchscratch/dtype.h"
#include "torchscratch/export.h"
#include "torchscratch/tensor.h"

namespace ts {

/// The tensor as Tensor::to_string() gives it: its values, and what they do not show.
TS_API std::ostream& operator<<(std::ostream& stream, const Tensor& tensor);
/// The sizes as in [2, 3].
TS_API std::ostream& operator<<(std::ostream& stream, const Dims& dims);
/// The name, as in float32.
TS_API std::ostream& operator<<(std::ostream& stream, DType dtype);

}  // namespace ts
