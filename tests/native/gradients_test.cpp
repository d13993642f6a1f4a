// First- and second-order gradients of every differentiable row of the operator table against central differences: on
// contiguous, transposed, broadcast, 0-d and empty operands, and for in-place forms on a tensor and on views of one.
// The suite fails for a row without a sample.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <numeric>
#include <set>

#include "generated/op_list.g.h"
#include "gradient_samples.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"

namespace ts {
namespace {

using namespace test;

Samples collect() {
  Samples samples;
  elementwise_samples(samples);
  shape_samples(samples);
  reduction_samples(samples);
  network_samples(samples);
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
const Row rows_of_table[] = {
#define ROW(name, signature, kind, differentiable) {name, differentiable},
    TS_OP_LIST(ROW)
#undef ROW
};

// ---- In-place forms ----

// Changes x[0], of shape (2, 3), in place.
struct InPlaceSample {
  std::function<void(const TensorList&)> change;
  double low, high;              // of x[0]
  double other_low, other_high;  // of the other operands
  int others;
  bool broadcasts = true;  // whether the other operands may also have the shape (3)
};

// Rows 1 and 0 of x[0], and for each element the index of its destination row.
const Tensor rows = integers({1, 0}, {2}), row_of_each = integers({1, 1, 0, 1, 0, 0}, {2, 3});

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
    {"floor_divide", {CHANGE(floor_divide_(x[0], x[1])), 1.1, 2.4, 2.6, 3, 1}},
    {"trunc_divide", {CHANGE(trunc_divide_(x[0], x[1])), 1.1, 2.4, 2.6, 3, 1}},
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
    {"copy", {CHANGE(copy_(x[0], x[1])), -2, 2, -2, 2, 1}},
    {"fill", {CHANGE(fill_(x[0], 3)), -2, 2, 0, 0, 0}},
    {"fill_uniform", {CHANGE(fill_uniform_(x[0], -1, 2, 5, 0)), -2, 2, 0, 0, 0}},
    {"fill_normal", {CHANGE(fill_normal_(x[0], 1, 2, 5, 0)), -2, 2, 0, 0, 0}},
    {"fill_exponential", {CHANGE(fill_exponential_(x[0], 2, 5, 0)), -2, 2, 0, 0, 0}},
    {"fill_geometric", {CHANGE(fill_geometric_(x[0], 0.5, 5, 0)), -2, 2, 0, 0, 0}},
    {"fill_cauchy", {CHANGE(fill_cauchy_(x[0], 0, 1, 5, 0)), -2, 2, 0, 0, 0}},
    {"index_add", {CHANGE(index_add_(x[0], 0, rows, x[1])), -2, 2, -2, 2, 1, false}},
    {"scatter_add", {CHANGE(scatter_add_(x[0], 0, row_of_each, x[1])), -2, 2, -2, 2, 1, false}},
    {"scatter", {CHANGE(scatter_(x[0], 1, integers({2, 0, 1, 0, 1, 2}, {2, 3}), x[1])), -2, 2, -2, 2, 1, false}},
    {"scatter_reduce",
     {CHANGE(scatter_reduce_(x[0], 0, row_of_each, x[1], ScatterReduction::Prod)), 0.6, 2, 0.6, 2, 1, false}},
    {"scatter_reduce",
     {CHANGE(scatter_reduce_(x[0], 0, row_of_each, x[1], ScatterReduction::Mean, false)), -2, 2, -2, 2, 1, false}},
    {"put_indices", {CHANGE(put_indices_(x[0], {0}, rows, x[1])), -2, 2, -2, 2, 1, false}},
    {"add_indices", {CHANGE(add_indices_(x[0], {0}, rows, x[1])), -2, 2, -2, 2, 1, false}},
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
      if (broadcast && !sample.broadcasts) continue;
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
      // The first of two slices is changed; the base, the slice and a view made earlier must all follow.
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
      // The base is a constant until its view is changed.
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

// The value of `inplace:` in the table, by row.
std::map<std::string, std::string> in_place_rows() {
  std::ifstream table(TORCHSCRATCH_OP_TABLE);
  EXPECT_TRUE(table) << TORCHSCRATCH_OP_TABLE;
  const std::string key = "  inplace: ";
  std::map<std::string, std::string> found;
  std::string op;
  for (std::string line; std::getline(table, line);) {
    if (line.rfind("- op: ", 0) == 0) op = line.substr(6, line.find('(') - 6);
    if (line.rfind(key, 0) == 0) found[op] = line.substr(key.size());
  }
  return found;
}

TEST(Gradients, EveryDifferentiableRowHasASample) {
  const auto in_place = in_place_rows();
  ASSERT_GT(in_place.size(), 80u);
  std::set<std::string> sampled;
  for (const Sample& sample : collect().all) sampled.insert(sample.op);
  std::set<std::string> known;
  for (const Row& row : rows_of_table) {
    known.insert(row.name);
    if (!row.differentiable) continue;
    const auto form = in_place.find(row.name);
    const bool only_in_place = form != in_place.end() && form->second == "only";
    EXPECT_TRUE(only_in_place || sampled.count(row.name)) << row.name << " has no sample";
    EXPECT_TRUE(form == in_place.end() || in_place_samples.count(row.name)) << row.name << "_ has no sample";
  }
  for (const std::string& op : sampled) EXPECT_TRUE(known.count(op)) << op << " is no row of the table";
  for (const auto& [op, sample] : in_place_samples) {
    EXPECT_TRUE(in_place.count(op)) << op << " has no in-place form in the table";
  }
}

// ---- What finite differences cannot check ----

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

// A form without a gradient would leave a wrong history behind.
TEST(Gradients, FormsWithoutGradientRefuseToChangeAGraph) {
  const Tensor x = leaf(tensor<double>({3, 5})) * 1;
  EXPECT_THROW(nextafter_(x, x), AutogradError);
  EXPECT_THROW(heaviside_(x, x), AutogradError);
  EXPECT_FALSE(heaviside(x, x).requires_grad());
}

// A float32 weight in a float64 sum: its gradient has the weight's own dtype and shape.
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
