// The structured CPU kernels against plain loops in double precision: every dimension, odd and empty sizes, every dtype
// a kernel takes, NaN, every instruction set, and the same bits with one thread and with several.
//
// Tolerances: an element is rounded to its stored type once, error eps_store |y|. A sum of n terms computed in a type
// of precision eps errs by at most n eps sum |terms| in any order (Higham, "Accuracy and Stability of Numerical
// Algorithms", section 4.2). exp and log are within 4 ULP, and an argument x of exp that is itself rounded gives a
// relative error of |x| eps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "cpu/convert.h"
#include "cpu/thread_pool.h"
#include "generated/cpu_kernels.g.h"
#include "ops/infer.h"
#include "simd_targets.h"
#include "torchscratch/tensor.h"

namespace ts {
namespace {

using Values = std::vector<double>;

Tensor make(const Values& values, const Dims& sizes, DType dtype) {
  Tensor wide = tensor(values, sizes);
  if (dtype == DType::Float64) return wide;
  Tensor result = empty(sizes, dtype);
  cpu::converter(DType::Float64, dtype)(wide.raw_data(), result.raw_data(), result.numel());
  return result;
}

// The elements of a tensor of any strides, in row-major order.
Values read(const Tensor& tensor) {
  Tensor dense = empty(tensor.sizes(), DType::Float64);
  cpu::copy(dense, tensor);
  return Values(dense.data<double>(), dense.data<double>() + dense.numel());
}

Tensor random_tensor(const Dims& sizes, DType dtype, double scale = 2, unsigned seed = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal(0, scale);
  Values values(static_cast<std::size_t>(product(sizes)));
  for (double& value : values) value = is_floating(dtype) ? normal(engine) : std::round(normal(engine) * 3);
  if (dtype == DType::UInt8 || dtype == DType::Bool) {
    for (double& value : values) value = std::abs(value);
  }
  return make(values, sizes, dtype);
}

Tensor indices(const std::vector<std::int64_t>& values) { return tensor(values); }

// Half an ULP, relative: of the stored type, and of the type it is computed in.
double storage_epsilon(DType dtype) {
  switch (dtype) {
    case DType::Float16:
      return std::ldexp(1.0, -11);
    case DType::BFloat16:
      return std::ldexp(1.0, -8);
    case DType::Float32:
      return std::ldexp(1.0, -24);
    case DType::Float64:
      return std::ldexp(1.0, -53);
    default:
      return 0;
  }
}
double compute_epsilon(DType dtype) {
  return is_floating(dtype) ? std::min(storage_epsilon(dtype), std::ldexp(1.0, -24)) : 0;
}
double smallest(DType dtype) {
  return dtype == DType::Float16 ? std::ldexp(1.0, -24) : is_floating(dtype) ? std::ldexp(1.0, -133) : 0;
}

// Integers wrap around.
double wrapped(double value, DType dtype) {
  const auto whole = static_cast<std::int64_t>(value);
  switch (dtype) {
    case DType::Bool:
      return value != 0;
    case DType::UInt8:
      return static_cast<std::uint8_t>(whole);
    case DType::Int8:
      return static_cast<std::int8_t>(whole);
    case DType::Int16:
      return static_cast<std::int16_t>(whole);
    default:
      return value;
  }
}

void expect_close(const Tensor& actual, const Values& expected, const Values& tolerance) {
  const Values values = read(actual);
  ASSERT_EQ(values.size(), expected.size());
  int failures = 0;
  for (std::size_t i = 0; i < values.size() && failures < 5; ++i) {
    if (std::isnan(expected[i]) ? std::isnan(values[i]) : values[i] == expected[i]) continue;
    const double error = std::abs(values[i] - expected[i]);
    if (!(error <= tolerance[i])) {
      ADD_FAILURE() << "element " << i << " is " << values[i] << ", not " << expected[i] << "; the error " << error
                    << " exceeds " << tolerance[i];
      ++failures;
    }
  }
}
void expect_equal(const Tensor& actual, const Values& expected) {
  expect_close(actual, expected, Values(expected.size(), 0));
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return std::memcmp(a.raw_data(), b.raw_data(), static_cast<std::size_t>(a.numel() * item_size(a.dtype()))) == 0;
}

// Calls compute(), which returns a tensor, with one, two and three threads.
template <class Compute>
Tensor expect_same_with_any_threads(Compute compute) {
  const int before = cpu::num_threads();
  cpu::set_num_threads(1);
  const Tensor first = compute();
  for (const int threads : {2, 3}) {
    cpu::set_num_threads(threads);
    EXPECT_TRUE(same_bits(first, compute())) << threads << " threads";
  }
  cpu::set_num_threads(before);
  return first;
}

const DType kFloating[] = {DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};
const DType kAll[] = {DType::Bool,  DType::UInt8,   DType::Int8,     DType::Int16,   DType::Int32,
                      DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};

const double kNaN = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

// A shape as outer x size x inner around a dimension.
struct Split {
  std::int64_t outer = 1, size = 1, inner = 1;
  Split(const Dims& sizes, int dim) {
    for (int i = 0; i < sizes.size(); ++i) (i < dim ? outer : i == dim ? size : inner) *= sizes[i];
  }
  std::size_t at(std::int64_t o, std::int64_t i, std::int64_t j) const {
    return static_cast<std::size_t>((o * size + i) * inner + j);
  }
};

// ---------------------------------------------------------------------------------------------------------------------
// Softmax
// ---------------------------------------------------------------------------------------------------------------------

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
      // Terms are off by |x - max| eps at most where they matter, and the lanes' sums are far shorter than 300.
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
      check_softmax({2, 150, 71}, 1, dtype);  // tiles and what is left of them
      check_softmax({4, 3, 64}, 1, dtype);
      check_softmax({64, 33, 2}, 0, dtype);
    }
  });
}

