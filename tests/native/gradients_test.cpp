// Gradients of every differentiable row of the op table, first and second order, against central differences: on
// contiguous, transposed, broadcast, 0-d and empty operands, and for in-place forms on a tensor and on views of one. A
// row without a sample fails the suite.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <numeric>
#include <set>

#include "generated/op_list.g.h"
#include "gradient_samples.h"
#include "ops/functions.h"

namespace ts {
namespace {

using namespace test;

void arithmetic(Samples& s) {
  s.binary("add", [](const Tensor& a, const Tensor& b) { return add(a, b); }, -2, 2, -2, 2);
  s.binary("add", [](const Tensor& a, const Tensor& b) { return add(a, b, 2.5); }, -2, 2, -2, 2);
  s.unary("add", [](const Tensor& a) { return add(a, 3, 2) + add(1.5, a, -2); }, -2, 2);
  s.binary("sub", [](const Tensor& a, const Tensor& b) { return sub(a, b); }, -2, 2, -2, 2);
  s.binary("sub", [](const Tensor& a, const Tensor& b) { return sub(a, b, 2.5); }, -2, 2, -2, 2);
  s.unary("sub", [](const Tensor& a) { return sub(a, 3, 2) + sub(1.5, a, -2); }, -2, 2);
  s.binary("mul", [](const Tensor& a, const Tensor& b) { return mul(a, b); }, -2, 2, -2, 2);
  s.unary("mul", [](const Tensor& a) { return mul(a, 3) * mul(1.5, a); }, -2, 2);
  s.binary("true_divide", [](const Tensor& a, const Tensor& b) { return true_divide(a, b); }, -2, 2, 0.6, 2);
  s.unary("true_divide", [](const Tensor& a) { return true_divide(a, 3) + true_divide(1.5, a); }, 0.6, 2);
  s.binary("div", [](const Tensor& a, const Tensor& b) { return div(a, b); }, -2, 2, 0.6, 2);
  // The quotients 1.1/3 .. 2.4/2.6 stay away from whole numbers, where the remainder jumps.
  s.binary("remainder", [](const Tensor& a, const Tensor& b) { return remainder(a, b); }, 1.1, 2.4, 2.6, 3);
  s.unary("remainder", [](const Tensor& a) { return remainder(a, 3) + remainder(7, a + 4); }, 0.1, 0.4);
  s.binary("pow", [](const Tensor& a, const Tensor& b) { return pow(a, b); }, 0.6, 2, -2, 2);
  s.unary("pow", [](const Tensor& a) { return pow(a, 3) + pow(a, 2) + pow(a, 1) + pow(a, 0); }, -2, 2);
  s.unary("pow", [](const Tensor& a) { return pow(a, 2.5) + pow(a, -1) + pow(a, 0.5); }, 0.6, 2);
  s.unary("pow", [](const Tensor& a) { return pow(2.5, a) + pow(1, a); }, -2, 2);
  s.binary("maximum", &maximum, -2, 2, -1.9, 2.1);
  s.binary("minimum", &minimum, -2, 2, -1.9, 2.1);
  s.binary("max.other", [](const Tensor& a, const Tensor& b) { return max(a, b); }, -2, 2, -1.9, 2.1);
  s.binary("min.other", [](const Tensor& a, const Tensor& b) { return min(a, b); }, -2, 2, -1.9, 2.1);
  s.unary("rsub", [](const Tensor& a) { return rsub(a, 3, 2) + rsub(a, a, 0.5); }, -2, 2);
  s.binary("fmod", [](const Tensor& a, const Tensor& b) { return fmod(a, b); }, 1.1, 2.4, 2.6, 3);
  s.unary("fmod", [](const Tensor& a) { return fmod(a, 3); }, 0.1, 0.4);
  s.binary("float_power", [](const Tensor& a, const Tensor& b) { return float_power(a, b); }, 0.6, 2, -2, 2);
  s.binary("xlogy", [](const Tensor& a, const Tensor& b) { return xlogy(a, b); }, -2, 2, 0.6, 2);
  s.unary("xlogy", [](const Tensor& a) { return xlogy(a, 3) + xlogy(2.5, a); }, 0.6, 2);
  s.binary("logaddexp", &logaddexp, -2, 2, -1.9, 2.1);
  s.binary("logaddexp2", &logaddexp2, -2, 2, -1.9, 2.1);
  s.binary("hypot", &hypot, 0.6, 2, -2, 2);
  s.binary("atan2", &atan2, 0.6, 2, -2, 2);
  s.binary("copysign", [](const Tensor& a, const Tensor& b) { return copysign(a, b); }, -2, 2, -2, 2);
  s.unary("copysign", [](const Tensor& a) { return copysign(a, -1); }, -2, 2);
  s.binary("fmax", &fmax, -2, 2, -1.9, 2.1);
  s.binary("fmin", &fmin, -2, 2, -1.9, 2.1);
  s.binary("lerp", [](const Tensor& a, const Tensor& b) { return lerp(a, b, 0.3) + lerp(a, b, a * b); }, -2, 2, -2, 2);
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
  s.unary("deg2rad", &deg2rad, -2, 2);
  s.unary("rad2deg", &rad2deg, -0.02, 0.02);
  s.unary("erfc", &erfc, -2, 2);
  s.unary("erfinv", &erfinv, -0.8, 0.8);
  s.unary("lgamma", &lgamma, 0.6, 3);
  s.unary("digamma", &digamma, 0.7, 3);
  s.unary("polygamma", [](const Tensor& a) { return polygamma(a, 1); }, 1.2, 3);
  s.unary("logit", [](const Tensor& a) { return logit(a) + logit(a, 0.4); }, 0.2, 0.8);
  s.unary("logit_clamped", [](const Tensor& a) { return logit_clamped(a, 0.4); }, 0.2, 0.8);
  s.unary("frac", &frac, -3, 3);
  s.unary("nan_to_num", [](const Tensor& a) { return nan_to_num(a, 1); }, -2, 2);
  s.unary("replace_non_finite", [](const Tensor& a) { return replace_non_finite(a, 1, 2, 3); }, -2, 2);
  s.binary("clamp.tensor", [](const Tensor& a, const Tensor& b) { return clamp(a, b, b + 1) + clamp(a, b); }, -2, 2, -1,
           1);
  s.binary("clamp_between.tensor", [](const Tensor& a, const Tensor& b) { return clamp_between(a, b, b + 1); }, -2, 2,
           -1, 1);
  s.binary("clamp_min.tensor", [](const Tensor& a, const Tensor& b) { return clamp_min(a, b); }, -2, 2, -1.9, 2.1);
  s.binary("clamp_max.tensor", [](const Tensor& a, const Tensor& b) { return clamp_max(a, b); }, -2, 2, -1.9, 2.1);
  s.unary("clamp", [](const Tensor& a) { return clamp(a, -1, 1.5) + clamp(a, 0.5) + clamp(a, std::nullopt, 0); }, -3, 3);
  s.unary("clamp_between", [](const Tensor& a) { return clamp_between(a, -1, 1.5); }, -3, 3);
  s.unary("clamp_min", [](const Tensor& a) { return clamp_min(a, 0.5); }, -3, 3);
  s.unary("clamp_max", [](const Tensor& a) { return clamp_max(a, -0.5); }, -3, 3);
}

void activations(Samples& s) {
  s.unary("relu", &relu, -2, 2);
  s.unary("leaky_relu", [](const Tensor& a) { return leaky_relu(a, 0.2); }, -2, 2);
  s.unary("silu", &silu, -2, 2);
  s.unary("gelu_erf", &gelu_erf, -2, 2);
  s.binary("gelu_backward", &gelu_backward, -2, 2, -2, 2);
  s.binary("threshold_backward", [](const Tensor& a, const Tensor& b) { return threshold_backward(a, b, 0.5); }, -2, 2,
           -2, 2);
  s.unary("relu6", [](const Tensor& a) { return relu6(a * 4); }, -2, 2);
  s.binary("leaky_relu_backward", [](const Tensor& a, const Tensor& b) { return leaky_relu_backward(a, b, 0.2); }, -2, 2,
           -2, 2);
  s.unary("threshold", [](const Tensor& a) { return threshold(a, 0.5, 3); }, -2, 2);
  s.unary("hardtanh", [](const Tensor& a) { return hardtanh(a, -1, 1.5); }, -3, 3);
  s.binary("hardtanh_backward", [](const Tensor& a, const Tensor& b) { return hardtanh_backward(a, b, -1, 1.5); }, -2, 2,
           -3, 3);
  s.unary("hardsigmoid", &hardsigmoid, -4, 4);
  s.binary("hardsigmoid_backward", &hardsigmoid_backward, -2, 2, -4, 4);
  s.unary("hardswish", &hardswish, -4, 4);
  s.binary("hardswish_backward", &hardswish_backward, -2, 2, -4, 4);
  s.unary("hardshrink", [](const Tensor& a) { return hardshrink(a, 0.5); }, -2, 2);
  s.unary("softshrink", [](const Tensor& a) { return softshrink(a, 0.5); }, -2, 2);
  s.unary("tanhshrink", &tanhshrink, -2, 2);
  s.unary("softsign", &softsign, -2, 2);
  s.unary("elu", [](const Tensor& a) { return elu(a, 1.5); }, -2, 2);
  s.unary("selu", &selu, -2, 2);
  s.unary("celu", [](const Tensor& a) { return celu(a, 1.5); }, -2, 2);
  s.unary("elu_scaled", [](const Tensor& a) { return elu_scaled(a, 1.5, 2, 0.5); }, -2, 2);
  s.binary("elu_backward", [](const Tensor& a, const Tensor& b) { return elu_backward(a, b, 1.5, 2, 0.5); }, -2, 2, -2,
           2);
  s.unary("softplus", [](const Tensor& a) { return softplus(a, 2, 3); }, -2, 2);
  s.binary("softplus_backward", [](const Tensor& a, const Tensor& b) { return softplus_backward(a, b, 2, 3); }, -2, 2,
           -2, 2);
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
  s.unary("dropout",
          [](const Tensor& a) {
            manual_seed(3);
            return dropout(a, 0.4);
          },
          -2, 2);
}

void reductions(Samples& s) {
  const auto each = [&](const std::string& op, std::function<Tensor(const Tensor&, std::optional<IntList>, bool)> fn) {
    for (const bool keepdim : {false, true}) {
      const auto with = [&](const std::string& variant, std::optional<std::vector<std::int64_t>> dims, Tensor input) {
        s.add(op, variant + (keepdim ? ", keepdim" : ""),
              [=](const TensorList& x) {
                return dims ? fn(x[0], IntList(*dims), keepdim) : fn(x[0], std::nullopt, keepdim);
              },
              {std::move(input)});
      };
      with("all", std::nullopt, operand({2, 3}));
      with("rows", std::vector<std::int64_t>{1}, operand({2, 3}));
      with("columns, transposed", std::vector<std::int64_t>{0}, transposed({2, 3}));
      with("two of three", std::vector<std::int64_t>{0, -1}, operand({2, 3, 2}));
      with("0-d", std::nullopt, operand({}));
      with("empty", std::vector<std::int64_t>{1}, operand({0, 3}));
    }
  };
  each("sum", [](const Tensor& x, std::optional<IntList> dim, bool keepdim) { return sum(x, dim, keepdim); });
  each("mean", [](const Tensor& x, std::optional<IntList> dim, bool keepdim) { return mean(x, dim, keepdim); });
  s.add("sum", "over nothing", [](const TensorList& x) { return sum(x[0], {1}); }, {operand({2, 0})});
  s.unary("max", [](const Tensor& x) { return x.numel() == 0 ? x : max(x); }, -2, 2);
  s.unary("min", [](const Tensor& x) { return x.numel() == 0 ? x : min(x); }, -2, 2);
  for (const std::int64_t dim : {0, -1}) {
    for (const bool keepdim : {false, true}) {
      const std::string variant = "along " + std::to_string(dim) + (keepdim ? ", keepdim" : "");
      for (const Tensor& input : {operand({3, 4}), transposed({3, 4}), operand({}), operand({2, 0, 3})}) {
        if (input.numel() == 0 && dim == -1 && keepdim) continue;
        s.add("max.dim", variant, [=](const TensorList& x) { return std::get<0>(max(x[0], dim, keepdim)); }, {input});
        s.add("min.dim", variant, [=](const TensorList& x) { return std::get<0>(min(x[0], dim, keepdim)); }, {input});
      }
    }
  }
}

void products(Samples& s) {
  const auto mm_ = [](const TensorList& x) { return mm(x[0], x[1]); };
  s.add("mm", "contiguous", mm_, {operand({2, 3}), operand({3, 4}, -2, 2, 2)});
  s.add("mm", "transposed", mm_, {transposed({2, 3}), transposed({3, 4}, -2, 2, 2)});
  s.add("mm", "broadcast", [](const TensorList& x) { return mm(expand(x[0], {2, 3}), x[1]); },
        {operand({1, 3}), operand({3, 2}, -2, 2, 2)});
  s.add("mm", "empty", mm_, {operand({0, 3}), operand({3, 2}, -2, 2, 2)});
  s.add("mm", "empty inside", mm_, {operand({2, 0}), operand({0, 2})});
  const auto bmm_ = [](const TensorList& x) { return bmm(x[0], x[1]); };
  s.add("bmm", "contiguous", bmm_, {operand({2, 2, 3}), operand({2, 3, 2}, -2, 2, 2)});
  s.add("bmm", "transposed", bmm_, {transposed({2, 2, 3}), transposed({2, 3, 2}, -2, 2, 2)});
  s.add("bmm", "empty", bmm_, {operand({0, 2, 3}), operand({0, 3, 2}, -2, 2, 2)});
  const auto affine = [](const TensorList& x) { return addmm_nt(x[0], x[1], x.size() > 2 ? x[2] : Tensor()); };
  s.add("addmm_nt", "no bias", affine, {operand({2, 3}), operand({4, 3}, -2, 2, 2)});
  s.add("addmm_nt", "bias", affine, {operand({2, 3}), operand({4, 3}, -2, 2, 2), operand({4}, -1, 1, 3)});
  s.add("addmm_nt", "transposed", affine, {transposed({2, 3}), transposed({4, 3}, -2, 2, 2), operand({4}, -1, 1, 3)});
  s.add("addmm_nt", "empty", affine, {operand({0, 3}), operand({2, 3}, -2, 2, 2), operand({2}, -1, 1, 3)});
  const auto product = [](const TensorList& x) { return matmul(x[0], x[1]); };
  for (const auto& [a, b] : std::vector<std::pair<Dims, Dims>>{{{3}, {3}}, {{2, 3}, {3}}, {{3}, {3, 2}},
                                                               {{2, 2, 3}, {3, 2}}, {{2, 1, 2, 3}, {2, 3, 2}},
                                                               {{3}, {2, 3, 2}}, {{2, 2, 3}, {3}}}) {
    s.add("matmul", a.to_string() + b.to_string(), product, {operand(a), operand(b, -2, 2, 2)});
  }
  const auto layer = [](const TensorList& x) { return linear(x[0], x[1], x[2]); };
  s.add("linear", "matrix", layer, {operand({2, 3}), operand({4, 3}, -2, 2, 2), operand({4}, -1, 1, 3)});
  s.add("linear", "batch", layer, {operand({2, 2, 3}), operand({2, 3}, -2, 2, 2), operand({2}, -1, 1, 3)});
  s.add("linear", "vector", layer, {operand({3}), operand({2, 3}, -2, 2, 2), operand({2}, -1, 1, 3)});
}

void views(Samples& s) {
  const auto view_sample = [&](const std::string& op, const std::string& variant, Tensor (*fn)(const Tensor&),
                               Tensor input) {
    s.add(op, variant, [fn](const TensorList& x) { return fn(x[0]); }, {std::move(input)});
    // Second derivatives see a view only when something beside it is curved.
    s.add(op, variant + ", squared", [fn](const TensorList& x) { return square(fn(x[0] * x[0])); },
          {s.all.back().inputs});
  };
#define VIEW(op, variant, expression, input) view_sample(op, variant, [](const Tensor& x) -> Tensor { return expression; }, input)
  VIEW("view", "contiguous", view(x, {3, -1}), operand({2, 3}));
  VIEW("view", "transposed", view(x, {3, 2, 1}), transposed({3, 2}));
  VIEW("view", "0-d", view(x, {1, 1}), operand({}));
  VIEW("view", "empty", view(x, {3, 0}), operand({0, 2}));
  VIEW("reshape", "copied", reshape(x, {-1}), transposed({3, 2}));
  VIEW("flatten", "middle", flatten(x, 1), operand({2, 3, 2}));
  VIEW("transpose", "contiguous", transpose(x, 0, -1), operand({2, 3, 2}));
  VIEW("transpose", "transposed", transpose(x, 0, 1), transposed({2, 3}));
  VIEW("transpose", "empty", transpose(x, 0, 1), operand({0, 3}));
  VIEW("t", "matrix", t(x), operand({2, 3}));
  VIEW("t", "vector", t(x), operand({3}));
  VIEW("alias", "contiguous", alias(x), operand({2, 3}));
  VIEW("alias", "0-d", alias(x), operand({}));
  VIEW("permute", "contiguous", permute(x, {2, 0, -2}), operand({2, 3, 2}));
  VIEW("permute", "transposed", permute(x, {1, 0}), transposed({2, 3}));
  VIEW("permute", "0-d", permute(x, {}), operand({}));
  VIEW("expand", "contiguous", expand(x, {2, 3, 2}), operand({3, 1}));
  VIEW("expand", "0-d", expand(x, {2, 2}), operand({}));
  VIEW("expand", "-1", expand(x, {2, -1}), operand({1, 3}));
  VIEW("expand", "to nothing", expand(x, {0, 2}), operand({1, 2}));
  VIEW("squeeze", "all", squeeze(x), operand({1, 3, 1}));
  VIEW("squeeze", "one", squeeze(x, -1), operand({1, 3, 1}));
  VIEW("squeeze", "none", squeeze(x, 1), transposed({2, 3}));
  VIEW("squeeze", "0-d", squeeze(x), operand({}));
  VIEW("unsqueeze", "middle", unsqueeze(x, 1), transposed({2, 3}));
  VIEW("unsqueeze", "0-d", unsqueeze(x, 0), operand({}));
  VIEW("select", "contiguous", select(x, 1, -1), operand({2, 3}));
  VIEW("select", "transposed", select(x, 0, 1), transposed({2, 3}));
  VIEW("slice", "middle", slice(x, 1, 1, 3), operand({2, 4}));
  VIEW("slice", "steps", slice(x, 0, std::nullopt, std::nullopt, 2), transposed({5, 2}));
  VIEW("slice", "empty", slice(x, 0, 2, 1), operand({3}));
  VIEW("slice", "negative", slice(x, 0, -3, -1), operand({4, 2}));
  VIEW("narrow", "middle", narrow(x, 0, 1, 2), operand({4, 2}));
  VIEW("as_strided", "windows", as_strided(x, {3, 2}, {1, 1}), operand({4}));
  VIEW("as_strided", "offset", as_strided(x, {2, 2}, {1, 2}, 1), operand({2, 3}));
  VIEW("as_strided", "0-d", as_strided(x, {}, {}, 2), operand({4}));
  VIEW("as_strided", "repeated", as_strided(x, {3, 2}, {0, 1}), operand({2}));
  VIEW("contiguous", "transposed", contiguous(x), transposed({2, 3}));
  VIEW("clone", "contiguous", clone(x), operand({2, 3}));
  VIEW("clone", "transposed", clone(x), transposed({2, 3}));
  VIEW("clone", "0-d", clone(x), operand({}));
  VIEW("clone", "empty", clone(x), operand({0, 2}));
  VIEW("convert", "contiguous", convert(x, DType::Float64), operand({2, 3}));
  VIEW("convert", "transposed", convert(x, DType::Float64), transposed({2, 3}));
  VIEW("to", "itself", to(x, DType::Float64), operand({2, 3}));
  VIEW("masked_fill", "row", masked_fill(x, bools({1, 0, 1}, {3}), 2), operand({2, 3}));
#undef VIEW
  const auto scatter = [](const TensorList& x) { return as_strided_backward(x[0], {5}, {2, 3}, {1, 1}, 1); };
  s.add("as_strided_backward", "overlapping", scatter, {operand({2, 3})});
  s.add("as_strided_backward", "transposed", scatter, {transposed({2, 3})});
  s.add("as_strided_backward", "empty",
        [](const TensorList& x) { return as_strided_backward(x[0], {2}, {0, 3}, {1, 1}, 0); }, {operand({0, 3})});
  s.add("unbind", "columns", [](const TensorList& x) { return unbind(x[0], 1); }, {operand({2, 3})});
  s.add("split", "uneven", [](const TensorList& x) { return split(x[0], 2, 1); }, {transposed({2, 5})});
}

void indexing(Samples& s) {
  for (const std::int64_t dim : {0, -1}) {
    const std::string along = "along " + std::to_string(dim);
    s.add("cat", along, [dim](const TensorList& x) { return cat(x, dim); },
          {operand({2, 2}), operand({2, 2}, -2, 2, 2), transposed({2, 2}, -2, 2, 3)});
    s.add("cat", along + ", one gradient",
          [dim](const TensorList& x) { return square(cat({spread({2, 2}, 0, 1), x[0]}, dim)); }, {operand({2, 2})});
    s.add("stack", along, [dim](const TensorList& x) { return stack(x, dim); }, {operand({3}), operand({3}, -2, 2, 2)});
  }
  s.add("cat", "empty", [](const TensorList& x) { return cat(x, 0); }, {operand({0}), operand({2, 2}), operand({0, 2})});
  const Tensor picks = integers({2, 0, 2, -1}, {4});
  const auto select_by = [picks](const TensorList& x) { return index_select(x[0], -1, picks); };
  s.add("index_select", "contiguous", select_by, {operand({2, 3})});
  s.add("index_select", "transposed", select_by, {transposed({2, 3})});
  s.add("index_select", "0-d", [](const TensorList& x) { return index_select(x[0], 0, integers({0}, {1})); },
        {operand({})});
  s.add("index_select", "nothing", [](const TensorList& x) { return index_select(x[0], 0, integers({}, {0})); },
        {operand({2, 3})});
  const auto add_by = [picks](const TensorList& x) { return index_add(x[0], 1, picks, x[1]); };
  s.add("index_add", "contiguous", add_by, {operand({2, 3}), operand({2, 4}, -2, 2, 2)});
  s.add("index_add", "transposed", add_by, {transposed({2, 3}), transposed({2, 4}, -2, 2, 2)});
  s.add("index_add", "0-d", [](const TensorList& x) { return index_add(x[0], 0, integers({0}, {1}), x[1]); },
        {operand({}), operand({}, -2, 2, 2)});
  s.add("index_add", "empty", [](const TensorList& x) { return index_add(x[0], 0, integers({}, {0}), x[1]); },
        {operand({2, 3}), operand({0, 3})});
  const Tensor places = integers({2, 0, 1, 1, 0, 0}, {3, 2});
  const auto gather_by = [places](const TensorList& x) { return gather(x[0], 0, places); };
  s.add("gather", "contiguous", gather_by, {operand({3, 2})});
  s.add("gather", "transposed", gather_by, {transposed({3, 3})});
  s.add("gather", "0-d", [](const TensorList& x) { return gather(x[0], 0, integers({0}, {})); }, {operand({})});
  s.add("gather", "empty", [](const TensorList& x) { return gather(x[0], 0, integers({}, {0, 2})); },
        {operand({3, 2})});
  const auto scatter_by = [places](const TensorList& x) { return scatter_add(x[0], 0, places, x[1]); };
  s.add("scatter_add", "contiguous", scatter_by, {operand({3, 2}), operand({3, 2}, -2, 2, 2)});
  s.add("scatter_add", "transposed", scatter_by, {transposed({3, 2}), transposed({3, 2}, -2, 2, 2)});
  s.add("scatter_add", "0-d", [](const TensorList& x) { return scatter_add(x[0], 0, integers({0}, {}), x[1]); },
        {operand({}), operand({}, -2, 2, 2)});
  s.add("scatter_add", "empty", [](const TensorList& x) { return scatter_add(x[0], 0, integers({}, {0, 2}), x[1]); },
        {operand({3, 2}), operand({0, 2})});
}

void images(Samples& s) {
  struct Geometry {
    const char* name;
    Dims input, weight;
    std::vector<std::int64_t> stride, padding, dilation;
    std::int64_t groups;
  };
  const std::vector<Geometry> geometries = {
      {"plain", {1, 2, 4, 3}, {2, 2, 2, 2}, {1, 1}, {0, 0}, {1, 1}, 1},
      {"strided, padded", {2, 1, 4, 4}, {2, 1, 3, 2}, {2, 1}, {1, 0}, {1, 1}, 1},
      {"dilated", {1, 1, 5, 4}, {1, 1, 2, 2}, {1, 2}, {0, 1}, {2, 1}, 1},
      {"grouped", {1, 2, 3, 3}, {4, 1, 2, 2}, {1, 1}, {0, 0}, {1, 1}, 2},
      {"1x1", {2, 2, 2, 2}, {3, 2, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 1},
      {"empty", {0, 1, 3, 3}, {1, 1, 2, 2}, {1, 1}, {0, 0}, {1, 1}, 1},
  };
  for (const Geometry& g : geometries) {
    const auto forward = [g](const TensorList& x) {
      return convolution2d(x[0], x[1], x.size() > 2 ? x[2] : Tensor(), g.stride, g.padding, g.dilation, g.groups);
    };
    const Tensor input = operand(g.input), weight = operand(g.weight, -1, 1, 2);
    const Tensor bias = operand({g.weight[0]}, -1, 1, 3);
    s.add("convolution2d", g.name, forward, {input, weight});
    s.add("convolution2d", std::string(g.name) + ", bias", forward, {input, weight, bias});
    s.add("conv2d", g.name,
          [g](const TensorList& x) { return conv2d(x[0], x[1], x[2], g.stride, g.padding, g.dilation, g.groups); },
          {transposed(g.input), transposed(g.weight, -1, 1, 2), bias});
    const Dims out = forward({input.detach(), weight.detach()}).sizes();
    s.add("conv2d_input", g.name,
          [g](const TensorList& x) {
            return conv2d_input(g.input, x[0], x[1], g.stride, g.padding, g.dilation, g.groups);
          },
          {weight, operand(out, -1, 1, 4)});
    s.add("conv2d_weight", g.name,
          [g](const TensorList& x) {
            return conv2d_weight(x[0], g.weight, x[1], g.stride, g.padding, g.dilation, g.groups);
          },
          {input, operand(out, -1, 1, 4)});
  }
  s.add("conv2d", "one image", [](const TensorList& x) { return conv2d(x[0], x[1]); },
        {operand({1, 3, 3}), operand({1, 1, 2, 2}, -1, 1, 2)});
  const auto pool = [](const TensorList& x) {
    return std::get<0>(max_pool2d_windows(x[0], {2, 2}, {1, 2}, {1, 0}, {1, 1}, false));
  };
  s.add("max_pool2d_windows", "contiguous", pool, {operand({1, 2, 3, 4})});
  s.add("max_pool2d_windows", "transposed", pool, {transposed({1, 1, 3, 4})});
  s.add("max_pool2d_windows", "empty", pool, {operand({0, 1, 3, 4})});
  s.add("max_pool2d", "one image", [](const TensorList& x) { return max_pool2d(x[0], {2, 2}); }, {operand({1, 4, 4})});
  const Tensor maxima = integers({0, 4, 8, 4}, {1, 1, 2, 2});
  const auto unpool = [maxima](const TensorList& x) { return max_pool2d_backward(x[0], maxima, {1, 1, 3, 3}); };
  s.add("max_pool2d_backward", "contiguous", unpool, {operand({1, 1, 2, 2})});
  s.add("max_pool2d_backward", "transposed", unpool, {transposed({1, 1, 2, 2})});
  // Windows that overlap, hang over the padding, or are adaptive.
  const auto volume_max = [](const TensorList& x) {
    return std::get<0>(max_pool_windows(x[0], {1, 2, 3}, {2, 2, 2}, {1, 2, 1}, {0, 1, 0}, {1, 1, 1}));
  };
  s.add("max_pool_windows", "regular", volume_max, {operand({1, 2, 2, 3, 4})});
  s.add("max_pool_windows", "adaptive",
        [](const TensorList& x) { return std::get<0>(max_pool_windows(x[0], {1, 2, 3}, {}, {}, {}, {})); },
        {transposed({1, 1, 2, 3, 4})});
  s.add("avg_pool_windows", "regular",
        [](const TensorList& x) { return avg_pool_windows(x[0], {1, 2, 3}, {2, 2, 2}, {1, 2, 1}, {0, 1, 0}, false, 0); },
        {operand({1, 2, 2, 3, 4})});
  s.add("avg_pool_windows", "adaptive",
        [](const TensorList& x) { return avg_pool_windows(x[0], {1, 2, 3}, {}, {}, {}, false, 0); },
        {transposed({1, 1, 2, 3, 4})});
  s.add("avg_pool_windows_backward", "regular",
        [](const TensorList& x) {
          return avg_pool_windows_backward(x[0], {1, 1, 2, 3, 4}, {2, 2, 2}, {1, 2, 1}, {0, 1, 0}, true, 3);
        },
        {operand({1, 1, 1, 2, 3})});
  s.add("conv3d", "padded", [](const TensorList& x) { return conv3d(x[0], x[1], x[2], {1}, {1}, {1}); },
        {operand({1, 1, 2, 2, 2}), operand({2, 1, 2, 2, 2}, -1, 1, 2), operand({2}, -1, 1, 3)});
  s.add("conv_transpose2d", "strided",
        [](const TensorList& x) { return conv_transpose2d(x[0], x[1], x[2], {2}, {1}, {1}, 1, {2}); },
        {operand({1, 2, 2, 2}), operand({2, 1, 2, 2}, -1, 1, 2), operand({1}, -1, 1, 3)});
  s.add("im2col", "padded", [](const TensorList& x) { return im2col(x[0], {2}, {1}, {1}, {2}); },
        {operand({1, 2, 3, 3})});
  s.add("fold", "overlapping", [](const TensorList& x) { return fold(x[0], {3}, {2}); }, {operand({1, 4, 4})});
  s.add("pad", "reflect", [](const TensorList& x) { return pad(x[0], {2, 1}, PadMode::Reflect); }, {operand({1, 1, 3})});
  s.add("pad", "constant", [](const TensorList& x) { return pad(x[0], {2, -1}); }, {operand({1, 2, 3})});
  s.add("interpolate", "bicubic",
        [](const TensorList& x) { return interpolate(x[0], IntList{3, 4}, {}, InterpolationMode::Bicubic); },
        {operand({1, 1, 2, 3})});
  // Fused kernels at first order, public operators at second.
  for (const bool reverse : {false, true}) {
    s.add("lstm_layer", reverse ? "reversed" : "forwards",
          CheckedFunction([reverse](const TensorList& x) {
            const auto [output, last_cell] = lstm_layer(x[0], x[1], x[2], x[3], reverse);
            return TensorList{output, last_cell};
          }),
          {operand({3, 2, 8}, -1, 1), operand({2, 2}, -1, 1, 2), operand({2, 2}, -1, 1, 3), operand({8, 2}, -1, 1, 4)});
  }
  s.add("lstm_layer", "output alone, transposed",
        [](const TensorList& x) { return std::get<0>(lstm_layer(transpose(x[0], 0, 1), x[1], x[1], t(x[2]))); },
        {operand({2, 2, 12}, -1, 1), operand({2, 3}, -1, 1, 2), operand({3, 12}, -1, 1, 3)});
  const auto affine = [](std::int64_t channels) {
    return TensorList{operand({channels}, 0.5, 1.5, 2), operand({channels}, -1, 1, 3)};
  };
  const TensorList three = affine(3);
  for (const Dims& sizes : {Dims{4, 3}, Dims{2, 3, 4}}) {
    s.add("batch_norm", sizes.size() == 2 ? "training, rows" : "training",
          [](const TensorList& x) { return batch_norm(x[0], {}, {}, x[1], x[2], true, 0.1, 0.1); },
          {operand(sizes), three[0], three[1]});
  }
  s.add("batch_norm", "evaluation",
        [](const TensorList& x) {
          return batch_norm(x[0], spread({3}, -1, 1, 4), spread({3}, 0.5, 1.5, 5), x[1], x[2], false, 0.1, 0.1);
        },
        {operand({2, 3, 2}), three[0], three[1]});
  s.add("instance_norm", "affine",
        [](const TensorList& x) { return instance_norm(x[0], {}, {}, x[1], x[2], true, 0.1, 0.1); },
        {operand({2, 3, 4}), three[0], three[1]});
  s.add("layer_norm", "affine", [](const TensorList& x) { return layer_norm(x[0], {3}, x[1], x[2], 0.1); },
        {operand({2, 3}), three[0], three[1]});
  s.add("group_norm", "affine", [](const TensorList& x) { return group_norm(x[0], 1, x[1], x[2], 0.1); },
        {operand({2, 3, 2}), three[0], three[1]});
  s.add("rms_norm", "affine", [](const TensorList& x) { return rms_norm(x[0], {3}, x[1], 0.1); },
        {operand({2, 3}), three[0]});
  s.add("scaled_dot_product_attention", "causal",
        [](const TensorList& x) { return scaled_dot_product_attention(x[0], x[1], x[2], {}, 0, true); },
        {operand({2, 3}), operand({2, 3}, -1, 1, 2), operand({2, 2}, -1, 1, 3)});
}

void losses(Samples& s) {
  const Tensor classes = integers({2, 0, -100, 1}, {4});
  const auto fused = [classes](const TensorList& x) {
    return std::get<0>(cross_entropy_classes(x[0], classes, -100));
  };
  s.add("cross_entropy_classes", "contiguous", fused, {operand({4, 3})});
  s.add("cross_entropy_classes", "transposed", fused, {transposed({4, 3})});
  // log_normalizer is a function of input, and the formulas are those of both together.
  s.add("cross_entropy_classes_backward", "contiguous",
        [classes](const TensorList& x) {
          const Tensor log_normalizer = std::get<1>(cross_entropy_classes(x[1].detach(), classes, -100));
          return cross_entropy_classes_backward(x[0], x[1], classes, log_normalizer, -100);
        },
        {operand({}), operand({4, 3})});
  const Tensor weight = spread({3}, 0.5, 2);
  for (const Reduction reduction : {Reduction::None, Reduction::Mean, Reduction::Sum}) {
    const std::string name = "reduction " + std::to_string(static_cast<int>(reduction));
    s.add("nll_loss", name,
          [=](const TensorList& x) { return nll_loss(x[0], classes, weight, -100, reduction); }, {operand({4, 3})});
    s.add("cross_entropy", name, [=](const TensorList& x) { return cross_entropy(x[0], classes, {}, -100, reduction); },
          {operand({4, 3})});
    s.add("cross_entropy", name + ", weights and smoothing",
          [=](const TensorList& x) { return cross_entropy(x[0], classes, weight, -100, reduction, 0.1); },
          {operand({4, 3})});
    s.add("cross_entropy", name + ", probabilities",
          [=](const TensorList& x) { return cross_entropy(x[0], x[1], weight, -100, reduction, 0.1); },
          {operand({4, 3}), operand({4, 3}, 0.1, 0.9, 2)});
    s.add("mse_loss", name, [=](const TensorList& x) { return mse_loss(x[0], x[1], reduction); },
          {operand({2, 3}), operand({2, 3}, -2, 2, 2)});
  }
  s.binary("mse_loss_elements", &mse_loss_elements, -2, 2, -2, 2);
  s.binary("smooth_l1_loss_elements",
           [](const Tensor& a, const Tensor& b) { return smooth_l1_loss_elements(a, b, 0.7); }, -2, 2, -1.9, 2.1);
  s.binary("huber_loss_elements", [](const Tensor& a, const Tensor& b) { return huber_loss_elements(a, b, 0.7); }, -2, 2,
           -1.9, 2.1);
  s.add("cross_entropy", "image", [](const TensorList& x) { return cross_entropy(x[0], integers({0, 1, 1, 0}, {1, 2, 2})); },
        {operand({1, 2, 2, 2})});
  s.add("cross_entropy", "one sample", [](const TensorList& x) { return cross_entropy(x[0], integers({1}, {})); },
        {operand({3})});
}

void running_functions(Samples& s) {
  const std::vector<std::pair<const char*, std::function<Tensor(const Tensor&, std::int64_t)>>> functions = {
      {"cumsum", [](const Tensor& x, std::int64_t dim) { return cumsum(x, dim); }},
      {"cumprod", [](const Tensor& x, std::int64_t dim) { return cumprod(x, dim); }},
      {"logcumsumexp", [](const Tensor& x, std::int64_t dim) { return logcumsumexp(x, dim); }},
      {"cummax", [](const Tensor& x, std::int64_t dim) { return std::get<0>(cummax(x, dim)); }},
      {"cummin", [](const Tensor& x, std::int64_t dim) { return std::get<0>(cummin(x, dim)); }},
      {"sort_along", [](const Tensor& x, std::int64_t dim) { return std::get<0>(sort_along(x, dim, dim == 0)); }},
      {"prod", [](const Tensor& x, std::int64_t dim) { return prod(x, dim); }},
      {"median.dim", [](const Tensor& x, std::int64_t dim) { return std::get<0>(median(x, dim)); }},
  };
  for (const auto& [op, fn] : functions) {
    for (const std::int64_t dim : {0, -1}) {
      const auto along = [fn = fn, dim](const TensorList& x) { return fn(x[0], dim); };
      const std::string variant = "along " + std::to_string(dim);
      s.add(op, variant, along, {operand({3, 4}, 0.3, 2)});
      s.add(op, variant + ", transposed", along, {transposed({3, 4}, 0.3, 2)});
      s.add(op, variant + ", 0-d", along, {operand({}, 0.3, 2)});
    }
  }
  // One zero, and two: the product without a factor is not the whole over the factor.
  for (const auto& values : {std::vector<double>{2, 0, 3, -1}, std::vector<double>{2, 0, 3, 0}}) {
    s.add("cumprod", "zeros", [](const TensorList& x) { return cumprod(x[0], 0); }, {leaf(tensor(values))});
    s.add("prod", "zeros", [](const TensorList& x) { return prod(x[0]); }, {leaf(tensor(values))});
  }
}

void rearranging(Samples& s) {
  const auto each = [&](const std::string& op, std::function<Tensor(const Tensor&)> fn) {
    const auto call = [fn](const TensorList& x) { return fn(x[0]); };
    s.add(op, "contiguous", call, {operand({3, 4})});
    s.add(op, "transposed", call, {transposed({3, 4})});
  };
  each("diagonal", [](const Tensor& x) { return diagonal(x, 1); });
  each("diag_embed", [](const Tensor& x) { return diag_embed(x, -1); });
  each("tril", [](const Tensor& x) { return tril(x, -1); });
  each("triu", [](const Tensor& x) { return triu(x, 1); });
  each("flip", [](const Tensor& x) { return flip(x, {0, 1}); });
  each("roll", [](const Tensor& x) { return roll(x, {1, -2}, {0, 1}); });
  each("repeat", [](const Tensor& x) { return repeat(x, {2, 1, 2}); });
  each("movedim", [](const Tensor& x) { return movedim(x, {0}, {1}); });
  const Tensor places = integers({2, 0, 1, 1, 2, 0}, {2, 3});
  s.add("scatter", "contiguous", [places](const TensorList& x) { return scatter(x[0], 0, places, x[1]); },
        {operand({3, 4}), operand({3, 3}, -2, 2, 2)});
  s.add("scatter", "transposed", [places](const TensorList& x) { return scatter(x[0], 0, places, x[1]); },
        {transposed({3, 4}), transposed({2, 3}, -2, 2, 2)});
  s.add("index_put", "accumulated",
        [](const TensorList& x) {
          const Tensor rows = integers({0, 2, 0}, {3});
          return index_put(x[0], TensorList{rows}, x[1], true);
        },
        {operand({3, 2}), operand({3, 2}, -2, 2, 2)});
  for (const bool largest : {true, false}) {
    const auto rows = [largest](const TensorList& x) { return largest ? amax_rows(x[0]) : amin_rows(x[0]); };
    s.add(largest ? "amax_rows" : "amin_rows", "contiguous", rows, {operand({3, 4})});
    s.add(largest ? "amax_rows" : "amin_rows", "transposed", rows, {transposed({3, 4})});
  }
}

void places(Samples& s) {
  const Tensor at = integers({3, 0, 3, 1, 2, 3}, {2, 3});
  const auto twice = [&](const std::string& op, std::function<Tensor(const Tensor&, const Tensor&)> fn, const Dims& other) {
    const auto call = [fn](const TensorList& x) { return fn(x[0], x[1] * x[1]); };
    s.add(op, "contiguous", call, {operand({4, 3}), operand(other, -2, 2, 2)});
    s.add(op, "transposed", call, {transposed({4, 3}), operand(other, -2, 2, 2)});
  };
  s.add("take_places", "middle", [at](const TensorList& x) { return take_places(x[0] * x[0], {1}, at); },
        {operand({2, 4, 2})});
  s.add("take_places", "apart", [at](const TensorList& x) { return take_places(x[0] * x[0], {0, 2}, at); },
        {transposed({2, 3, 2})});
  twice("put_places", [at](const Tensor& a, const Tensor& b) { return put_places(a, {0}, integers({3, 1}, {2}), b); },
        {2, 3});
  twice("add_places", [at](const Tensor& a, const Tensor& b) { return add_places(a, {0}, at, b); }, {2, 3, 3});
  twice("index_copy", [](const Tensor& a, const Tensor& b) { return index_copy(a, 1, integers({2, 0}, {2}), b); }, {4, 2});
  twice("index_fill", [](const Tensor& a, const Tensor& b) { return index_fill(a, 0, integers({2, 0}, {2}), b); }, {});
  twice("put", [](const Tensor& a, const Tensor& b) { return put(a, integers({7, 0, 7}, {3}), b, true); }, {3});
  twice("masked_scatter",
        [](const Tensor& a, const Tensor& b) { return masked_scatter(a, bools({1, 0, 1}, {3}), b); }, {9});
  twice("select_scatter", [](const Tensor& a, const Tensor& b) { return select_scatter(a, b, 1, -1); }, {4});
  twice("slice_scatter", [](const Tensor& a, const Tensor& b) { return slice_scatter(a, b, 0, 1, 4, 2); }, {2, 3});
  s.add("take", "repeated", [at](const TensorList& x) { return take(x[0] * x[0], at); }, {transposed({2, 2})});
  s.add("take_along_dim", "broadcast",
        [](const TensorList& x) { return take_along_dim(x[0] * x[0], integers({2, 0}, {2, 1}), 0); }, {operand({3, 2})});
  s.add("masked_select", "column",
        [](const TensorList& x) { return masked_select(x[0] * x[0], bools({1, 0}, {2, 1})); }, {operand({2, 3})});
  // A row left out or rescaled on purpose is tested in indexing_test.cpp: differences do not know of it.
  s.add("embedding_rows", "repeated",
        [at](const TensorList& x) { return embedding_rows(x[0] * x[0], at, -1, false); }, {operand({4, 2})});
  for (const ScatterReduction reduce : {ScatterReduction::Sum, ScatterReduction::Prod, ScatterReduction::Mean,
                                        ScatterReduction::Amax, ScatterReduction::Amin}) {
    for (const bool include_self : {true, false}) {
      s.add("scatter_reduce", "reduction " + std::to_string(static_cast<int>(reduce)) + (include_self ? ", self" : ""),
            [=](const TensorList& x) {
              return scatter_reduce(x[0], 0, integers({1, 1, 0, 1}, {2, 2}), x[1], reduce, include_self);
            },
            {operand({3, 2}, 0.5, 2), transposed({3, 2}, 0.55, 2.05, 2)});
    }
  }
}

void norms_and_products(Samples& s) {
  for (const double p : {0.5, 1.0, 2.0, 3.0, std::numeric_limits<double>::infinity()}) {
    s.add("norm", "p = " + std::to_string(p), [p](const TensorList& x) { return norm(x[0], p, {1}); },
          {operand({3, 4}, 0.3, 2)});
  }
  s.add("std", "columns", [](const TensorList& x) { return ts::std(x[0], {0}); }, {operand({3, 4})});
  s.add("cosine_similarity", "rows", [](const TensorList& x) { return cosine_similarity(x[0], x[1]); },
        {operand({3, 4}), operand({3, 4}, -2, 2, 2)});
  s.add("logsumexp", "rows", [](const TensorList& x) { return logsumexp(x[0], {1}); }, {operand({3, 4})});
  s.add("einsum", "a batch", [](const TensorList& x) { return einsum("bij,kj->bik", x); },
        {operand({2, 3, 4}), operand({2, 4}, -2, 2, 2)});
  s.add("tensordot", "matrices", [](const TensorList& x) { return tensordot(x[0], x[1], 1); },
        {operand({2, 3}), transposed({3, 2}, -2, 2, 2)});
  s.add("cross", "rows", [](const TensorList& x) { return cross(x[0], x[1], 1); },
        {operand({2, 3}), operand({2, 3}, -2, 2, 2)});
  s.add("binary_cross_entropy_with_logits", "weighted",
        [](const TensorList& x) {
          return binary_cross_entropy_with_logits(x[0], x[1], {}, Reduction::None, x[2]);
        },
        {operand({3, 4}), operand({3, 4}, 0.1, 0.9, 2), operand({4}, 0.5, 2, 3)});
}

Samples collect() {
  Samples samples;
  arithmetic(samples);
  elementary(samples);
  activations(samples);
  reductions(samples);
  products(samples);
  views(samples);
  indexing(samples);
  images(samples);
  running_functions(samples);
  rearranging(samples);
  places(samples);
  norms_and_products(samples);
  losses(samples);
  linalg_samples(samples);
  sampling_samples(samples);
  return samples;
}

TEST(Gradients, FirstOrder) {
  for (const Sample& sample : collect().all) {
    EXPECT_TRUE(gradcheck(sample.fn, sample.inputs)) << sample.op << ", " << sample.variant;
  }
}

TEST(Gradients, SecondOrder) {
  for (const Sample& sample : collect().all) {
    EXPECT_TRUE(gradgradcheck(sample.fn, sample.inputs)) << sample.op << ", " << sample.variant;
  }
}

struct Row {
  std::string name;
  bool differentiable;
};
const Row rows[] = {
#define ROW(name, signature, kind, differentiable) {name, differentiable},
    TS_OP_LIST(ROW)
#undef ROW
};

TEST(Gradients, EveryDifferentiableRowHasASample) {
  std::set<std::string> sampled;
  for (const Sample& sample : collect().all) sampled.insert(sample.op);
  std::set<std::string> known;
  for (const Row& row : rows) {
    known.insert(row.name);
    EXPECT_TRUE(!row.differentiable || sampled.count(row.name)) << row.name << " has no sample";
  }
  for (const std::string& op : sampled) EXPECT_TRUE(known.count(op)) << op << " is no row of the table";
}

// ---- In-place forms ----

// Changes x[0] in place; the other operands may broadcast to it.
struct InPlaceSample {
  std::function<void(const TensorList&)> change;
  double low, high;              // of x[0]
  double other_low, other_high;  // of the others
  int others;
};

#define CHANGE(...) [](const TensorList& x) { __VA_ARGS__; }
const std::multimap<std::string, InPlaceSample> in_place_samples = {
    {"add", {CHANGE(add_(x[0], x[1], 2.5)), -2, 2, -2, 2, 1}},
    {"add", {CHANGE(add_(x[0], 3, 2)), -2, 2, 0, 0, 0}},
    {"sub", {CHANGE(sub_(x[0], x[1], 2.5)), -2, 2, -2, 2, 1}},
    {"sub", {CHANGE(sub_(x[0], 3, 2)), -2, 2, 0, 0, 0}},
    {"mul", {CHANGE(mul_(x[0], x[1])), -2, 2, -2, 2, 1}},
    {"mul", {CHANGE(mul_(x[0], 2.5)), -2, 2, 0, 0, 0}},
    {"true_divide", {CHANGE(true_divide_(x[0], x[1])), -2, 2, 0.6, 2, 1}},
    {"true_divide", {CHANGE(true_divide_(x[0], 2.5)), -2, 2, 0, 0, 0}},
    {"remainder", {CHANGE(remainder_(x[0], x[1])), 1.1, 2.4, 2.6, 3, 1}},
    {"remainder", {CHANGE(remainder_(x[0], 3)), 1.1, 2.4, 0, 0, 0}},
    {"pow", {CHANGE(pow_(x[0], x[1])), 0.6, 2, -2, 2, 1}},
    {"pow", {CHANGE(pow_(x[0], 3)), -2, 2, 0, 0, 0}},
    {"fmod", {CHANGE(fmod_(x[0], x[1])), 1.1, 2.4, 2.6, 3, 1}},
    {"xlogy", {CHANGE(xlogy_(x[0], x[1])), -2, 2, 0.6, 2, 1}},
    {"hypot", {CHANGE(hypot_(x[0], x[1])), 0.6, 2, -2, 2, 1}},
    {"atan2", {CHANGE(atan2_(x[0], x[1])), 0.6, 2, -2, 2, 1}},
    {"copysign", {CHANGE(copysign_(x[0], x[1])), -2, 2, -2, 2, 1}},
    {"lerp", {CHANGE(lerp_(x[0], x[1], 0.3)), -2, 2, -2, 2, 1}},
    {"lerp", {CHANGE(lerp_(x[0], x[1], x[2])), -2, 2, -2, 2, 2}},
    {"addcmul", {CHANGE(addcmul_(x[0], x[1], x[2], 0.5)), -2, 2, -2, 2, 2}},
    {"addcdiv", {CHANGE(addcdiv_(x[0], x[1], x[2], 0.5)), -2, 2, 0.6, 2, 2}},
    {"neg", {CHANGE(neg_(x[0])), -2, 2, 0, 0, 0}},
    {"abs", {CHANGE(abs_(x[0])), -2, 2, 0, 0, 0}},
    {"sign", {CHANGE(sign_(x[0])), -2, 2, 0, 0, 0}},
    {"exp", {CHANGE(exp_(x[0])), -2, 2, 0, 0, 0}},
    {"expm1", {CHANGE(expm1_(x[0])), -2, 2, 0, 0, 0}},
    {"log", {CHANGE(log_(x[0])), 0.6, 3, 0, 0, 0}},
    {"log1p", {CHANGE(log1p_(x[0])), 0.6, 3, 0, 0, 0}},
    {"log2", {CHANGE(log2_(x[0])), 0.6, 3, 0, 0, 0}},
    {"log10", {CHANGE(log10_(x[0])), 0.6, 3, 0, 0, 0}},
    {"sqrt", {CHANGE(sqrt_(x[0])), 0.6, 3, 0, 0, 0}},
    {"rsqrt", {CHANGE(rsqrt_(x[0])), 0.6, 3, 0, 0, 0}},
    {"reciprocal", {CHANGE(reciprocal_(x[0])), 0.6, 3, 0, 0, 0}},
    {"sin", {CHANGE(sin_(x[0])), -2, 2, 0, 0, 0}},
    {"cos", {CHANGE(cos_(x[0])), -2, 2, 0, 0, 0}},
    {"tan", {CHANGE(tan_(x[0])), -1, 1, 0, 0, 0}},
    {"tanh", {CHANGE(tanh_(x[0])), -2, 2, 0, 0, 0}},
    {"sigmoid", {CHANGE(sigmoid_(x[0])), -2, 2, 0, 0, 0}},
    {"erf", {CHANGE(erf_(x[0])), -2, 2, 0, 0, 0}},
    {"floor", {CHANGE(floor_(x[0])), -2, 2, 0, 0, 0}},
    {"ceil", {CHANGE(ceil_(x[0])), -2, 2, 0, 0, 0}},
    {"round", {CHANGE(round_(x[0])), -2, 2, 0, 0, 0}},
    {"trunc", {CHANGE(trunc_(x[0])), -2, 2, 0, 0, 0}},
    {"sgn", {CHANGE(sgn_(x[0])), -2, 2, 0, 0, 0}},
    {"exp2", {CHANGE(exp2_(x[0])), -2, 2, 0, 0, 0}},
    {"asin", {CHANGE(asin_(x[0])), -0.8, 0.8, 0, 0, 0}},
    {"acos", {CHANGE(acos_(x[0])), -0.8, 0.8, 0, 0, 0}},
    {"atan", {CHANGE(atan_(x[0])), -2, 2, 0, 0, 0}},
    {"sinh", {CHANGE(sinh_(x[0])), -2, 2, 0, 0, 0}},
    {"cosh", {CHANGE(cosh_(x[0])), -2, 2, 0, 0, 0}},
    {"asinh", {CHANGE(asinh_(x[0])), -2, 2, 0, 0, 0}},
    {"acosh", {CHANGE(acosh_(x[0])), 1.3, 3, 0, 0, 0}},
    {"atanh", {CHANGE(atanh_(x[0])), -0.8, 0.8, 0, 0, 0}},
    {"sinc", {CHANGE(sinc_(x[0])), 0.1, 3, 0, 0, 0}},
    {"deg2rad", {CHANGE(deg2rad_(x[0])), -2, 2, 0, 0, 0}},
    {"rad2deg", {CHANGE(rad2deg_(x[0])), -0.02, 0.02, 0, 0, 0}},
    {"erfc", {CHANGE(erfc_(x[0])), -2, 2, 0, 0, 0}},
    {"erfinv", {CHANGE(erfinv_(x[0])), -0.8, 0.8, 0, 0, 0}},
    {"lgamma", {CHANGE(lgamma_(x[0])), 0.7, 3, 0, 0, 0}},
    {"digamma", {CHANGE(digamma_(x[0])), 0.7, 3, 0, 0, 0}},
    {"frac", {CHANGE(frac_(x[0])), -2, 2, 0, 0, 0}},
    {"polygamma", {CHANGE(polygamma_(x[0], 1)), 1.2, 3, 0, 0, 0}},
    {"clamp_between", {CHANGE(clamp_between_(x[0], -1, 1.5)), -3, 3, 0, 0, 0}},
    {"clamp_min", {CHANGE(clamp_min_(x[0], -0.5)), -2, 2, 0, 0, 0}},
    {"clamp_max", {CHANGE(clamp_max_(x[0], 0.5)), -2, 2, 0, 0, 0}},
    {"clamp_min.tensor", {CHANGE(clamp_min_(x[0], x[1])), -2, 2, -1.9, 2.1, 1}},
    {"clamp_max.tensor", {CHANGE(clamp_max_(x[0], x[1])), -2, 2, -1.9, 2.1, 1}},
    {"relu", {CHANGE(relu_(x[0])), -2, 2, 0, 0, 0}},
    {"copy_", {CHANGE(copy_(x[0], x[1])), -2, 2, -2, 2, 1}},
    {"fill_", {CHANGE(fill_(x[0], 3)), -2, 2, 0, 0, 0}},
};
#undef CHANGE

using InPlaceCheck = testing::AssertionResult (*)(const CheckedFunction&, const TensorList&);

void check_in_place_forms(InPlaceCheck check) {
  for (const auto& [op, sample] : in_place_samples) {
    const auto with_target = [](const TensorList& x, const Tensor& target) {
      TensorList operands = x;
      operands[0] = target;
      return operands;
    };
    const auto change = sample.change;
    for (const bool broadcast : {false, true}) {
      TensorList inputs{operand({2, 3}, sample.low, sample.high)};
      for (int i = 0; i < sample.others; ++i) {
        inputs.push_back(operand(broadcast ? Dims{3} : Dims{2, 3}, sample.other_low, sample.other_high,
                                 2 + static_cast<unsigned>(i)));
      }
      EXPECT_TRUE(check(
          [&](const TensorList& x) {
            const Tensor y = clone(x[0]);
            change(with_target(x, y));
            return TensorList{y};
          },
          inputs))
          << op << "_ of a tensor";
      // The first of two slices changes; the base, the slice and a view made before must all follow.
      for (const std::int64_t dim : {0, -1}) {
        EXPECT_TRUE(check(
            [&](const TensorList& x) {
              const Tensor base = stack({x[0], x[0] * 0.5}, dim);
              const Tensor before = flatten(base);
              const Tensor slice_of_base = select(base, dim, 0);
              change(with_target(x, slice_of_base));
              return TensorList{base * base, slice_of_base * 2, before * before};
            },
            inputs))
            << op << "_ of a view along " << dim;
      }
      // The base is a constant until its view changes.
      if (sample.others > 0) {
        TensorList constants = inputs;
        constants[0] = constants[0].detach();
        EXPECT_TRUE(check(
            [&](const TensorList& x) {
              const Tensor base = stack({x[0].detach(), x[0].detach()}, 1);
              change(with_target(x, select(base, 1, 1)));
              return TensorList{base * base};
            },
            constants))
            << op << "_ of a view of a constant";
      }
      if (sample.others == 0) break;
    }
  }
}

TEST(Gradients, InPlaceFirstOrder) { check_in_place_forms(&gradcheck); }
TEST(Gradients, InPlaceSecondOrder) { check_in_place_forms(&gradgradcheck); }

TEST(Gradients, EveryInPlaceFormHasASample) {
  std::ifstream table(TORCHSCRATCH_OP_TABLE);
  ASSERT_TRUE(table) << TORCHSCRATCH_OP_TABLE;
  std::set<std::string> differentiable;
  for (const Row& row : rows) {
    if (row.differentiable) differentiable.insert(row.name);
  }
  std::string op;
  int found = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.rfind("- op: ", 0) == 0) op = line.substr(6, line.find('(') - 6);
    if (line.rfind("  inplace: true", 0) != 0 || !differentiable.count(op)) continue;
    ++found;
    EXPECT_TRUE(in_place_samples.count(op)) << op << "_ has no sample";
  }
  EXPECT_GT(found, 0);
}

// ---- What differences cannot show ----

TEST(Gradients, TiesShareEqually) {
  const Tensor a = leaf(tensor<double>({1, 2, 3})), b = leaf(tensor<double>({1, 5, 0}));
  sum(maximum(a, b)).backward();
  EXPECT_EQ(test::elements(a.grad()), (std::vector<double>{0.5, 0, 1}));
  EXPECT_EQ(test::elements(b.grad()), (std::vector<double>{0.5, 1, 0}));
  const Tensor c = leaf(tensor<double>({4, 1, 4, 4}));
  max(c).backward();
  EXPECT_EQ(test::elements(c.grad()), (std::vector<double>{1.0 / 3, 0, 1.0 / 3, 1.0 / 3}));
}

TEST(Gradients, KinksTakePyTorchsSide) {
  const auto slope = [](Tensor (*fn)(const Tensor&), double at) {
    const Tensor x = leaf(tensor<double>({at}));
    sum(fn(x)).backward();
    return x.grad().item<double>();
  };
  EXPECT_EQ(slope(&relu, 0), 0);
  EXPECT_EQ(slope(&abs, 0), 0);
  EXPECT_EQ(slope([](const Tensor& x) { return clamp_min(x, 1); }, 1), 1);
  EXPECT_EQ(slope([](const Tensor& x) { return clamp_max(x, 1); }, 1), 1);
  EXPECT_EQ(slope([](const Tensor& x) { return clamp_between(x, 1, 2); }, 2), 1);
  EXPECT_EQ(slope([](const Tensor& x) { return leaky_relu(x, 0.5); }, 0), 0.5);
  EXPECT_EQ(slope([](const Tensor& x) { return pow(x, 0); }, 0), 0);
  EXPECT_EQ(slope([](const Tensor& x) { return pow(x, 1); }, 0), 1);
  EXPECT_EQ(slope([](const Tensor& x) { return pow(0, x); }, 2), 0);
}

// What has no gradient would leave a wrong history behind.
TEST(Gradients, FormsWithoutGradientRefuseToChangeAGraph) {
  const Tensor x = leaf(tensor<double>({3, 5})) * 1;
  EXPECT_THROW(floor_divide_(x, 2), AutogradError);
  EXPECT_THROW(trunc_divide_(x, x), AutogradError);
  EXPECT_FALSE(floor_divide(x, 2).requires_grad());
}

// A float32 weight in a float64 sum: the gradient comes back in the weight's own dtype and shape.
TEST(Gradients, FitTheOperandsDTypeAndShape) {
  const Tensor wide = leaf(spread({2, 3}, -2, 2));
  const Tensor narrow_one = leaf(to(spread({1, 3}, -2, 2), DType::Float32));
  sum(wide * narrow_one).backward();
  EXPECT_EQ(narrow_one.grad().dtype(), DType::Float32);
  EXPECT_EQ(narrow_one.grad().sizes(), (Dims{1, 3}));
  const Tensor half = leaf(to(spread({3}, -2, 2), DType::Float16));
  sum(to(half, DType::Float32) * 3).backward();
  EXPECT_EQ(half.grad().dtype(), DType::Float16);
  EXPECT_EQ(test::elements(half.grad()), (std::vector<double>{3, 3, 3}));
}

}  // namespace
}  // namespace ts
