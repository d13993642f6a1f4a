// Indexing against an element-wise reference that follows the definition: it says, for each element of the result,
// which element of the operand it is. Random combinations of everything an index may contain are read, assigned and
// added to.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "gradcheck.h"
#include "torchscratch/indexing.h"

namespace ts {
namespace {

using test::elements;

Tensor counted(const Dims& sizes) { return reshape(arange(product(sizes), DType::Float64), IntList(sizes)); }
Tensor integers(const std::vector<std::int64_t>& values, const Dims& sizes) { return tensor(values, sizes); }
Tensor bools(const std::vector<int>& values, const Dims& sizes) {
  const std::vector<std::uint8_t> bytes(values.begin(), values.end());
  return from_data(bytes.data(), sizes, DType::Bool);
}
std::vector<double> list(std::initializer_list<double> values) { return values; }

// ---- The reference ----

// For each element of x[indices], in row-major order, the position of the corresponding element of x.
struct Reference {
  Dims shape;
  std::vector<std::int64_t> positions;
};

// One dimension of the result, or of the dimensions that index tensors span together: the offset that each step adds.
struct Axis {
  std::int64_t size;
  std::vector<std::int64_t> offsets;
};

Reference reference(const Dims& sizes, const std::vector<Index>& indices) {
  const Dims strides = contiguous_strides(sizes);
  int consumed = 0;
  for (const Index& entry : indices) {
    if (entry.kind() == Index::Kind::Integer || entry.kind() == Index::Kind::Slice) ++consumed;
    if (entry.kind() == Index::Kind::Tensor) consumed += entry.tensor().dtype() == DType::Bool ? entry.tensor().dim() : 1;
  }
  std::int64_t start = 0;
  std::vector<Axis> axes;          // without those of tensors
  std::vector<std::pair<std::vector<std::int64_t>, Dims>> tensors;  // offsets by element, shape
  std::vector<std::size_t> stands;                                  // the axis before which each tensor stands
  int d = 0;
  const auto whole = [&](int dim) {
    Axis axis{sizes[dim], {}};
    for (std::int64_t i = 0; i < sizes[dim]; ++i) axis.offsets.push_back(i * strides[dim]);
    axes.push_back(axis);
  };
  for (const Index& entry : indices) {
    switch (entry.kind()) {
      case Index::Kind::Integer: {
        const std::int64_t i = entry.integer();
        start += (i < 0 ? i + sizes[d] : i) * strides[d];
        ++d;
        break;
      }
      case Index::Kind::Slice: {
        Axis axis{0, {}};
        const auto clamped = [&](std::int64_t i) {
          return std::clamp<std::int64_t>(i < 0 ? i + sizes[d] : i, 0, sizes[d]);
        };
        const std::int64_t end = clamped(entry.slice().stop.value_or(sizes[d]));
        for (std::int64_t i = clamped(entry.slice().start.value_or(0)); i < end; i += entry.slice().step) {
          axis.offsets.push_back(i * strides[d]);
          ++axis.size;
        }
        axes.push_back(axis);
        ++d;
        break;
      }
      case Index::Kind::NewAxis:
        axes.push_back({1, {0}});
        break;
      case Index::Kind::Ellipsis:
        for (int left = sizes.size() - consumed; left > 0; --left) whole(d++);
        break;
      case Index::Kind::Tensor: {
        stands.push_back(axes.size());
        const std::vector<double> values = elements(entry.tensor());
        std::vector<std::int64_t> offsets;
        if (entry.tensor().dtype() == DType::Bool) {
          for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i] == 0) continue;
            std::int64_t rest = static_cast<std::int64_t>(i), offset = 0;
            for (int k = entry.tensor().dim() - 1; k >= 0; --k) {
              offset += rest % sizes[d + k] * strides[d + k];
              rest /= sizes[d + k];
            }
            offsets.push_back(offset);
          }
          const auto count = static_cast<std::int64_t>(offsets.size());
          tensors.push_back({offsets, {count}});
          d += entry.tensor().dim();
        } else {
          for (const double value : values) {
            const auto i = static_cast<std::int64_t>(value);
            offsets.push_back((i < 0 ? i + sizes[d] : i) * strides[d]);
          }
          tensors.push_back({offsets, entry.tensor().sizes()});
          ++d;
        }
        break;
      }
    }
  }
  while (d < sizes.size()) whole(d++);

  Dims together;
  for (const auto& [offsets, shape] : tensors) together = broadcast_shapes(together, shape);
  const bool neighbours = std::set<std::size_t>(stands.begin(), stands.end()).size() <= 1;
  const std::size_t before = tensors.empty() || !neighbours ? 0 : stands[0];
  Reference result;
  for (std::size_t i = 0; i < before; ++i) result.shape.push_back(axes[i].size);
  for (const std::int64_t size : together) result.shape.push_back(size);
  for (std::size_t i = before; i < axes.size(); ++i) result.shape.push_back(axes[i].size);
  for (std::int64_t n = 0; n < product(result.shape); ++n) {
    std::vector<std::int64_t> at(static_cast<std::size_t>(result.shape.size()));
    std::int64_t rest = n;
    for (std::size_t k = at.size(); k-- > 0;) {
      at[k] = rest % result.shape[static_cast<int>(k)];
      rest /= result.shape[static_cast<int>(k)];
    }
    std::int64_t position = start;
    const auto span = static_cast<std::size_t>(together.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      position += axes[i].offsets[static_cast<std::size_t>(at[i < before ? i : i + span])];
    }
    for (const auto& [offsets, shape] : tensors) {
      std::int64_t element = 0;
      for (int k = 0; k < shape.size(); ++k) {
        const std::int64_t i = at[before + span - static_cast<std::size_t>(shape.size() - k)];
        element = element * shape[k] + (shape[k] == 1 ? 0 : i);
      }
      position += offsets[static_cast<std::size_t>(element)];
    }
    result.positions.push_back(position);
  }
  return result;
}

