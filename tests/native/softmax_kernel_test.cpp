// Kernels of softmax and cross entropy: every dimension and type, odd and empty sizes, and non-finite values.
#include "generated/cpu/activations.g.h"
#include "generated/cpu/losses.g.h"
#include "kernel_checks.h"
#include "simd_targets.h"

namespace ts {
namespace {

using namespace test;

enum class Which { Softmax, LogSoftmax };

void softmax_reference(Which which, const Values& x, const Split& s, double eps_store, double eps, double tiny,
                       Values& y, Values& tolerance) {
  y.resize(x.size());
  tolerance.resize(x.size());
  for (std::int64_t o = 0; o < s.outer; ++o) {
    for (std::int64_t j = 0; j < s.inner; ++j) {
      double max = -kInfinity, sum = 0;
      for (std::int64_t i = 0; i < s.size; ++i) max = std::fmax(max, x[s.at(o, i, j)]);
      for (std::int64_t i = 0; i < s.size; ++i) sum += std::exp(x[s.at(o, i, j)] - max);
      // Terms have an error of at most |x - max| eps where they matter, and the lanes sum far fewer than 300 terms.
      const double sum_error = 300 * eps;
      for (std::int64_t i = 0; i < s.size; ++i) {
        const std::size_t at = s.at(o, i, j);
        const double shifted = x[at] - max;
        if (which == Which::Softmax) {
          y[at] = std::exp(shifted) / sum;
          tolerance[at] = y[at] * (eps_store + sum_error + (10 + std::abs(shifted)) * eps) + tiny;
        } else {
          y[at] = shifted - std::log(sum);
          tolerance[at] =
              std::abs(y[at]) * (eps_store + 4 * eps) + sum_error + 10 * eps * std::abs(std::log(sum)) + tiny;
        }
      }
    }
  }
}

void check_softmax(const Dims& sizes, int dim, DType dtype) {
  SCOPED_TRACE(sizes.to_string() + " dim " + std::to_string(dim) + " " + dtype_name(dtype));
  const double eps_store = storage_epsilon(dtype), eps = compute_epsilon(dtype), tiny = smallest(dtype);
  const Tensor x = random_tensor(sizes, dtype, 3);
  const Tensor dy = random_tensor(sizes, dtype, 1, 2);
  const Split split(sizes, dim);
  for (const Which which : {Which::Softmax, Which::LogSoftmax}) {
    const bool is_log = which == Which::LogSoftmax;
    const Tensor y = expect_same_with_any_threads([&] {
      Tensor result = empty_like(x);
      is_log ? cpu::log_softmax(result, x, dim) : cpu::softmax(result, x, dim);
      return result;
    });
    Values expected, tolerance;
    softmax_reference(which, read(x), split, eps_store, eps, tiny, expected, tolerance);
    expect_close(y, expected, tolerance);

    const Tensor dx = expect_same_with_any_threads([&] {
      Tensor result = empty_like(x);
      is_log ? cpu::log_softmax_backward(result, dy, y, dim) : cpu::softmax_backward(result, dy, y, dim);
      return result;
    });
    const Values g = read(dy), out = read(y);
    for (std::int64_t o = 0; o < split.outer; ++o) {
      for (std::int64_t j = 0; j < split.inner; ++j) {
        double sum = 0, magnitude = 0;
        for (std::int64_t i = 0; i < split.size; ++i) {
          const std::size_t at = split.at(o, i, j);
          const double term = is_log ? g[at] : g[at] * out[at];
          sum += term;
          magnitude += std::abs(term);
        }
        for (std::int64_t i = 0; i < split.size; ++i) {
          const std::size_t at = split.at(o, i, j);
          const double p = is_log ? std::exp(out[at]) : out[at];
          expected[at] = is_log ? g[at] - p * sum : p * (g[at] - sum);
          const double scale = is_log ? std::abs(g[at]) + p * std::abs(sum) * (1 + std::abs(out[at]))
                                      : p * (std::abs(g[at]) + std::abs(sum));
          tolerance[at] = std::abs(expected[at]) * eps_store + 8 * eps * scale + 300 * eps * p * magnitude + tiny;
        }
      }
    }
    expect_close(dx, expected, tolerance);
  }
}

TEST(SoftmaxKernel, EveryShapeAndTarget) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : kFloating) {
      check_softmax({7, 1}, 1, dtype);
      check_softmax({5, 3}, 1, dtype);
      check_softmax({3, 129}, 1, dtype);
      check_softmax({2, 3000}, 1, dtype);
      check_softmax({2, 40001}, 1, dtype);  // in blocks
      check_softmax({300, 5}, 0, dtype);    // a few columns
      check_softmax({20000, 3}, 0, dtype);
      check_softmax({2, 150, 71}, 1, dtype);  // whole tiles and a partial one
      check_softmax({4, 3, 64}, 1, dtype);
      check_softmax({64, 33, 2}, 0, dtype);
    }
  });
}

