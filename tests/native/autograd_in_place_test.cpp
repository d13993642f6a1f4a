// In-place changes under autograd: versions, views and their bases, and the replacement of a tensor's data.
#include <gtest/gtest.h>

#include "autograd_test.h"

namespace ts {
namespace {

using test::elements;
using test::expect_contains;
using test::leaf;
using test::message_of;
using test::Values;

// ---- In-place changes ----

TEST(Autograd, ASavedTensorMustNotChange) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor operand = x * 1;
  const Tensor y = sum(operand * operand);
  add_(operand, 1);
  const std::string message = message_of<AutogradError>([&] { y.backward(); });
  expect_contains(message, "MulBackward");
  expect_contains(message, "float64[3]");
  expect_contains(message, "changed in place");
  const Tensor result = exp(x);
  zero_(result.detach());  // through any handle
  expect_contains(message_of<AutogradError>([&] { sum(result).backward(); }), "ExpBackward");
}

TEST(Autograd, ATensorThatIsNotSavedMayChange) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 1;
  const Tensor z = y + 1;
  zero_(y);
  sum(z).backward();
  EXPECT_EQ(elements(x.grad()), (Values{1, 1, 1}));
}

TEST(Autograd, AChangeThatCannotBeRecordedIsNotMade) {
  const Tensor base = transpose(ones({2, 3}, DType::Float64), 0, 1).detach();
  const Tensor view = select(base, 0, 1);
  const std::string message = message_of<AutogradError>([&] { mul_(view, leaf({2, 3})); });
  expect_contains(message, "clone the detached tensor first");
  EXPECT_EQ(elements(view), (Values{1, 1}));
  EXPECT_EQ(view.version(), 0u);
}

TEST(Autograd, LeavesAndTheirViewsMustNotChange) {
  const Tensor x = leaf({1, 2, 3});
  expect_contains(message_of<AutogradError>([&] { add_(x, 1); }), "float64[3]");
  expect_contains(message_of<AutogradError>([&] { add_(slice(x, 0, 0, 2), 1); }), "view of a leaf");
  EXPECT_EQ(elements(x), (Values{1, 2, 3})) << "the error is raised before the change";
  const NoGrad no_grad;
  add_(x, 1);
  add_(select(x, 0, 0), 1);
  EXPECT_EQ(elements(x), (Values{3, 3, 4}));
}

TEST(Autograd, OverlappingElementsMustNotChange) {
  const Tensor x = expand(tensor<double>({1}), {3});
  expect_contains(message_of<ValueError>([&] { add_(x, 1); }), "expanded");
  EXPECT_THROW(fill_(x, 1), ValueError);
  EXPECT_THROW(copy_(x, tensor<double>({1, 2, 3})), ValueError);
}

TEST(Autograd, VersionsCountChanges) {
  const Tensor x = tensor<double>({1, 2, 3, 4});
  const Tensor v = view(x, {2, 2});
  EXPECT_EQ(x.version(), 0u);
  add_(v, 1);
  EXPECT_EQ(x.version(), 1u);
  copy_(v, tensor<double>({7, 8}));
  fill_(x.detach(), 2);
  uniform_(x);
  EXPECT_EQ(v.version(), 4u);
  EXPECT_EQ(clone(x).version(), 0u);
}

TEST(Autograd, DetachSharesData) {
  const Tensor x = leaf({1, 2});
  const Tensor d = x.detach();
  EXPECT_FALSE(d.requires_grad());
  EXPECT_FALSE(d.is_view());
  EXPECT_EQ(d.raw_data(), x.raw_data());
  fill_(d, 5);
  EXPECT_EQ(elements(x), (Values{5, 5}));
}

TEST(Autograd, AChangedViewChangesItsBase) {
  const Tensor x = leaf({1, 2, 3, 4}), w = leaf({10});
  const Tensor base = x * 1;
  const Tensor before = slice(base, 0, 0, 2);
  const Tensor changed = slice(base, 0, 1, 3);
  mul_(changed, w);
  const Tensor after = slice(base, 0, 2, 4);
  EXPECT_EQ(elements(base), (Values{1, 20, 30, 4}));
  EXPECT_STREQ(base.grad_fn()->name(), "CopySlices");
  const auto check = [&](const Tensor& root, Values of_x, double of_w) {
    const TensorList gradients = grad({sum(root)}, {x, w}, {}, true, false, true);
    EXPECT_EQ(elements(gradients[0]), of_x);
    EXPECT_EQ(gradients[1].defined() ? gradients[1].item<double>() : 0, of_w);
  };
  check(base, {1, 10, 10, 1}, 5);
  check(before, {1, 10, 0, 0}, 2);
  check(changed, {0, 10, 10, 0}, 5);
  check(after, {0, 0, 10, 1}, 3);
}

TEST(Autograd, AChangedBaseChangesItsViews) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor base = x * 1;
  const Tensor v = select(base, 0, 1), w = unsqueeze(v, 0);
  mul_(base, base.detach() * 0 + 7);
  EXPECT_EQ(elements(grad({v}, {x}, {}, true)[0]), (Values{0, 7, 0}));
  EXPECT_EQ(elements(grad({sum(w)}, {x})[0]), (Values{0, 7, 0}));
}

TEST(Autograd, WritingToAViewOfAConstantRecordsHistory) {
  const Tensor x = leaf({1, 2});
  const Tensor base = zeros({2, 2}, DType::Float64);
  const Tensor row = select(base, 0, 0);
  EXPECT_FALSE(base.requires_grad());
  copy_(row, x * 3);
  EXPECT_TRUE(base.requires_grad());
  copy_(select(base, 0, 1), x * 5);
  sum(base).backward();
  EXPECT_EQ(elements(x.grad()), (Values{8, 8}));
}

