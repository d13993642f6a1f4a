// Kernels that fill memory with random numbers. CPU.
#pragma once

#include <functional>

#include "torchscratch/random.h"
#include "torchscratch/tensor.h"

namespace ts::cpu {

/// Dense floating tensors. One element takes one 32-bit number (64 for float64).
void fill_uniform(const Tensor& out, double low, double high, PhiloxState state);
void fill_normal(const Tensor& out, double mean, double std, PhiloxState state);
/// Dense int64: uniform in [low, low + range).
void fill_integers(const Tensor& out, std::int64_t low, std::uint64_t range, PhiloxState state);
/// Dense floating: `scale` with probability `keep`, else 0.
void fill_keep_mask(const Tensor& out, double keep, double scale, PhiloxState state);
/// The elements [first, first + count) of what fill_keep_mask makes. T is float or double.
template <class T>
void keep_mask_part(T* out, std::int64_t first, std::int64_t count, double keep, double scale, PhiloxState state);
/// Dense floating: of_uniform(u) for u uniform in [0, 1), the inverse of a distribution function.
void fill_inverse(const Tensor& out, const std::function<double(double)>& of_uniform, PhiloxState state);
/// Dense int64: a uniformly random permutation of 0 .. n - 1 (Fisher and Yates).
void fill_permutation(const Tensor& out, PhiloxState state);

/// Blocks of the stream that filling `count` elements takes.
std::uint64_t blocks_for(std::int64_t count);

}  // namespace ts::cpu
