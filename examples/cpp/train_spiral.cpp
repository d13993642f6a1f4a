// Trains a small network in C++, without .NET: two hidden layers classify the points of three spiral arms. One of the
// layers has an activation whose backward pass is written here.
#include <cmath>
#include <cstdio>
#include <vector>

#include "torchscratch/torchscratch.h"

namespace {

// x / (1 + |x|), with the derivative 1 / (1 + |x|)^2. The backward pass is made of differentiable operators, so
// it can be differentiated again.
struct Softsign : ts::Function<Softsign> {
  static ts::Tensor forward(ts::FunctionContext& context, const ts::Tensor& x) {
    context.save_for_backward({x});
    return x / (ts::abs(x) + 1);
  }
  static ts::TensorList backward(ts::FunctionContext& context, const ts::TensorList& grads) {
    const ts::Tensor denominator = ts::abs(context.saved_tensors()[0]) + 1;
    return {grads[0] / (denominator * denominator)};
  }
};

struct Linear {
  Linear(std::int64_t in, std::int64_t out)
      : weight(ts::randn({out, in}) * std::sqrt(1.0 / static_cast<double>(in))), bias(ts::zeros({out})) {
    weight.requires_grad_();
    bias.requires_grad_();
  }
  ts::Tensor operator()(const ts::Tensor& x) const { return ts::linear(x, weight, bias); }

  ts::Tensor weight;  // (out, in)
  ts::Tensor bias;    // (out)
};

}  // namespace

int main() {
  constexpr int kArms = 3;
  constexpr int kPoints = 200;
  ts::manual_seed(1);

  std::vector<float> points;
  std::vector<std::int64_t> arms;
  const ts::Tensor noise = ts::randn({kArms * kPoints}) * 0.1;
  for (int arm = 0; arm < kArms; ++arm) {
    for (int i = 0; i < kPoints; ++i) {
      const float radius = static_cast<float>(i + 1) / kPoints;
      const float angle = 4.0f * radius + 2.0943951f * static_cast<float>(arm) + noise.data<float>()[arm * kPoints + i];
      points.push_back(radius * std::cos(angle));
      points.push_back(radius * std::sin(angle));
      arms.push_back(arm);
    }
  }
  const ts::Tensor x = ts::tensor(points, {kArms * kPoints, 2});
  const ts::Tensor y = ts::tensor(arms);

  const Linear first(2, 64);
  const Linear second(64, 64);
  const Linear third(64, kArms);
  const ts::TensorList parameters = {first.weight, first.bias, second.weight, second.bias, third.weight, third.bias};
  ts::TensorList averages;
  ts::TensorList squares;
  for (const ts::Tensor& parameter : parameters) {
    averages.push_back(ts::zeros_like(parameter));
    squares.push_back(ts::zeros_like(parameter));
  }

  const auto network = [&](const ts::Tensor& input) {
    return third(ts::relu(second(Softsign::apply(first(input)))));
  };
  std::vector<std::int64_t> steps(parameters.size());  // that Adam has taken, counted up by adam_step
  for (int step = 1; step <= 300; ++step) {
    const ts::Tensor loss = ts::cross_entropy(network(x), y);
    loss.backward();
    ts::TensorList gradients;
    for (const ts::Tensor& parameter : parameters) {
      gradients.push_back(parameter.grad());
      parameter.set_grad({});
    }
    ts::adam_step(parameters, gradients, averages, squares, {}, steps, /*lr=*/1e-2);
    if (step % 100 == 0) std::printf("step %3d  loss %.4f\n", step, loss.item<double>());
  }

  const ts::NoGrad no_grad;
  const double accuracy = ts::mean(ts::argmax(network(x), 1) == y, {}, false, ts::DType::Float32).item<double>();
  std::printf("accuracy: %.2f %%\n", 100 * accuracy);
  return accuracy > 0.95 ? 0 : 1;
}
