// Fused attention against its formula, and its gradients against finite differences.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gradcheck.h"
#include "simd_targets.h"
#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

Tensor randn_like(std::initializer_list<std::int64_t> sizes, DType dtype = DType::Float64) { return randn(sizes, dtype); }

// softmax(q k^T scale + mask) v, without dropout.
Tensor formula(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, double scale) {
  Tensor scores = matmul(q, transpose(k, -2, -1)) * scale;
  if (mask.defined()) scores = scores + mask;
  return matmul(softmax(scores, -1), v);
}

Tensor causal_mask(std::int64_t queries, std::int64_t keys) {
  return triu(full({queries, keys}, -std::numeric_limits<double>::infinity(), DType::Float64), 1);
}

// The largest difference, relative to the magnitude of the numbers.
double difference(const Tensor& a, const Tensor& b) {
  return max(abs(to(a, DType::Float64) - b)).item<double>() / std::max(1.0, max(abs(b)).item<double>());
}

struct Shapes {
  std::int64_t batch, heads, queries, keys, features, value_features;
};

void check(const Shapes& s, bool causal, bool masked, DType dtype) {
  SCOPED_TRACE(testing::Message() << s.queries << " queries, " << s.keys << " keys, " << (causal ? "causal " : "")
                                  << (masked ? "masked " : "") << dtype_name(dtype));
  // Created as (batch, length, heads, features), as modules have it, so the rows of a head are not contiguous.
  const auto make = [&](std::int64_t length, std::int64_t features) {
    return transpose(randn_like({s.batch, length, s.heads, features}), 1, 2);
  };
  const Tensor q = make(s.queries, s.features), k = make(s.keys, s.features), v = make(s.keys, s.value_features);
  const Tensor mask = masked ? randn_like({s.batch, 1, 1, s.keys}) : Tensor();
  const double scale = 1 / std::sqrt(static_cast<double>(s.features));
  const Tensor weights = randn_like({s.batch, s.heads, s.queries, s.value_features});

  TensorList wide = {q.detach().requires_grad_(), k.detach().requires_grad_(), v.detach().requires_grad_()};
  const Tensor expected = formula(wide[0], wide[1], wide[2], causal ? causal_mask(s.queries, s.keys) : mask, scale);
  expected.backward(weights);

  // If the formula were computed in this dtype, each sum of n terms would have an error of about sqrt(n) roundings.
  const double epsilon = dtype == DType::Float32 ? 1.2e-7 : 2.2e-16;
  const double tolerance = 8 * epsilon * std::sqrt(static_cast<double>(std::max(s.keys, s.queries) + s.features));
  Tensor first;
  for (const int threads : {1, 2}) {
    const int before = num_threads();
    set_num_threads(threads);
    TensorList leaves;
    for (const Tensor& tensor : {q, k, v}) leaves.push_back(to(tensor, dtype).detach().requires_grad_());
    const Tensor actual = scaled_dot_product_attention(leaves[0], leaves[1], leaves[2],
                                                       masked ? to(mask, dtype) : Tensor(), 0, causal);
    actual.backward(to(weights, dtype));
    set_num_threads(before);
    EXPECT_LE(difference(actual.detach(), expected.detach()), tolerance);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_LE(difference(leaves[i].grad(), wide[i].grad()), 4 * tolerance) << "gradient " << i;
    }
    if (threads == 1) first = leaves[1].grad();
    else EXPECT_TRUE(all(first == leaves[1].grad()).item<bool>());
  }
}

TEST(Attention, MatchesTheFormulaOnEveryTarget) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : {DType::Float32, DType::Float64}) {
      check({2, 3, 5, 7, 4, 6}, false, false, dtype);
      check({2, 3, 5, 7, 4, 6}, false, true, dtype);
      check({1, 2, 130, 130, 33, 17}, true, false, dtype);
      check({2, 1, 70, 600, 16, 16}, false, true, dtype);  // several blocks of keys
      check({1, 2, 300, 280, 8, 8}, true, false, dtype);
    }
  });
}

