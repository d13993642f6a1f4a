// Means, variances and the normalizations built on them, where the mean is large compared with the deviations, where
// squares leave the range of float, and for 16-bit types, whose sums are far beyond their range.
#include "backend/reduced_dims.h"
#include "generated/cpu/reductions.g.h"
#include "kernel_checks.h"
#include "simd_targets.h"
#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

using namespace test;

double number(const Tensor& scalar) { return read(scalar)[0]; }

// The kernel over every set of dimensions against a two-pass sum in double.
void check_moments(const Tensor& x) {
  const Values in = read(x);
  for (unsigned mask = 1; mask < (1u << x.dim()); ++mask) {
    std::vector<std::int64_t> dims;
    for (int d = 0; d < x.dim(); ++d) {
      if ((mask >> d) & 1u) dims.push_back(d);
    }
    const IntList list(dims);
    const Dims sizes = infer::reduced(x, list, false);
    const DType dtype = infer::compute_dtype(x);
    SCOPED_TRACE(describe(x) + " strides " + x.strides().to_string() + " mask " + std::to_string(mask));
    Tensor mean, rest;
    const Tensor variance = expect_same_with_any_threads([&] {
      Tensor result = empty(sizes, dtype);
      mean = empty(sizes, dtype), rest = empty(sizes, dtype);
      cpu::moments(result, mean, rest, x, list, 1, false, false);
      return result;
    });
    const auto outputs = static_cast<std::size_t>(product(sizes));
    std::vector<std::size_t> output(in.size());
    // float64 is compared too, so the reference is longer.
    std::vector<long double> exact_means(outputs, 0), exact_squares(outputs, 0);
    Values magnitude(outputs, 0);
    for (std::size_t i = 0; i < in.size(); ++i) {
      std::size_t remaining = i, stride = 1;
      for (int d = x.dim() - 1; d >= 0; --d) {
        const auto size = static_cast<std::size_t>(x.sizes()[d]);
        if (((mask >> d) & 1u) == 0) output[i] += remaining % size * stride, stride *= size;
        remaining /= size;
      }
      exact_means[output[i]] += in[i];
      magnitude[output[i]] = std::max(magnitude[output[i]], std::abs(in[i]));
    }
    const double count = static_cast<double>(in.size()) / static_cast<double>(outputs);
    for (long double& value : exact_means) value /= count;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const long double deviation = in[i] - exact_means[output[i]];
      exact_squares[output[i]] += deviation * deviation / (count - 1);
    }
    const Values means(exact_means.begin(), exact_means.end()), squares(exact_squares.begin(), exact_squares.end());
    Values of_mean(outputs), of_pair(outputs), of_variance(outputs), pair = read(mean);
    const Values rests = read(rest);
    for (std::size_t i = 0; i < outputs; ++i) {
      const double epsilon = compute_epsilon(dtype);
      // A mean of rounded deviations has their relative error, and a sum of at most some tens of them is formed in float.
      // Reading the pair as one double rounds it.
      of_pair[i] = 32 * epsilon * std::sqrt(squares[i]) + 0x1p-52 * magnitude[i];
      of_mean[i] = epsilon * std::abs(means[i]) + of_pair[i];
      of_variance[i] = 64 * epsilon * squares[i] + smallest(dtype);
      pair[i] += rests[i];
    }
    expect_close(mean, means, of_mean);
    expect_close(make(pair, sizes, DType::Float64), means, of_pair);
    if (count > 1) expect_close(variance, squares, of_variance);
  }
}

Tensor shifted(const Dims& sizes, DType dtype, double mean) {
  const Tensor x = random_tensor(sizes, DType::Float64, 1);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data<double>()[i] += mean;
  return make(read(x), sizes, dtype);
}

TEST(Moments, EveryShapeMeanAndTarget) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : {DType::Float32, DType::Float64, DType::Float16, DType::BFloat16}) {
      for (const double mean : {0.0, 1000.0, 1e6}) {
        if (mean > 1000 && item_size(dtype) == 2) continue;
        check_moments(shifted({7, 9}, dtype, mean));
        check_moments(shifted({5, 3, 6}, dtype, mean));
        check_moments(shifted({3001, 3}, dtype, mean));
        check_moments(shifted({3, 20001}, dtype, mean));
        check_moments(shifted({40, 300, 5}, dtype, mean));
        check_moments(shifted({300, 210}, dtype, mean));
        const Tensor x = shifted({4, 33, 70}, dtype, mean);
        check_moments(view_of(x, {70, 33, 4}, {1, 70, 33 * 70}, 0));
        check_moments(view_of(x, {4, 11, 35}, {33 * 70, 3 * 70, 2}, 1));
      }
    }
  });
}

