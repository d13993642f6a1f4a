// A plugin for tests: composite operators, an operator with its own backward pass, and operators that fail.
#include <torchscratch/plugin.h>

#include <stdexcept>

namespace {

using ts::Tensor;

Tensor swish(const Tensor& x, double beta) { return x * ts::sigmoid(x * beta); }

// x^n with its derivative written by hand.
struct Power : ts::Function<Power> {
  static constexpr const char* kName = "TestPowerBackward";
  static Tensor forward(ts::FunctionContext& context, const Tensor& x, std::int64_t n) {
    context.save_for_backward({x});
    context.scalars = {n};
    return ts::pow(x, n);
  }
  static ts::TensorList backward(ts::FunctionContext& context, const ts::TensorList& grads) {
    const std::int64_t n = context.scalars[0].to_int();
    return {grads[0] * ts::pow(context.saved_tensors()[0], n - 1) * n};
  }
};
Tensor power(const Tensor& x, std::int64_t n) { return Power::apply(x, n); }

ts::TensorList sum_and_difference(double scale, const Tensor& a, const Tensor& b, bool swap) {
  const Tensor difference = swap ? b - a : a - b;
  return {(a + b) * scale, difference * scale};
}

Tensor failing(const Tensor& x) {
  if (x.numel() > 1) throw std::runtime_error("the plugin's own error");
  return ts::matmul(x, x);
}

Tensor nothing(const Tensor&) { return {}; }

}  // namespace

TS_PLUGIN(test, registry) {
  registry.add("swish", swish, "x * sigmoid(beta x).");
  registry.add("power", power, "x^n.");
  registry.add("sum_and_difference", sum_and_difference);
  registry.add("failing", failing);
  registry.add("nothing", nothing);
}
