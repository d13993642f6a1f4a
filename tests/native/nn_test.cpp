// Layers in C++: their operators, gradients, initial values and modes, attention compared with PyTorch's, and training.
#include "torchscratch/nn.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "nn_helpers.h"
#include "torchscratch/optim.h"

namespace ts {
namespace {

using test::elements;
using test::expect_near;
using test::sines;

// Checks the gradients of a module's float64 parameters against finite differences, with the step and tolerance
// of gradcheck.h.
void expect_parameter_gradients(nn::Module& module, const std::function<Tensor()>& call) {
  const Tensor output = call();
  const Tensor vector = test::random_vector(output.sizes(), 7);
  module.zero_grad();
  output.backward(vector);
  const std::vector<double> weights = elements(vector);
  double magnitude = 0;
  const auto product_now = [&] {
    const NoGrad no_grad;
    const std::vector<double> values = elements(call());
    double sum = 0;
    magnitude = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += values[i] * weights[i];
      magnitude += std::fabs(weights[i]) * (std::fabs(values[i]) + 1);
    }
    return sum;
  };
  for (const auto& [name, parameter] : module.named_parameters()) {
    ASSERT_TRUE(parameter.grad().defined()) << name;
    const std::vector<double> gradient = elements(parameter.grad());
    for (std::int64_t i = 0; i < parameter.numel(); ++i) {
      double& value = parameter.data<double>()[i];
      const double before = value;
      value = before + test::kStep;
      const double above = product_now();
      value = before - test::kStep;
      const double below = product_now();
      value = before;
      // Each of the two sums is rounded, which gradcheck avoids by using long double.
      const double tolerance =
          (test::kEvaluationUlps + static_cast<double>(weights.size())) * 0x1p-53 * magnitude / test::kStep +
          test::kStep * test::kStep / 6 * test::kThirdDerivative;
      EXPECT_NEAR(gradient[static_cast<std::size_t>(i)], (above - below) / (2 * test::kStep), tolerance)
          << module.name() << ": " << name << ", element " << i;
    }
  }
}

// ---- Each layer computes what its operator computes ----

struct NNLayer : testing::Test {
  NNLayer() { manual_seed(3); }
};

TEST_F(NNLayer, Linear) {
  const Tensor x = randn({2, 6, 5});
  const nn::Linear layer(5, 4);
  EXPECT_EQ(elements(layer(x)), elements(linear(x, layer->weight, layer->bias)));
}

TEST_F(NNLayer, Conv1d) {
  const Tensor x = randn({2, 6, 5});
  const nn::Conv1d layer(nn::Conv1dOptions(6, 4, 3).stride(2).padding(1).dilation(2).groups(2).bias(false));
  EXPECT_FALSE(layer->bias.defined());
  EXPECT_EQ(elements(layer(x)), elements(conv1d(x, layer->weight, {}, {2}, {1}, {2}, 2)));
}

TEST_F(NNLayer, Conv2d) {
  const Tensor image = randn({2, 3, 7, 6});
  const nn::Conv2d layer(nn::Conv2dOptions(3, 4, {3, 2}).stride({2, 1}).padding({1, 0}));
  EXPECT_EQ(layer->weight.sizes(), Dims({4, 3, 3, 2}));
  EXPECT_EQ(elements(layer(image)), elements(conv2d(image, layer->weight, layer->bias, {2, 1}, {1, 0})));
  EXPECT_EQ(layer(select(image, 0, 0)).sizes(), Dims({4, 4, 5}));
}

TEST_F(NNLayer, LayerNorm) {
  const Tensor x = randn({2, 6, 5});
  const nn::LayerNorm layer(Dims{6, 5});
  EXPECT_EQ(elements(layer(x)), elements(layer_norm(x, {6, 5}, layer->weight, layer->bias)));
}

TEST_F(NNLayer, Embedding) {
  const nn::Embedding layer(nn::EmbeddingOptions(7, 2).padding_idx(-1));
  EXPECT_EQ(elements(select(layer->weight, 0, 6)), std::vector<double>({0, 0}));
  const Tensor rows = tensor(std::vector<std::int64_t>{1, 6, 3, 3}, {2, 2});
  EXPECT_EQ(elements(layer(rows)), elements(embedding(rows, layer->weight)));
}

TEST_F(NNLayer, MaxPool2d) {
  const Tensor image = randn({2, 3, 7, 6});
  const nn::MaxPool2d layer(nn::MaxPool2dOptions({2, 3}).stride(1).padding({1, 0}));
  EXPECT_EQ(elements(layer(image)), elements(max_pool2d(image, {2, 3}, {1, 1}, {1, 0})));
  EXPECT_EQ(nn::MaxPool2d(2)(image).sizes(), Dims({2, 3, 3, 3}));
}

TEST_F(NNLayer, Flatten) {
  const Tensor image = randn({2, 3, 7, 6});
  EXPECT_EQ(nn::Flatten()(image).sizes(), Dims({2, 126}));
  EXPECT_EQ(nn::Flatten(2, 3)(image).sizes(), Dims({2, 3, 42}));
  EXPECT_EQ(elements(nn::Flatten()(image)), elements(image));
}

struct Activation {
  const char* name;
  std::function<Tensor(const Tensor&)> layer;
  std::function<Tensor(const Tensor&)> function;
};
struct NNActivation : testing::TestWithParam<Activation> {};

TEST_P(NNActivation, MatchesItsFunction) {
  manual_seed(3);
  const Tensor x = randn({2, 6, 5});
  EXPECT_EQ(elements(GetParam().layer(x)), elements(GetParam().function(x)));
}

INSTANTIATE_TEST_SUITE_P(
    All, NNActivation,
    testing::Values(
        Activation{"ReLU", nn::ReLU(), [](const Tensor& x) { return relu(x); }},
        Activation{"Tanh", nn::Tanh(), [](const Tensor& x) { return tanh(x); }},
        Activation{"Sigmoid", nn::Sigmoid(), [](const Tensor& x) { return sigmoid(x); }},
        Activation{"SiLU", nn::SiLU(), [](const Tensor& x) { return silu(x); }},
        Activation{"GELU", nn::GELU(), [](const Tensor& x) { return gelu(x); }},
        Activation{"GELUWithTanh", nn::GELU(GeluApproximation::Tanh),
                   [](const Tensor& x) { return gelu(x, GeluApproximation::Tanh); }}),
    [](const auto& test) { return test.param.name; });

// ---- Properties that layers share ----

TEST(NN, PaddingModes) {
  const Tensor x = sines({1, 1, 6}, 1);
  const auto make = [](nn::Conv1dOptions options) {
    nn::Conv1d layer(options.dtype(DType::Float64).bias(false));
    nn::init::constant_(layer->weight, 1);
    return layer;
  };
  // An even window pads one more element at the end.
  const nn::Conv1d same = make(nn::Conv1dOptions(1, 1, 4).named_padding(ConvolutionPadding::Same));
  EXPECT_EQ(elements(same(x)), elements(make(nn::Conv1dOptions(1, 1, 4))(pad(x, {1, 2}))));
  const nn::Conv1d mirrored = make(nn::Conv1dOptions(1, 1, 3).padding(2).padding_mode(nn::PaddingMode::Reflect));
  EXPECT_EQ(elements(mirrored(x)), elements(make(nn::Conv1dOptions(1, 1, 3))(pad(x, {2, 2}, PadMode::Reflect))));
  const nn::Conv2d circular(nn::Conv2dOptions(1, 1, 3).padding({1, 2}).padding_mode(nn::PaddingMode::Circular));
  const Tensor image = randn({1, 1, 4, 5});
  EXPECT_EQ(elements(circular(image)),
            elements(ts::conv2d(pad(image, {2, 2, 1, 1}, PadMode::Circular), circular->weight, circular->bias)));
}

TEST(NN, InitialValuesFollowTheSeedAndStayWithinBounds) {
  manual_seed(5);
  const nn::Linear linear(100, 50);
  const nn::Conv2d conv(4, 8, 5);
  manual_seed(5);
  EXPECT_EQ(elements(nn::Linear(100, 50)->weight), elements(linear->weight));
  // A uniform sample of size n covers its range except for about 1 / n.
  const auto expect_fills = [](const Tensor& values, double bound) {
    const std::vector<double> all = elements(values);
    const auto [low, high] = std::minmax_element(all.begin(), all.end());
    EXPECT_GE(*low, -bound);
    EXPECT_LT(*high, bound);
    EXPECT_GT(*high - *low, 1.6 * bound);
  };
  expect_fills(linear->weight, 0.1);
  expect_fills(linear->bias, 0.1);
  expect_fills(conv->weight, 0.1);
  Tensor weight = empty({40, 60});
  expect_fills(nn::init::xavier_uniform_(weight, 2), 2 * std::sqrt(6.0 / 100));
  expect_fills(nn::init::kaiming_uniform_(weight, 0, nn::init::FanMode::FanOut), std::sqrt(6.0 / 40));
  // The sample deviation of 2400 normal numbers has a relative error of about 1 / sqrt(4800); six times that
  // never occurs.
  const auto deviation = [](const Tensor& values) {
    double sum = 0;
    for (const double value : elements(values)) sum += value * value;
    return std::sqrt(sum / static_cast<double>(values.numel()));
  };
  const double share = 6 / std::sqrt(4800.0);
  EXPECT_NEAR(deviation(nn::init::xavier_normal_(weight)) / std::sqrt(2.0 / 100), 1, share);
  EXPECT_NEAR(deviation(nn::init::kaiming_normal_(weight, 1)) / std::sqrt(1.0 / 60), 1, share);
  EXPECT_THROW(nn::init::xavier_uniform_(empty({3})), ShapeError);
}

// tests/managed/NN/LayerTests.cs expects the same numbers from the C# layer.
TEST(NN, ASeedGivesTheSameInitialValuesAsInCSharp) {
  manual_seed(42);
  const nn::Sequential model{nn::Linear(3, 2), nn::Conv2d(2, 2, 2), nn::Embedding(2, 3)};
  const nn::MultiheadAttention attention(nn::MultiheadAttentionOptions(4, 2).add_bias_kv(true));
  std::vector<float> first;
  for (const Tensor& parameter : model->parameters()) first.push_back(parameter.data<float>()[0]);
  for (const Tensor& parameter : attention->parameters()) first.push_back(parameter.data<float>()[0]);
  EXPECT_EQ(first, (std::vector<float>{0.130434811f, 0.265118361f, -0.122740939f, -0.0843942612f, -0.345504522f,
                                       0.51497668f, 0, -0.556128919f, -0.373555809f, -0.272376418f, 0}));
}

TEST(NN, ParameterGradients) {
  manual_seed(11);
  const auto check = [](auto handle, const Tensor& input) {
    handle->to(DType::Float64);
    expect_parameter_gradients(*handle, [&] { return handle(input); });
  };
  check(nn::Linear(3, 2), sines({4, 3}, 1));
  check(nn::Conv1d(nn::Conv1dOptions(2, 2, 2).padding(1)), sines({2, 2, 4}, 1));
  check(nn::Conv2d(nn::Conv2dOptions(2, 2, 2).groups(2)), sines({2, 2, 3, 3}, 1));
  check(nn::BatchNorm1d(3), sines({4, 3}, 1));
  check(nn::BatchNorm2d(2), sines({2, 2, 2, 3}, 1));
  check(nn::LayerNorm(3), sines({2, 3}, 1));
  check(nn::Embedding(4, 2), tensor(std::vector<std::int64_t>{3, 0, 3}));
  check(nn::Sequential(nn::Linear(3, 4), nn::Tanh(), nn::Linear(4, 2), nn::GELU()), sines({2, 3}, 1));
  const auto attention = [&](const nn::MultiheadAttentionOptions& options, std::int64_t features) {
    nn::MultiheadAttention module(options);
    module->to(DType::Float64);
    const Tensor query = sines({2, 3, 4}, 1), key = sines({2, 3, features}, 2);
    for (const bool need_weights : {true, false})
      expect_parameter_gradients(
          *module, [&] { return std::get<0>(module(query, key, key, nn::AttentionMasks(), need_weights)); });
  };
  // Self-attention, whose three projections are a single product.
  const nn::MultiheadAttention self(nn::MultiheadAttentionOptions(4, 2).batch_first(true).dtype(DType::Float64));
  const Tensor x = sines({2, 3, 4}, 1);
  expect_parameter_gradients(*self, [&] { return std::get<0>(self(x, x, x)); });
  expect_near(std::get<0>(self(x, clone(x), clone(x))), elements(std::get<0>(self(x, x, x))), 1e-14);
  attention(nn::MultiheadAttentionOptions(4, 2), 4);
  attention(nn::MultiheadAttentionOptions(4, 2).kdim(3).vdim(3).add_bias_kv(true).add_zero_attn(true), 3);
}

TEST(NN, AttentionMatchesPyTorch) {
  nn::MultiheadAttention attention(
      nn::MultiheadAttentionOptions(4, 2).add_bias_kv(true).add_zero_attn(true).batch_first(true).dtype(
          DType::Float64));
  int start = 10;
  for (const auto& [name, parameter] : attention->named_parameters()) {
    const NoGrad no_grad;
    copy_(parameter, sines(parameter.sizes(), start));
    start += 10;
  }
  nn::AttentionMasks masks;
  masks.key_padding_mask = tensor(std::vector<std::int64_t>{0, 0, 1}, {1, 3}) == 1;
  masks.attn_mask = tensor(std::vector<std::int64_t>{0, 1, 0, 0, 0, 0}, {2, 3}) == 1;
  const Tensor query = sines({1, 2, 4}, 1), key = sines({1, 3, 4}, 2), value = sines({1, 3, 4}, 3);
  // torch.nn.MultiheadAttention of PyTorch 1.13 with the same inputs, printed with 12 digits.
  const std::vector<double> expected = {-0.738510739188, -0.992112974669,  -0.271497379166, -0.418045529152,
                                        -2.3309919698,   -0.0918641394247, 0.144100034752,  -1.86159956131};
  const auto [output, weights] = attention(query, key, value, masks);
  expect_near(output, expected, 1e-11);
  expect_near(weights,
              {0.0224896816311, 0, 0, 0.301435439944, 0.676074878425, 0.911594171999, 0.00638777762703, 0,
               0.0327590600062, 0.0492589903676},
              1e-11);
  const auto [fused, none] = attention(query, key, value, masks, false);
  expect_near(fused, expected, 1e-11);
  EXPECT_FALSE(none.defined());
  const auto [single, heads] =
      attention(select(query, 0, 0), select(key, 0, 0), select(value, 0, 0), nn::AttentionMasks(), true, false);
  EXPECT_EQ(single.sizes(), Dims({2, 4}));
  EXPECT_EQ(heads.sizes(), Dims({2, 2, 5}));
  nn::AttentionMasks causal;
  causal.is_causal = true;
  const nn::MultiheadAttention plain(nn::MultiheadAttentionOptions(4, 2).dtype(DType::Float64));
  const Tensor x = sines({3, 2, 4}, 5);
  expect_near(std::get<0>(plain(x, x, x, causal, false)), elements(std::get<0>(plain(x, x, x, causal))), 1e-12);
  // Under a causal mask the first position attends only to itself.
  const Tensor first = narrow(x, 0, 0, 1);
  expect_near(narrow(std::get<0>(plain(x, x, x, causal)), 0, 0, 1), elements(std::get<0>(plain(first, first, first))),
              1e-12);
}

TEST(NN, TrainingAndEvaluation) {
  manual_seed(2);
  const nn::Sequential model(nn::Dropout(0.5), nn::BatchNorm1d(nn::BatchNorm1dOptions(3).dtype(DType::Float64)));
  const Tensor x = sines({8, 3}, 1);
  EXPECT_TRUE(model->is_training());
  const Tensor dropped = (*model)[0](x);
  int zeros = 0;
  for (const double value : elements(dropped)) zeros += value == 0;
  EXPECT_GT(zeros, 0);
  EXPECT_LT(zeros, 24);
  auto& norm = dynamic_cast<nn::BatchNorm1dImpl&>((*model)[1]);
  norm.forward(x);
  EXPECT_EQ(norm.num_batches_tracked.item<std::int64_t>(), 1);
  expect_near(norm.running_mean, elements(mean(x, {0}) * 0.1), 1e-15);
  expect_near(norm.running_var, elements(var(x, {0}) * 0.1 + 0.9), 1e-15);
  model->eval();
  EXPECT_FALSE(norm.is_training());
  EXPECT_TRUE((*model)[0](x).is_same(x));
  const std::vector<double> before = elements(norm.running_mean);
  expect_near(norm.forward(x), elements((x - norm.running_mean) / sqrt(norm.running_var + 1e-5)), 1e-14);
  EXPECT_EQ(elements(norm.running_mean), before);
  norm.reset_running_stats();
  EXPECT_EQ(elements(norm.running_var), std::vector<double>({1, 1, 1}));
  // Without momentum, the running mean is the mean of all batches.
  nn::BatchNorm1d average(nn::BatchNorm1dOptions(3).momentum(std::nullopt).dtype(DType::Float64));
  average(x);
  average(x * 3.0);
  expect_near(average->running_mean, elements(mean(x, {0}) * 2.0), 1e-15);
  nn::BatchNorm2d bare(nn::BatchNorm2dOptions(1).affine(false).track_running_stats(false));
  bare->eval();
  EXPECT_TRUE(bare->state_dict().empty());
  expect_near(mean(bare(randn({4, 1, 3, 3}))), {0}, 36 * 0x1p-24);
}

// The arms of a spiral, which are not linearly separable.
TEST(NN, TrainingLowersTheLoss) {
  const auto train = [](const auto& make_optimizer) {
    manual_seed(1);
    constexpr int kPoints = 60;
    std::vector<float> points;
    std::vector<std::int64_t> arms;
    for (int i = 0; i < 2 * kPoints; ++i) {
      const float radius = static_cast<float>(i / 2 + 1) / kPoints;
      const float angle = 4 * radius + 3.1415927f * static_cast<float>(i % 2);
      points.push_back(radius * std::cos(angle));
      points.push_back(radius * std::sin(angle));
      arms.push_back(i % 2);
    }
    const Tensor x = tensor(points, {2 * kPoints, 2});
    const Tensor y = tensor(arms);
    const nn::Sequential model(nn::Linear(2, 32), nn::Tanh(), nn::Linear(32, 32), nn::SiLU(), nn::Linear(32, 2));
    const auto optimizer = make_optimizer(model->parameters());
    const double first = cross_entropy(model(x), y).template item<double>();
    for (int step = 0; step < 150; ++step) {
      optimizer->zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer->step();
    }
    const double last = cross_entropy(model(x), y).template item<double>();
    EXPECT_LT(last, first / 4);
  };
  train([](const TensorList& parameters) {
    SgdOptions options;
    options.lr = 0.3;
    options.momentum = 0.9;
    return std::make_unique<optim::SGD>(parameters, options);
  });
  AdamOptions adam;
  adam.lr = 0.01;
  train([&](const TensorList& parameters) { return std::make_unique<optim::Adam>(parameters, adam); });
  optim::AdamWOptions adamw;
  adamw.lr = 0.01;
  train([&](const TensorList& parameters) { return std::make_unique<optim::AdamW>(parameters, adamw, true); });
}

TEST(NN, OptimizersUpdateParametersWithAGradient) {
  Tensor moved = ones({2}, DType::Float64), still = ones({2}, DType::Float64);
  moved.requires_grad_();
  still.requires_grad_();
  optim::AdamW adamw({moved, still});
  EXPECT_EQ(adamw.learning_rate(), 1e-3);
  adamw.set_learning_rate(0.5);
  sum(moved * 3.0).backward();
  adamw.step();
  // At the first step, m / sqrt(v) is the sign of the gradient: 1 (1 - 0.5 * 0.01) - 0.5.
  expect_near(moved, {0.495, 0.495}, 1e-8);
  EXPECT_EQ(elements(still), std::vector<double>({1, 1}));
  adamw.zero_grad(false);
  EXPECT_EQ(elements(moved.grad()), std::vector<double>({0, 0}));
  adamw.zero_grad();
  EXPECT_FALSE(moved.grad().defined());
  EXPECT_THROW(adamw.set_learning_rate(-1), ValueError);
  EXPECT_THROW(adamw.set_learning_rate(std::nan("")), ValueError);
  EXPECT_THROW(optim::SGD({}), ValueError);
  EXPECT_THROW(optim::SGD({moved, moved}), ValueError);
  EXPECT_THROW(optim::SGD({ones({2})}), ValueError);
}

}  // namespace
}  // namespace ts
