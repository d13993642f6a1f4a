// Kernels of the matrix product that use the processor's bfloat16 dot product; gemm_bf16.cpp describes the instruction.
#pragma once

#include "cpu/gemm_kernel_set.h"

namespace ts::cpu {

// Whether this processor and this build support the instruction.
bool has_bfloat16_dot();

// Tile and dot-product kernels for AVX-512 processors with the instruction. The packing and epilogue kernels do not
// need it; the caller adds them.
GemmKernelSet<BFloat16, BFloat16Pair> bfloat16_dot_kernels();

}  // namespace ts::cpu