TEST(SoftmaxKernel, LargeOutputsBypassTheCache) {
  // Beyond any last-level cache of a test machine this is streamed; elsewhere it is one more shape.
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

// ---------------------------------------------------------------------------------------------------------------------
// Sum
// ---------------------------------------------------------------------------------------------------------------------

void check_sum(const Tensor& x, std::optional<std::vector<std::int64_t>> dims) {
  std::optional<IntList> list;
  if (dims) list = IntList(*dims);
  const std::uint32_t mask = infer::reduced_dims(list, x.dim());
  const Dims sizes = infer::reduced(x, list, false);
  const DType dtype = x.dtype();
  const Tensor y = expect_same_with_any_threads([&] {
    Tensor result = empty(sizes, dtype);
    cpu::sum(result, x, list, false);
    return result;
  });
  const Values in = read(x);
  Values expected(static_cast<std::size_t>(product(sizes)), 0), magnitude = expected;
  for (std::size_t i = 0; i < in.size(); ++i) {
    std::size_t rest = i, out = 0, out_stride = 1;
    for (int d = x.dim() - 1; d >= 0; --d) {
      const auto size = static_cast<std::size_t>(x.sizes()[d]);
      if (((mask >> d) & 1u) == 0) {
        out += rest % size * out_stride;
        out_stride *= size;
      }
      rest /= size;
    }
    expected[out] += in[i];
    magnitude[out] += std::abs(in[i]);
  }
  Values tolerance(expected.size());
  const double length = static_cast<double>(in.size()) / static_cast<double>(std::max<std::size_t>(1, expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = wrapped(expected[i], dtype);
    // The lanes are at most 2048 / 8 rows long, and the tree is short.
    tolerance[i] = std::abs(expected[i]) * storage_epsilon(dtype) +
                   std::min(length, 300.0) * compute_epsilon(dtype) * magnitude[i] + smallest(dtype);
  }
  SCOPED_TRACE(describe(x) + " strides " + x.strides().to_string() + " mask " + std::to_string(mask));
  expect_close(y, expected, tolerance);
}

// Every non-empty set of dimensions, and everything.
void check_sums(const Tensor& x) {
  check_sum(x, std::nullopt);
  for (unsigned mask = 1; mask < (1u << x.dim()); ++mask) {
    std::vector<std::int64_t> dims;
    for (int d = 0; d < x.dim(); ++d) {
      if ((mask >> d) & 1u) dims.push_back(d % 2 == 0 ? d : d - x.dim());
    }
    check_sum(x, dims);
  }
}

TEST(SumKernel, EveryShapeAndTarget) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : kAll) {
      if (dtype == DType::Bool) continue;  // sums of bool are tested as any()
      check_sums(random_tensor({}, dtype));
      check_sums(random_tensor({13}, dtype));
      check_sums(random_tensor({7, 9}, dtype));
      check_sums(random_tensor({5, 1, 6}, dtype));
      check_sums(random_tensor({3, 4, 5, 6}, dtype));
    }
    for (const DType dtype : {DType::BFloat16, DType::Float32, DType::Float64, DType::Int64}) {
      check_sums(random_tensor({40000}, dtype));
      check_sums(random_tensor({3, 20001}, dtype));
      check_sums(random_tensor({20001, 3}, dtype));
      check_sums(random_tensor({300, 2100}, dtype));
      check_sums(random_tensor({2, 333, 129}, dtype));
      check_sums(random_tensor({4000, 4, 2}, dtype));
    }
  });
}

TEST(SumKernel, Strided) {
  for (const DType dtype : {DType::Float32, DType::Float16, DType::Int32}) {
    const Tensor x = random_tensor({4, 33, 70}, dtype);
    check_sums(view_of(x, {70, 33, 4}, {1, 70, 33 * 70}, 0));      // transposed
    check_sums(view_of(x, {4, 11, 35}, {33 * 70, 3 * 70, 2}, 1));  // every other
    check_sums(view_of(x, {6, 33, 5}, {0, 70, 0}, 3));             // expanded
    check_sums(view_of(x, {33, 4, 20}, {70, 33 * 70, 1}, 50));     // a slice
    check_sums(view_of(x, {4, 1, 1}, {33 * 70, 1, 1}, 0));
  }
}

TEST(SumKernel, EmptyAndBool) {
  Tensor y = empty({3}, DType::Float32);
  cpu::sum(y, empty({3, 0}, DType::Float32), IntList{1}, false);
  expect_equal(y, {0, 0, 0});
  Tensor scalar = empty({}, DType::Int64);
  cpu::sum(scalar, empty({0}, DType::Int64), std::nullopt, false);
  expect_equal(scalar, {0});
  Tensor none = empty({0}, DType::Float32);
  cpu::sum(none, empty({0, 3}, DType::Float32), IntList{1}, false);
  Tensor any = empty({2}, DType::Bool);
  cpu::sum(any, make({0, 1, 1, 0, 0, 0}, {2, 3}, DType::Bool), IntList{1}, false);
  expect_equal(any, {1, 0});
  cpu::sum(any, make({0, 1, 1, 0, 0, 0}, {3, 2}, DType::Bool), IntList{0}, false);
  expect_equal(any, {1, 1});
}

