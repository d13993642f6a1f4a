// Shared by the tests of structured CPU kernels: tensors of any type with random content, comparisons with plain loops
// in double precision, and checks that results have the same bits with one thread and with several.
//
// Tolerances: an element is rounded to its stored type once, with an error of eps_store |y|. A sum of n terms, computed
// in a type of precision eps, has an error of at most n eps sum |terms| in any order (Higham, "Accuracy and Stability
// of Numerical Algorithms", section 4.2). exp and log are within 4 ULP, and a rounded argument x of exp causes a
// relative error of |x| eps.
#pragma once

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
#include "generated/cpu/views_and_indexing.g.h"
#include "ops/infer.h"
#include "torchscratch/tensor.h"

namespace ts::test {

using Values = std::vector<double>;

inline Tensor make(const Values& values, const Dims& sizes, DType dtype) {
  Tensor wide = tensor(values, sizes);
  if (dtype == DType::Float64) return wide;
  Tensor result = empty(sizes, dtype);
  cpu::converter(DType::Float64, dtype)(wide.raw_data(), result.raw_data(), result.numel());
  return result;
}

// The elements of a tensor of any strides, in row-major order.
inline Values read(const Tensor& tensor) {
  Tensor dense = empty(tensor.sizes(), DType::Float64);
  cpu::copy(dense, tensor);
  return Values(dense.data<double>(), dense.data<double>() + dense.numel());
}

inline Tensor random_tensor(const Dims& sizes, DType dtype, double scale = 2, unsigned seed = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal(0, scale);
  Values values(static_cast<std::size_t>(product(sizes)));
  for (double& value : values) value = is_floating(dtype) ? normal(engine) : std::round(normal(engine) * 3);
  if (dtype == DType::UInt8 || dtype == DType::Bool) {
    for (double& value : values) value = std::abs(value);
  }
  return make(values, sizes, dtype);
}

inline Tensor indices(const std::vector<std::int64_t>& values) { return tensor(values); }

// Half an ULP, relative, of the stored type and of the type in which it is computed.
inline double storage_epsilon(DType dtype) {
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
inline double compute_epsilon(DType dtype) {
  return is_floating(dtype) ? std::min(storage_epsilon(dtype), std::ldexp(1.0, -24)) : 0;
}
inline double smallest(DType dtype) {
  return dtype == DType::Float16 ? std::ldexp(1.0, -24) : is_floating(dtype) ? std::ldexp(1.0, -133) : 0;
}

// Integers wrap around.
inline double wrapped(double value, DType dtype) {
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

inline void expect_close(const Tensor& actual, const Values& expected, const Values& tolerance) {
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
inline void expect_equal(const Tensor& actual, const Values& expected) {
  expect_close(actual, expected, Values(expected.size(), 0));
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  return std::memcmp(a.raw_data(), b.raw_data(), static_cast<std::size_t>(a.numel() * item_size(a.dtype()))) == 0;
}

// Calls compute(), which returns a tensor, with one, two and three threads.
template <class Compute>
inline Tensor expect_same_with_any_threads(Compute compute) {
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

inline constexpr DType kFloating[] = {DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};
inline constexpr DType kAll[] = {DType::Bool,  DType::UInt8,   DType::Int8,     DType::Int16,   DType::Int32,
                                 DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

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

}  // namespace ts::test
