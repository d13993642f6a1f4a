// Kernels of sums and extrema: every set of dimensions, every type, and long sums.
#include "backend/reduced_dims.h"
#include "generated/cpu/reductions.g.h"
#include "generated/cpu/convolution_and_pooling.g.h"
#include "kernel_checks.h"
#include "simd_targets.h"

namespace ts {
namespace {

using namespace test;

void check_sum(const Tensor& x, std::optional<std::vector<std::int64_t>> dims) {
  std::optional<IntList> list;
  if (dims) list = IntList(*dims);
  const std::uint32_t mask = reduced_dims(list, x.dim());
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
    // A lane has at most 2048 / 8 rows, and the tree is short.
    tolerance[i] = std::abs(expected[i]) * storage_epsilon(dtype) +
                   std::min(length, 300.0) * compute_epsilon(dtype) * magnitude[i] + smallest(dtype);
  }
  SCOPED_TRACE(describe(x) + " strides " + x.strides().to_string() + " mask " + std::to_string(mask));
  expect_close(y, expected, tolerance);
}

// Every non-empty set of dimensions, and all of them.
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
    check_sums(view_of(x, {4, 11, 35}, {33 * 70, 3 * 70, 2}, 1));  // every second element
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
  // Ten million times 0.1, and numbers in [0, 1): adding them one by one in float would have an error of 1e-2 and 1e-4.
  constexpr std::int64_t n = 10'000'000;
  test::for_each_simd_target([](const char* target) {
    if (std::string(target) == "SCALAR") return;  // only one lane in each of four sums; slow, and tested above
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
      Values indices, values;
      for (std::int64_t o = 0; o < s.outer; ++o) {
        for (std::int64_t j = 0; j < s.inner; ++j) {
          std::int64_t best = 0;
          for (std::int64_t i = 1; i < s.size; ++i) {
            if (beats(is_max, in[s.at(o, i, j)], in[s.at(o, best, j)])) best = i;
          }
          indices.push_back(static_cast<double>(best));
          values.push_back(in[s.at(o, best, j)]);
        }
      }
      const std::optional<std::int64_t> axis = whole ? std::nullopt : std::optional<std::int64_t>(dim);
      const Tensor found = expect_same_with_any_threads([&] {
        Tensor result = empty(infer::arg_reduced(x, axis, false), DType::Int64);
        is_max ? cpu::argmax(result, x, axis, false) : cpu::argmin(result, x, axis, false);
        return result;
      });
      expect_equal(found, indices);
      Tensor value = empty(found.sizes(), x.dtype()), index = empty(found.sizes(), DType::Int64);
      if (whole) {
        is_max ? cpu::max_all(value, x) : cpu::min_all(value, x);
      } else {
        is_max ? cpu::max_dim(value, index, x, dim, false) : cpu::min_dim(value, index, x, dim, false);
        expect_equal(index, indices);
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
      check_extrema(random_tensor({6, 50, 7}, dtype));  // integers have many ties
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

}  // namespace
}  // namespace ts
