// General matrix product: C = act(alpha * A B + beta * C + bias), for one matrix or a batch of them.
//
// A is m x k and B is k x n. Both may have any strides, so callers never need to copy a transpose or a slice. C is m x
// n with contiguous rows. gemm.cpp explains how the product is computed.
//
// Types: float and double use SIMD. Half and BFloat16 are stored in 16 bits, summed in float and rounded once at the
// end (the processor's bfloat16 dot product, where there is one, treats subnormal numbers as zero). int8_t, uint8_t,
// int16_t, int32_t and int64_t wrap around like the unsigned type of the same size.
//
// The order of every element's sum depends only on the shapes and strides, so the number of threads changes no bit of
// the result.
#pragma once

#include <cstdint>

#include "torchscratch/dtype.h"

namespace ts::cpu {

namespace detail {
template <class T>
struct GemmScalar {
  using type = T;
};
template <>
struct GemmScalar<Half> {
  using type = float;
};
template <>
struct GemmScalar<BFloat16> {
  using type = float;
};
}  // namespace detail

// The type of alpha, beta and the sums: float for the 16-bit formats, else T.
template <class T>
using GemmScalar = typename detail::GemmScalar<T>::type;

// A matrix operand: element (i, j) is data[i * row_stride + j * col_stride]. Strides may be zero or negative.
template <class T>
struct GemmOperand {
  const T* data;
  int64_t row_stride;
  int64_t col_stride;
};

enum class GemmBias : uint8_t {
  None,
  PerColumn,  // bias[j] is added to C(i, j), as in a linear layer
  PerRow,     // bias[i] is added to C(i, j), as in a convolution
};

enum class GemmActivation : uint8_t { None, ReLU };

// What is applied to a product before it is stored.
template <class T>
struct GemmEpilogue {
  const T* bias = nullptr;
  GemmBias bias_kind = GemmBias::None;
  GemmActivation activation = GemmActivation::None;
  GemmScalar<T> alpha = 1;
  GemmScalar<T> beta = 0;  // when 0, C is not read, so it may be uninitialized
};

// C must not overlap A, B or the bias. m, n and k may be zero; for k == 0 the product is zero.
template <class T>
void gemm(int64_t m, int64_t n, int64_t k, GemmOperand<T> a, GemmOperand<T> b, T* c, int64_t c_row_stride,
          const GemmEpilogue<T>& epilogue = {});

// `batch` products of the same shape. A batch stride of zero uses the same matrix for every product; C's batch stride
// must not be zero. All products share the bias.
struct GemmBatchStrides {
  int64_t a;
  int64_t b;
  int64_t c;
};

template <class T>
void gemm_batched(int64_t batch, int64_t m, int64_t n, int64_t k, GemmOperand<T> a, GemmOperand<T> b, T* c,
                  int64_t c_row_stride, GemmBatchStrides batch_strides, const GemmEpilogue<T>& epilogue = {});

}  // namespace ts::cpu
