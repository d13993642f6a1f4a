// Winograd convolution against sums in double, on every instruction set.
#include "cpu/kernels/conv/conv_winograd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "cpu/kernels/conv/conv_gemm.h"
#include "cpu/thread_pool.h"
#include "simd_targets.h"

namespace ts::cpu {
namespace {

using Values = std::vector<float>;

Values random_values(std::int64_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0, 1);
  Values values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(engine);
  return values;
}

struct Case {
  std::int64_t images, channels, height, width, out_channels, padding_y, padding_x;
};

ConvGeometry geometry(const Case& c) {
  const Dims input{c.images, c.channels, c.height, c.width}, weight{c.out_channels, c.channels, 3, 3};
  const Dims output{c.images, c.out_channels, c.height + 2 * c.padding_y - 2, c.width + 2 * c.padding_x - 2};
  const Dims one{1, 1}, padding{c.padding_y, c.padding_x};
  return ConvGeometry(input, weight, output, one, padding, one, 1);
}

// Sums of products in double, and the root of the sum of the squared products: the typical size of a sum with
// random signs.
struct Sums {
  std::vector<double> value, squares;
  explicit Sums(std::int64_t size) : value(static_cast<std::size_t>(size)), squares(value) {}
  void add(std::int64_t at, double term) {
    value[static_cast<std::size_t>(at)] += term;
    squares[static_cast<std::size_t>(at)] += term * term;
  }

