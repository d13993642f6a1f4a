// Copies that kernels make when they need a dense operand, and fills with zeros.
#pragma once

#include "torchscratch/tensor.h"

namespace ts::cpu {

/// `tensor` itself if it is dense and row-major, else a dense copy. Not recorded by autograd.
Tensor dense(const Tensor& tensor);

/// Sets every element of a dense tensor to zero.
void fill_with_zeros(const Tensor& dense);

}  // namespace ts::cpu
