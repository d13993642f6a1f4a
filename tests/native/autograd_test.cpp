// The autograd engine: accumulation of gradients, modes, hooks, errors, threads, and graphs of a million nodes.
#include "autograd_test.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace ts {
namespace {

using test::elements;
using test::expect_contains;
using test::leaf;
using test::message_of;
using test::Values;

// ---- Accumulation and the life of a graph ----

TEST(Autograd, GradientsAccumulate) {
  const Tensor x = leaf({1, 2});
  EXPECT_FALSE(x.grad().defined());
  sum(x * 3).backward();
  EXPECT_EQ(elements(x.grad()), (Values{3, 3}));
  sum(x * x).backward();
  EXPECT_EQ(elements(x.grad()), (Values{5, 7}));
  x.set_grad({});
  EXPECT_FALSE(x.grad().defined());
}

TEST(Autograd, ATensorUsedSeveralTimes) {
  const Tensor x = leaf({2});
  const Tensor y = x * x;
  sum(y * y + y + x * y).backward();  // x^4 + x^2 + x^3
  EXPECT_EQ(elements(x.grad()), (Values{4 * 8 + 4 + 12}));
}

TEST(Autograd, SeveralOutputsAtOnce) {
  const Tensor x = leaf({1, 2});
  const Tensor weights = tensor<double>({10, 100});
  backward({x * 2, sum(x)}, {weights, Tensor()});
  EXPECT_EQ(elements(x.grad()), (Values{21, 201}));
}

TEST(Autograd, ABackwardPassFreesTheGraph) {
  const Tensor x = leaf({1, 2});
  const Tensor loss = sum(exp(x));
  loss.backward();
  const std::string message = message_of<AutogradError>([&] { loss.backward(); });
  expect_contains(message, "ExpBackward");
  expect_contains(message, "retain_graph");
}

TEST(Autograd, RetainGraphAllowsAnotherPass) {
  const Tensor x = leaf({1, 2});
  const Tensor loss = sum(x * x);
  loss.backward({}, true);
  loss.backward();
  EXPECT_EQ(elements(x.grad()), (Values{4, 8}));
  EXPECT_THROW(loss.backward(), AutogradError);
}

TEST(Autograd, AViewsGeometryOutlivesChangesOfItsBase) {
  const Tensor x = leaf({1, 2, 3, 4});
  const Tensor base = x * 1;
  const Tensor windows = as_strided(base, {3, 2}, {1, 1}) * 1;
  zero_(base);
  sum(windows).backward();
  EXPECT_EQ(elements(x.grad()), (Values{1, 2, 2, 1}));
}

TEST(Autograd, SavedTensorsAreFreedByABackwardPass) {
  const Tensor x = leaf(Values(1000, 1.0));
  Tensor y = exp(x);
  const Tensor loss = sum(y * y);
  y = Tensor();
  const std::int64_t before = allocator::stats().live_bytes;
  loss.backward();
  // The result of exp and both references that MulBackward holds to it are freed, and the gradient is allocated: a
  // thousand doubles less.
  EXPECT_LE(allocator::stats().live_bytes, before);
}

TEST(Autograd, RootsAreChecked) {
  const Tensor x = leaf({1, 2});
  expect_contains(message_of<AutogradError>([&] { (x * 2).backward(); }), "float64[2]");
  expect_contains(message_of<AutogradError>([&] { tensor<double>({1}).backward(); }), "does not require a gradient");
  expect_contains(message_of<ShapeError>([&] { (x * 2).backward(tensor<double>({1, 2, 3})); }), "float64[3]");
  EXPECT_THROW(backward({Tensor()}), ValueError);
  EXPECT_THROW(backward({sum(x)}, {Tensor(), Tensor()}), ValueError);
}

TEST(Autograd, OnlyFloatingTensorsAreDifferentiable) {
  Tensor whole = tensor<std::int64_t>({1, 2});
  EXPECT_THROW(whole.requires_grad_(), DTypeError);
  const Tensor x = leaf({1, 2});
  EXPECT_FALSE((x > 1).requires_grad());
  EXPECT_FALSE(to(x, DType::Int64).requires_grad());
  copy_(whole, x);  // the values are copied into an integer tensor, without history
  EXPECT_FALSE(whole.requires_grad());
}

TEST(Autograd, RequiresGradCanBeClearedOnlyOnLeaves) {
  Tensor x = leaf({1});
  Tensor y = x * 2;
  EXPECT_TRUE(x.is_leaf());
  EXPECT_FALSE(y.is_leaf());
  EXPECT_STREQ(y.grad_fn()->name(), "MulBackward");
  EXPECT_THROW(y.requires_grad_(false), AutogradError);
  x.requires_grad_(false);
  EXPECT_FALSE((x * 2).requires_grad());
}

TEST(Autograd, AnAssignedGradientMustMatchTheTensor) {
  const Tensor x = leaf({1, 2});
  EXPECT_THROW(x.set_grad(tensor<double>({1})), ShapeError);
  EXPECT_THROW(x.set_grad(tensor<float>({1, 2})), DTypeError);
  x.set_grad(tensor<double>({5, 5}));
  sum(x).backward();
  EXPECT_EQ(elements(x.grad()), (Values{6, 6}));
}

// ---- Copies ----

TEST(Autograd, TheFirstDenseGradientIsStoredWithoutACopy) {
  const Tensor x = leaf({1, 2, 3});
  void* computed = nullptr;
  const Tensor y = x * 3;
  y.grad_fn()->add_post_hook([&](GradList& inputs, const GradList&) { computed = inputs[0].raw_data(); });
  sum(y).backward();
  EXPECT_EQ(x.grad().raw_data(), computed);
}

TEST(Autograd, LaterGradientsAreAddedInPlace) {
  const Tensor x = leaf({1, 2, 3});
  sum(x * 3).backward();
  void* const first = x.grad().raw_data();
  sum(x * 4).backward();
  EXPECT_EQ(x.grad().raw_data(), first);
  EXPECT_EQ(elements(x.grad()), (Values{7, 7, 7}));
}

TEST(Autograd, ASharedGradientIsCopied) {
  const Tensor x = leaf({1, 2}), z = leaf({1, 2});
  const Tensor vector = tensor<double>({1, 1});
  (x + z).backward(vector);  // both leaves receive `vector` itself
  EXPECT_NE(x.grad().raw_data(), z.grad().raw_data());
  EXPECT_NE(x.grad().raw_data(), vector.raw_data());
  sum(x * 5).backward();
  EXPECT_EQ(elements(x.grad()), (Values{6, 6}));
  EXPECT_EQ(elements(z.grad()), (Values{1, 1}));
  EXPECT_EQ(elements(vector), (Values{1, 1}));
}

TEST(Autograd, AnExpandedGradientIsMadeDense) {
  const Tensor x = leaf({1, 2, 3});
  sum(x).backward();  // the gradient of sum is a single number, expanded
  EXPECT_TRUE(x.grad().is_contiguous());
  sum(x).backward();
  EXPECT_EQ(elements(x.grad()), (Values{2, 2, 2}));
}

TEST(Autograd, GradientsOfSlicesAreAddedInPlace) {
  const Tensor x = leaf({1, 2, 3, 4, 5, 6});
  const Tensor y = reshape(x * 1, {3, 2});
  // Overlapping, strided and empty slices, and rows, one of them twice.
  const Tensor total = sum(slice(y, 0, 0, 2) * 10) + sum(slice(y, 1, 1, 2) * 100) + sum(slice(y, 0, {}, {}, 2) * 1000) +
                       sum(slice(y, 0, 3) * 7) + sum(select(y, 0, 2)) + sum(select(y, 0, -1)) + sum(y * y);
  total.backward();
  EXPECT_EQ(elements(x.grad()), (Values{1012, 1114, 16, 118, 1012, 1114}));
}

TEST(Autograd, ASharedSumOfSliceGradientsIsNotChanged) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 2;
  y.retain_grad();
  Tensor seen;
  y.register_hook([&](const Tensor& grad) {
    seen = grad;
    return Tensor();
  });
  sum(slice(y, 0, 0, 2) * 3).backward({}, true);
  const Tensor held = y.grad();
  sum(slice(y, 0, 1, 3) * 5 + slice(y, 0, 0, 2)).backward();
  EXPECT_EQ(elements(held), (Values{3, 3, 0}));
  EXPECT_EQ(elements(seen), (Values{1, 6, 5}));
  EXPECT_EQ(elements(x.grad()), (Values{8, 18, 10}));
}