TEST(Attention, BoolMasksKeepTrueElements) {
  const Tensor q = randn_like({4, 5}), k = randn_like({6, 5}), v = randn_like({6, 3});
  const Tensor mask = randn_like({4, 6}) > Scalar(0);
  Tensor keep = index_fill(mask, 1, tensor(std::vector<std::int64_t>{2}), true);  // every query keeps a key
  const Tensor added = masked_fill(zeros({4, 6}, DType::Float64), logical_not(keep), -INFINITY);
  EXPECT_LE(difference(scaled_dot_product_attention(q, k, v, keep), formula(q, k, v, added, 1 / std::sqrt(5.0))), 1e-14);
}

TEST(Attention, AQueryWithoutKeysHasZeroOutputAndGradient) {
  const Tensor seen = unsqueeze(tensor(std::vector<std::int64_t>{0, 1}) > Scalar(0), 1);
  // A mask that requires a gradient uses the formula.
  const Tensor added = masked_fill(zeros({2, 1}, DType::Float64), logical_not(seen), -INFINITY).requires_grad_();
  for (const Tensor& mask : {seen, added}) {
    const Tensor q = randn_like({2, 5}).requires_grad_(), k = randn_like({3, 5}).requires_grad_();
    const Tensor v = randn_like({3, 4}).requires_grad_();
    const Tensor out = scaled_dot_product_attention(q, k, v, mask);
    EXPECT_EQ(max(abs(select(out, 0, 0))).item<double>(), 0);
    sum(out * out).backward();
    EXPECT_EQ(max(abs(select(q.grad(), 0, 0))).item<double>(), 0);
    EXPECT_FALSE(any(isnan(k.grad())).item<bool>());
    EXPECT_FALSE(any(isnan(v.grad())).item<bool>());
  }
  EXPECT_FALSE(any(isnan(added.grad())).item<bool>());
}

TEST(Attention, DropoutIsTheSameForwardAndBackwardAndInTheFormula) {
  const Tensor v = to(eye(40), DType::Float64);  // makes the output equal to the weights
  const Tensor q = randn_like({2, 30, 8}), k = randn_like({2, 40, 8});
  manual_seed(5);
  const Tensor fused = scaled_dot_product_attention(q, k, v, {}, 0.25);
  const Tensor plain = scaled_dot_product_attention(q, k, v);
  const Tensor ratio = fused / plain;
  const double kept = mean(to(ratio > Scalar(0), DType::Float64)).item<double>();
  EXPECT_NEAR(kept, 0.75, 4 * std::sqrt(0.75 * 0.25 / 2400));
  EXPECT_LE(max(abs(where(ratio > Scalar(0), ratio - 4.0 / 3, ratio))).item<double>(), 1e-12);

  // A mask that requires a gradient uses the formula, with the same random numbers.
  manual_seed(5);
  const Tensor zero = zeros({30, 40}, DType::Float64).requires_grad_();
  EXPECT_LE(difference(scaled_dot_product_attention(q, k, v, zero, 0.25).detach(), fused), 1e-13);
}

TEST(Attention, GradientsOfBothOrders) {
  const Tensor mask = randn_like({4, 5});
  for (const double dropout : {0.0, 0.3}) {
    const auto fn = [&](const TensorList& in) {
      manual_seed(3);
      return TensorList{scaled_dot_product_attention(in[0], in[1], in[2], mask, dropout)};
    };
    const TensorList inputs = {randn_like({2, 4, 3}), randn_like({2, 5, 3}), randn_like({2, 5, 2})};
    EXPECT_TRUE(test::gradcheck(fn, inputs));
    EXPECT_TRUE(test::gradgradcheck(fn, inputs));
  }
}

TEST(Attention, ErrorsNameTheArgument) {
  const Tensor q = randn({4, 5}), k = randn({6, 5}), v = randn({6, 3});
  EXPECT_THROW(scaled_dot_product_attention(q, randn({6, 4}), v), ShapeError);
  EXPECT_THROW(scaled_dot_product_attention(q, k, randn({5, 3})), ShapeError);
  EXPECT_THROW(scaled_dot_product_attention(q, k, v, randn({3, 6})), ShapeError);
  EXPECT_THROW(scaled_dot_product_attention(q, k, v, randn({4, 6}), 0, true), ValueError);
  EXPECT_THROW(scaled_dot_product_attention(q, k, v, {}, 1.5), ValueError);
  EXPECT_THROW(scaled_dot_product_attention(q, to(k, DType::Float64), v), DTypeError);
}

}  // namespace
}  // namespace ts