TEST(SumKernel, LongSumsKeepTheirPrecision) {
  // Ten million times 0.1, and numbers in [0, 1): adding one by one in float would be off by 1e-2 and 1e-4.
  constexpr std::int64_t n = 10'000'000;
  test::for_each_simd_target([](const char* target) {
    if (std::string(target) == "SCALAR") return;  // a single lane for each of four sums; slow, and tested above
    std::mt19937 engine(3);
    std::uniform_real_distribution<float> uniform(0, 1);
    Tensor x = empty({n}, DType::Float32);
    for (const bool constant : {true, false}) {
      double exact = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        x.data<float>()[i] = constant ? 0.1f : uniform(engine);
        exact += static_cast<double>(x.data<float>()[i]);
      }
      for (const Dims& sizes : {Dims{n}, Dims{n / 8, 8}, Dims{n / 1000, 1000}}) {
        const Tensor view = view_of(x, sizes, contiguous_strides(sizes), 0);
        const Tensor y = expect_same_with_any_threads([&] {
          Tensor result = empty(infer::reduced(view, IntList{0}, false), DType::Float32);
          cpu::sum(result, view, IntList{0}, false);
          return result;
        });
        double sum = 0;
        for (const double part : read(y)) sum += part;
        EXPECT_LT(std::abs(sum - exact) / exact, 1e-6) << sizes.to_string();
      }
    }
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// Extrema
// ---------------------------------------------------------------------------------------------------------------------

void check_extrema(const Tensor& x) {
  SCOPED_TRACE(describe(x));
  const Values in = read(x);
  const auto beats = [](bool is_max, double a, double b) {
    return (is_max ? a > b : a < b) || (std::isnan(a) && !std::isnan(b));
  };
  for (const bool is_max : {true, false}) {
    for (int dim = -1; dim < x.dim(); ++dim) {
      const bool whole = dim < 0;
      const Split s = whole ? Split({x.numel()}, 0) : Split(x.sizes(), dim);
      Values places, values;
      for (std::int64_t o = 0; o < s.outer; ++o) {
        for (std::int64_t j = 0; j < s.inner; ++j) {
          std::int64_t best = 0;
          for (std::int64_t i = 1; i < s.size; ++i) {
            if (beats(is_max, in[s.at(o, i, j)], in[s.at(o, best, j)])) best = i;
          }
          places.push_back(static_cast<double>(best));
          values.push_back(in[s.at(o, best, j)]);
        }
      }
      const std::optional<std::int64_t> axis = whole ? std::nullopt : std::optional<std::int64_t>(dim);
      const Tensor found = expect_same_with_any_threads([&] {
        Tensor result = empty(infer::arg_reduced(x, axis, false), DType::Int64);
        is_max ? cpu::argmax(result, x, axis, false) : cpu::argmin(result, x, axis, false);
        return result;
      });
      expect_equal(found, places);
      Tensor value = empty(found.sizes(), x.dtype()), index = empty(found.sizes(), DType::Int64);
      if (whole) {
        is_max ? cpu::max_all(value, x) : cpu::min_all(value, x);
      } else {
        is_max ? cpu::max_dim(value, index, x, dim, false) : cpu::min_dim(value, index, x, dim, false);
        expect_equal(index, places);
      }
      expect_equal(value, values);
    }
  }
}

TEST(ExtremumKernel, EveryShapeDtypeAndTarget) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : kAll) {
      check_extrema(random_tensor({}, dtype));
      check_extrema(random_tensor({1}, dtype));
      check_extrema(random_tensor({37}, dtype));
      check_extrema(random_tensor({6, 50, 7}, dtype));  // ties are plenty among integers
      check_extrema(random_tensor({3, 2, 200}, dtype));
    }
    check_extrema(random_tensor({150001}, DType::Float32));
    check_extrema(random_tensor({70000, 2}, DType::BFloat16));
  });
}

TEST(ExtremumKernel, NaNIsTheMostExtreme) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : kFloating) {
      for (const std::int64_t n : {5, 100, 70000}) {
        Tensor x = random_tensor({n, 3}, dtype);
        Values values = read(x);
        values[static_cast<std::size_t>(n)] = values[static_cast<std::size_t>(2 * n)] = kNaN;
        values[1] = kInfinity;
        check_extrema(make(values, {n, 3}, dtype));
        check_extrema(make(values, {3, n}, dtype));
        values[0] = kNaN;
        check_extrema(make(values, {n * 3}, dtype));
      }
    }
  });
}

TEST(ExtremumKernel, Empty) {
  Tensor values = empty({0, 4}, DType::Float32), index = empty({0, 4}, DType::Int64);
  cpu::max_dim(values, index, empty({0, 3, 4}, DType::Float32), 1, false);
  EXPECT_THROW(infer::reduced_non_empty(empty({3, 0}, DType::Float32), 1, false), IndexError);
  EXPECT_THROW(infer::scalar_of_non_empty(empty({0}, DType::Float32)), ValueError);
}

// ---------------------------------------------------------------------------------------------------------------------
// Products
// ---------------------------------------------------------------------------------------------------------------------

