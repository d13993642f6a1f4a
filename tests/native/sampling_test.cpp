// grid_sample, distinct elements and counts, embedding tables and windows: gradients, and values against independently
// written formulas.
#include <gtest/gtest.h>

#include <cmath>

#include "gradient_samples.h"
#include "ops/argument_types.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"

namespace ts {
namespace test {

void sampling_samples(Samples& s) {
  for (const GridSampleMode mode : {GridSampleMode::Bilinear, GridSampleMode::Nearest, GridSampleMode::Bicubic}) {
    for (const GridSamplePadding padding :
         {GridSamplePadding::Zeros, GridSamplePadding::Border, GridSamplePadding::Reflection}) {
      for (const bool align : {false, true}) {
        const std::string variant = std::to_string(static_cast<int>(mode)) + std::to_string(static_cast<int>(padding)) +
                                    (align ? " aligned" : "");
        const auto fn = [=](const TensorList& x) { return grid_sample(x[0], x[1], mode, padding, align); };
        // Points inside and outside the grid, none exactly between two elements.
        s.add("grid_sample", "image, " + variant, fn, {operand({1, 2, 3, 4}), operand({1, 2, 3, 2}, -1.4, 1.4, 2)});
        if (mode == GridSampleMode::Bicubic) continue;
        s.add("grid_sample", "volume, " + variant, fn,
              {operand({1, 1, 2, 3, 2}), operand({1, 1, 2, 2, 3}, -1.4, 1.4, 2)});
      }
    }
  }
  s.add("affine_grid", "image",
        [](const TensorList& x) {
          return affine_grid(x[0], {2, 3, 2, 4});
        },
        {operand({2, 2, 3})});
  for (const BagMode mode : {BagMode::Sum, BagMode::Mean, BagMode::Max}) {
    s.add("embedding_bag", "mode " + std::to_string(static_cast<int>(mode)),
          [mode](const TensorList& x) {
            return embedding_bag(integers({2, 0, 1, 2, 3}, {5}), x[0], integers({0, 3, 3}, {3}), std::nullopt, 2, false,
                                 mode);
          },
          {operand({4, 2})});
  }
  s.add("embedding_bag", "weights",
        [](const TensorList& x) {
          return embedding_bag(integers({2, 0, 1, 2}, {2, 2}), x[0], {}, std::nullopt, 2, false, BagMode::Sum, false,
                               x[1]);
        },
        {operand({4, 2}), operand({2, 2}, -2, 2, 2)});
  s.add("bilinear", "batch", [](const TensorList& x) { return bilinear(x[0], x[1], x[2], x[3]); },
        {operand({2, 3, 2}), operand({2, 3, 3}, -2, 2, 2), operand({4, 2, 3}, -2, 2, 3), operand({4}, -2, 2, 4)});
  for (const std::int64_t step : {1, 2, 3}) {
    const auto fn = [step](const TensorList& x) { return unfold(x[0] * x[0], 1, 2, step); };
    s.add("unfold", "contiguous", fn, {operand({2, 5})});
    s.add("unfold", "transposed", fn, {transposed({2, 5})});
  }
  s.add("unfold", "0-d", [](const TensorList& x) { return unfold(x[0], 0, 1, 1); }, {operand({})});
  s.add("diagonal_scatter", "above", [](const TensorList& x) { return diagonal_scatter(x[0], x[1], 1); },
        {operand({3, 4}), operand({3}, -2, 2, 2)});
  s.add("mode", "rows",
        [](const TensorList& x) {
          return std::get<0>(mode(cat(TensorList{x[0], narrow(x[0], 1, 1, 1)}, 1), 1));
        },
        {operand({2, 3})});
  for (const DistanceMode mode : {DistanceMode::UseMmForEuclidDist, DistanceMode::DonotUseMmForEuclidDist}) {
    s.add("cdist", "mode " + std::to_string(static_cast<int>(mode)),
          [mode](const TensorList& x) { return cdist(x[0], x[1], 2, mode); },
          {operand({2, 3, 2}), operand({4, 2}, 2.5, 4, 2)});
  }
}

}  // namespace test

namespace {

using namespace test;

std::vector<std::int64_t> longs(const Tensor& tensor) {
  const std::vector<double> values = elements(tensor);
  return {values.begin(), values.end()};
}
using Longs = std::vector<std::int64_t>;

TEST(Unique, ElementsWithInverseAndCounts) {
  const Tensor x = integers({3, 1, 3, 2, 1, 3}, {2, 3});
  const auto [output, inverse, counts] = unique(x, true, true, true);
  EXPECT_EQ(longs(output), (Longs{1, 2, 3}));
  EXPECT_EQ(longs(inverse), (Longs{2, 0, 2, 1, 0, 2}));
  EXPECT_EQ(inverse.sizes(), x.sizes());
  EXPECT_EQ(longs(counts), (Longs{2, 1, 3}));
  const auto [alone, no_inverse, no_counts] = unique(x);
  EXPECT_FALSE(no_inverse.defined());
  EXPECT_FALSE(no_counts.defined());
}

TEST(Unique, SlicesAlongADimension) {
  const Tensor x = integers({1, 0, 1, 2, 5, 2}, {2, 3});
  const auto [output, inverse, counts] = unique(x, true, true, true, 1);
  EXPECT_EQ(longs(output), (Longs{0, 1, 5, 2}));
  EXPECT_EQ(longs(inverse), (Longs{1, 0, 1}));
  EXPECT_EQ(longs(counts), (Longs{1, 2}));
  EXPECT_EQ(std::get<0>(unique(zeros({0, 3}), true, false, false, 0)).sizes(), (Dims{0, 3}));
  EXPECT_THROW(unique(zeros({2, 0}), true, false, false, 0), ShapeError);
}

TEST(Unique, NoNaNEqualsAnother) {
  const double nan = std::nan("");
  const Tensor output = std::get<0>(unique(tensor<double>({nan, 1, nan, 1})));
  EXPECT_EQ(output.numel(), 3);
  EXPECT_EQ(elements(output)[0], 1);
}

TEST(Unique, ConsecutiveElements) {
  const auto [output, inverse, counts] = unique_consecutive(integers({1, 1, 2, 2, 2, 1}, {6}), true, true);
  EXPECT_EQ(longs(output), (Longs{1, 2, 1}));
  EXPECT_EQ(longs(inverse), (Longs{0, 0, 1, 1, 1, 2}));
  EXPECT_EQ(longs(counts), (Longs{2, 3, 1}));
}

TEST(Counts, Bincount) {
  EXPECT_EQ(longs(bincount(integers({1, 3, 1}, {3}))), (Longs{0, 2, 0, 1}));
  EXPECT_EQ(longs(bincount(integers({}, {0}), {}, 2)), (Longs{0, 0}));
  const Tensor weighted = bincount(integers({1, 3, 1}, {3}), tensor<double>({0.5, 2, 0.25}), 5);
  EXPECT_EQ(elements(weighted), (std::vector<double>{0, 0.75, 0, 2, 0}));
  EXPECT_EQ(bincount(integers({1}, {1}), integers({7}, {1})).dtype(), DType::Float64);
  EXPECT_THROW(bincount(integers({-1}, {1})), ValueError);
  EXPECT_THROW(bincount(tensor<double>({1})), DTypeError);
  EXPECT_THROW(bincount(integers({1, 2}, {1, 2})), ShapeError);
}

TEST(Counts, Histogram) {
  EXPECT_EQ(elements(histc(tensor<double>({1, 2, 1}), 4, 0, 3)), (std::vector<double>{0, 2, 1, 0}));
  EXPECT_EQ(elements(histc(tensor<double>({0, 1, 3, 4}), 2)), (std::vector<double>{2, 2}));
  EXPECT_EQ(elements(histc(tensor<double>({2, 2}), 2)), (std::vector<double>{0, 2}));
  EXPECT_THROW(histc(tensor<double>({2, 2}), 0), ValueError);
}

TEST(Counts, MostFrequent) {
  const auto [values, indices] = mode(integers({3, 1, 3, 1, 2, 5, 5, 4, 5, 4}, {2, 5}), 1);
  EXPECT_EQ(longs(values), (Longs{1, 5}));
  EXPECT_EQ(longs(indices), (Longs{3, 3}));
}

// Linear interpolation preserves linear functions of the position.
TEST(GridSample, KeepsLinearFunctions) {
  for (const bool align : {false, true}) {
    const std::int64_t height = 4, width = 5;
    std::vector<double> values;
    for (std::int64_t i = 0; i < height; ++i) {
      for (std::int64_t j = 0; j < width; ++j) values.push_back(static_cast<double>(10 * i + j));
    }
    const Tensor grid = spread({1, 3, 3, 2}, -0.7, 0.7);
    const Tensor result = grid_sample(tensor(values, {1, 1, height, width}), grid, GridSampleMode::Bilinear,
                                      GridSamplePadding::Zeros, align);
    const std::vector<double> points = elements(grid), got = elements(result);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto index = [align](double x, double size) {
        return align ? (x + 1) / 2 * (size - 1) : ((x + 1) * size - 1) / 2;
      };
      EXPECT_NEAR(got[i], 10 * index(points[2 * i + 1], 4) + index(points[2 * i], 5), 1e-12);
    }
  }
}

TEST(GridSample, PaddingBeyondTheEdge) {
  const Tensor row = tensor<double>({1, 2, 3}, {1, 1, 1, 3});
  const Tensor far = tensor<double>({5.0 / 3, 0}, {1, 1, 1, 2});  // at 3.5 of 0, 1, 2
  const auto at = [&](GridSampleMode mode, GridSamplePadding padding) {
    return grid_sample(row, far, mode, padding).item<double>();
  };
  EXPECT_EQ(at(GridSampleMode::Bilinear, GridSamplePadding::Zeros), 0);
  EXPECT_EQ(at(GridSampleMode::Bilinear, GridSamplePadding::Border), 3);
  EXPECT_NEAR(at(GridSampleMode::Bilinear, GridSamplePadding::Reflection), 2.5, 1e-12);  // 3.5 is 1.5 beyond the mirror
  const Tensor nowhere = full({1, 1, 1, 2}, std::nan(""), DType::Float64);
  EXPECT_EQ(grid_sample(row, nowhere, GridSampleMode::Nearest).item<double>(), 0);
}

TEST(EmbeddingBag, SkipsPaddingAndEmptyBags) {
  const Tensor weight = tensor<double>({1, 2, 3, 4, 5, 6}, {3, 2});
  const Tensor input = integers({0, 2, 1, 2}, {4}), offsets = integers({0, 2, 2}, {3});
  const auto bag = [&](BagMode mode, OptionalInt padding) {
    return elements(embedding_bag(input, weight, offsets, std::nullopt, 2, false, mode, false, {}, false, padding));
  };
  EXPECT_EQ(bag(BagMode::Sum, std::nullopt), (std::vector<double>{6, 8, 0, 0, 8, 10}));
  EXPECT_EQ(bag(BagMode::Mean, -1), (std::vector<double>{1, 2, 0, 0, 3, 4}));
  EXPECT_EQ(bag(BagMode::Max, 0), (std::vector<double>{5, 6, 0, 0, 5, 6}));
  const Tensor ends = integers({0, 2, 4}, {3});
  EXPECT_EQ(elements(embedding_bag(input, weight, ends, std::nullopt, 2, false, BagMode::Sum, false, {}, true)),
            (std::vector<double>{6, 8, 8, 10}));
  EXPECT_THROW(embedding_bag(input, weight), ValueError);
  EXPECT_THROW(embedding_bag(input, weight, integers({1, 2}, {2})), ValueError);
  EXPECT_THROW(embedding_bag(integers({3}, {1}), weight, integers({0}, {1})), IndexError);
}

TEST(EmbeddingBag, ScalesARowsGradientByItsOwnFrequency) {
  const Tensor weight = leaf(ones({3, 1}, DType::Float64));
  sum(embedding_bag(integers({2, 2, 0, 2}, {4}), weight, integers({0}, {1}), std::nullopt, 2, true, BagMode::Sum))
      .backward();
  EXPECT_EQ(elements(weight.grad()), (std::vector<double>{1, 0, 1}));
}

TEST(EmbeddingBag, LimitsNormsOfIndexedRowsInPlace) {
  const Tensor weight = tensor<double>({3, 4, 30, 40, 0.3, 0.4}, {3, 2});
  const Tensor rows = embedding(integers({0, 2}, {2}), weight, std::nullopt, 1.0);
  const std::vector<double> got = elements(rows), left = elements(weight);
  EXPECT_NEAR(got[0], 0.6, 1e-7);
  EXPECT_NEAR(got[1], 0.8, 1e-7);
  EXPECT_EQ(left[2], 30);
  EXPECT_EQ(left[4], 0.3);
  EXPECT_NEAR(left[0], 0.6, 1e-7);
  EXPECT_THROW(embedding(integers({0}, {1}), weight, std::nullopt, std::nullopt, 2, false, true), NotSupportedError);
}

TEST(Unfold, IsAView) {
  const Tensor x = tensor<double>({1, 2, 3, 4, 5});
  const Tensor windows = unfold(x, 0, 3, 2);
  EXPECT_EQ(elements(windows), (std::vector<double>{1, 2, 3, 3, 4, 5}));
  fill_(select(windows, 0, 0), 7);
  EXPECT_EQ(elements(x), (std::vector<double>{7, 7, 7, 4, 5}));
  EXPECT_THROW(unfold(x, 0, 6, 1), ValueError);
  EXPECT_THROW(unfold(x, 0, 2, 0), ValueError);
}

// The matrix product cancels for rows that are close; the distance of a row to itself may not be exactly 0, but it is
// never NaN.
TEST(Distances, ManyRowsUseAMatrixProduct) {
  const Tensor x = spread({30, 4}, -2, 2), y = spread({40, 4}, -2, 2, 2);
  const std::vector<double> fast = elements(cdist(x, y)),
                            exact = elements(cdist(x, y, 2, DistanceMode::DonotUseMmForEuclidDist));
  // |x|^2 + |y|^2 is below 40, and the error of a distance d is half the error of the squares divided by d.
  for (std::size_t i = 0; i < fast.size(); ++i) EXPECT_NEAR(fast[i], exact[i], 40 * 0x1p-50 / exact[i]);
}

}  // namespace
}  // namespace ts
