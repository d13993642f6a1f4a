// Kernels of the matrix product around the processor's bfloat16 dot product; gemm_bf16.cpp says what that computes.
#pragma once

#include "cpu/gemm_kernel_set.h"

namespace ts::cpu {

// Whether this processor and this build have it.
bool has_bfloat16_dot();

// Tiles and dot products for AVX-512 processors that have it. Packing and epilogue need no such instruction and are the
// caller's to add.
GemmKernelSet<BFloat16, BFloat16Pair> bfloat16_dot_kernels();

}  // namespace ts::cpu
