// Operands and samples for the gradient checks of gradients_test.cpp, shared by the files with the samples of a family.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gradcheck.h"

namespace ts::test {

// ---- Operands ----

// Distinct numbers spread evenly over [low, high] and shuffled, none near a multiple of one half, so that rounding
// functions and comparisons with such numbers are smooth around them.
inline Tensor spread(const Dims& sizes, double low, double high, unsigned seed = 1) {
  const auto count = static_cast<std::size_t>(product(sizes));
  std::vector<double> values(count);
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> jitter(0.2, 0.8);
  for (std::size_t i = 0; i < count; ++i) {
    double& x = values[i];
    x = low + (high - low) * (static_cast<double>(i) + jitter(engine)) / static_cast<double>(count);
    const double nearest = std::nearbyint(2 * x) / 2;
    if (std::fabs(x - nearest) < 0.01) x = nearest + (x < nearest ? -0.01 : 0.01);
  }
  std::shuffle(values.begin(), values.end(), engine);
  return tensor(values, sizes);
}

inline Tensor leaf(Tensor tensor) { return tensor.detach().requires_grad_(); }
inline Tensor operand(const Dims& sizes, double low = -2, double high = 2, unsigned seed = 1) {
  return leaf(spread(sizes, low, high, seed));
}
// The same, with the last two dimensions exchanged in memory.
inline Tensor transposed(Dims sizes, double low = -2, double high = 2, unsigned seed = 1) {
  std::swap(sizes[sizes.size() - 1], sizes[sizes.size() - 2]);
  return leaf(transpose(spread(sizes, low, high, seed), -1, -2));
}
inline Tensor integers(const std::vector<std::int64_t>& values, const Dims& sizes) { return tensor(values, sizes); }
inline Tensor bools(const std::vector<int>& values, const Dims& sizes) {
  std::vector<std::uint8_t> bytes(values.begin(), values.end());
  return from_data(bytes.data(), sizes, DType::Bool);
}

// ---- Samples ----

struct Sample {
  std::string op;
  std::string variant;
  CheckedFunction fn;
  TensorList inputs;
};

class Samples {
 public:
  std::vector<Sample> all;

  void add(const std::string& op, const std::string& variant, CheckedFunction fn, TensorList inputs) {
    all.push_back({op, variant, std::move(fn), std::move(inputs)});
  }
  void add(const std::string& op, const std::string& variant, std::function<Tensor(const TensorList&)> fn,
           TensorList inputs) {
    add(op, variant, CheckedFunction([fn](const TensorList& x) { return TensorList{fn(x)}; }), std::move(inputs));
  }

  // A function of one operand in [low, high].
  void unary(const std::string& op, Tensor (*fn)(const Tensor&), double low, double high) {
    const auto call = [fn](const TensorList& x) { return fn(x[0]); };
    add(op, "contiguous", call, {operand({2, 3}, low, high)});
    add(op, "transposed", call, {transposed({3, 2}, low, high)});
    add(op, "0-d", call, {operand({}, low, high)});
    add(op, "empty", call, {operand({0, 3}, low, high)});
  }

  // A function of two operands, each in [low, high].
  void binary(const std::string& op, Tensor (*fn)(const Tensor&, const Tensor&), double low, double high,
              double other_low, double other_high) {
    const auto call = [fn](const TensorList& x) { return fn(x[0], x[1]); };
    const auto other = [&](const Dims& sizes) { return operand(sizes, other_low, other_high, 2); };
    add(op, "contiguous", call, {operand({2, 3}, low, high), other({2, 3})});
    add(op, "transposed", call, {transposed({2, 3}, low, high), other({2, 3})});
    add(op, "row", call, {operand({2, 3}, low, high), other({3})});
    add(op, "column", call, {operand({3, 1}, low, high), other({1, 2})});
    add(op, "0-d and 1-d", call, {operand({}, low, high), other({3})});
    add(op, "0-d", call, {operand({}, low, high), other({})});
    add(op, "empty", call, {operand({0, 3}, low, high), other({3})});
    add(op, "first gradient only", call, {operand({2, 2}, low, high), spread({2, 2}, other_low, other_high, 2)});
    add(op, "second gradient only", call, {spread({2, 2}, low, high), other({2, 2})});
  }
};

// ---- Families in files of their own ----

void elementwise_samples(Samples& samples);  // elementwise_gradients.cpp
void shape_samples(Samples& samples);        // shape_gradients.cpp
void reduction_samples(Samples& samples);    // reduction_gradients.cpp
void network_samples(Samples& samples);      // network_gradients.cpp
void linalg_samples(Samples& samples);       // linalg_test.cpp
void sampling_samples(Samples& samples);     // sampling_test.cpp

}  // namespace ts::test