  // The transforms in each direction and the sum between them round what they add, so errors grow with the size of the
  // sum. The factor is that of the transforms: their rows, applied along both axes, add up to at most 4.5^2 (inputs),
  // 2^2 (filters) and 4.2^2 (outputs), of which independent signs leave about the square root. The largest of thousands
  // of errors is within four times that.
  void expect(const Values& actual) const {
    const double amplification = 4 * 4.5 * 2 * 4.2, epsilon = std::ldexp(1.0, -24);
    const double size = std::sqrt(*std::max_element(squares.begin(), squares.end()));
    for (std::size_t i = 0; i < value.size(); ++i) {
      ASSERT_NEAR(actual[i], value[i], amplification * epsilon * size) << "element " << i;
    }
  }
};

void check(const Case& c) {
  const ConvGeometry g = geometry(c);
  SCOPED_TRACE(testing::Message() << c.images << "x" << c.channels << "x" << c.height << "x" << c.width << " to "
                                  << c.out_channels << ", padding " << c.padding_y << "x" << c.padding_x);
  const std::int64_t out_size = g.images * g.out_channels * g.out_plane(), in_size = g.images * g.channels * g.plane();
  const Values x = random_values(in_size, 1), w = random_values(g.out_channels * g.channels * 9, 2);
  const Values bias = random_values(g.out_channels, 3), dy = random_values(out_size, 4);
  Sums y(out_size), dx(in_size), dw(static_cast<std::int64_t>(w.size()));
  for (std::int64_t n = 0; n < g.images; ++n) {
    for (std::int64_t o = 0; o < g.out_channels; ++o) {
      for (std::int64_t p = 0; p < g.out_plane(); ++p) {
        const std::int64_t out = (n * g.out_channels + o) * g.out_plane() + p;
        const auto at = [](const Values& values, std::int64_t i) {
          return static_cast<double>(values[static_cast<std::size_t>(i)]);
        };
        y.add(out, at(bias, o));
        for (std::int64_t i = 0; i < g.channels; ++i) {
          for (std::int64_t t = 0; t < 9; ++t) {
            const std::int64_t iy = p / g.out_width + t / 3 - g.padding_y, ix = p % g.out_width + t % 3 - g.padding_x;
            if (iy < 0 || iy >= g.height || ix < 0 || ix >= g.width) continue;
            const std::int64_t in = ((n * g.channels + i) * g.height + iy) * g.width + ix;
            const std::int64_t tap = (o * g.channels + i) * 9 + t;
            y.add(out, at(x, in) * at(w, tap));
            dx.add(in, at(dy, out) * at(w, tap));
            dw.add(tap, at(dy, out) * at(x, in));
          }
        }
      }
    }
  }
  const int before = num_threads();
  Values first_y, first_dx, first_dw;
  for (const int threads : {1, 2, 3}) {
    set_num_threads(threads);
    Values actual_y(y.value.size()), actual_dx(dx.value.size()), actual_dw(dw.value.size());
    winograd_forward(g, x.data(), w.data(), bias.data(), actual_y.data());
    winograd_input(g, w.data(), dy.data(), actual_dx.data());
    winograd_weight(g, x.data(), dy.data(), actual_dw.data());
    if (threads == 1) {
      y.expect(actual_y);
      dx.expect(actual_dx);
      dw.expect(actual_dw);
      first_y = actual_y, first_dx = actual_dx, first_dw = actual_dw;
    } else {
      EXPECT_EQ(actual_y, first_y) << threads << " threads";
      EXPECT_EQ(actual_dx, first_dx) << threads << " threads";
      EXPECT_EQ(actual_dw, first_dw) << threads << " threads";
    }
  }
  set_num_threads(before);
}

TEST(Winograd, EveryGeometryAndTarget) {
  test::for_each_simd_target([](const char* target) {
    if (!prefers_winograd(geometry({8, 16, 16, 16, 16, 1, 1}))) {
      GTEST_LOG_(INFO) << target << " has no vectors of four numbers, so convolutions are matrix products";
      return;
    }
    check({8, 16, 8, 8, 16, 1, 1});
    check({1, 17, 30, 29, 35, 1, 1});  // channels that do not fill a vector, tiles beyond the edge
    check({3, 5, 13, 7, 3, 0, 2});     // fewer channels than a vector, unequal padding
    check({2, 16, 4, 140, 18, 1, 0});  // rows longer than a unit of tiles
    check({40, 24, 4, 4, 40, 1, 1});   // images of one tile
    check({1, 130, 9, 9, 33, 2, 2});
  });
}

// The sum over tiles in the gradient of the weight is computed in several steps.
TEST(Winograd, ManyTiles) { check({5, 16, 64, 64, 16, 1, 1}); }

// One pass: the operands' sizes, and the pass itself from the image operand and the other one.
struct PassOf {
  const char* name;
  std::int64_t image_size, other_size;
  void (*run)(const ConvGeometry& g, const float* image, const float* other, float* result);
  void (*directly)(const ConvGeometry& g, const float* image, const float* other, float* result);
  std::int64_t result_size;
};

std::vector<PassOf> passes(const ConvGeometry& g) {
  const std::int64_t x = g.images * g.channels * g.plane(), y = g.images * g.out_channels * g.out_plane();
  const std::int64_t w = g.out_channels * g.channels * 9;
  using Geometry = ConvGeometry;
  return {
      {"forward", x, w,
       [](const Geometry& s, const float* a, const float* b, float* to) { winograd_forward(s, a, b, nullptr, to); },
       [](const Geometry& s, const float* a, const float* b, float* to) { gemm_forward<float>(s, a, b, nullptr, to); }, y},
      {"input gradient", y, w,
       [](const Geometry& s, const float* a, const float* b, float* to) { winograd_input(s, b, a, to); },
       [](const Geometry& s, const float* a, const float* b, float* to) { gemm_input<float>(s, b, a, to); }, x},
      {"weight gradient", x, y,
       [](const Geometry& s, const float* a, const float* b, float* to) { winograd_weight(s, a, b, to); },
       [](const Geometry& s, const float* a, const float* b, float* to) { gemm_weight<float>(s, a, b, to); }, w},
  };
}

// An output that no outlier touches keeps its precision, and one that an outlier touches is what the sum gives.
TEST(Winograd, OneOutlierTouchesItsNeighboursOnly) {
  test::for_each_simd_target([](const char* target) {
    if (!prefers_winograd(geometry({8, 16, 16, 16, 16, 1, 1}))) return;
    for (const Case& c : {Case{2, 16, 21, 34, 18, 1, 1}, Case{9, 17, 7, 7, 16, 1, 1}, Case{3, 16, 12, 10, 16, 0, 2}}) {
      const ConvGeometry g = geometry(c);
      for (const PassOf& pass : passes(g)) {
        for (const float outlier : {INFINITY, -INFINITY, NAN, 1e30f, 3e9f}) {
          for (const bool in_image : {true, false}) {
            for (const bool sparse : {true, false}) {
              Values image = random_values(pass.image_size, 5), other = random_values(pass.other_size, 6);
              Values& changed = in_image ? image : other;
              if (sparse) std::fill(changed.begin(), changed.end(), 0.0f);
              const auto size = static_cast<std::int64_t>(changed.size());
              for (const std::int64_t at : {size / 3, size - 1}) changed[static_cast<std::size_t>(at)] = outlier;
              Values result(static_cast<std::size_t>(pass.result_size)), exact = result;
              pass.run(g, image.data(), other.data(), result.data());
              pass.directly(g, image.data(), other.data(), exact.data());
              int wrong = 0;
              for (std::size_t i = 0; i < exact.size(); ++i) {
                const bool same = result[i] == exact[i] || (std::isnan(result[i]) && std::isnan(exact[i]));
                // A few hundred terms of order 1, or a sum that the outlier dominates.
                const double tolerance = 2e-3 + 1e-4 * std::fabs(static_cast<double>(exact[i]));
                if (!same && !(std::fabs(static_cast<double>(result[i]) - exact[i]) <= tolerance)) ++wrong;
              }
              EXPECT_EQ(wrong, 0) << target << ", " << pass.name << " with " << outlier << " in the "
                                  << (in_image ? "image" : "other operand") << (sparse ? " of zeros" : "");
            }
          }
        }
      }
    }
  });
}

TEST(Winograd, ChosenByShape) {
  EXPECT_FALSE(prefers_winograd(geometry({8, 3, 32, 32, 64, 1, 1}))) << "too few channels";
  EXPECT_FALSE(prefers_winograd(geometry({1, 64, 6, 6, 64, 1, 1}))) << "too few tiles";
}

}  // namespace
}  // namespace ts::cpu