void check_mm(const Tensor& a, const Tensor& b, const Tensor& bias) {
  const std::int64_t n = a.size(0), k = a.size(1), m = b.size(1);
  const Values x = read(a), y = read(b), z = bias.defined() ? read(bias) : Values(static_cast<std::size_t>(m), 0);
  Values expected, tolerance;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < m; ++j) {
      double sum = z[static_cast<std::size_t>(j)], magnitude = std::abs(sum);
      for (std::int64_t p = 0; p < k; ++p) {
        const double term = x[static_cast<std::size_t>(i * k + p)] * y[static_cast<std::size_t>(p * m + j)];
        sum += term;
        magnitude += std::abs(term);
      }
      expected.push_back(wrapped(sum, a.dtype()));
      tolerance.push_back(std::abs(sum) * storage_epsilon(a.dtype()) +
                          static_cast<double>(k + 4) * compute_epsilon(a.dtype()) * magnitude + smallest(a.dtype()));
    }
  }
  Tensor result = empty({n, m}, a.dtype());
  if (bias.defined()) {
    cpu::addmm_nt(result, a, view_of(b, {m, k}, {b.stride(1), b.stride(0)}, b.storage_offset()), bias);
  } else {
    cpu::mm(result, a, b);
  }
  SCOPED_TRACE(describe(a) + describe(b));
  expect_close(result, expected, tolerance);
}

