// Kernels of matrix products and copies, and the errors of shape inference.
#include "generated/cpu/linear_algebra.g.h"
#include "kernel_checks.h"

namespace ts {
namespace {

using namespace test;

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
  expect_error<ValueError>("half of `kernel_size`", [&] {
    infer::max_pool2d(f({1, 1, 8, 8}), {2, 2}, {2, 2}, {2, 0}, {1, 1}, false);
  });
  expect_error<ShapeError>("larger than `self`", [&] { infer::gather(f({2, 3}), 0, empty({2, 4}, DType::Int64)); });
  expect_error<DTypeError>("int64", [&] { infer::gather(f({2}), 0, f({2})); });
  EXPECT_EQ(infer::reduced(f({2, 3, 4}), IntList{0, -1}, true), (Dims{1, 3, 1}));
  EXPECT_EQ(infer::reduced(f({}), IntList{0}, false), Dims{});
  EXPECT_EQ(infer::reduced(f({2, 3}), IntList{}, false), Dims{});
  EXPECT_EQ(infer::max_pool2d(f({1, 1, 5, 5}), {2, 2}, {2, 2}, {0, 0}, {1, 1}, true), (Dims{1, 1, 3, 3}));
}

}  // namespace
}  // namespace ts
