// Selects the SIMD instruction set of the CPU kernels. Include this before any header of Highway.
//
// A kernel is written once and compiled for every instruction set (hwy/foreach_target.h); the best one that the machine
// supports is chosen at run time. The environment variable TORCHSCRATCH_SIMD forces one, so that tests can run all of
// them on one machine: scalar, emu128, sse2, ssse3, sse4, avx2, avx3, avx3_dl, avx3_zen4 or neon, provided that this
// build and this machine support it. A kernel calls its function through TS_SIMD_DISPATCH:
//
//   HWY_EXPORT(SoftmaxRows);
//   void softmax_rows(...) { TS_SIMD_DISPATCH(SoftmaxRows)(...); }
#pragma once

#ifdef HIGHWAY_HWY_DETECT_TARGETS_H_
#error "include cpu/simd_target.h before the headers of Highway"
#endif

// Vectors of unknown length (SVE, RVV) cannot be members of a class, which our kernels rely on. Arm machines with SVE
// use NEON instead. Highway itself tests the bits of this mask, and bits that it does not know are harmless.
#if defined(__aarch64__)
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#elif defined(__riscv)
#define HWY_DISABLED_TARGETS HWY_RVV
#endif

#define TS_SIMD_DISPATCH(FUNCTION) (::ts::cpu::select_simd_target(), HWY_DYNAMIC_DISPATCH(FUNCTION))

namespace ts::cpu {

// Applies TORCHSCRATCH_SIMD on the first call; later calls cost one load. Throws ValueError if the variable names no
// target, or one that this build or this machine does not support.
void select_simd_target();

// The name of the target in use, in the spelling of TORCHSCRATCH_SIMD.
const char* simd_target_name();

}  // namespace ts::cpu