// ---- Random indices ----

struct Draw {
  Dims sizes;
  std::vector<Index> indices;
};

Draw draw(std::mt19937& engine) {
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(engine() % static_cast<unsigned>(n)); };
  Draw result;
  const auto dims = static_cast<int>(1 + below(4));
  for (int i = 0; i < dims; ++i) result.sizes.push_back(1 + below(4));
  const std::int64_t shared = 1 + below(3);  // last size of index tensors, true elements of masks
  bool rested = false;
  for (int d = 0; d < dims;) {
    const std::int64_t size = result.sizes[d];
    switch (below(8)) {
      case 0:
        result.indices.emplace_back(below(2 * size) - size);
        ++d;
        break;
      case 1:
        result.indices.emplace_back(Slice(below(size), below(2) ? std::optional<std::int64_t>(below(size + 2)) : std::nullopt,
                                          1 + below(2)));
        ++d;
        break;
      case 2:
        result.indices.emplace_back(NewAxis);
        break;
      case 3:
        if (rested) break;
        rested = true;
        result.indices.emplace_back(Ellipsis);
        d += static_cast<int>(below(dims - d + 1));
        break;
      case 4: {
        // A mask with `shared` true elements, over one or two dimensions.
        const int over = d + 1 < dims && below(2) ? 2 : 1;
        const std::int64_t count = over == 2 ? size * result.sizes[d + 1] : size;
        if (count < shared) break;
        std::vector<int> holds(static_cast<std::size_t>(count), 0);
        std::fill_n(holds.begin(), shared, 1);
        std::shuffle(holds.begin(), holds.end(), engine);
        result.indices.emplace_back(bools(holds, over == 2 ? Dims{size, result.sizes[d + 1]} : Dims{size}));
        d += over;
        break;
      }
      case 5:
      case 6: {
        const Dims shape = below(3) == 0 ? Dims{1} : below(2) ? Dims{shared} : Dims{2, shared};
        std::vector<std::int64_t> indices;
        for (std::int64_t i = 0; i < product(shape); ++i) indices.push_back(below(2 * size) - size);
        const Tensor index = integers(indices, shape);
        result.indices.emplace_back(below(2) ? index : to(index, DType::Int32));
        ++d;
        break;
      }
      default:
        // The remaining dimensions are taken whole, unless there was an ellipsis.
        if (!rested) d = dims;
        break;
    }
  }
  return result;
}