TEST(Autograd, AChangeUnderNoGradLeavesHistoriesAlone) {
  const Tensor x = leaf({1, 2});
  const Tensor base = x * 2;
  const Tensor v = select(base, 0, 0);
  {
    const NoGrad no_grad;
    fill_(v, 50);
    EXPECT_FALSE(select(base, 0, 0).requires_grad()) << "a view made under NoGrad has no history";
  }
  EXPECT_EQ(elements(base), (Values{50, 4}));
  EXPECT_EQ(elements(grad({v}, {x}, {}, true)[0]), (Values{2, 0}));
  EXPECT_EQ(elements(grad({sum(base)}, {x})[0]), (Values{2, 2}));
}

TEST(Autograd, ViewsOfViewsShareOneBase) {
  const Tensor x = leaf({1, 2, 3, 4, 5, 6});
  const Tensor base = x * 1;
  const Tensor corner = slice(slice(transpose(view(base, {2, 3}), 0, 1), 0, 1), 1, 0, 1);  // elements 1 and 2
  mul_(corner, 10);
  EXPECT_EQ(elements(base), (Values{1, 20, 30, 4, 5, 6}));
  sum(base).backward();
  EXPECT_EQ(elements(x.grad()), (Values{1, 10, 10, 1, 1, 1}));
}

TEST(Autograd, OverlappingOperandsOfInPlaceCalls) {
  const Tensor x = tensor<double>({1, 2, 3, 4});
  add_(slice(x, 0, 1, 4), slice(x, 0, 0, 3));
  EXPECT_EQ(elements(x), (Values{1, 3, 5, 7}));
  const Tensor y = tensor<double>({1, 2, 3, 4});
  copy_(slice(y, 0, 1, 4), slice(y, 0, 0, 3));
  EXPECT_EQ(elements(y), (Values{1, 1, 2, 3}));
  const Tensor m = tensor<double>({1, 2, 3, 4}, {2, 2});
  add_(m, t(m));
  EXPECT_EQ(elements(m), (Values{2, 5, 5, 8}));
}

// ---- Replacing a tensor's data ----

TEST(SetData, TheTensorItselfChanges) {
  const Tensor x = leaf({1, 2, 3}), held = x;
  const Tensor source = tensor(Values{5, 6, 7});
  set_data(x, source);
  EXPECT_EQ(elements(held), Values({5, 6, 7}));
  EXPECT_TRUE(x.requires_grad() && x.is_leaf());
  fill_(source, 4);
  EXPECT_EQ(elements(x), Values({4, 4, 4})) << "both share memory";
}

TEST(SetData, TheGradientStaysWithTheShapeAndDtype) {
  const Tensor x = leaf({1, 2, 3});
  sum(x * x).backward();
  set_data(x, tensor(Values{5, 6, 7}));
  EXPECT_EQ(elements(x.grad()), Values({2, 4, 6}));
  sum(x * x).backward();
  EXPECT_EQ(elements(x.grad()), Values({12, 16, 20}));

  set_data(x, tensor(Values{1, 2}));
  EXPECT_EQ(x.numel(), 2);
  EXPECT_FALSE(x.grad().defined());
  sum(x * x).backward();
  EXPECT_EQ(elements(x.grad()), Values({2, 4}));

  set_data(x, tensor(std::vector<float>{3, 4}));
  EXPECT_FALSE(x.grad().defined());
  sum(x * x).backward();
  EXPECT_EQ(x.grad().dtype(), DType::Float32);
  EXPECT_EQ(elements(x.grad()), Values({6, 8}));
}

TEST(SetData, AGraphThatSavedTheTensorSeesTheChange) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = sum(x * x);
  set_data(x, tensor(Values{5, 6, 7}));
  expect_contains(message_of<AutogradError>([&] { y.backward(); }), "was changed in place");
  const Tensor z = sum(x * x);
  set_data(x, x.detach());
  expect_contains(message_of<AutogradError>([&] { z.backward(); }), "was changed in place");
}

TEST(SetData, AViewBecomesAnIndependentTensor) {
  const Tensor base = tensor(Values{1, 2, 3, 4});
  const Tensor part = narrow(base, 0, 1, 2);
  ASSERT_TRUE(part.is_view());
  set_data(part, tensor(Values{8, 9}));
  EXPECT_FALSE(part.is_view());
  EXPECT_EQ(elements(part), Values({8, 9}));
  EXPECT_EQ(elements(base), Values({1, 2, 3, 4}));
}

TEST(SetData, InvalidReplacementsAreRejected) {
  const Tensor x = leaf({1, 2});
  EXPECT_THROW(set_data(x * x, tensor(Values{1, 2})), AutogradError);
  EXPECT_THROW(set_data(x, tensor(std::vector<std::int64_t>{1, 2})), DTypeError);
  EXPECT_THROW(set_data(x, Tensor()), ValueError);
  EXPECT_THROW(set_data(Tensor(), x), ValueError);
  EXPECT_EQ(elements(x), Values({1, 2}));
  const Tensor plain = tensor(Values{1, 2});
  set_data(plain, tensor(std::vector<std::int64_t>{3}));
  EXPECT_EQ(plain.dtype(), DType::Int64);
}

TEST(SetData, ACheckpointedGraphCountsItAsAChangeToo) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = sum(checkpoint([](const Tensor& input) { return input * input; }, x));
  set_data(x, tensor(Values{5, 6, 7}));
  expect_contains(message_of<AutogradError>([&] { y.backward(); }), "was changed in place");
}

}  // namespace
}  // namespace ts
