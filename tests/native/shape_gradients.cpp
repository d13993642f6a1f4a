// Samples of views, rearrangements and indexing for the gradient checks.
#include "gradient_samples.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"

namespace ts::test {
namespace {

void views(Samples& s) {
  const auto view_sample = [&](const std::string& op, const std::string& variant, Tensor (*fn)(const Tensor&),
                               Tensor input) {
    s.add(op, variant, [fn](const TensorList& x) { return fn(x[0]); }, {std::move(input)});
    // The second derivative of a view is zero unless the function around it is nonlinear.
    s.add(op, variant + ", squared", [fn](const TensorList& x) { return square(fn(x[0] * x[0])); },
          {s.all.back().inputs});
  };
#define VIEW(op, variant, expression, input) \
  view_sample(                               \
      op, variant, [](const Tensor& x) -> Tensor { return expression; }, input)
  VIEW("view", "contiguous", view(x, {3, -1}), operand({2, 3}));
  VIEW("view", "transposed", view(x, {3, 2, 1}), transposed({3, 2}));
  VIEW("view", "0-d", view(x, {1, 1}), operand({}));
  VIEW("view", "empty", view(x, {3, 0}), operand({0, 2}));
  VIEW("reshape", "copied", reshape(x, {-1}), transposed({3, 2}));
  VIEW("flatten", "middle", flatten(x, 1), operand({2, 3, 2}));
  VIEW("transpose", "contiguous", transpose(x, 0, -1), operand({2, 3, 2}));
  VIEW("transpose", "transposed", transpose(x, 0, 1), transposed({2, 3}));
  VIEW("transpose", "empty", transpose(x, 0, 1), operand({0, 3}));
  VIEW("t", "matrix", t(x), operand({2, 3}));
  VIEW("t", "vector", t(x), operand({3}));
  VIEW("alias", "contiguous", alias(x), operand({2, 3}));
  VIEW("alias", "0-d", alias(x), operand({}));
  VIEW("permute", "contiguous", permute(x, {2, 0, -2}), operand({2, 3, 2}));
  VIEW("permute", "transposed", permute(x, {1, 0}), transposed({2, 3}));
  VIEW("permute", "0-d", permute(x, {}), operand({}));
  VIEW("expand", "contiguous", expand(x, {2, 3, 2}), operand({3, 1}));
  VIEW("expand", "0-d", expand(x, {2, 2}), operand({}));
  VIEW("expand", "-1", expand(x, {2, -1}), operand({1, 3}));
  VIEW("expand", "to nothing", expand(x, {0, 2}), operand({1, 2}));
  VIEW("squeeze", "all", squeeze(x), operand({1, 3, 1}));
  VIEW("squeeze", "one", squeeze(x, -1), operand({1, 3, 1}));
  VIEW("squeeze", "none", squeeze(x, 1), transposed({2, 3}));
  VIEW("squeeze", "0-d", squeeze(x), operand({}));
  VIEW("unsqueeze", "middle", unsqueeze(x, 1), transposed({2, 3}));
  VIEW("unsqueeze", "0-d", unsqueeze(x, 0), operand({}));
  VIEW("select", "contiguous", select(x, 1, -1), operand({2, 3}));
  VIEW("select", "transposed", select(x, 0, 1), transposed({2, 3}));
  VIEW("slice", "middle", slice(x, 1, 1, 3), operand({2, 4}));
  VIEW("slice", "steps", slice(x, 0, std::nullopt, std::nullopt, 2), transposed({5, 2}));
  VIEW("slice", "empty", slice(x, 0, 2, 1), operand({3}));
  VIEW("slice", "negative", slice(x, 0, -3, -1), operand({4, 2}));
  VIEW("narrow", "middle", narrow(x, 0, 1, 2), operand({4, 2}));
  VIEW("as_strided", "windows", as_strided(x, {3, 2}, {1, 1}), operand({4}));
  VIEW("as_strided", "offset", as_strided(x, {2, 2}, {1, 2}, 1), operand({2, 3}));
  VIEW("as_strided", "0-d", as_strided(x, {}, {}, 2), operand({4}));
  VIEW("as_strided", "repeated", as_strided(x, {3, 2}, {0, 1}), operand({2}));
  VIEW("contiguous", "transposed", contiguous(x), transposed({2, 3}));
  VIEW("clone", "contiguous", clone(x), operand({2, 3}));
  VIEW("clone", "transposed", clone(x), transposed({2, 3}));
  VIEW("clone", "0-d", clone(x), operand({}));
  VIEW("clone", "empty", clone(x), operand({0, 2}));
  s.add("constant_in", "", [](const TensorList& x) { return constant_in(x[0] * x[0], x[1]); },
        {operand({2, 3}), operand({4})});
  VIEW("convert", "contiguous", convert(x, DType::Float64), operand({2, 3}));
  VIEW("convert", "transposed", convert(x, DType::Float64), transposed({2, 3}));
  VIEW("to", "itself", to(x, DType::Float64), operand({2, 3}));
  VIEW("copy_to_device", "there and back", to(copy_to_device(x, Device(), false), x.device()), operand({2, 3}));
  VIEW("masked_fill", "row", masked_fill(x, bools({1, 0, 1}, {3}), 2), operand({2, 3}));
#undef VIEW
  const auto scatter = [](const TensorList& x) { return as_strided_backward(x[0], {5}, {2, 3}, {1, 1}, 1); };
  s.add("as_strided_backward", "overlapping", scatter, {operand({2, 3})});
  s.add("as_strided_backward", "transposed", scatter, {transposed({2, 3})});
  s.add("as_strided_backward", "empty",
        [](const TensorList& x) {
          return as_strided_backward(x[0], {2}, {0, 3}, {1, 1}, 0);
        },
        {operand({0, 3})});
  s.add("unbind", "columns", [](const TensorList& x) { return unbind(x[0], 1); }, {operand({2, 3})});
  s.add("split", "uneven", [](const TensorList& x) { return split(x[0], 2, 1); }, {transposed({2, 5})});
}

void rearranging(Samples& s) {
  const auto each = [&](const std::string& op, std::function<Tensor(const Tensor&)> fn) {
    const auto call = [fn](const TensorList& x) { return fn(x[0]); };
    s.add(op, "contiguous", call, {operand({3, 4})});
    s.add(op, "transposed", call, {transposed({3, 4})});
  };
  each("diagonal", [](const Tensor& x) { return diagonal(x, 1); });
  each("diag_embed", [](const Tensor& x) { return diag_embed(x, -1); });
  each("tril", [](const Tensor& x) { return tril(x, -1); });
  each("triu", [](const Tensor& x) { return triu(x, 1); });
  each("flip", [](const Tensor& x) { return flip(x, {0, 1}); });
  each("roll", [](const Tensor& x) { return roll(x, {1, -2}, {0, 1}); });
  each("repeat", [](const Tensor& x) { return repeat(x, {2, 1, 2}); });
  each("movedim", [](const Tensor& x) { return movedim(x, {0}, {1}); });
  const Tensor indices = integers({2, 0, 1, 1, 2, 0}, {2, 3});
  s.add("scatter", "contiguous", [indices](const TensorList& x) { return scatter(x[0], 0, indices, x[1]); },
        {operand({3, 4}), operand({3, 3}, -2, 2, 2)});
  s.add("scatter", "transposed", [indices](const TensorList& x) { return scatter(x[0], 0, indices, x[1]); },
        {transposed({3, 4}), transposed({2, 3}, -2, 2, 2)});
  s.add("index_put", "accumulated",
        [](const TensorList& x) {
          const Tensor rows = integers({0, 2, 0}, {3});
          return index_put(x[0], TensorList{rows}, x[1], true);
        },
        {operand({3, 2}), operand({3, 2}, -2, 2, 2)});
  for (const bool largest : {true, false}) {
    const auto rows = [largest](const TensorList& x) { return largest ? amax_rows(x[0]) : amin_rows(x[0]); };
    s.add(largest ? "amax_rows" : "amin_rows", "contiguous", rows, {operand({3, 4})});
    s.add(largest ? "amax_rows" : "amin_rows", "transposed", rows, {transposed({3, 4})});
  }
}

void indexing(Samples& s) {
  for (const std::int64_t dim : {0, -1}) {
    const std::string along = "along " + std::to_string(dim);
    s.add("cat", along, [dim](const TensorList& x) { return cat(x, dim); },
          {operand({2, 2}), operand({2, 2}, -2, 2, 2), transposed({2, 2}, -2, 2, 3)});
    s.add("cat", along + ", one gradient",
          [dim](const TensorList& x) {
            return square(cat({spread({2, 2}, 0, 1), x[0]}, dim));
          },
          {operand({2, 2})});
    s.add("stack", along, [dim](const TensorList& x) { return stack(x, dim); }, {operand({3}), operand({3}, -2, 2, 2)});
  }
  s.add("cat", "empty", [](const TensorList& x) { return cat(x, 0); },
        {operand({0}), operand({2, 2}), operand({0, 2})});
  const Tensor picks = integers({2, 0, 2, 1}, {4});
  const auto select_by = [picks](const TensorList& x) { return index_select(x[0], -1, picks); };
  s.add("index_select", "contiguous", select_by, {operand({2, 3})});
  s.add("index_select", "transposed", select_by, {transposed({2, 3})});
  s.add("index_select", "0-d", [](const TensorList& x) { return index_select(x[0], 0, integers({0}, {1})); },
        {operand({})});
  s.add("index_select", "nothing", [](const TensorList& x) { return index_select(x[0], 0, integers({}, {0})); },
        {operand({2, 3})});
  const auto add_by = [picks](const TensorList& x) { return index_add(x[0], 1, picks, x[1]); };
  s.add("index_add", "contiguous", add_by, {operand({2, 3}), operand({2, 4}, -2, 2, 2)});
  s.add("index_add", "transposed", add_by, {transposed({2, 3}), transposed({2, 4}, -2, 2, 2)});
  s.add("index_add", "0-d", [](const TensorList& x) { return index_add(x[0], 0, integers({0}, {1}), x[1]); },
        {operand({}), operand({}, -2, 2, 2)});
  s.add("index_add", "empty", [](const TensorList& x) { return index_add(x[0], 0, integers({}, {0}), x[1]); },
        {operand({2, 3}), operand({0, 3})});
  const Tensor indices = integers({2, 0, 1, 1, 0, 0}, {3, 2});
  const auto gather_by = [indices](const TensorList& x) { return gather(x[0], 0, indices); };
  s.add("gather", "contiguous", gather_by, {operand({3, 2})});
  s.add("gather", "transposed", gather_by, {transposed({3, 3})});
  s.add("gather", "0-d", [](const TensorList& x) { return gather(x[0], 0, integers({0}, {})); }, {operand({})});
  s.add("gather", "empty",
        [](const TensorList& x) {
          return gather(x[0], 0, integers({}, {0, 2}));
        },
        {operand({3, 2})});
  const auto scatter_by = [indices](const TensorList& x) { return scatter_add(x[0], 0, indices, x[1]); };
  s.add("scatter_add", "contiguous", scatter_by, {operand({3, 2}), operand({3, 2}, -2, 2, 2)});
  s.add("scatter_add", "transposed", scatter_by, {transposed({3, 2}), transposed({3, 2}, -2, 2, 2)});
  s.add("scatter_add", "0-d", [](const TensorList& x) { return scatter_add(x[0], 0, integers({0}, {}), x[1]); },
        {operand({}), operand({}, -2, 2, 2)});
  s.add("scatter_add", "empty",
        [](const TensorList& x) {
          return scatter_add(x[0], 0, integers({}, {0, 2}), x[1]);
        },
        {operand({3, 2}), operand({0, 2})});
}

void indices(Samples& s) {
  const Tensor at = integers({3, 0, 3, 1, 2, 3}, {2, 3});
  const auto twice = [&](const std::string& op, std::function<Tensor(const Tensor&, const Tensor&)> fn,
                         const Dims& other) {
    const auto call = [fn](const TensorList& x) { return fn(x[0], x[1] * x[1]); };
    s.add(op, "contiguous", call, {operand({4, 3}), operand(other, -2, 2, 2)});
    s.add(op, "transposed", call, {transposed({4, 3}), operand(other, -2, 2, 2)});
  };
  s.add("take_indices", "middle", [at](const TensorList& x) { return take_indices(x[0] * x[0], {1}, at); },
        {operand({2, 4, 2})});
  s.add("take_indices", "apart",
        [at](const TensorList& x) {
          return take_indices(x[0] * x[0], {0, 2}, at);
        },
        {transposed({2, 3, 2})});
  twice("put_indices",
        [at](const Tensor& a, const Tensor& b) {
          return put_indices(a, {0}, integers({3, 1}, {2}), b);
        },
        {2, 3});
  twice("add_indices", [at](const Tensor& a, const Tensor& b) { return add_indices(a, {0}, at, b); }, {2, 3, 3});
  twice("index_copy",
        [](const Tensor& a, const Tensor& b) {
          return index_copy(a, 1, integers({2, 0}, {2}), b);
        },
        {4, 2});
  twice("index_fill", [](const Tensor& a, const Tensor& b) { return index_fill(a, 0, integers({2, 0}, {2}), b); }, {});
  twice("put", [](const Tensor& a, const Tensor& b) { return put(a, integers({7, 0, 7}, {3}), b, true); }, {3});
  twice("masked_scatter",
        [](const Tensor& a, const Tensor& b) {
          return masked_scatter(a, bools({1, 0, 1}, {3}), b);
        },
        {9});
  twice("select_scatter", [](const Tensor& a, const Tensor& b) { return select_scatter(a, b, 1, -1); }, {4});
  twice("slice_scatter", [](const Tensor& a, const Tensor& b) { return slice_scatter(a, b, 0, 1, 4, 2); }, {2, 3});
  s.add("take", "repeated", [at](const TensorList& x) { return take(x[0] * x[0], at); }, {transposed({2, 2})});
  s.add("take_along_dim", "broadcast",
        [](const TensorList& x) {
          return take_along_dim(x[0] * x[0], integers({2, 0}, {2, 1}), 0);
        },
        {operand({3, 2})});
  s.add("masked_select", "column",
        [](const TensorList& x) {
          return masked_select(x[0] * x[0], bools({1, 0}, {2, 1}));
        },
        {operand({2, 3})});
  // padding_idx and scale_grad_by_freq change the gradient on purpose, so finite differences disagree;
  // indexing_test.cpp tests them.
  s.add("embedding_rows", "repeated", [at](const TensorList& x) { return embedding_rows(x[0] * x[0], at, -1, false); },
        {operand({4, 2})});
  for (const ScatterReduction reduce : {ScatterReduction::Sum, ScatterReduction::Prod, ScatterReduction::Mean,
                                        ScatterReduction::Amax, ScatterReduction::Amin}) {
    for (const bool include_self : {true, false}) {
      s.add("scatter_reduce", "reduction " + std::to_string(static_cast<int>(reduce)) + (include_self ? ", self" : ""),
            [=](const TensorList& x) {
              return scatter_reduce(x[0], 0, integers({1, 1, 0, 1}, {2, 2}), x[1], reduce, include_self);
            },
            {operand({3, 2}, 0.5, 2), transposed({3, 2}, 0.55, 2.05, 2)});
    }
  }
}

}  // namespace

void shape_samples(Samples& s) {
  views(s);
  rearranging(s);
  indexing(s);
  indices(s);
}

}  // namespace ts::test
