// Kernels that move elements by index: every type, indices out of range, and the order of additions.
#include "kernel_checks.h"

namespace ts {
namespace {

using namespace test;

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
  const std::vector<std::int64_t> at = {2, 2, 0, 2, 1, 0};
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
            const std::int64_t index = at[static_cast<std::size_t>(i)];
            expected[p.at(o, i, j)] = in[s.at(o, index, j)];
            double& sum = sums[s.at(o, index, j)];
            sum += from[p.at(o, i, j)];
            if (!is_floating(dtype)) sum = wrapped(sum, dtype);
            tolerance[s.at(o, index, j)] +=
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
  for (auto& index : at) index = static_cast<std::int64_t>(engine() % 50);
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
      Values indices(static_cast<std::size_t>(product(index_sizes)));
      for (double& index : indices) index = static_cast<double>(engine() % static_cast<unsigned>(sizes[dim]));
      const Tensor index = make(indices, index_sizes, DType::Int64);
      const Tensor x = random_tensor(sizes, dtype);
      Dims src_sizes = {4, 5, 6};
      src_sizes[dim] = 8;
      const Tensor src = random_tensor(src_sizes, dtype, 1, 4);

      const Tensor gathered = empty(infer::gather(x, dim, index), dtype);
      cpu::gather(gathered, x, index, dim);
      const Tensor scattered = empty(infer::scatter_add(x, dim, index, src), dtype);
      cpu::scatter_add(scattered, x, index, src, dim - 3);

      const Values in = read(x), from = read(src);
      Values expected(indices.size()), sums = in, tolerance(in.size());
      std::size_t at = 0;
      for (std::int64_t i = 0; i < index_sizes[0]; ++i) {
        for (std::int64_t j = 0; j < index_sizes[1]; ++j) {
          for (std::int64_t k = 0; k < index_sizes[2]; ++k, ++at) {
            std::int64_t p[] = {i, j, k};
            const auto source = static_cast<std::size_t>((i * src_sizes[1] + j) * src_sizes[2] + k);
            p[dim] = static_cast<std::int64_t>(indices[at]);
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
  for (const std::int64_t bad : {3, -1, -4}) {
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

}  // namespace
}  // namespace ts
