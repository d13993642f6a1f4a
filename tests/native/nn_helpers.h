// Shared by the tests of modules: the names of a state, numbers that any program can reproduce, and their comparison.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "gradcheck.h"
#include "torchscratch/nn.h"

namespace ts::test {

using Names = std::vector<std::string>;

inline Names keys(const NamedTensors& state) {
  Names names;
  for (const auto& [name, tensor] : state) names.push_back(name);
  return names;
}

// sin(start), sin(start + 1), ...: numbers that any program can reproduce.
inline Tensor sines(const Dims& sizes, int start) {
  std::vector<double> values(static_cast<std::size_t>(product(sizes)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(start + static_cast<double>(i));
  return tensor(values, sizes);
}

inline void expect_near(const Tensor& actual, const std::vector<double>& expected, double tolerance) {
  const std::vector<double> values = elements(actual);
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], tolerance) << "element " << i;
}

}  // namespace ts::test
