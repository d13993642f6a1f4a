// Activation checkpointing: gradients that are the same bit for bit, the same dropout masks, captured parameters,
// nesting, gradients of gradients, errors, and reduced memory use.
#include <gtest/gtest.h>

#include <thread>

#include "gradcheck.h"

namespace ts {
namespace {

using test::elements;
using Values = std::vector<double>;

Tensor parameter(const Dims& sizes, unsigned seed) { return test::random_vector(sizes, seed).requires_grad_(); }

// A block whose operators save operands, results and masks.
Tensor block(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Tensor hidden = tanh(addmm(bias, x, weight));
  return softmax(dropout(hidden, 0.5, true) * hidden + relu(x), 1);
}

struct Gradients {
  Values loss, x, weight, bias;
};

Gradients gradients(const std::function<Tensor(const Tensor&, const Tensor&, const Tensor&)>& model) {
  manual_seed(7);
  const Tensor x = parameter({5, 4}, 1), weight = parameter({4, 4}, 2), bias = parameter({4}, 3);
  const Tensor loss = sum(square(model(x, weight, bias)));
  loss.backward();
  return {elements(loss), elements(x.grad()), elements(weight.grad()), elements(bias.grad())};
}

void expect_same(const Gradients& a, const Gradients& b) {
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.x, b.x);
  EXPECT_EQ(a.weight, b.weight);
  EXPECT_EQ(a.bias, b.bias);
}

TEST(Checkpoint, GradientsAreTheSameBitForBit) {
  const Gradients plain =
      gradients([](const auto& x, const auto& w, const auto& b) { return block(block(x, w, b), w, b); });
  const Gradients saved = gradients([](const auto& x, const auto& w, const auto& b) {
    const auto part = [=](const Tensor& input) { return block(input, w, b); };
    return checkpoint(part, checkpoint(part, x));
  });
  expect_same(plain, saved);
}

TEST(Checkpoint, Nests) {
  const Gradients plain = gradients(
      [](const auto& x, const auto& w, const auto& b) { return block(block(block(x, w, b), w, b) * 2, w, b); });
  int inner_runs = 0;
  const Gradients saved = gradients([&](const auto& x, const auto& w, const auto& b) {
    const auto inner = [=, &inner_runs](const Tensor& input) {
      ++inner_runs;
      return block(input, w, b);
    };
    const auto outer = [=](const Tensor& input) { return block(checkpoint(inner, block(input, w, b)) * 2, w, b); };
    return checkpoint(outer, x);
  });
  expect_same(plain, saved);
  EXPECT_EQ(inner_runs, 3);  // forward, recomputed for the outer one, recomputed for itself
}

TEST(Checkpoint, InputsNeedNoGradient) {
  const Tensor weight = parameter({3, 3}, 1);
  const Tensor x = test::random_vector({2, 3}, 2);
  sum(checkpoint([&](const Tensor& input) { return sigmoid(matmul(input, weight)); }, x)).backward();
  const Values saved = elements(weight.grad());
  weight.set_grad({});
  sum(sigmoid(matmul(x, weight))).backward();
  EXPECT_EQ(saved, elements(weight.grad()));
}

TEST(Checkpoint, SeveralInputsAndOutputs) {
  const Tensor a = parameter({3}, 1), b = parameter({3}, 2);
  const TensorList outputs = checkpoint(
      [](const TensorList& inputs) {
        return TensorList{exp(inputs[0]) * inputs[1], sin(inputs[1]) * inputs[0]};
      },
      {a, b});
  const TensorList grads = grad({sum(outputs[0]), sum(outputs[1])}, {a, b});
  const TensorList expected = grad({sum(exp(a) * b), sum(sin(b) * a)}, {a, b});
  EXPECT_EQ(elements(grads[0]), elements(expected[0]));
  EXPECT_EQ(elements(grads[1]), elements(expected[1]));
}

TEST(Checkpoint, RecomputesOnceAndOnlyDuringBackward) {
  int runs = 0;
  const Tensor x = parameter({4}, 1);
  const auto count = [&](const Tensor& input) {
    ++runs;
    return exp(sin(input));
  };
  Tensor y = sum(checkpoint(count, x));
  EXPECT_EQ(runs, 1);
  y.backward({}, true);
  EXPECT_EQ(runs, 2);
  y.backward({}, true);  // the retained graph also keeps the recomputed part
  EXPECT_EQ(runs, 2);
  {
    const NoGrad off;
    checkpoint(count, x);
  }
  EXPECT_EQ(runs, 3);
  sum(checkpoint(count, x));  // backward is never called
  EXPECT_EQ(runs, 4);
}

TEST(Checkpoint, GradientsOfGradients) {
  const auto f = [](const Tensor& input) { return exp(input) * sin(input) * input; };
  const auto second = [&](bool save) {
    const Tensor x = parameter({4}, 1);
    const Tensor y = sum(save ? checkpoint(f, x * x) : f(x * x));
    const Tensor first = grad({y}, {x}, {}, true, true)[0];
    return elements(grad({sum(square(first))}, {x})[0]);
  };
  EXPECT_EQ(second(true), second(false));
}

TEST(Checkpoint, ABackwardPassInsideTheFunction) {
  const auto f = [](const Tensor& input) {
    const Tensor y = exp(input) * input;
    return y + grad({sum(y)}, {input}, {}, true, true)[0];
  };
  const auto run = [&](bool save) {
    const Tensor x = parameter({3}, 1);
    sum(save ? checkpoint(f, x) : f(x)).backward();
    return elements(x.grad());
  };
  EXPECT_EQ(run(true), run(false));
}

TEST(Checkpoint, RecomputationDoesNotAdvanceTheRandomStream) {
  manual_seed(3);
  const Tensor x = parameter({8}, 1);
  const Tensor y = sum(checkpoint([](const Tensor& input) { return dropout(input * input, 0.5, true); }, x));
  const Values next = elements(rand({4}, DType::Float64));
  manual_seed(3);
  sum(dropout(x * x, 0.5, true));
  EXPECT_EQ(next, elements(rand({4}, DType::Float64)));
  const PhiloxState before = default_generator().state();
  y.backward();
  EXPECT_EQ(before.offset, default_generator().state().offset);
}

TEST(Checkpoint, AFunctionThatDiffersInTheSecondRunIsAnError) {
  const Tensor x = parameter({4}, 1);
  int runs = 0;
  const Tensor more = sum(checkpoint([&](const Tensor& in) { return runs++ ? exp(sin(in)) : exp(in); }, x));
  try {
    more.backward();
    ADD_FAILURE() << "no error";
  } catch (const AutogradError& error) {
    EXPECT_NE(std::string(error.what()).find("it must do the same in both runs"), std::string::npos) << error.what();
  }
  runs = 0;
  const Tensor other =
      sum(checkpoint([&](const Tensor& in) { return exp(runs++ ? narrow(in * 1, 0, 0, 2) : in * 1); }, x));
  EXPECT_THROW(other.backward(), AutogradError);
}

TEST(Checkpoint, AnInPlaceChangeBeforeBackwardIsAnError) {
  const Tensor weight = parameter({4}, 1);
  const Tensor hidden = parameter({4}, 2) * 1;
  const Tensor y = sum(checkpoint([&](const Tensor& in) { return sin(in * weight); }, hidden));
  {
    const NoGrad off;
    add_(weight, 1);
  }
  EXPECT_THROW(y.backward(), AutogradError);
  const Tensor z = sum(checkpoint([](const Tensor& in) { return sin(in); }, hidden));
  {
    const NoGrad off;
    add_(hidden, 1);
  }
  EXPECT_THROW(z.backward(), AutogradError);
}

TEST(Checkpoint, ErrorsOfTheFunctionReachTheCaller) {
  const Tensor x = parameter({4}, 1);
  int runs = 0;
  const Tensor y = sum(checkpoint(
      [&](const Tensor& in) {
        if (runs++) throw std::runtime_error("mine");
        return exp(in);
      },
      x));
  EXPECT_THROW(y.backward(), std::runtime_error);
  runs = 0;
  sum(exp(x)).backward();
  EXPECT_EQ(elements(x.grad()), elements(exp(x)));
}

TEST(Checkpoint, SeveralThreadsDifferentiateOneGraph) {
  const Tensor x = parameter({64}, 1);
  const Tensor y = sum(checkpoint([](const Tensor& in) { return exp(sin(in) * in); }, x));
  std::vector<Values> results(4);
  std::vector<std::thread> threads;
  for (Values& result : results) {
    threads.emplace_back([&] { result = elements(grad({y}, {x}, {}, true)[0]); });
  }
  for (std::thread& thread : threads) thread.join();
  const Values expected = elements(grad({sum(exp(sin(x) * x))}, {x})[0]);
  for (const Values& result : results) EXPECT_EQ(result, expected);
}

TEST(Checkpoint, UsesLessMemory) {
  constexpr int kLayers = 16;
  const auto layer = [](const Tensor& x) { return tanh(sin(cos(sin(x)))); };
  const auto peak = [&](bool save) {
    const Tensor x = ones({1 << 18}, DType::Float32).requires_grad_();
    allocator::reset_peak();
    const std::int64_t before = allocator::stats().live_bytes;
    Tensor y = x;
    for (int i = 0; i < kLayers; ++i) y = save ? checkpoint(layer, y) : layer(y);
    sum(y).backward();
    return allocator::stats().peak_bytes - before;
  };
  const std::int64_t tensor_bytes = std::int64_t{1} << 20;
  // Three tensors per layer, compared with one per layer plus the three of a single layer and some temporary ones.
  EXPECT_GT(peak(false), 3 * kLayers * tensor_bytes);
  EXPECT_LT(peak(true), (kLayers + 3 + 8) * tensor_bytes);
}

TEST(Checkpoint, FreeingTheGraphFreesAllMemory) {
  const std::int64_t before = allocator::stats().live_bytes;
  {
    const Tensor x = parameter({1 << 16}, 1);
    const auto layer = [](const Tensor& in) { return checkpoint([](const Tensor& i) { return exp(sin(i)); }, in * 2); };
    sum(checkpoint(layer, x)).backward();
    sum(checkpoint(layer, x));
  }
  EXPECT_LT(allocator::stats().live_bytes - before, 1 << 16);
}

}  // namespace
}  // namespace ts