TEST(Moments, ManyRowsOfFewColumns) {
  manual_seed(1);
  const Tensor x = randn({10000, 3}) + 1e6;
  const Tensor exact = to(x, DType::Float64);
  const auto far = [](const Tensor& a, const Tensor& b) { return number(max(abs(to(a, DType::Float64) - b))); };
  // Half a unit in the last place of 1e6 is 1/32.
  EXPECT_LE(far(mean(x, {0}), mean(exact, {0})), 1.0 / 32 + 1e-9);
  EXPECT_LE(far(sum(x, {0}), sum(exact, {0})), 512);
  EXPECT_LE(far(var(x, {0}), var(exact, {0})), 1e-5);
  EXPECT_LE(far(std::get<0>(std_mean(x, {0})), std(exact, {0})), 1e-5);
}

TEST(Moments, SquaresOutsideTheRangeOfFloat) {
  const Tensor large = tensor(std::vector<float>{1e25f, 2e25f, 3e25f, 4e25f});
  EXPECT_NEAR(number(std(large)) / 1.2909944e25, 1, 1e-6);
  const Tensor small = tensor(std::vector<float>{1e-25f, -1e-25f});
  EXPECT_NEAR(number(std(small)) / 1.41421356e-25, 1, 1e-6);
  EXPECT_EQ(number(std(full({100}, 0.1))), 0);
  EXPECT_TRUE(std::isnan(number(var(tensor(std::vector<float>{INFINITY, 1})))));
  EXPECT_TRUE(std::isnan(number(var(zeros({0})))));
  EXPECT_TRUE(std::isnan(number(var(ones({1})))));
  EXPECT_TRUE(std::isnan(number(mean(zeros({0})))));
}

TEST(Moments, NormalizationsWithALargeMean) {
  const std::vector<float> two = {1e8f, 1e8f + 8};
  const auto check = [](const Tensor& y) {
    EXPECT_NEAR(read(y)[0], -1, 1e-6) << describe(y);
    EXPECT_NEAR(read(y)[1], 1, 1e-6) << describe(y);
  };
  check(batch_norm(tensor(two, {2, 1}), Tensor(), Tensor(), Tensor(), Tensor(), true));
  check(batch_norm(tensor(two, {1, 1, 2}), Tensor(), Tensor(), Tensor(), Tensor(), true));
  check(instance_norm(tensor(two, {1, 1, 2})));
  check(layer_norm(tensor(two), {2}));
  check(group_norm(tensor(two, {1, 2}), 1));
}

// The gradients of the normalizations against those of the same input in double.
TEST(Moments, GradientsWithALargeMean) {
  manual_seed(2);
  using Normalize = Tensor (*)(const Tensor& x);
  const std::pair<const char*, Normalize> all[] = {
      {"batch_norm", [](const Tensor& x) { return batch_norm(x, Tensor(), Tensor(), Tensor(), Tensor(), true); }},
      {"batch_norm (N, C)",
       [](const Tensor& x) { return batch_norm(reshape(x, {-1, 5}), Tensor(), Tensor(), Tensor(), Tensor(), true); }},
      {"instance_norm", [](const Tensor& x) { return instance_norm(x); }},
      {"layer_norm", [](const Tensor& x) { return layer_norm(x, {x.size(2)}); }},
      {"group_norm", [](const Tensor& x) { return group_norm(x, 2); }},
      {"var", [](const Tensor& x) { return var(x, {0, 2}); }},
      {"std", [](const Tensor& x) { return std(x, {1}); }},
  };
  const Tensor x = randn({7, 4, 55}) + 1e6;
  for (const auto& [name, normalize] : all) {
    const Tensor narrow = x.detach().requires_grad_(), wide = to(x, DType::Float64).requires_grad_();
    const Tensor y = normalize(narrow), z = normalize(wide);
    const Tensor direction = randn(y.sizes());
    const Tensor dx = grad({sum(y * direction)}, {narrow})[0], dz = grad({sum(z * direction)}, {wide})[0];
    const double scale = number(max(abs(dz)));
    EXPECT_LE(number(max(abs(to(dx, DType::Float64) - dz))), 1e-5 * scale) << name;
  }
}

TEST(Moments, HalfTypesDoNotOverflow) {
  const Tensor threes = full({100000}, 3, DType::Float16);
  const auto is = [](const Tensor& result, double value) {
    EXPECT_EQ(result.dtype(), DType::Float16);
    EXPECT_EQ(number(result), value);
  };
  is(mean(threes), 3);
  is(var(threes), 0);
  is(std(threes), 0);
  is(norm(threes), 948.5);
  is(linalg_vector_norm(threes), 948.5);
  is(cosine_similarity(threes, threes, 0), 1);
  is(dist(threes, -threes), 1897);
  is(logsumexp(threes, {0}), 14.515625);
  is(mse_loss(threes, threes * 2), 9);
  is(l1_loss(threes, threes * 100), 297);
}

}  // namespace
}  // namespace ts