// One row at a time, as a recurrent network reads its input: adding 2000 gradients of the whole tensor would process
// 2000 * 1 MB.
TEST(Autograd, GradientsOfAllRowsCostAsMuchAsThatOfTheTensor) {
  const Tensor x = ones({2000, 128}).requires_grad_();
  const Tensor y = x * 1;
  std::atomic<std::int64_t> bytes{0};
  allocator::set_hook(
      [](void* user, allocator::Event event, void*, std::size_t count) {
        if (event == allocator::Event::Allocate) {
          static_cast<std::atomic<std::int64_t>*>(user)->fetch_add(static_cast<std::int64_t>(count));
        }
      },
      &bytes);
  Tensor total = select(y, 0, 0);
  for (int i = 1; i < 2000; ++i) total = total + select(y, 0, i);
  sum(total).backward();
  allocator::set_hook(nullptr, nullptr);
  EXPECT_GT(bytes, 2000 * 128 * 4);
  EXPECT_EQ(elements(x.grad()), Values(2000 * 128, 1.0));
  EXPECT_LT(bytes, 2000 * 128 * 4 * 20);
}

// ---- grad() ----

TEST(Autograd, GradOfLeavesAndNonLeaves) {
  const Tensor x = leaf({3}), unused = leaf({1});
  const Tensor y = x * x, z = sum(y * y);
  const TensorList gradients = grad({z}, {y, x}, {}, true);
  EXPECT_EQ(elements(gradients[0]), (Values{18}));
  EXPECT_EQ(elements(gradients[1]), (Values{108}));
  EXPECT_FALSE(x.grad().defined()) << "grad() does not accumulate into leaves";
  EXPECT_EQ(elements(grad({z}, {z}, {}, true)[0]), (Values{1}));
  expect_contains(message_of<AutogradError>([&] { grad({z}, {unused}, {}, true); }), "allow_unused");
  EXPECT_FALSE(grad({z}, {unused}, {}, true, false, true)[0].defined());
  EXPECT_THROW(grad({z}, {tensor<double>({1})}), AutogradError);
}

