// Convolution of images and its two backward passes: the choice of an algorithm by shape.
//
//   depthwise    one channel in and out per group, so there is no matrix product (conv_depthwise.cpp)
//   winograd     3 x 3, stride 1, enough channels and pixels: a quarter of the multiplications (conv_winograd.cpp)
//   gemm         everything else, as matrix products (conv_gemm.cpp)
//
// The environment variable TORCHSCRATCH_CONV shows and changes the choice: "log" prints one line for each pass to the
// standard error stream, "gemm" uses matrix products for all shapes, "gemm,log" does both.
//
// float16 and bfloat16 tensors are converted to float before the computation.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "backend/dispatch.h"
#include "cpu/kernels/conv/conv_depthwise.h"
#include "cpu/kernels/conv/conv_gemm.h"
#include "cpu/kernels/conv/conv_winograd.h"
#include "cpu/kernels/copy.h"
#include "generated/cpu/convolution_and_pooling.g.h"
#include "generated/cpu/views_and_indexing.g.h"

namespace ts::cpu {
namespace {

enum class Pass { Forward, Input, Weight };
enum class Algorithm { Depthwise, Winograd, Gemm };

bool has_option(std::string_view option) {
  const char* const text = std::getenv("TORCHSCRATCH_CONV");
  return text != nullptr && std::string_view(text).find(option) != std::string_view::npos;
}

void log_choice(Pass pass, const ConvGeometry& g, Algorithm algorithm) {
  constexpr const char* kPasses[] = {"forward", "input gradient", "weight gradient"};
  constexpr const char* kAlgorithms[] = {"depthwise", "winograd", "gemm"};
  const auto number = [](std::int64_t x) { return static_cast<long long>(x); };
  std::fprintf(stderr, "conv2d %lldx%lldx%lldx%lld to %lld, kernel %lldx%lld, stride %lldx%lld, groups %lld, %s: %s\n",
               number(g.images), number(g.channels), number(g.height), number(g.width), number(g.out_channels),
               number(g.kernel_height), number(g.kernel_width), number(g.stride_y), number(g.stride_x),
               number(g.groups), kPasses[static_cast<int>(pass)], kAlgorithms[static_cast<int>(algorithm)]);
}

template <class T>
Algorithm choose(Pass pass, const ConvGeometry& g) {
  static const bool only_gemm = has_option("gemm"), log = has_option("log");
  Algorithm algorithm = Algorithm::Gemm;
  if (!only_gemm) {
    if (std::is_floating_point_v<T> && g.is_depthwise()) algorithm = Algorithm::Depthwise;
    else if (std::is_same_v<T, float> && prefers_winograd(g)) algorithm = Algorithm::Winograd;
  }
  if (log) log_choice(pass, g, algorithm);
  return algorithm;
}

// One pass. `a` and `b` are the operands from which the result is computed, in the order of the functions' parameters.
template <class T>
void run(Pass pass, const ConvGeometry& g, const T* a, const T* b, const T* bias, T* result) {
  const auto with = [&](auto forward, auto input, auto weight) {
    if (pass == Pass::Forward) forward(g, a, b, bias, result);
    else if (pass == Pass::Input) input(g, a, b, result);
    else weight(g, a, b, result);
  };
  const Algorithm algorithm = choose<T>(pass, g);
  if constexpr (std::is_same_v<T, float>) {
    if (algorithm == Algorithm::Winograd) return with(winograd_forward, winograd_input, winograd_weight);
  }
  if constexpr (std::is_floating_point_v<T>) {
    if (algorithm == Algorithm::Depthwise) return with(depthwise_forward<T>, depthwise_input<T>, depthwise_weight<T>);
  }
  with(gemm_forward<T>, gemm_input<T>, gemm_weight<T>);
}

// The type in which products of this type are summed: float for 16-bit floats, and int64 for integers, which is exact
// modulo 2^n when the sum is stored back.
DType compute_type(DType dtype) {
  if (!is_floating(dtype)) return DType::Int64;
  return dtype == DType::Float64 ? DType::Float64 : DType::Float32;
}

// Runs fn with the compute type on dense operands that are converted to it; the result is converted back.
template <class Fn>
void in_compute_type(const Tensor& result, const Tensor& a, const Tensor& b, Fn fn) {
  const DType type = compute_type(result.dtype());
  const auto operand = [&](const Tensor& tensor) {
    if (tensor.dtype() == type) return dense(tensor);
    const Tensor converted = empty(tensor.sizes(), type, Device());
    copy(converted, tensor);
    return converted;
  };
  const Tensor computed = result.dtype() == type ? result : empty(result.sizes(), type, Device());
  if (type == DType::Float32) fn.template operator()<float>(computed, operand(a), operand(b));
  else if (type == DType::Float64) fn.template operator()<double>(computed, operand(a), operand(b));
  else fn.template operator()<std::int64_t>(computed, operand(a), operand(b));
  if (!computed.is_same(result)) copy(result, computed);
}

}  // namespace

void conv2d(const Tensor& result, const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
            IntList padding, IntList dilation, std::int64_t groups) {
  if (result.numel() == 0) return;
  in_compute_type(result, input, weight, [&]<class T>(const Tensor& y, const Tensor& x, const Tensor& w) {
    Tensor b;
    if (bias.defined()) {
      b = empty(bias.sizes(), y.dtype(), Device());
      copy(b, bias);
    }
    const ConvGeometry g(x.sizes(), w.sizes(), y.sizes(), stride, padding, dilation, groups);
    run<T>(Pass::Forward, g, x.data<T>(), w.data<T>(), b.defined() ? b.data<T>() : nullptr, y.data<T>());
  });
}

void conv2d_input(const Tensor& result, const Tensor& weight, const Tensor& grad_output, IntList /*input_size*/,
                  IntList stride, IntList padding, IntList dilation, std::int64_t groups) {
  if (result.numel() == 0) return;
  if (grad_output.numel() == 0 || weight.numel() == 0) return fill_with_zeros(result);
  in_compute_type(result, weight, grad_output, [&]<class T>(const Tensor& dx, const Tensor& w, const Tensor& dy) {
    const ConvGeometry g(dx.sizes(), w.sizes(), dy.sizes(), stride, padding, dilation, groups);
    run<T>(Pass::Input, g, w.data<T>(), dy.data<T>(), nullptr, dx.data<T>());
  });
}

void conv2d_weight(const Tensor& result, const Tensor& input, const Tensor& grad_output, IntList /*weight_size*/,
                   IntList stride, IntList padding, IntList dilation, std::int64_t groups) {
  if (result.numel() == 0) return;
  if (grad_output.numel() == 0 || input.numel() == 0) return fill_with_zeros(result);
  in_compute_type(result, input, grad_output, [&]<class T>(const Tensor& dw, const Tensor& x, const Tensor& dy) {
    const ConvGeometry g(x.sizes(), dw.sizes(), dy.sizes(), stride, padding, dilation, groups);
    run<T>(Pass::Weight, g, x.data<T>(), dy.data<T>(), nullptr, dw.data<T>());
  });
}

}  // namespace ts::cpu
