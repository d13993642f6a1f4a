// Copies between tensors, for kernels that need an operand dense, and zeros.
#pragma once

#include "torchscratch/tensor.h"

namespace ts::cpu {

/// `tensor` itself when it is dense and row-major, else a dense copy. Takes no part in autograd.
Tensor dense(const Tensor& tensor);

/// Zeros in every element of a dense tensor.
void fill_with_zeros(const Tensor& dense);

}  // namespace ts::cpu
