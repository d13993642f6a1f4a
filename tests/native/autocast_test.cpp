// Autocast: scopes, converted parameters, the backward pass, checkpoints and custom functions. What each operator does
// is in properties/autocast_test.cpp.
#include <gtest/gtest.h>

#include <thread>

#include "gradcheck.h"

namespace ts {
namespace {

using test::elements;

Tensor matrix(const Dims& sizes, unsigned seed) { return to(test::random_vector(sizes, seed), DType::Float32); }
Tensor weight(const Dims& sizes, unsigned seed) { return matrix(sizes, seed).requires_grad_(); }

// Counts the conversions that run, forward and backward.
class Conversions final : public OpObserver {
 public:
  Conversions() { set_op_observer(this); }
  ~Conversions() override { set_op_observer(nullptr); }
  void before(const char* op) override { count += std::string(op) == "convert"; }
  void after(const char*) override {}
  int count = 0;
};

TEST(Autocast, IsOffOutsideOfScopes) {
  const Tensor a = matrix({3, 4}, 1), b = matrix({4, 2}, 2);
  EXPECT_FALSE(autocast_enabled());
  EXPECT_EQ(matmul(a, b).dtype(), DType::Float32);
  {
    const AutocastScope autocast(DType::BFloat16);
    EXPECT_TRUE(autocast_enabled());
    EXPECT_EQ(autocast_dtype(), DType::BFloat16);
    EXPECT_EQ(matmul(a, b).dtype(), DType::BFloat16);
    EXPECT_EQ(exp(matmul(a, b)).dtype(), DType::Float32);
    EXPECT_EQ((a + a).dtype(), DType::Float32);
    EXPECT_EQ(relu(matmul(a, b)).dtype(), DType::BFloat16);
    EXPECT_EQ(softmax(matmul(a, b), 1).dtype(), DType::BFloat16);
  }
  EXPECT_EQ(matmul(a, b).dtype(), DType::Float32);
}

TEST(Autocast, ScopesAreNested) {
  const Tensor a = matrix({3, 3}, 1);
  const AutocastScope outer(DType::BFloat16);
  {
    const NoAutocast off;
    EXPECT_EQ(autocast_dtype(), std::nullopt);
    EXPECT_EQ(matmul(a, a).dtype(), DType::Float32);
    {
      const AutocastScope inner(DType::Float16);
      EXPECT_EQ(matmul(a, a).dtype(), DType::Float16);
    }
    EXPECT_EQ(matmul(a, a).dtype(), DType::Float32);
  }
  EXPECT_EQ(matmul(a, a).dtype(), DType::BFloat16);
  std::thread([&] { EXPECT_EQ(matmul(a, a).dtype(), DType::Float32); }).join();
}

TEST(Autocast, EndsWithAnException) {
  const Tensor a = matrix({3, 4}, 1);
  try {
    const AutocastScope autocast(DType::BFloat16);
    matmul(a, a);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("matmul: ", 0), 0u) << error.what();
  }
  EXPECT_FALSE(autocast_enabled());
}

TEST(Autocast, TakesHalfTypesOnly) {
  for (const DType dtype : {DType::Float32, DType::Float64, DType::Int64}) {
    try {
      const AutocastScope autocast(dtype);
      FAIL();
    } catch (const DTypeError& error) {
      EXPECT_NE(std::string(error.what()).find("bfloat16 or float16"), std::string::npos) << error.what();
    }
    EXPECT_FALSE(autocast_enabled());
  }
}

TEST(Autocast, LeavesOtherTypesAlone) {
  const AutocastScope autocast(DType::BFloat16);
  const Tensor doubles = to(matrix({3, 3}, 1), DType::Float64), integers = reshape(arange(9), {3, 3});
  EXPECT_EQ(matmul(doubles, doubles).dtype(), DType::Float64);
  EXPECT_EQ(matmul(integers, integers).dtype(), DType::Int64);
  EXPECT_EQ(cumsum(integers, 0).dtype(), DType::Int64);
  EXPECT_EQ(exp(integers).dtype(), DType::Float32);
  EXPECT_EQ(prod(to(doubles, DType::Float32), 0, false, DType::BFloat16).dtype(), DType::BFloat16);
}

// What a float row is composed of must not be lowered, as the product inside cdist.
TEST(Autocast, ComputesTheWholeOperatorInOneType) {
  const Tensor a = matrix({40, 8}, 1), b = matrix({30, 8}, 2);
  const auto expected = elements(cdist(a, b));
  const AutocastScope autocast(DType::BFloat16);
  EXPECT_EQ(elements(cdist(a, b)), expected);
}

TEST(Autocast, ConvertsAParameterOnce) {
  const Tensor w = weight({4, 4}, 1), x = to(matrix({2, 4}, 2), DType::BFloat16);
  Conversions conversions;
  {
    const AutocastScope autocast(DType::BFloat16);
    for (int i = 0; i < 3; ++i) linear(x, w);
    EXPECT_EQ(conversions.count, 1);
    {
      const AutocastScope inner(DType::BFloat16);
      linear(x, w);
      const NoAutocast off;
    }
    linear(x, w);
    EXPECT_EQ(conversions.count, 1);
  }
  const AutocastScope autocast(DType::BFloat16);
  linear(x, w);
  EXPECT_EQ(conversions.count, 2);
}

TEST(Autocast, NoticesThatAParameterHasChanged) {
  const Tensor w = weight({2, 2}, 1), x = to(matrix({2, 2}, 2), DType::BFloat16);
  const AutocastScope autocast(DType::BFloat16);
  const auto before = elements(linear(x, w));
  {
    const NoGrad no_grad;
    mul_(w, 2);
  }
  const auto after = elements(linear(x, w));
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i], 2 * before[i]);
  set_data(w, matrix({2, 2}, 1));
  EXPECT_EQ(elements(linear(x, w)), before);
  // An optimizer step inside the scope.
  optim::SGD optimizer({w}, {1.0});
  sum(linear(x, w)).backward();
  optimizer.step();
  EXPECT_EQ(elements(linear(x, w)), elements(linear(x, to(w, DType::BFloat16))));
  EXPECT_NE(elements(linear(x, w)), before);
}

