// Differentiable functions with a user's own backward formula: ts::Function.
#include <gtest/gtest.h>

#include <stdexcept>

#include "autograd_test.h"

namespace ts {
namespace {

using test::elements;
using test::expect_contains;
using test::leaf;
using test::message_of;
using test::Values;

// ---- Custom functions ----

struct Cube : Function<Cube> {
  static Tensor forward(FunctionContext& context, const Tensor& x) {
    context.save_for_backward({x});
    return x * x * x;
  }
  static TensorList backward(FunctionContext& context, const TensorList& grads) {
    const Tensor x = context.saved_tensors()[0];
    return {grads[0] * 3 * x * x};
  }
};

// Saves its own result, which forms a reference cycle between the result and its node.
struct Exponential : Function<Exponential> {
  static Tensor forward(FunctionContext& context, const Tensor& x) {
    const Tensor y = exp(x);
    context.save_for_backward({y});
    return y;
  }
  static TensorList backward(FunctionContext& context, const TensorList& grads) {
    return {grads[0] * context.saved_tensors()[0]};
  }
};

TEST(CustomFunction, GradientsOfBothOrders) {
  const Tensor x = leaf({0.5, -1.5});
  EXPECT_TRUE(test::gradcheck([](const TensorList& v) { return TensorList{Cube::apply(v[0])}; }, {x}));
  EXPECT_TRUE(test::gradgradcheck([](const TensorList& v) { return TensorList{Cube::apply(v[0])}; }, {x}));
  EXPECT_TRUE(test::gradcheck([](const TensorList& v) { return TensorList{Exponential::apply(v[0])}; }, {x}));
  EXPECT_TRUE(test::gradgradcheck([](const TensorList& v) { return TensorList{Exponential::apply(v[0])}; }, {x}));
}

TEST(CustomFunction, SavingTheResultDoesNotLeak) {
  const std::int64_t before = allocator::stats().live_bytes;
  {
    const Tensor x = leaf({1, 2});
    const Tensor used = Exponential::apply(x), dropped = Exponential::apply(x);
    sum(used).backward();
  }
  EXPECT_EQ(allocator::stats().live_bytes, before);
}

TEST(CustomFunction, IsUsedUpAndChecksVersions) {
  const Tensor x = leaf({1, 2});
  const Tensor y = sum(Cube::apply(x));
  y.backward();
  expect_contains(message_of<AutogradError>([&] { y.backward(); }), "retain_graph");
  const Tensor operand = x * 1, z = sum(Cube::apply(operand));
  zero_(operand);
  expect_contains(message_of<AutogradError>([&] { z.backward(); }), "changed in place");
}

struct SplitSign : Function<SplitSign> {
  static TensorList forward(FunctionContext& context, const Tensor& x) {
    const TensorList outputs{x * 2, x > 0, floor(x)};
    context.mark_non_differentiable({outputs[2]});
    return outputs;
  }
  static TensorList backward(FunctionContext&, const TensorList& grads) { return {grads[0] * 2}; }
};

TEST(CustomFunction, OutputsWithoutGradients) {
  const Tensor x = leaf({1, -2});
  const TensorList outputs = SplitSign::apply(x);
  EXPECT_TRUE(outputs[0].requires_grad());
  EXPECT_FALSE(outputs[1].requires_grad());
  EXPECT_FALSE(outputs[2].requires_grad());
  sum(outputs[0] * outputs[2]).backward();
  EXPECT_EQ(elements(x.grad()), (Values{2, -4}));
}

struct PassThrough : Function<PassThrough> {
  static Tensor forward(FunctionContext&, const Tensor& x) { return x; }
  static TensorList backward(FunctionContext&, const TensorList& grads) { return {grads[0] * 10}; }
};

TEST(CustomFunction, AReturnedInputKeepsItsOwnHistory) {
  const Tensor x = leaf({1, 2});
  const Tensor y = PassThrough::apply(x);
  EXPECT_TRUE(x.is_leaf());
  EXPECT_FALSE(y.is_same(x));
  sum(x + y).backward();
  EXPECT_EQ(elements(x.grad()), (Values{11, 11}));
}

struct Weighted : Function<Weighted> {
  static Tensor forward(FunctionContext& context, const Tensor& a, double factor, const Tensor& b) {
    context.scalars = {factor};
    context.save_for_backward({a, b});
    return a * b * factor;
  }
  static TensorList backward(FunctionContext& context, const TensorList& grads) {
    const TensorList saved = context.saved_tensors();
    TensorList gradients(2);
    for (std::size_t i = 0; i < 2; ++i) {
      if (context.needs_input_grad(i)) gradients[i] = grads[0] * saved[1 - i] * context.scalars[0];
    }
    return gradients;
  }
};

TEST(CustomFunction, OtherArgumentsAndInputsWithoutGradient) {
  const Tensor a = leaf({1, 2}), b = tensor<double>({3, 4});
  sum(Weighted::apply(a, 0.5, b)).backward();
  EXPECT_EQ(elements(a.grad()), (Values{1.5, 2}));
  EXPECT_FALSE(Weighted::apply(b, 0.5, b).requires_grad());
}

TEST(CustomFunction, WrongResultsAreNamed) {
  const Tensor x = leaf({1, 2});
  const auto apply = [&](TensorList gradients) {
    return apply_function(
        "Wrong", {x}, [&](FunctionContext&) { return TensorList{x * 2}; },
        [gradients](FunctionContext&, const TensorList&) { return gradients; })[0];
  };
  expect_contains(message_of<AutogradError>([&] { sum(apply({})).backward(); }), "Wrong");
  const std::string message = message_of<ShapeError>([&] { sum(apply({tensor<double>({1, 2, 3})})).backward(); });
  expect_contains(message, "Wrong");
  expect_contains(message, "[3]");
  EXPECT_THROW(apply_function(
                   "None", {x}, [](FunctionContext&) { return TensorList{Tensor()}; },
                   [](FunctionContext&, const TensorList& g) { return g; }),
               ValueError);
}

TEST(CustomFunction, AnExpandedDetachedGradientAccumulates) {
  const Tensor x = leaf({1, 2, 3});
  const auto apply = [](const Tensor& input) {
    return apply_function(
        "Expanding", {input}, [&](FunctionContext&) { return TensorList{sum(input)}; },
        [](FunctionContext&, const TensorList& g) { return TensorList{expand(clone(g[0]), {3}).detach()}; })[0];
  };
  const Tensor y = x * 1;
  (apply(y) + apply(y) + apply(y)).backward();
  EXPECT_EQ(elements(x.grad()), (Values{3, 3, 3}));
}

}  // namespace
}  // namespace ts