TEST(SoftmaxKernel, LargeOutputsBypassTheCache) {
  // Larger than the last-level cache, the result is stored past the cache; on a machine with a larger cache this is
  // just another shape.
  const Tensor x = random_tensor({12000, 1024}, DType::Float32);
  const Tensor y = expect_same_with_any_threads([&] {
    Tensor result = empty_like(x);
    cpu::softmax(result, x, 1);
    return result;
  });
  const float* p = y.data<float>();
  for (int row : {0, 5999, 11999}) {
    double sum = 0;
    for (int j = 0; j < 1024; ++j) sum += static_cast<double>(p[row * 1024 + j]);
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

TEST(SoftmaxKernel, ScalarAndEmpty) {
  for (const std::int64_t dim : {0, -1}) {
    Tensor y = empty({}, DType::Float32);
    cpu::softmax(y, make({3}, {}, DType::Float32), dim);
    expect_equal(y, {1});
    cpu::log_softmax(y, make({3}, {}, DType::Float32), dim);
    expect_equal(y, {0});
  }
  for (const Dims& sizes : {Dims{0, 3}, Dims{3, 0}, Dims{2, 0, 4}}) {
    for (int dim = 0; dim < sizes.size(); ++dim) {
      Tensor y = empty(sizes, DType::Float32);
      cpu::softmax(y, empty(sizes, DType::Float32), dim);
      cpu::log_softmax_backward(y, empty(sizes, DType::Float32), empty(sizes, DType::Float32), dim);
    }
  }
}

TEST(SoftmaxKernel, NonFinite) {
  test::for_each_simd_target([](const char*) {
    for (const std::int64_t n : {3, 40, 3000, 40000}) {
      const auto count = static_cast<std::size_t>(n);
      for (const double special : {kNaN, kInfinity}) {
        Values values(count, 1.0);
        values[count / 2] = special;
        Tensor y = empty({1, n}, DType::Float32);
        cpu::softmax(y, make(values, {1, n}, DType::Float32), 1);
        const Values out = read(y);
        // exp(x - inf) / (inf - inf): all NaN, as in PyTorch.
        EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](double v) { return std::isnan(v); })) << n << special;
      }
      Values masked(count, -kInfinity);
      masked[count - 1] = 5;
      Values expected(count, 0.0);
      expected[count - 1] = 1;
      Tensor y = empty({1, n}, DType::Float32);
      cpu::softmax(y, make(masked, {1, n}, DType::Float32), 1);
      expect_equal(y, expected);
      Tensor all_masked = make(Values(count, -kInfinity), {1, n}, DType::Float32);
      cpu::softmax(y, all_masked, 1);
      expect_equal(y, Values(count, kNaN));
      cpu::log_softmax(y, make(masked, {1, n}, DType::Float32), 1);
      expected.assign(count, -kInfinity);
      expected[count - 1] = 0;
      expect_equal(y, expected);
    }
  });
}