TEST(Autograd, GradRunsOnlyTheNodesOnThePath) {
  const Tensor x = leaf({3}), w = leaf({5});
  int calls = 0;
  w.register_hook([&](const Tensor&) {
    ++calls;
    return Tensor();
  });
  EXPECT_EQ(elements(grad({sum(x * exp(w))}, {x})[0]), (Values{std::exp(5)}));
  EXPECT_EQ(calls, 0);
}

TEST(Autograd, HigherDerivatives) {
  const Tensor x = leaf({2});
  Tensor derivative = pow(x, 5);
  double coefficient = 1;
  for (int order = 1; order <= 4; ++order) {
    derivative = grad({sum(derivative)}, {x}, {}, true, true)[0];
    coefficient *= 6 - order;
    EXPECT_EQ(elements(derivative), (Values{coefficient * std::pow(2, 5 - order)})) << order;
  }
}

TEST(Autograd, CreateGraphAccumulatesDifferentiably) {
  const Tensor x = leaf({2});
  sum(x * x * x).backward({}, true, true);
  const Tensor first = x.grad();
  EXPECT_TRUE(first.requires_grad());
  x.set_grad({});
  sum(first).backward();
  EXPECT_EQ(elements(x.grad()), (Values{12}));
}

// ---- Modes ----

TEST(Autograd, NoGradRecordsNothing) {
  const Tensor x = leaf({1});
  {
    const NoGrad no_grad;
    EXPECT_FALSE(grad_enabled());
    EXPECT_FALSE((x * 2).requires_grad());
    const EnableGrad enabled;
    EXPECT_TRUE((x * 2).requires_grad());
  }
  EXPECT_TRUE(grad_enabled());
  bool other = false;
  const NoGrad here;
  std::thread([&] { other = grad_enabled(); }).join();
  EXPECT_TRUE(other) << "each thread has its own modes";
}

