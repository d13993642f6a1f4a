// Samples of element-wise operators for the gradient checks.
#include "gradient_samples.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"

namespace ts::test {
namespace {

void arithmetic(Samples& s) {
  s.binary(
      "add", [](const Tensor& a, const Tensor& b) { return add(a, b); }, -2, 2, -2, 2);
  s.binary(
      "add", [](const Tensor& a, const Tensor& b) { return add(a, b, 2.5); }, -2, 2, -2, 2);
  s.unary(
      "add", [](const Tensor& a) { return add(a, 3, 2) + add(1.5, a, -2); }, -2, 2);
  s.binary(
      "sub", [](const Tensor& a, const Tensor& b) { return sub(a, b); }, -2, 2, -2, 2);
  s.binary(
      "sub", [](const Tensor& a, const Tensor& b) { return sub(a, b, 2.5); }, -2, 2, -2, 2);
  s.unary(
      "sub", [](const Tensor& a) { return sub(a, 3, 2) + sub(1.5, a, -2); }, -2, 2);
  s.binary(
      "mul", [](const Tensor& a, const Tensor& b) { return mul(a, b); }, -2, 2, -2, 2);
  s.unary(
      "mul", [](const Tensor& a) { return mul(a, 3) * mul(1.5, a); }, -2, 2);
  s.binary(
      "true_divide", [](const Tensor& a, const Tensor& b) { return true_divide(a, b); }, -2, 2, 0.6, 2);
  s.unary(
      "true_divide", [](const Tensor& a) { return true_divide(a, 3) + true_divide(1.5, a); }, 0.6, 2);
  s.binary(
      "div", [](const Tensor& a, const Tensor& b) { return div(a, b); }, -2, 2, 0.6, 2);
  // The quotients 1.1/3 .. 2.4/2.6 are not near integers, where the remainder is discontinuous.
  s.binary(
      "remainder", [](const Tensor& a, const Tensor& b) { return remainder(a, b); }, 1.1, 2.4, 2.6, 3);
  s.unary(
      "remainder", [](const Tensor& a) { return remainder(a, 3) + remainder(7, a + 4); }, 0.1, 0.4);
  // The same quotients; constant there, with a gradient of zeros.
  s.binary(
      "floor_divide", [](const Tensor& a, const Tensor& b) { return floor_divide(a, b) * a; }, 1.1, 2.4, 2.6, 3);
  s.binary(
      "trunc_divide", [](const Tensor& a, const Tensor& b) { return trunc_divide(a, b) * b; }, 1.1, 2.4, 2.6, 3);
  s.binary(
      "pow", [](const Tensor& a, const Tensor& b) { return pow(a, b); }, 0.6, 2, -2, 2);
  s.unary(
      "pow", [](const Tensor& a) { return pow(a, 3) + pow(a, 2) + pow(a, 1) + pow(a, 0); }, -2, 2);
  s.unary(
      "pow", [](const Tensor& a) { return pow(a, 2.5) + pow(a, -1) + pow(a, 0.5); }, 0.6, 2);
  s.unary(
      "pow", [](const Tensor& a) { return pow(2.5, a) + pow(1, a); }, -2, 2);
  s.binary("maximum", &maximum, -2, 2, -1.9, 2.1);
  s.binary("minimum", &minimum, -2, 2, -1.9, 2.1);
  s.binary(
      "max.other", [](const Tensor& a, const Tensor& b) { return max(a, b); }, -2, 2, -1.9, 2.1);
  s.binary(
      "min.other", [](const Tensor& a, const Tensor& b) { return min(a, b); }, -2, 2, -1.9, 2.1);
  s.unary(
      "rsub", [](const Tensor& a) { return rsub(a, 3, 2) + rsub(a, a, 0.5); }, -2, 2);
  s.binary(
      "fmod", [](const Tensor& a, const Tensor& b) { return fmod(a, b); }, 1.1, 2.4, 2.6, 3);
  s.unary(
      "fmod", [](const Tensor& a) { return fmod(a, 3); }, 0.1, 0.4);
  s.binary(
      "float_power", [](const Tensor& a, const Tensor& b) { return float_power(a, b); }, 0.6, 2, -2, 2);
  s.binary(
      "xlogy", [](const Tensor& a, const Tensor& b) { return xlogy(a, b); }, -2, 2, 0.6, 2);
  s.unary(
      "xlogy", [](const Tensor& a) { return xlogy(a, 3) + xlogy(2.5, a); }, 0.6, 2);
  s.binary("logaddexp", &logaddexp, -2, 2, -1.9, 2.1);
  s.binary("logaddexp2", &logaddexp2, -2, 2, -1.9, 2.1);
  s.binary("hypot", &hypot, 0.6, 2, -2, 2);
  s.binary("atan2", &atan2, 0.6, 2, -2, 2);
  s.binary(
      "copysign", [](const Tensor& a, const Tensor& b) { return copysign(a, b); }, -2, 2, -2, 2);
  s.unary(
      "copysign", [](const Tensor& a) { return copysign(a, -1); }, -2, 2);
  s.binary("fmax", &fmax, -2, 2, -1.9, 2.1);
  s.binary("fmin", &fmin, -2, 2, -1.9, 2.1);
  s.binary(
      "lerp", [](const Tensor& a, const Tensor& b) { return lerp(a, b, 0.3) + lerp(a, b, a * b); }, -2, 2, -2, 2);
  const Tensor mask = bools({1, 0, 0, 1, 1, 0}, {2, 3});
  s.add("where", "contiguous", [mask](const TensorList& x) { return where(mask, x[0], x[1]); },
        {operand({2, 3}), operand({2, 3}, -2, 2, 2)});
  s.add("where", "broadcast", [mask](const TensorList& x) { return where(mask, x[0], x[1]); },
        {operand({3}), operand({2, 1}, -2, 2, 2)});
  s.add("where", "transposed", [mask](const TensorList& x) { return where(t(mask), x[0], x[1]); },
        {transposed({3, 2}), operand({}, -2, 2, 2)});
  s.add("where", "numbers", [mask](const TensorList& x) { return where(mask, x[0], 2) + where(mask, 3, x[0]); },
        {operand({2, 3})});
  s.add("where", "empty", [](const TensorList& x) { return where(bools({}, {0}), x[0], x[1]); },
        {operand({0}), operand({0})});
  for (const double value : {1.0, 0.5}) {
    const auto multiply = [value](const TensorList& x) { return addcmul(x[0], x[1], x[2], value); };
    const auto divide_by = [value](const TensorList& x) { return addcdiv(x[0], x[1], x[2], value); };
    for (const auto& [op, fn] : {std::pair<const char*, std::function<Tensor(const TensorList&)>>{"addcmul", multiply},
                                 {"addcdiv", divide_by}}) {
      s.add(op, "contiguous", fn, {operand({2, 3}), operand({2, 3}, -2, 2, 2), operand({2, 3}, 0.6, 2, 3)});
      s.add(op, "transposed", fn, {transposed({2, 3}), operand({2, 3}, -2, 2, 2), transposed({2, 3}, 0.6, 2, 3)});
      s.add(op, "broadcast", fn, {operand({3, 1}), operand({2}, -2, 2, 2), operand({}, 0.6, 2, 3)});
      s.add(op, "0-d", fn, {operand({}), operand({}, -2, 2, 2), operand({}, 0.6, 2, 3)});
      s.add(op, "empty", fn, {operand({0, 2}), operand({2}, -2, 2, 2), operand({}, 0.6, 2, 3)});
    }
  }
}

void elementary(Samples& s) {
  s.unary("neg", &neg, -2, 2);
  s.unary("abs", &abs, -2, 2);
  s.unary("sign", &sign, -2, 2);
  s.unary("exp", &exp, -2, 2);
  s.unary("expm1", &expm1, -2, 2);
  s.unary("log", &log, 0.6, 3);
  s.unary("log1p", &log1p, -0.4, 2);
  s.unary("log2", &log2, 0.6, 3);
  s.unary("log10", &log10, 0.6, 3);
  s.unary("sqrt", &sqrt, 0.6, 3);
  s.unary("rsqrt", &rsqrt, 0.6, 3);
  s.unary("square", &square, -2, 2);
  s.unary("reciprocal", &reciprocal, 0.6, 3);
  s.unary("sin", &sin, -3, 3);
  s.unary("cos", &cos, -3, 3);
  s.unary("tan", &tan, -1.1, 1.1);
  s.unary("tanh", &tanh, -2, 2);
  s.unary("sigmoid", &sigmoid, -3, 3);
  s.unary("erf", &erf, -2, 2);
  s.unary("floor", &floor, -3, 3);
  s.unary("ceil", &ceil, -3, 3);
  s.unary("round", &round, -3, 3);
  s.unary("trunc", &trunc, -3, 3);
  s.binary("tanh_backward", &tanh_backward, -2, 2, -0.9, 0.9);
  s.binary("sigmoid_backward", &sigmoid_backward, -2, 2, 0.1, 0.9);
  s.unary("sgn", &sgn, -2, 2);
  s.unary("exp2", &exp2, -2, 2);
  s.unary("asin", &asin, -0.8, 0.8);
  s.unary("acos", &acos, -0.8, 0.8);
  s.unary("atan", &atan, -2, 2);
  s.unary("sinh", &sinh, -2, 2);
  s.unary("cosh", &cosh, -2, 2);
  s.unary("asinh", &asinh, -2, 2);
  s.unary("acosh", &acosh, 1.3, 3);
  s.unary("atanh", &atanh, -0.8, 0.8);
  s.unary("sinc", &sinc, 0.1, 3);
  s.unary("sinc", &sinc, -0.3, 0.3);  // where its derivative is a series
  s.binary("sinc_backward", &sinc_backward, -2, 2, 0.1, 3);
  s.unary("deg2rad", &deg2rad, -2, 2);
  s.unary("rad2deg", &rad2deg, -0.02, 0.02);
  s.unary("erfc", &erfc, -2, 2);
  s.unary("erfinv", &erfinv, -0.8, 0.8);
  s.unary("lgamma", &lgamma, 0.6, 3);
  s.unary("digamma", &digamma, 0.7, 3);
  s.unary(
      "polygamma", [](const Tensor& a) { return polygamma(a, 1); }, 1.2, 3);
  s.unary(
      "logit", [](const Tensor& a) { return logit(a) + logit(a, 0.4); }, 0.2, 0.8);
  s.unary(
      "logit_clamped", [](const Tensor& a) { return logit_clamped(a, 0.4); }, 0.2, 0.8);
  s.unary("frac", &frac, -3, 3);
  s.unary(
      "nan_to_num", [](const Tensor& a) { return nan_to_num(a, 1); }, -2, 2);
  s.unary(
      "replace_non_finite", [](const Tensor& a) { return replace_non_finite(a, 1, 2, 3); }, -2, 2);
  s.binary(
      "clamp.tensor", [](const Tensor& a, const Tensor& b) { return clamp(a, b, b + 1) + clamp(a, b); }, -2, 2, -1, 1);
  s.binary(
      "clamp_between.tensor", [](const Tensor& a, const Tensor& b) { return clamp_between(a, b, b + 1); }, -2, 2, -1,
      1);
  s.binary(
      "clamp_min.tensor", [](const Tensor& a, const Tensor& b) { return clamp_min(a, b); }, -2, 2, -1.9, 2.1);
  s.binary(
      "clamp_max.tensor", [](const Tensor& a, const Tensor& b) { return clamp_max(a, b); }, -2, 2, -1.9, 2.1);
  s.unary(
      "clamp", [](const Tensor& a) { return clamp(a, -1, 1.5) + clamp(a, 0.5) + clamp(a, std::nullopt, 0); }, -3, 3);
  s.unary(
      "clamp_between", [](const Tensor& a) { return clamp_between(a, -1, 1.5); }, -3, 3);
  s.unary(
      "clamp_min", [](const Tensor& a) { return clamp_min(a, 0.5); }, -3, 3);
  s.unary(
      "clamp_max", [](const Tensor& a) { return clamp_max(a, -0.5); }, -3, 3);
}

void activations(Samples& s) {
  s.unary("relu", &relu, -2, 2);
  s.unary(
      "leaky_relu", [](const Tensor& a) { return leaky_relu(a, 0.2); }, -2, 2);
  s.unary("silu", &silu, -2, 2);
  s.unary("gelu_erf", &gelu_erf, -2, 2);
  s.binary("gelu_backward", &gelu_backward, -2, 2, -2, 2);
  s.binary(
      "threshold_backward", [](const Tensor& a, const Tensor& b) { return threshold_backward(a, b, 0.5); }, -2, 2, -2,
      2);
  s.unary(
      "relu6", [](const Tensor& a) { return relu6(a * 4); }, -2, 2);
  s.binary(
      "leaky_relu_backward", [](const Tensor& a, const Tensor& b) { return leaky_relu_backward(a, b, 0.2); }, -2, 2, -2,
      2);
  s.unary(
      "threshold", [](const Tensor& a) { return threshold(a, 0.5, 3); }, -2, 2);
  s.unary(
      "hardtanh", [](const Tensor& a) { return hardtanh(a, -1, 1.5); }, -3, 3);
  s.binary(
      "hardtanh_backward", [](const Tensor& a, const Tensor& b) { return hardtanh_backward(a, b, -1, 1.5); }, -2, 2, -3,
      3);
  s.unary("hardsigmoid", &hardsigmoid, -4, 4);
  s.binary("hardsigmoid_backward", &hardsigmoid_backward, -2, 2, -4, 4);
  s.unary("hardswish", &hardswish, -4, 4);
  s.binary("hardswish_backward", &hardswish_backward, -2, 2, -4, 4);
  s.unary(
      "hardshrink", [](const Tensor& a) { return hardshrink(a, 0.5); }, -2, 2);
  s.binary(
      "shrink_backward", [](const Tensor& a, const Tensor& b) { return shrink_backward(a, b, 0.5); }, -2, 2, -2, 2);
  s.unary(
      "softshrink", [](const Tensor& a) { return softshrink(a, 0.5); }, -2, 2);
  s.unary("tanhshrink", &tanhshrink, -2, 2);
  s.unary("softsign", &softsign, -2, 2);
  s.unary(
      "elu", [](const Tensor& a) { return elu(a, 1.5); }, -2, 2);
  s.unary("selu", &selu, -2, 2);
  s.unary(
      "celu", [](const Tensor& a) { return celu(a, 1.5); }, -2, 2);
  s.unary(
      "elu_scaled", [](const Tensor& a) { return elu_scaled(a, 1.5, 2, 0.5); }, -2, 2);
  s.binary(
      "elu_backward", [](const Tensor& a, const Tensor& b) { return elu_backward(a, b, 1.5, 2, 0.5); }, -2, 2, -2, 2);
  s.unary(
      "softplus", [](const Tensor& a) { return softplus(a, 2, 3); }, -2, 2);
  s.binary(
      "softplus_backward", [](const Tensor& a, const Tensor& b) { return softplus_backward(a, b, 2, 3); }, -2, 2, -2,
      2);
  s.unary("logsigmoid", &logsigmoid, -2, 2);
  s.binary("logsigmoid_backward", &logsigmoid_backward, -2, 2, -2, 2);
  s.binary("silu_backward", &silu_backward, -2, 2, -2, 2);
  s.unary("mish", &mish, -2, 2);
  s.binary("mish_backward", &mish_backward, -2, 2, -2, 2);
  s.unary("gelu_tanh", &gelu_tanh, -2, 2);
  s.binary("gelu_tanh_backward", &gelu_tanh_backward, -2, 2, -2, 2);
  for (const std::int64_t dim : {0, 1, -1}) {
    const std::string along = "along " + std::to_string(dim);
    s.add("softmax", along, [dim](const TensorList& x) { return softmax(x[0], dim); }, {operand({3, 4})});
    s.add("softmax", along + ", transposed", [dim](const TensorList& x) { return softmax(x[0], dim); },
          {transposed({3, 4})});
    s.add("log_softmax", along, [dim](const TensorList& x) { return log_softmax(x[0], dim); }, {operand({3, 4})});
    s.add("log_softmax", along + ", transposed", [dim](const TensorList& x) { return log_softmax(x[0], dim); },
          {transposed({3, 4})});
    s.add("softmax_backward", along, [dim](const TensorList& x) { return softmax_backward(x[0], x[1], dim); },
          {operand({3, 4}), operand({3, 4}, 0.1, 0.9, 2)});
    s.add("softmax_backward", along + ", transposed",
          [dim](const TensorList& x) { return softmax_backward(x[0], contiguous(x[1]), dim); },
          {transposed({3, 4}), transposed({3, 4}, 0.1, 0.9, 2)});
    s.add("log_softmax_backward", along, [dim](const TensorList& x) { return log_softmax_backward(x[0], x[1], dim); },
          {operand({3, 4}), operand({3, 4}, -2, 0, 2)});
  }
  for (const Dims& sizes : {Dims{}, Dims{0, 3}, Dims{2, 0}, Dims{2, 2, 3}}) {
    s.add("softmax", sizes.to_string(), [](const TensorList& x) { return softmax(x[0], 0); }, {operand(sizes)});
    s.add("log_softmax", sizes.to_string(), [](const TensorList& x) { return log_softmax(x[0], 0); }, {operand(sizes)});
  }
  s.unary(
      "dropout",
      [](const Tensor& a) {
        manual_seed(3);
        return dropout(a, 0.4);
      },
      -2, 2);
}

}  // namespace

void elementwise_samples(Samples& s) {
  arithmetic(s);
  elementary(s);
  activations(s);
}

}  // namespace ts::test