TEST(Autocast, GradientsReachTheParameterAfterACallWithoutRecording) {
  const Tensor w = weight({3, 3}, 1), x = matrix({2, 3}, 2);
  const AutocastScope autocast(DType::BFloat16);
  {
    const NoGrad no_grad;
    EXPECT_FALSE(linear(x, w).requires_grad());
  }
  {
    const InferenceMode inference;
    EXPECT_FALSE(linear(x, w).requires_grad());
  }
  const Tensor y = linear(x, w);
  ASSERT_TRUE(y.requires_grad());
  sum(y).backward();
  ASSERT_TRUE(w.grad().defined());
  EXPECT_EQ(w.grad().dtype(), DType::Float32);
  {
    const NoGrad no_grad;
    EXPECT_FALSE(linear(x, w).requires_grad());
  }
}

TEST(Autocast, EachPassGetsTheWholeGradient) {
  const Tensor w = weight({3, 3}, 1), x = matrix({2, 3}, 2);
  const AutocastScope autocast(DType::BFloat16);
  // Two graphs share the converted parameter; the first pass frees only its own.
  const Tensor first = sum(linear(x, w)), second = sum(linear(x, w));
  first.backward();
  const auto once = elements(w.grad());
  second.backward();
  const auto twice = elements(w.grad());
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(twice[i], 2 * once[i]);
}