void check_cross_entropy(std::int64_t rows, std::int64_t classes, DType dtype) {
  SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(classes) + " " + dtype_name(dtype));
  const Tensor x = random_tensor({rows, classes}, dtype, 3);
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < rows; ++i) target.push_back(i % 7 == 3 ? -100 : (i * 13) % classes);
  const Tensor t = indices(target);
  Tensor normalizer = empty({rows}, infer::log_normalizer_dtype(x));
  const Tensor loss = expect_same_with_any_threads([&] {
    Tensor result = empty({}, dtype);
    cpu::cross_entropy_classes(result, normalizer, x, t, -100);
    return result;
  });
  const Values in = read(x);
  const double eps_store = storage_epsilon(dtype), eps = compute_epsilon(dtype);
  double total = 0, counted = 0;
  Values lse(target.size());
  for (std::size_t i = 0; i < target.size(); ++i) {
    const double* row = in.data() + i * static_cast<std::size_t>(classes);
    const double max = *std::max_element(row, row + classes);
    double sum = 0;
    for (std::int64_t j = 0; j < classes; ++j) sum += std::exp(row[j] - max);
    lse[i] = max + std::log(sum);
    if (target[i] == -100) continue;
    total += lse[i] - row[target[i]];
    ++counted;
  }
  expect_close(loss, {total / counted}, {total / counted * (eps_store + 4 * eps) + 300 * eps});

  const double upstream = 0.75;
  const Tensor dx = expect_same_with_any_threads([&] {
    Tensor result = empty_like(x);
    cpu::cross_entropy_classes_backward(result, make({upstream}, {}, dtype), x, t, normalizer, -100);
    return result;
  });
  Values expected(in.size(), 0), tolerance(in.size(), smallest(dtype));
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == -100) continue;
    for (std::int64_t j = 0; j < classes; ++j) {
      const std::size_t at = i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(j);
      const double p = std::exp(in[at] - lse[i]), scale = upstream / counted;
      expected[at] = scale * (p - (j == target[i] ? 1 : 0));
      // The saved normalizer is rounded, and its sum has an error of a few hundred eps.
      tolerance[at] +=
          std::abs(expected[at]) * eps_store + scale * (p * (300 + std::abs(in[at]) + std::abs(lse[i])) + 4) * eps;
    }
  }
  expect_close(dx, expected, tolerance);
}

TEST(CrossEntropyKernel, EveryShapeAndTarget) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : kFloating) {
      check_cross_entropy(1, 1, dtype);
      check_cross_entropy(5, 3, dtype);
      check_cross_entropy(100, 10, dtype);
      check_cross_entropy(70, 1000, dtype);
      check_cross_entropy(3, 50257, dtype);
    }
  });
}

TEST(CrossEntropyKernel, BadAndMissingClasses) {
  const Tensor x = random_tensor({3, 4}, DType::Float32);
  Tensor loss = empty({}, DType::Float32), normalizer = empty({3}, DType::Float32);
  for (const std::int64_t bad : {4, -1}) {
    try {
      cpu::cross_entropy_classes(loss, normalizer, x, indices({0, bad, 2}), -100);
      ADD_FAILURE() << "no error for class " << bad;
    } catch (const IndexError& error) {
      const std::string text = error.what();
      for (const std::string& part : {std::to_string(bad), std::string("position 1"), std::string("4 of them")}) {
        EXPECT_NE(text.find(part), std::string::npos) << text;
      }
    }
  }
  cpu::cross_entropy_classes(loss, normalizer, x, indices({9, 9, 9}), 9);
  EXPECT_TRUE(std::isnan(read(loss)[0]));
  Tensor dx = empty_like(x);
  cpu::cross_entropy_classes_backward(dx, make({1}, {}, DType::Float32), x, indices({9, 9, 9}), normalizer, 9);
  expect_equal(dx, Values(12, 0));
  Tensor none = empty({0}, DType::Float32);
  cpu::cross_entropy_classes(loss, none, empty({0, 4}, DType::Float32), empty({0}, DType::Int64), -100);
  EXPECT_TRUE(std::isnan(read(loss)[0]));
}

}  // namespace
}  // namespace ts
