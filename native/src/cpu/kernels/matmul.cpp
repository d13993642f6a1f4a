// Matrix products. Strides are passed to gemm unchanged, so no transpose or slice is ever copied.
#include "backend/dispatch.h"
#include "cpu/gemm.h"
#include "cpu/kernels/copy.h"
#include "generated/cpu/linear_algebra.g.h"

namespace ts::cpu {
namespace {

/// The matrix in the last two dimensions.
template <class T>
GemmOperand<T> matrix(const Tensor& tensor) {
  return {tensor.data<T>(), tensor.stride(-2), tensor.stride(-1)};
}

}  // namespace

// (n, k) (k, m)
void mm(const Tensor& result, const Tensor& self, const Tensor& mat2) {
  dispatch_numeric(self.dtype(), [&]<class T>() {
    gemm<T>(self.size(0), mat2.size(1), self.size(1), matrix<T>(self), matrix<T>(mat2), result.data<T>(), mat2.size(1));
  });
}

// (b, n, k) (b, k, m)
void bmm(const Tensor& result, const Tensor& self, const Tensor& mat2) {
  const std::int64_t n = self.size(1), m = mat2.size(2);
  dispatch_numeric(self.dtype(), [&]<class T>() {
    gemm_batched<T>(self.size(0), n, m, self.size(2), matrix<T>(self), matrix<T>(mat2), result.data<T>(), m,
                    {self.stride(0), mat2.stride(0), n * m});
  });
}

// (n, k) (m, k)^T + (m): the transpose only swaps strides, and the bias is added while the product is still
// in registers.
void addmm_nt(const Tensor& result, const Tensor& input, const Tensor& weight, const Tensor& bias) {
  const std::int64_t m = weight.size(0);
  const Tensor dense_bias = bias.defined() ? dense(bias) : bias;
  dispatch_numeric(input.dtype(), [&]<class T>() {
    GemmEpilogue<T> epilogue;
    if (bias.defined()) {
      epilogue.bias = dense_bias.data<T>();
      epilogue.bias_kind = GemmBias::PerColumn;
    }
    gemm<T>(input.size(0), m, input.size(1), matrix<T>(input), {weight.data<T>(), weight.stride(1), weight.stride(0)},
            result.data<T>(), m, epilogue);
  });
}

}  // namespace ts::cpu
