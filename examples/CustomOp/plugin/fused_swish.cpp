// The plugin: swish with a fused forward and a fused backward pass, differentiable twice.
#include <torchscratch/plugin.h>

#include "swish_kernels.h"

namespace {

using ts::DType;
using ts::FunctionContext;
using ts::Tensor;
using ts::TensorList;

constexpr std::int64_t kGrain = 16 * 1024;  // the smallest number of elements that is worth a thread

void check(const Tensor& x) {
  TS_CHECK(x.dtype() == DType::Float32 || x.dtype() == DType::Float64, ts::DTypeError,
           "expected float32 or float64, got ", ts::describe(x));
}

// grad * dy/dx, as an operator with its own derivative, so that second derivatives work too.
struct SwishBackward : ts::Function<SwishBackward> {
  static constexpr const char* kName = "SwishBackwardBackward";

  static Tensor forward(FunctionContext& context, const Tensor& grad, const Tensor& x, double beta) {
    context.save_for_backward({grad, x});
    context.scalars = {beta};
    const Tensor dense_grad = ts::contiguous(grad), dense_x = ts::contiguous(x);
    const Tensor out = ts::empty_like(dense_x);
    const auto run = [&](auto zero) {
      using T = decltype(zero);
      const T* const g = dense_grad.data<T>();
      const T* const in = dense_x.data<T>();
      T* const result = out.data<T>();
      ts::parallel_for(out.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        swish::backward(g, in, result, static_cast<T>(beta), begin, end);
      });
    };
    if (x.dtype() == DType::Float32) run(0.0f);
    else run(0.0);
    return out;
  }

  // With s the sigmoid: d2y/dx2 = beta s (1 - s) (2 + beta x (1 - 2 s)).
  static TensorList backward(FunctionContext& context, const TensorList& grads) {
    const TensorList saved = context.saved_tensors();
    const double beta = context.scalars[0].to_double();
    const Tensor s = ts::sigmoid(saved[1] * beta);
    const Tensor second = s * (1 - s) * beta * (2 + saved[1] * beta * (1 - 2 * s));
    return {SwishBackward::apply(grads[0], saved[1], beta), grads[0] * saved[0] * second};
  }
};

struct Swish : ts::Function<Swish> {
  static constexpr const char* kName = "SwishBackward";

  static Tensor forward(FunctionContext& context, const Tensor& x, double beta) {
    context.save_for_backward({x});
    context.scalars = {beta};
    const Tensor dense = ts::contiguous(x);
    const Tensor out = ts::empty_like(dense);
    const auto run = [&](auto zero) {
      using T = decltype(zero);
      const T* const in = dense.data<T>();
      T* const result = out.data<T>();
      ts::parallel_for(out.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        swish::forward(in, result, static_cast<T>(beta), begin, end);
      });
    };
    if (x.dtype() == DType::Float32) run(0.0f);
    else run(0.0);
    return out;
  }

  static TensorList backward(FunctionContext& context, const TensorList& grads) {
    return {SwishBackward::apply(grads[0], context.saved_tensors()[0], context.scalars[0].to_double())};
  }
};

Tensor swish_operator(const Tensor& x, double beta) {
  check(x);
  return Swish::apply(x, beta);
}

}  // namespace

TS_PLUGIN(fused, registry) {
  registry.add("swish", swish_operator, "x * sigmoid(beta x), float32 or float64, fused forward and backward passes.");
}
