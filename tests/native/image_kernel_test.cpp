// Convolution and pooling kernels: every geometry and type, against direct sums.
#include "generated/cpu/convolution_and_pooling.g.h"
#include "kernel_checks.h"
#include "simd_targets.h"

namespace ts {
namespace {

using namespace test;

struct ConvCase {
  Dims input, weight;
  Dims stride = {1, 1}, padding = {0, 0}, dilation = {1, 1};
  std::int64_t groups = 1;
};

// Enumerates every product of a convolution: fn(output element, input element, weight element).
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
      check_conv({{2, 5, 9, 7}, {7, 5, 1, 1}, {2, 2}}, dtype);                       // inputs that no output reads
      check_conv({{2, 6, 11, 13}, {6, 1, 3, 3}, {2, 2}, {1, 1}, {1, 1}, 6}, dtype);  // depthwise
      check_conv({{2, 6, 11, 13}, {6, 1, 3, 3}, {1, 1}, {2, 0}, {2, 1}, 6}, dtype);
      check_conv({{2, 3, 11, 13}, {6, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 3}, dtype);  // two filters per channel
      check_conv({{2, 2, 4, 4}, {3, 2, 4, 4}, {3, 3}, {3, 3}}, dtype);               // more padding than image
      check_conv({{1, 1, 1, 1}, {1, 1, 3, 3}, {1, 1}, {4, 4}}, dtype);               // rows that contain only zeros
      check_conv({{40, 3, 4, 5}, {16, 3, 3, 3}, {1, 1}, {1, 1}}, dtype);             // several images per block
      check_conv({{2, 40, 30, 31}, {33, 40, 3, 3}, {1, 1}, {1, 1}}, dtype);          // several blocks per image
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
  Values expected, indices;
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
        indices.push_back(static_cast<double>(best_at));
      }
  SCOPED_TRACE(sizes.to_string() + kernel.to_string() + stride.to_string() + dtype_name(dtype));
  expect_equal(y, expected);
  expect_equal(at, indices);
  if (!is_floating(dtype)) return;

  const Tensor dy = random_tensor(out, dtype, 1, 9);
  Tensor dx = empty(sizes, dtype);
  cpu::max_pool2d_backward(dx, dy, at, sizes);
  const Values g = read(dy);
  Values sums(static_cast<std::size_t>(product(sizes)), 0), tolerance = sums;
  for (std::size_t i = 0; i < g.size(); ++i) {
    const std::size_t plane = i / static_cast<std::size_t>(out[2] * out[3]);
    const std::size_t target =
        plane * static_cast<std::size_t>(sizes[2] * sizes[3]) + static_cast<std::size_t>(indices[i]);
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

}  // namespace
}  // namespace ts