TEST(Autograd, InferenceTensorsStayOutOfGraphs) {
  Tensor x = leaf({1, 2});
  Tensor made, view_of_x;
  {
    const InferenceMode inference;
    EXPECT_FALSE(grad_enabled());
    made = x * 2;
    view_of_x = alias(x);
    const std::uint32_t version = made.version();
    add_(made, 1);
    EXPECT_EQ(made.version(), version) << "inference tensors have no version counter";
  }
  EXPECT_FALSE(made.requires_grad());
  expect_contains(message_of<AutogradError>([&] { x* made; }), "inference mode");
  EXPECT_THROW(made.requires_grad_(), AutogradError);
  EXPECT_EQ(elements(x + made), (Values{4, 7})) << "allowed, because it is not saved for backward";
  EXPECT_THROW(mul_(made, x), AutogradError);
  sum(x * clone(made)).backward();
  EXPECT_EQ(elements(x.grad()), (Values{3, 5}));
  // A view of an ordinary tensor is an ordinary tensor, wherever it was created.
  sum(x * view_of_x).backward();
  EXPECT_EQ(elements(x.grad()), (Values{4, 7}));
}

// ---- Hooks ----

TEST(Autograd, HooksSeeAndReplaceGradients) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * 3;
  Values seen;
  y.register_hook([&](const Tensor& g) {
    seen = elements(g);
    return g * 10;
  });
  const std::int64_t on_leaf = x.register_hook([](const Tensor& g) { return g + 1; });
  const Tensor loss = sum(y * 2);
  loss.backward({}, true);
  EXPECT_EQ(seen, (Values{2, 2}));
  EXPECT_EQ(elements(x.grad()), (Values{61, 61}));
  x.remove_hook(on_leaf);
  x.set_grad({});
  loss.backward({}, true);
  EXPECT_EQ(elements(x.grad()), (Values{60, 60}));
}

TEST(Autograd, HooksRunInOrderAndOncePerPass) {
  const Tensor x = leaf({1});
  std::string order;
  for (const char* const name : {"a", "b", "c"}) {
    x.register_hook([&order, name](const Tensor&) {
      order += name;
      return Tensor();
    });
  }
  sum(x * x + x).backward();  // three uses, one gradient
  EXPECT_EQ(order, "abc");
}

TEST(Autograd, AHookMayRemoveItself) {
  const Tensor x = leaf({1});
  int calls = 0;
  std::int64_t id = 0;
  id = x.register_hook([&](const Tensor&) {
    ++calls;
    x.remove_hook(id);
    return Tensor();
  });
  for (int i = 0; i < 3; ++i) sum(x).backward();
  EXPECT_EQ(calls, 1);
}

TEST(Autograd, AHooksReplacementMustMatchTheGradient) {
  const Tensor x = leaf({1, 2});
  x.register_hook([](const Tensor&) { return tensor<double>({1, 2, 3}); });
  EXPECT_THROW(sum(x).backward(), ShapeError);
  EXPECT_THROW(tensor<double>({1}).register_hook([](const Tensor&) { return Tensor(); }), AutogradError);
}

TEST(Autograd, NodeHooks) {
  const Tensor x = leaf({1, 2}), w = leaf({3, 4});
  const Tensor y = x * w;
  Values before, after;
  const std::int64_t pre = y.grad_fn()->add_pre_hook([&](GradList& grads) { grads[0] = grads[0] * 2; });
  y.grad_fn()->add_post_hook([&](GradList& inputs, const GradList& outputs) {
    before = elements(outputs[0]);
    after = elements(inputs[1]);
    inputs[0] = inputs[0] * 100;
  });
  const Tensor loss = sum(y);
  loss.backward({}, true);
  EXPECT_EQ(before, (Values{2, 2}));
  EXPECT_EQ(after, (Values{2, 4}));
  EXPECT_EQ(elements(x.grad()), (Values{600, 800}));
  EXPECT_EQ(elements(w.grad()), (Values{2, 4}));
  y.grad_fn()->remove_hook(pre);
  x.set_grad({});
  loss.backward();
  EXPECT_EQ(elements(x.grad()), (Values{300, 400}));
}

TEST(Autograd, RetainGrad) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * 2;
  y.retain_grad();
  y.register_hook([](const Tensor& g) { return g * 10; });
  const Tensor loss = sum(y * y);
  loss.backward({}, true);
  EXPECT_EQ(elements(y.grad()), (Values{40, 80})) << "the gradient as the hooks return it";
  loss.backward();
  EXPECT_EQ(elements(y.grad()), (Values{80, 160})) << "accumulates, as in PyTorch";
  EXPECT_THROW(tensor<double>({1}).retain_grad(), AutogradError);
}