// A tensor with the same elements that is not contiguous.
Tensor scattered(const Tensor& x) {
  Dims wide = x.sizes();
  wide[x.dim() - 1] *= 2;
  const Tensor room = zeros(IntList(wide), x.dtype());
  const Tensor view = slice(room, -1, std::nullopt, std::nullopt, 2);
  copy_(view, x);
  return view;
}

TEST(Indexing, RandomIndicesReadWriteAndAdd) {
  std::mt19937 engine(1);
  for (int round = 0; round < 3000; ++round) {
    const auto [sizes, indices] = draw(engine);
    const Reference expected = reference(sizes, indices);
    const Tensor x = counted(sizes);
    for (const Tensor& source : {x, scattered(x)}) {
      const Tensor part = index(source, indices);
      ASSERT_EQ(part.sizes(), expected.shape) << round;
      ASSERT_EQ(elements(part), std::vector<double>(expected.positions.begin(), expected.positions.end())) << round;
    }
    const Tensor values = counted(expected.shape) + 100;
    const std::vector<double> given = elements(values);
    for (const bool accumulate : {false, true}) {
      std::vector<double> wanted = elements(x);
      for (std::size_t i = 0; i < given.size(); ++i) {
        double& index = wanted[static_cast<std::size_t>(expected.positions[i])];
        index = accumulate ? index + given[i] : given[i];
      }
      for (const Tensor& target : {clone(x), scattered(x)}) {
        index_put_(target, indices, values, accumulate);
        ASSERT_EQ(elements(target), wanted) << round;
      }
    }
  }
}

TEST(Indexing, RandomGradients) {
  std::mt19937 engine(2);
  for (int round = 0; round < 60; ++round) {
    const auto [sizes, indices] = draw(engine);
    const Reference expected = reference(sizes, indices);
    const Tensor x = test::random_vector(sizes, 3).requires_grad_();
    Tensor values = test::random_vector(expected.shape, 4).requires_grad_();
    const test::CheckedFunction read = [&, at = indices](const TensorList& in) {
      return TensorList{index(in[0] * in[0], at)};
    };
    EXPECT_TRUE(test::gradcheck(read, {x})) << round;
    EXPECT_TRUE(test::gradgradcheck(read, {x})) << round;
    // Of several values for one element all get its gradient, as in PyTorch, though only one stays.
    const std::set<std::int64_t> distinct(expected.positions.begin(), expected.positions.end());
    for (const bool accumulate : {false, true}) {
      if (!accumulate && distinct.size() < expected.positions.size()) continue;
      const test::CheckedFunction write = [&, at = indices](const TensorList& in) {
        const Tensor y = in[0] * in[0];
        index_put_(y, at, in[1] * in[1], accumulate);
        return TensorList{y * y};
      };
      EXPECT_TRUE(test::gradcheck(write, {x, values})) << round;
      EXPECT_TRUE(test::gradgradcheck(write, {x, values})) << round;
    }
  }
}

// ---- By hand ----

TEST(Indexing, ViewsShareAndCopiesDoNot) {
  const Tensor x = counted({2, 3});
  EXPECT_TRUE(index(x, {0, Slice(1)}).is_view());
  EXPECT_FALSE(index(x, {Slice()}).is_same(x));
  EXPECT_EQ(index(x, {Slice()}).raw_data(), x.raw_data());
  EXPECT_TRUE(index(x, {integers({1}, {})}).is_view()) << "a 0-d integer tensor indexes like an integer";
  EXPECT_FALSE(index(x, {integers({1}, {1})}).is_view());
  EXPECT_EQ(index(x, {bools({1}, {})}).sizes(), (Dims{1, 2, 3}));
  EXPECT_EQ(index(x, {bools({0}, {})}).sizes(), (Dims{0, 2, 3}));
}