TEST(MatmulKernel, TypesStridesAndEmptySizes) {
  for (const DType dtype :
       {DType::Int8, DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64}) {
    const Tensor a = random_tensor({17, 9}, dtype, 1), b = random_tensor({9, 21}, dtype, 1, 2);
    check_mm(a, b, {});
    check_mm(a, b, random_tensor({21}, dtype));
    check_mm(view_of(a, {9, 17}, {1, 9}, 0), view_of(b, {17, 5}, {1, 9}, 2), {});
    const Tensor wide_bias = random_tensor({42}, dtype);
    check_mm(a, b, view_of(wide_bias, {21}, {2}, 0));
    check_mm(empty({4, 0}, dtype), empty({0, 3}, dtype), {});
    check_mm(empty({0, 4}, dtype), empty({4, 3}, dtype), {});
  }
  const Tensor a = random_tensor({3, 4, 5}, DType::Float32), b = random_tensor({3, 5, 6}, DType::Float32);
  Tensor batch = empty({3, 4, 6}, DType::Float32);
  cpu::bmm(batch, a, b);
  for (int i = 0; i < 3; ++i) {
    Tensor one = empty({4, 6}, DType::Float32);
    cpu::mm(one, view_of(a, {4, 5}, {5, 1}, i * 20), view_of(b, {5, 6}, {6, 1}, i * 30));
    EXPECT_TRUE(same_bits(one, view_of(batch, {4, 6}, {6, 1}, i * 24)));
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Indexing
// ---------------------------------------------------------------------------------------------------------------------

TEST(IndexKernels, CatOfEveryDtype) {
  for (const DType dtype : kAll) {
    for (int dim = 0; dim < 3; ++dim) {
      TensorList parts;
      for (const std::int64_t size : {2, 0, 5}) {
        Dims sizes = {3, 4, 6};
        sizes[dim] = size;
        parts.push_back(random_tensor(sizes, dtype, 2, static_cast<unsigned>(size)));
      }
      const Tensor result = empty(infer::cat(parts, dim), dtype);
      cpu::cat(result, parts, dim - 3);
      Values expected;
      const Split s(result.sizes(), dim);
      for (std::int64_t o = 0; o < s.outer; ++o) {
        for (const Tensor& part : parts) {
          const Split p(part.sizes(), dim);
          const Values values = read(part);
          for (std::int64_t i = 0; i < p.size * p.inner; ++i) {
            expected.push_back(values[static_cast<std::size_t>(o * p.size * p.inner + i)]);
          }
        }
      }
      expect_equal(result, expected);
    }
  }
  const Tensor large = random_tensor({1, 300000}, DType::Float32);  // one row, shared among the threads
  Tensor twice = empty({1, 600000}, DType::Float32);
  cpu::cat(twice, TensorList{large, large}, 1);
  EXPECT_EQ(read(twice)[300001], read(large)[1]);
  EXPECT_EQ(read(twice)[299999], read(large)[299999]);
}

TEST(IndexKernels, SelectAndAdd) {
  const std::vector<std::int64_t> at = {2, -1, 0, 2, 1, -3};
  for (const DType dtype : kAll) {
    for (int dim = 0; dim < 3; ++dim) {
      const Dims sizes = {3, 3, 3};
      const Tensor x = random_tensor(sizes, dtype);
      const Tensor picked = empty(infer::index_select(x, dim, indices(at)), dtype);
      cpu::index_select(picked, x, indices(at), dim);
      const Tensor source = random_tensor(picked.sizes(), dtype, 1, 5);
      const Tensor added = empty(sizes, dtype);
      cpu::index_add(added, x, indices(at), source, dim);
      const Split s(sizes, dim), p(picked.sizes(), dim);
      const Values in = read(x), from = read(source);
      Values expected(from.size()), sums = in, tolerance(in.size());
      for (std::int64_t o = 0; o < s.outer; ++o) {
        for (std::int64_t i = 0; i < p.size; ++i) {
          for (std::int64_t j = 0; j < s.inner; ++j) {
            const std::int64_t place = (at[static_cast<std::size_t>(i)] + 3) % 3;
            expected[p.at(o, i, j)] = in[s.at(o, place, j)];
            double& sum = sums[s.at(o, place, j)];
            sum += from[p.at(o, i, j)];
            if (!is_floating(dtype)) sum = wrapped(sum, dtype);
            tolerance[s.at(o, place, j)] +=
                2 * storage_epsilon(dtype) * (std::abs(sum) + std::abs(from[p.at(o, i, j)]));
          }
        }
      }
      expect_equal(picked, expected);
      expect_close(added, sums, tolerance);
    }
  }
}

TEST(IndexKernels, ManyAdditionsInOrder) {
  std::mt19937 engine(7);
  std::vector<std::int64_t> at(5000);
  for (auto& place : at) place = static_cast<std::int64_t>(engine() % 50);
  const Tensor x = random_tensor({50, 64}, DType::Float32), source = random_tensor({5000, 64}, DType::Float32);
  const Tensor y = expect_same_with_any_threads([&] {
    Tensor result = empty_like(x);
    cpu::index_add(result, x, indices(at), source, 0);
    return result;
  });
  std::vector<float> expected(x.data<float>(), x.data<float>() + x.numel());
  for (std::size_t i = 0; i < at.size(); ++i) {
    for (std::size_t j = 0; j < 64; ++j)
      expected[static_cast<std::size_t>(at[i]) * 64 + j] += source.data<float>()[i * 64 + j];
  }
  EXPECT_EQ(std::memcmp(expected.data(), y.raw_data(), expected.size() * sizeof(float)), 0);
}

TEST(IndexKernels, GatherAndScatter) {
  for (const DType dtype : kAll) {
    for (int dim = 0; dim < 3; ++dim) {
      const Dims sizes = {4, 5, 6};
      Dims index_sizes = {3, 4, 5};
      index_sizes[dim] = 7;
      std::mt19937 engine(11);
      Values places(static_cast<std::size_t>(product(index_sizes)));
      const std::int64_t size = sizes[dim];
      for (double& place : places)
        place = static_cast<double>(static_cast<std::int64_t>(engine() % (2 * static_cast<unsigned>(size))) - size);
      const Tensor index = make(places, index_sizes, DType::Int64);
      const Tensor x = random_tensor(sizes, dtype);
      Dims src_sizes = {4, 5, 6};
      src_sizes[dim] = 8;
      const Tensor src = random_tensor(src_sizes, dtype, 1, 4);

      const Tensor gathered = empty(infer::gather(x, dim, index), dtype);
      cpu::gather(gathered, x, index, dim);
      const Tensor scattered = empty(infer::scatter_add(x, dim, index, src), dtype);
      cpu::scatter_add(scattered, x, index, src, dim - 3);

      const Values in = read(x), from = read(src);
      Values expected(places.size()), sums = in, tolerance(in.size());
      std::size_t at = 0;
      for (std::int64_t i = 0; i < index_sizes[0]; ++i) {
        for (std::int64_t j = 0; j < index_sizes[1]; ++j) {
          for (std::int64_t k = 0; k < index_sizes[2]; ++k, ++at) {
            std::int64_t p[] = {i, j, k};
            const auto source = static_cast<std::size_t>((i * src_sizes[1] + j) * src_sizes[2] + k);
            p[dim] = (static_cast<std::int64_t>(places[at]) + size) % size;
            const auto target = static_cast<std::size_t>((p[0] * 5 + p[1]) * 6 + p[2]);
            expected[at] = in[target];
            sums[target] += from[source];
            if (!is_floating(dtype)) sums[target] = wrapped(sums[target], dtype);
            tolerance[target] += 2 * storage_epsilon(dtype) * (std::abs(sums[target]) + std::abs(from[source]));
          }
        }
      }
      expect_equal(gathered, expected);
      expect_close(scattered, sums, tolerance);
    }
  }
  Tensor scalar = empty({}, DType::Float32);
  cpu::gather(scalar, make({7}, {}, DType::Float32), make({0}, {}, DType::Int64), -1);
  expect_equal(scalar, {7});
}

TEST(IndexKernels, OutOfRangeIndicesChangeNothing) {
  const Tensor x = make({1, 2, 3}, {3}, DType::Float32);
  Tensor y = make({9, 9}, {2}, DType::Float32);
  for (const std::int64_t bad : {3, -4}) {
    const Tensor index = indices({0, bad});
    for (int which = 0; which < 2; ++which) {
      try {
        which == 0 ? cpu::index_select(y, x, index, 0) : cpu::gather(y, x, index, 0);
        ADD_FAILURE() << "no error for index " << bad;
      } catch (const IndexError& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("index " + std::to_string(bad)), std::string::npos) << text;
        EXPECT_NE(text.find("size 3"), std::string::npos) << text;
      }
      expect_equal(y, {9, 9});
    }
    Tensor sum = make({8, 8, 8}, {3}, DType::Float32);
    EXPECT_THROW(cpu::index_add(sum, x, index, make({1, 1}, {2}, DType::Float32), 0), IndexError);
    expect_equal(sum, {8, 8, 8});
  }
  Tensor none = empty({0}, DType::Float32);
  cpu::index_select(none, x, empty({0}, DType::Int64), 0);
  EXPECT_THROW(cpu::index_select(y, empty({0}, DType::Float32), indices({0, 0}), 0), IndexError);
}

TEST(IndexKernels, StridedBackwardAddsOverlaps) {
  const Dims size = {3, 2}, stride = {1, 2}, input_size = {6};
  Tensor y = empty({6}, DType::Float32);
  cpu::as_strided_backward(y, make({1, 2, 3, 4, 5, 6}, {3, 2}, DType::Float32), input_size, size, stride, 1);
  expect_equal(y, {0, 1, 3, 2 + 5, 4, 6});  // element (i, j) is at 1 + i + 2 j
  EXPECT_THROW(
      cpu::as_strided_backward(y, make({1, 2, 3, 4, 5, 6}, {3, 2}, DType::Float32), input_size, size, stride, 2),
      IndexError);
}

// ---------------------------------------------------------------------------------------------------------------------
// Images
// ---------------------------------------------------------------------------------------------------------------------

struct ConvCase {
  Dims input, weight;
  Dims stride = {1, 1}, padding = {0, 0}, dilation = {1, 1};
  std::int64_t groups = 1;
};

// Visits every product of a convolution: fn(output element, input element, weight element).
template <class Fn>
void for_each_product(const ConvCase& c, const Dims& out, Fn fn) {
  const std::int64_t per_group = c.weight[1], out_per_group = c.weight[0] / c.groups;
  for (std::int64_t n = 0; n < out[0]; ++n)
    for (std::int64_t o = 0; o < out[1]; ++o)
      for (std::int64_t y = 0; y < out[2]; ++y)
        for (std::int64_t x = 0; x < out[3]; ++x)
          for (std::int64_t i = 0; i < per_group; ++i)
            for (std::int64_t ky = 0; ky < c.weight[2]; ++ky)
              for (std::int64_t kx = 0; kx < c.weight[3]; ++kx) {
                const std::int64_t iy = y * c.stride[0] + ky * c.dilation[0] - c.padding[0];
                const std::int64_t ix = x * c.stride[1] + kx * c.dilation[1] - c.padding[1];
                if (iy < 0 || iy >= c.input[2] || ix < 0 || ix >= c.input[3]) continue;
                const std::int64_t channel = o / out_per_group * per_group + i;
                fn(static_cast<std::size_t>(((n * out[1] + o) * out[2] + y) * out[3] + x),
                   static_cast<std::size_t>(((n * c.input[1] + channel) * c.input[2] + iy) * c.input[3] + ix),
                   static_cast<std::size_t>(((o * per_group + i) * c.weight[2] + ky) * c.weight[3] + kx));
              }
}

// A sum of products and the sum of their magnitudes.
struct Sums {
  Values value, magnitude, terms;
  explicit Sums(std::int64_t size) : value(static_cast<std::size_t>(size), 0), magnitude(value), terms(value) {}
  void add(std::size_t at, double term) {
    value[at] += term;
    magnitude[at] += std::abs(term);
    terms[at] += 1;
  }
  void expect(const Tensor& actual) const {
    Values tolerance(value.size());
    const DType dtype = actual.dtype();
    for (std::size_t i = 0; i < value.size(); ++i) {
      tolerance[i] = std::abs(value[i]) * storage_epsilon(dtype) +
                     (terms[i] + 4) * compute_epsilon(dtype) * magnitude[i] + smallest(dtype);
    }
    expect_close(actual, value, tolerance);
  }
};

void check_conv(const ConvCase& c, DType dtype) {
  SCOPED_TRACE("input " + c.input.to_string() + " weight " + c.weight.to_string() + " stride " + c.stride.to_string() +
               " padding " + c.padding.to_string() + " dilation " + c.dilation.to_string() + " groups " +
               std::to_string(c.groups) + " " + dtype_name(dtype));
  const Tensor x = random_tensor(c.input, dtype, 1), w = random_tensor(c.weight, dtype, 1, 2);
  const Tensor bias = random_tensor({c.weight[0]}, dtype, 1, 3);
  const Dims out = infer::conv2d(x, w, bias, c.stride, c.padding, c.dilation, c.groups);
  const Tensor dy = random_tensor(out, dtype, 1, 4);
  const Values xs = read(x), ws = read(w), bs = read(bias), dys = read(dy);
  Sums y(product(out)), biased(product(out)), dx(product(c.input)), dw(product(c.weight));
  for (std::size_t i = 0; i < biased.value.size(); ++i) {
    biased.add(i, bs[i / static_cast<std::size_t>(out[2] * out[3]) % static_cast<std::size_t>(out[1])]);
  }
  for_each_product(c, out, [&](std::size_t o, std::size_t i, std::size_t k) {
    y.add(o, xs[i] * ws[k]);
    biased.add(o, xs[i] * ws[k]);
    dx.add(i, dys[o] * ws[k]);
    dw.add(k, dys[o] * xs[i]);
  });
  const auto forward = [&](const Tensor& b) {
    return expect_same_with_any_threads([&] {
      Tensor result = empty(out, dtype);
      cpu::conv2d(result, x, w, b, c.stride, c.padding, c.dilation, c.groups);
      return result;
    });
  };
  y.expect(forward(Tensor()));
  biased.expect(forward(bias));
  dx.expect(expect_same_with_any_threads([&] {
    Tensor result = empty(c.input, dtype);
    cpu::conv2d_input(result, w, dy, c.input, c.stride, c.padding, c.dilation, c.groups);
    return result;
  }));
  dw.expect(expect_same_with_any_threads([&] {
    Tensor result = empty(c.weight, dtype);
    cpu::conv2d_weight(result, x, dy, c.weight, c.stride, c.padding, c.dilation, c.groups);
    return result;
  }));
}

TEST(ConvKernel, EveryGeometryAndTarget) {
  test::for_each_simd_target([](const char*) {
    for (const DType dtype : {DType::Float32, DType::Float64}) {
      check_conv({{2, 3, 8, 9}, {4, 3, 3, 3}}, dtype);
      check_conv({{2, 3, 8, 9}, {4, 3, 3, 3}, {1, 1}, {1, 1}}, dtype);
      check_conv({{2, 3, 20, 23}, {5, 3, 3, 3}, {2, 2}, {1, 1}}, dtype);
      check_conv({{1, 2, 17, 40}, {3, 2, 5, 3}, {2, 3}, {2, 1}, {2, 1}}, dtype);
      check_conv({{3, 4, 6, 6}, {6, 2, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 2}, dtype);
      check_conv({{2, 5, 7, 7}, {7, 5, 1, 1}}, dtype);
      check_conv({{2, 5, 9, 7}, {7, 5, 1, 1}, {2, 2}}, dtype);                       // input positions that nothing saw
      check_conv({{2, 6, 11, 13}, {6, 1, 3, 3}, {2, 2}, {1, 1}, {1, 1}, 6}, dtype);  // depthwise
      check_conv({{2, 6, 11, 13}, {6, 1, 3, 3}, {1, 1}, {2, 0}, {2, 1}, 6}, dtype);
      check_conv({{2, 3, 11, 13}, {6, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 3}, dtype);  // two filters each
      check_conv({{2, 2, 4, 4}, {3, 2, 4, 4}, {3, 3}, {3, 3}}, dtype);               // more padding than image
      check_conv({{1, 1, 1, 1}, {1, 1, 3, 3}, {1, 1}, {4, 4}}, dtype);               // rows of nothing but zeros
      check_conv({{40, 3, 4, 5}, {16, 3, 3, 3}, {1, 1}, {1, 1}}, dtype);             // several images to a block
      check_conv({{2, 40, 30, 31}, {33, 40, 3, 3}, {1, 1}, {1, 1}}, dtype);          // several blocks to an image
      check_conv({{1, 3, 5, 300}, {2, 3, 3, 7}, {1, 2}, {1, 3}}, dtype);
    }
  });
}

TEST(ConvKernel, DeepInputsAreTakenInSlices) {
  check_conv({{1, 400, 14, 14}, {8, 400, 3, 3}, {1, 1}, {1, 1}}, DType::Float32);
}

TEST(ConvKernel, OtherTypesAndEmptyOperands) {
  for (const DType dtype : {DType::Float16, DType::BFloat16, DType::Int32, DType::Int64}) {
    check_conv({{2, 3, 8, 9}, {4, 3, 3, 3}, {2, 1}, {1, 1}}, dtype);
    check_conv({{2, 4, 8, 9}, {4, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 4}, dtype);
  }
  check_conv({{0, 3, 8, 9}, {4, 3, 3, 3}}, DType::Float32);
  check_conv({{2, 0, 8, 9}, {4, 0, 3, 3}}, DType::Float32);
}

TEST(ConvKernel, StridedOperandsAreMadeDense) {
  const Tensor x = random_tensor({8, 9, 2, 3}, DType::Float32), w = random_tensor({4, 3, 3, 3}, DType::Float32);
  const Tensor view = view_of(x, {2, 3, 8, 9}, {3, 1, 54, 6}, 0);
  Tensor a = empty({2, 4, 6, 7}, DType::Float32), b = empty_like(a), dense = empty({2, 3, 8, 9}, DType::Float32);
  cpu::copy(dense, view);
  const Dims one = {1, 1}, zero = {0, 0};
  cpu::conv2d(a, view, w, {}, one, zero, one, 1);
  cpu::conv2d(b, dense, w, {}, one, zero, one, 1);
  EXPECT_TRUE(same_bits(a, b));
}

void check_pool(const Dims& sizes, const Dims& kernel, const Dims& stride, const Dims& padding, const Dims& dilation,
                bool ceil_mode, DType dtype) {
  Tensor x = random_tensor(sizes, dtype);
  if (is_floating(dtype) && x.numel() > 5) {
    Values values = read(x);
    values[5] = kNaN;
    x = make(values, sizes, dtype);
  }
  const Dims out = infer::max_pool2d(x, kernel, stride, padding, dilation, ceil_mode);
  Tensor y = empty(out, dtype), at = empty(out, DType::Int64);
  cpu::max_pool2d(y, at, x, kernel, stride, padding, dilation, ceil_mode);
  const Values in = read(x);
  Values expected, places;
  for (std::int64_t plane = 0; plane < out[0] * out[1]; ++plane)
    for (std::int64_t oy = 0; oy < out[2]; ++oy)
      for (std::int64_t ox = 0; ox < out[3]; ++ox) {
        std::int64_t best_at = -1;
        double best = 0;
        for (std::int64_t ky = 0; ky < kernel[0]; ++ky)
          for (std::int64_t kx = 0; kx < kernel[1]; ++kx) {
            const std::int64_t iy = oy * stride[0] - padding[0] + ky * dilation[0];
            const std::int64_t ix = ox * stride[1] - padding[1] + kx * dilation[1];
            if (iy < 0 || iy >= sizes[2] || ix < 0 || ix >= sizes[3]) continue;
            const double value = in[static_cast<std::size_t>((plane * sizes[2] + iy) * sizes[3] + ix)];
            if (best_at >= 0 && !(value > best || (std::isnan(value) && !std::isnan(best)))) continue;
            best = value;
            best_at = iy * sizes[3] + ix;
          }
        expected.push_back(best);
        places.push_back(static_cast<double>(best_at));
      }
  SCOPED_TRACE(sizes.to_string() + kernel.to_string() + stride.to_string() + dtype_name(dtype));
  expect_equal(y, expected);
  expect_equal(at, places);
  if (!is_floating(dtype)) return;

  const Tensor dy = random_tensor(out, dtype, 1, 9);
  Tensor dx = empty(sizes, dtype);
  cpu::max_pool2d_backward(dx, dy, at, sizes);
  const Values g = read(dy);
  Values sums(static_cast<std::size_t>(product(sizes)), 0), tolerance = sums;
  for (std::size_t i = 0; i < g.size(); ++i) {
    const std::size_t plane = i / static_cast<std::size_t>(out[2] * out[3]);
    const std::size_t target =
        plane * static_cast<std::size_t>(sizes[2] * sizes[3]) + static_cast<std::size_t>(places[i]);
    sums[target] += g[i];
    tolerance[target] += 2 * storage_epsilon(dtype) * (std::abs(sums[target]) + std::abs(g[i]));
  }
  expect_close(dx, sums, tolerance);
}

TEST(PoolKernel, EveryGeometryAndDtype) {
  for (const DType dtype : kAll) {
    check_pool({2, 3, 8, 8}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, false, dtype);
    check_pool({2, 3, 9, 11}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, false, dtype);
    check_pool({1, 2, 9, 11}, {3, 2}, {1, 3}, {1, 1}, {2, 3}, true, dtype);
    check_pool({1, 2, 7, 5}, {2, 3}, {3, 2}, {0, 1}, {1, 1}, true, dtype);
    check_pool({0, 2, 7, 5}, {2, 3}, {3, 2}, {0, 1}, {1, 1}, true, dtype);
    check_pool({1, 1, 37, 70}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, false, dtype);
  }
  EXPECT_THROW(infer::max_pool2d(empty({1, 1, 1, 1}, DType::Float32), {2, 2}, {1, 1}, {1, 1}, {2, 2}, false),
               ValueError);
}

// ---------------------------------------------------------------------------------------------------------------------
// Cross entropy
// ---------------------------------------------------------------------------------------------------------------------

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
      // The saved normalizer is rounded, and its sum is off by some hundred eps.
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
      for (const std::string& part : {std::to_string(bad), std::string("row 1"), std::string("4 of them")}) {
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

// ---------------------------------------------------------------------------------------------------------------------
// Copy and inference
// ---------------------------------------------------------------------------------------------------------------------

TEST(CopyKernel, StridesAndTypes) {
  const Tensor x = random_tensor({5, 7, 3}, DType::Float32, 20);
  const Tensor view = view_of(x, {3, 5, 7}, {1, 21, 3}, 0);
  for (const DType dtype : kAll) {
    Tensor y = empty({3, 5, 7}, dtype);
    cpu::copy(y, view);
    Values expected;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 5; ++j)
        for (int k = 0; k < 7; ++k) expected.push_back(static_cast<double>(x.data<float>()[j * 21 + k * 3 + i]));
    expect_equal(y, read(make(expected, {3, 5, 7}, dtype)));
  }
  Tensor same = empty({5, 7, 3}, DType::Float32);
  cpu::copy(same, x);
  EXPECT_TRUE(same_bits(x, same));
}

template <class ErrorClass, class Fn>
void expect_error(const std::string& part, Fn fn) {
  try {
    fn();
    ADD_FAILURE() << "no error about: " << part;
  } catch (const ErrorClass& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(Inference, ErrorsNameTheOperands) {
  const auto f = [](const Dims& sizes) { return empty(sizes, DType::Float32); };
  expect_error<ShapeError>("inner sizes 3 and 4 differ", [&] { infer::mm(f({2, 3}), f({4, 5})); });
  expect_error<ShapeError>("batch sizes 2 and 3", [&] { infer::bmm(f({2, 3, 4}), f({3, 4, 5})); });
  expect_error<ShapeError>("bias must have the shape [5]", [&] { infer::addmm_nt(f({2, 3}), f({5, 3}), f({4})); });
  expect_error<DTypeError>("different types", [&] { infer::same_dtype(f({1}), empty({1}, DType::Float64)); });
  expect_error<ValueError>("appears twice", [&] { infer::reduced(f({2, 3}), IntList{1, -1}, false); });
  expect_error<IndexError>("", [&] { infer::reduced(f({2, 3}), IntList{2}, false); });
  expect_error<ShapeError>("dimension 1", [&] { infer::cat(TensorList{f({2, 3}), f({2, 4})}, 0); });
  expect_error<ShapeError>("has 3 channels", [&] {
    infer::conv2d(f({1, 3, 8, 8}), f({4, 2, 3, 3}), {}, {1, 1}, {0, 0}, {1, 1}, 1);
  });
  expect_error<ShapeError>("use more padding", [&] {
    infer::conv2d(f({1, 3, 2, 8}), f({4, 3, 3, 3}), {}, {1, 1}, {0, 0}, {1, 1}, 1);
  });
  expect_error<ValueError>("half of the kernel", [&] {
    infer::max_pool2d(f({1, 1, 8, 8}), {2, 2}, {2, 2}, {2, 0}, {1, 1}, false);
  });
  expect_error<ShapeError>("larger than self", [&] { infer::gather(f({2, 3}), 0, empty({2, 4}, DType::Int64)); });
  expect_error<DTypeError>("int64", [&] { infer::gather(f({2}), 0, f({2})); });
  EXPECT_EQ(infer::reduced(f({2, 3, 4}), IntList{0, -1}, true), (Dims{1, 3, 1}));
  EXPECT_EQ(infer::reduced(f({}), IntList{0}, false), Dims{});
  EXPECT_EQ(infer::reduced(f({2, 3}), IntList{}, false), Dims{});
  EXPECT_EQ(infer::max_pool2d(f({1, 1, 5, 5}), {2, 2}, {2, 2}, {0, 0}, {1, 1}, true), (Dims{1, 1, 3, 3}));
}

}  // namespace
}  // namespace ts