TEST(Autocast, FreesConvertedParameters) {
  const std::int64_t before = allocator::stats().live_bytes;
  {
    const Tensor w = weight({64, 64}, 1);
    const AutocastScope autocast(DType::BFloat16);
    const NoGrad no_grad;
    linear(matrix({2, 64}, 2), w);
  }
  EXPECT_EQ(allocator::stats().live_bytes, before);
}

TEST(Autocast, IsOffInTheBackwardPass) {
  const Tensor x = weight({3, 3}, 1), a = matrix({3, 3}, 2);
  const AutocastScope autocast(DType::BFloat16);
  Tensor y;
  {
    const NoAutocast off;
    y = matmul(x, a);
  }
  bool seen = true;
  y.register_hook([&](const Tensor& grad) {
    seen = autocast_enabled();
    return grad;
  });
  sum(y).backward();
  EXPECT_FALSE(seen);
  EXPECT_TRUE(autocast_enabled());
  const NoAutocast off;
  EXPECT_EQ(elements(x.grad()), elements(matmul(ones({3, 3}), transpose(a, 0, 1))));
}

TEST(Autocast, CheckpointsRunAgainInTheSameState) {
  const auto gradients = [](bool checkpointed, bool autocast_in_backward) {
    const Tensor w = weight({4, 4}, 1), x = weight({3, 4}, 2);
    const auto block = [&](const Tensor& input) { return tanh(linear(exp(linear(input, w)), w)); };
    Tensor loss;
    {
      const AutocastScope autocast(DType::BFloat16);
      linear(x, w);  // the parameter is converted before the checkpoint
      loss = sum(checkpointed ? checkpoint(block, x) : block(x));
      if (autocast_in_backward) loss.backward();
    }
    if (!autocast_in_backward) loss.backward();
    auto all = elements(w.grad());
    const auto more = elements(x.grad());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto expected = gradients(false, false);
  EXPECT_EQ(gradients(false, true), expected);
  EXPECT_EQ(gradients(true, false), expected);
  EXPECT_EQ(gradients(true, true), expected);
  // And a forward pass without autocast, whose backward pass is inside a scope.
  const Tensor w = weight({4, 4}, 1), x = weight({3, 4}, 2);
  const Tensor y = sum(checkpoint([&](const Tensor& input) { return tanh(linear(input, w)); }, x));
  const AutocastScope autocast(DType::BFloat16);
  y.backward();
  EXPECT_EQ(w.grad().dtype(), DType::Float32);
}

struct Follows : Function<Follows> {
  static Tensor forward(FunctionContext& context, const Tensor& x) {
    context.save_for_backward({x});
    return matmul(x, x);
  }
  static TensorList backward(FunctionContext&, const TensorList& grads) { return {grads[0]}; }
};

struct InFloat : Function<InFloat> {
  static constexpr DType kAutocastInputs = DType::Float32;
  static Tensor forward(FunctionContext&, const Tensor& x, double factor) {
    EXPECT_FALSE(autocast_enabled());
    return matmul(x, x) * factor;
  }
  static TensorList backward(FunctionContext&, const TensorList& grads) {
    EXPECT_FALSE(autocast_enabled());
    return {grads[0]};
  }
};

TEST(Autocast, CustomFunctionsChooseTheTypeOfTheirInputs) {
  const Tensor x = to(matrix({3, 3}, 1), DType::BFloat16).requires_grad_();
  EXPECT_EQ(Follows::apply(to(x, DType::Float32)).dtype(), DType::Float32);
  EXPECT_EQ(InFloat::apply(x, 2).dtype(), DType::BFloat16);
  const AutocastScope autocast(DType::BFloat16);
  EXPECT_EQ(Follows::apply(to(x, DType::Float32)).dtype(), DType::BFloat16);
  const Tensor y = InFloat::apply(x, 2);
  EXPECT_EQ(y.dtype(), DType::Float32);
  sum(y).backward();
  EXPECT_EQ(x.grad().dtype(), DType::BFloat16);
}

}  // namespace
}  // namespace ts