TEST(Indexing, ErrorsNameTheMismatchAndChangeNothing) {
  const Tensor x = counted({2, 3});
  const std::vector<double> before = elements(x);
  const auto message = [&](std::function<void()> call) -> std::string {
    try {
      call();
    } catch (const IndexError& error) {
      return error.what();
    }
    return "no IndexError";
  };
  const std::string text =
      message([&] { index_put_(x, {Slice(), integers({0, 3}, {2})}, tensor<double>({8, 9})); });
  EXPECT_NE(text.find("index 3"), std::string::npos) << text;
  EXPECT_NE(text.find("dimension 1 of size 3"), std::string::npos) << text;
  EXPECT_NE(message([&] { index(x, {bools({1, 0, 1}, {3})}); }).find("mask"), std::string::npos);
  EXPECT_THROW(index(x, {0, 0, 0}), IndexError);
  EXPECT_THROW(index(x, {Ellipsis, Ellipsis}), IndexError);
  EXPECT_THROW(index(x, {integers({0, 1}, {2}), integers({0, 1, 2}, {3})}), IndexError);
  EXPECT_THROW(index(x, {tensor<double>({0})}), DTypeError);
  EXPECT_THROW(index_put_(x, {integers({0, 1}, {2})}, counted({4})), ShapeError);
  EXPECT_THROW(take(x, integers({6}, {1})), IndexError);
  EXPECT_THROW(put_(x, integers({0, 6}, {2}), tensor<double>({1, 2})), IndexError);
  EXPECT_THROW(index_copy_(x, 1, integers({0, 3}, {2}), counted({2, 2})), IndexError);
  EXPECT_THROW(index_fill_(x, 0, integers({-3}, {1}), 1), IndexError);
  EXPECT_THROW(scatter_(x, 0, integers({0, 2, 0}, {1, 3}), 1), IndexError);
  EXPECT_THROW(masked_scatter_(x, bools({1, 1, 1}, {3}), tensor<double>({1, 2})), ValueError);
  EXPECT_THROW(embedding(integers({2}, {1}), x), IndexError);
  EXPECT_THROW(embedding(integers({-1}, {1}), x), IndexError);
  EXPECT_EQ(elements(x), before);
}

TEST(Indexing, InPlaceFormsMatchTheOutOfPlaceForms) {
  const Tensor x = counted({3, 2});
  const Tensor rows = integers({2, 0}, {2}), source = counted({2, 2}) * -1 - 1;
  const auto changed = [&](std::function<void(const Tensor&)> change) {
    const Tensor y = clone(x);
    change(y);
    return elements(y);
  };
  EXPECT_EQ(changed([&](const Tensor& y) { index_add_(y, 0, rows, source, 2); }),
            elements(index_add(x, 0, rows, source, 2)));
  EXPECT_EQ(changed([&](const Tensor& y) { index_copy_(y, 0, rows, source); }), list({-3, -4, 2, 3, -1, -2}));
  EXPECT_EQ(elements(index_copy(x, 0, rows, source)), list({-3, -4, 2, 3, -1, -2}));
  EXPECT_EQ(changed([&](const Tensor& y) { index_fill_(y, 0, rows, 7); }), list({7, 7, 2, 3, 7, 7}));
  EXPECT_EQ(elements(index_fill(x, 0, rows, 7)), list({7, 7, 2, 3, 7, 7}));
  const Tensor mask = bools({1, 0}, {2});
  EXPECT_EQ(changed([&](const Tensor& y) { masked_fill_(y, mask, 9); }), list({9, 1, 9, 3, 9, 5}));
  EXPECT_EQ(changed([&](const Tensor& y) { masked_scatter_(y, mask, source); }), list({-1, 1, -2, 3, -3, 5}));
  EXPECT_EQ(elements(masked_scatter(x, mask, source)), list({-1, 1, -2, 3, -3, 5}));
  const Tensor indices = integers({1, 2, 0, 0}, {2, 2});
  EXPECT_EQ(changed([&](const Tensor& y) { scatter_(y, 0, indices, source); }), elements(scatter(x, 0, indices, source)));
  EXPECT_EQ(changed([&](const Tensor& y) { scatter_(y, 0, indices, 8); }), list({8, 8, 8, 3, 4, 8}));
  EXPECT_EQ(changed([&](const Tensor& y) { scatter_add_(y, 0, indices, source); }),
            elements(scatter_add(x, 0, indices, source)));
  EXPECT_EQ(changed([&](const Tensor& y) { put_(y, integers({5, 0, 5}, {3}), tensor<double>({1, 2, 3}), true); }),
            list({2, 1, 2, 3, 4, 9}));
}