TEST(Autograd, ARetainedGradientBelongsToTheCurrentValue) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * 2;
  y.retain_grad();
  mul_(y, 3);
  sum(y).backward();
  EXPECT_EQ(elements(y.grad()), (Values{1, 1}));
  EXPECT_EQ(elements(x.grad()), (Values{6, 6}));
}

// ---- Errors and nesting ----

TEST(Autograd, AnErrorInBackwardLeavesTheEngineUsable) {
  const Tensor x = leaf({1, 2});
  for (int i = 0; i < 3; ++i) {
    const Tensor y = apply_function(
        "Failing", {x * 1}, [&](FunctionContext&) { return TensorList{x * 2}; },
        [](FunctionContext&, const TensorList&) -> TensorList { throw std::runtime_error("user's own"); })[0];
    // Other branches are still queued when the error is thrown.
    EXPECT_THROW(sum(y * exp(x) + sin(x)).backward(), std::runtime_error);
    EXPECT_TRUE(grad_enabled());
  }
  x.set_grad({});
  sum(x * x).backward();
  EXPECT_EQ(elements(x.grad()), (Values{2, 4}));
}

TEST(Autograd, AHooksErrorLeavesTheEngineUsable) {
  const Tensor x = leaf({1});
  const std::int64_t id = x.register_hook([](const Tensor&) -> Tensor { throw ValueError("no"); });
  EXPECT_THROW(sum(x * 2).backward(), ValueError);
  x.remove_hook(id);
  sum(x * 2).backward();
  EXPECT_EQ(elements(x.grad()), (Values{2}));
}

TEST(Autograd, ABackwardPassInsideAnother) {
  // Each level differentiates its own small graph during the pass, as checkpointing does.
  std::function<Tensor(const Tensor&, int)> nested = [&](const Tensor& input, int depth) -> Tensor {
    return apply_function(
        "Nested", {input},
        [&](FunctionContext& context) {
          context.save_for_backward({input});
          return TensorList{input * input};
        },
        [&, depth](FunctionContext& context, const TensorList& grads) {
          const EnableGrad enabled;
          const Tensor again = context.saved_tensors()[0].detach().requires_grad_();
          const Tensor y = depth > 0 ? nested(again, depth - 1) : again * again;
          backward({y}, {grads[0]});
          return TensorList{again.grad()};
        })[0];
  };
  const Tensor x = leaf({3, -2});
  sum(nested(x, 20) + x).backward();
  EXPECT_EQ(elements(x.grad()), (Values{7, -3}));
}

TEST(Autograd, AHookMayRunABackwardPass) {
  const Tensor x = leaf({3}), z = leaf({5});
  x.register_hook([&](const Tensor& g) {
    const EnableGrad enabled;
    sum(z * z).backward();
    return g * z.grad();
  });
  sum(x * 2).backward();
  EXPECT_EQ(elements(x.grad()), (Values{20}));
}

// ---- Threads ----

TEST(AutogradThreads, SeparateGraphs) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([id, &wrong] {
      for (int i = 0; i < 200; ++i) {
        const Tensor x = leaf(Values(50, id + 1.0));
        sum(x * x * x).backward();
        for (const double g : elements(x.grad())) wrong += g != 3.0 * (id + 1) * (id + 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(AutogradThreads, OneSharedLeaf) {
  const Tensor x = leaf({1, 2, 3});
  constexpr int kThreads = 4, kPasses = 250;
  std::vector<std::thread> threads;
  for (int id = 0; id < kThreads; ++id) {
    threads.emplace_back([&x] {
      for (int i = 0; i < kPasses; ++i) sum(x * 2).backward();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(elements(x.grad()), Values(3, 2.0 * kThreads * kPasses));
}

TEST(AutogradThreads, AGraphBuiltOnOneThreadAndDifferentiatedOnAnother) {
  const Tensor x = leaf({2});
  const Tensor y = sum(exp(x) * x);
  std::thread([&] { y.backward(); }).join();
  EXPECT_DOUBLE_EQ(x.grad().item<double>(), 3 * std::exp(2));
}

// ---- Size ----

constexpr int kMillion = 1'000'000;

Tensor long_chain(const Tensor& x) {
  Tensor y = x;
  for (int i = 0; i < kMillion; ++i) y = y * 1.0;
  return y;
}

TEST(AutogradSize, AMillionNodesForwardAndBack) {
  const std::int64_t before = allocator::stats().live_bytes;
  {
    const Tensor x = leaf({2});
    const Tensor y = long_chain(x);
    y.backward();
    EXPECT_EQ(elements(x.grad()), (Values{1}));
    EXPECT_EQ(elements(grad({long_chain(x)}, {x})[0]), (Values{1}));
  }
  EXPECT_EQ(allocator::stats().live_bytes, before);
}

TEST(AutogradSize, AMillionNodesFreedUnused) {
  const std::int64_t before = allocator::stats().live_bytes;
  {
    const Tensor x = leaf({2});
    const Tensor y = long_chain(x);
  }
  EXPECT_EQ(allocator::stats().live_bytes, before);
}

TEST(AutogradSize, AMillionNodesSideBySide) {
  // A thread keeps the memory of its widest pass for later passes; when the thread ends, that memory is freed.
  const std::int64_t before = allocator::stats().live_bytes;
  std::thread([] {
    const Tensor x = leaf({2});
    TensorList outputs;
    for (int i = 0; i < kMillion / 2; ++i) outputs.push_back(x * 1.0);
    backward(outputs);
    EXPECT_EQ(elements(x.grad()), (Values{kMillion / 2}));
  }).join();
  EXPECT_EQ(allocator::stats().live_bytes, before);
}

TEST(AutogradSize, AMillionChangesInPlace) {
  const std::int64_t before = allocator::stats().live_bytes;
  {
    const Tensor x = leaf({2, 3});
    const Tensor y = x * 1;
    const Tensor v = select(y, 0, 0);
    for (int i = 0; i < kMillion / 20; ++i) mul_(v, 1.0);
    sum(y).backward();
    EXPECT_EQ(elements(x.grad()), (Values{1, 1}));
  }
  EXPECT_EQ(allocator::stats().live_bytes, before);
}

// ---- Anomaly mode ----

class AnomalyMode : public testing::Test {
 protected:
  ~AnomalyMode() override { set_anomaly_mode(false); }
};

TEST_F(AnomalyMode, FindsNaNAndNamesTheForwardCall) {
  set_anomaly_mode(true, true, [] { return std::string("at train.cs:12"); });
  EXPECT_TRUE(anomaly_enabled());
  const Tensor x = leaf({0, 1});
  const Tensor y = sum(sqrt(x) * 0);  // 0 / 0 at the first element
  const std::string message = message_of<AutogradError>([&] { y.backward(); });
  expect_contains(message, "SqrtBackward");
  expect_contains(message, "NaN");
  expect_contains(message, "The forward call was: sqrt");
  expect_contains(message, "at train.cs:12");
}

TEST_F(AnomalyMode, NamesTheForwardCallOfAnyError) {
  set_anomaly_mode(true, false);
  const Tensor x = leaf({1, 2});
  const Tensor operand = x * 1, y = sum(div(operand, operand));
  zero_(operand);
  expect_contains(message_of<AutogradError>([&] { y.backward(); }),
                  "The forward call was: div > true_divide -> float64[2]");
}

TEST_F(AnomalyMode, IsOffByDefault) {
  const Tensor x = leaf({0, 1});
  sum(sqrt(x) * 0).backward();
  EXPECT_TRUE(std::isnan(elements(x.grad())[0]));
}

TEST(Autograd, PassesWithoutEndInsideOneAnotherAreAnError) {
  const Tensor x = ones({2}).requires_grad_();
  const Tensor y = sum(x * x);
  int calls = 0;
  const auto again = [&](const Tensor& gradient) {
    ++calls;
    y.backward({}, true);
    return gradient;
  };
  const auto hook = x.register_hook(again);
  EXPECT_THROW(y.backward({}, true), AutogradError);
  EXPECT_EQ(calls, 100);
  x.remove_hook(hook);
  x.set_grad({});
  // Afterwards everything works as before, also a few passes inside one another.
  int depth = 0;
  x.register_hook([&](const Tensor& gradient) {
    if (++depth < 10) y.backward({}, true);
    return gradient;
  });
  y.backward({}, true);
  EXPECT_EQ(elements(x.grad()), std::vector<double>({20, 20}));
}

}  // namespace
}  // namespace ts