TEST(Indexing, ScatterReduce) {
  const Tensor x = tensor<double>({1, 2, 3}), src = tensor<double>({4, -5, 6, 8});
  const Tensor indices = integers({0, 0, 1, 0}, {4});
  const auto joined = [&](ScatterReduction reduce, bool include_self) {
    return elements(scatter_reduce(x, 0, indices, src, reduce, include_self));
  };
  EXPECT_EQ(joined(ScatterReduction::Sum, true), list({8, 8, 3}));
  EXPECT_EQ(joined(ScatterReduction::Sum, false), list({7, 6, 3}));
  EXPECT_EQ(joined(ScatterReduction::Prod, true), list({-160, 12, 3}));
  EXPECT_EQ(joined(ScatterReduction::Prod, false), list({-160, 6, 3}));
  EXPECT_EQ(joined(ScatterReduction::Mean, true), list({2, 4, 3}));
  EXPECT_EQ(joined(ScatterReduction::Amax, true), list({8, 6, 3}));
  EXPECT_EQ(joined(ScatterReduction::Amin, false), list({-5, 6, 3}));
  // Means of integers are rounded down.
  const Tensor whole = scatter_reduce(integers({0, 0}, {2}), 0, integers({0, 0, 1}, {3}), integers({-4, -3, 5}, {3}),
                                      ScatterReduction::Mean, false);
  EXPECT_EQ(elements(whole), list({-4, 5}));
}

TEST(Indexing, NonzeroWhereMaskedSelectAndOneHot) {
  const Tensor x = tensor<double>({0, 1, 2, 0}, {2, 2});
  EXPECT_EQ(elements(nonzero(x)), list({0, 1, 1, 0}));
  EXPECT_EQ(nonzero(tensor<double>({3}, {})).sizes(), (Dims{1, 0}));
  EXPECT_EQ(nonzero(zeros({0, 2})).sizes(), (Dims{0, 2}));
  const TensorList columns = where(x != 0);
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(elements(columns[0]), list({0, 1}));
  EXPECT_EQ(elements(columns[1]), list({1, 0}));
  EXPECT_EQ(elements(masked_select(x, bools({1, 0}, {2}))), list({0, 2}));
  EXPECT_EQ(elements(masked_select(counted({2}), bools({1, 0, 1, 1}, {2, 2}))), list({0, 0, 1}));
  EXPECT_EQ(elements(one_hot(integers({2, 0}, {2}))), list({0, 0, 1, 1, 0, 0}));
}

TEST(Indexing, EmbeddingGradients) {
  const Tensor weight = counted({3, 2}).requires_grad_();
  const Tensor input = integers({0, 2, 0, 1}, {2, 2});
  const auto gradient = [&](std::optional<std::int64_t> padding, bool scale) {
    const Tensor rows = embedding(input, weight, padding, std::nullopt, 2, scale);
    EXPECT_EQ(rows.sizes(), (Dims{2, 2, 2}));
    return elements(grad(TensorList{sum(rows)}, TensorList{weight})[0]);
  };
  EXPECT_EQ(gradient(std::nullopt, false), list({2, 2, 1, 1, 1, 1}));
  EXPECT_EQ(gradient(0, false), list({0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(gradient(-1, false), list({2, 2, 1, 1, 0, 0}));
  EXPECT_EQ(gradient(std::nullopt, true), list({1, 1, 1, 1, 1, 1}));
}

TEST(Indexing, ABigReadAndAddMatchOneThread) {
  const Tensor x = test::random_vector({400, 130}, 1);
  std::mt19937 engine(5);
  std::vector<std::int64_t> rows(5000);
  for (auto& row : rows) row = static_cast<std::int64_t>(engine() % 400);
  const Tensor indices = integers(rows, {5000});
  const Tensor many = index(x, {indices});
  const Tensor sum_of = zeros_like(x);
  index_put_(sum_of, {indices}, many, true);
  const int threads = num_threads();
  set_num_threads(1);
  const Tensor again = zeros_like(x);
  index_put_(again, {indices}, index(x, {indices}), true);
  set_num_threads(threads);
  EXPECT_EQ(elements(sum_of), elements(again));
  EXPECT_EQ(elements(many), elements(index_select(x, 0, indices)));
}

}  // namespace
}  // namespace ts
