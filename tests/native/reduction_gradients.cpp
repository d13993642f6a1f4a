// Samples of reductions, scans, norms and products for the gradient checks.
#include <limits>

#include "gradient_samples.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"

namespace ts::test {
namespace {

void reductions(Samples& s) {
  const auto each = [&](const std::string& op, std::function<Tensor(const Tensor&, std::optional<IntList>, bool)> fn) {
    for (const bool keepdim : {false, true}) {
      const auto with = [&](const std::string& variant, std::optional<std::vector<std::int64_t>> dims, Tensor input) {
        s.add(op, variant + (keepdim ? ", keepdim" : ""),
              [=](const TensorList& x) {
                return dims ? fn(x[0], IntList(*dims), keepdim) : fn(x[0], std::nullopt, keepdim);
              },
              {std::move(input)});
      };
      with("all", std::nullopt, operand({2, 3}));
      with("rows", std::vector<std::int64_t>{1}, operand({2, 3}));
      with("columns, transposed", std::vector<std::int64_t>{0}, transposed({2, 3}));
      with("two of three", std::vector<std::int64_t>{0, -1}, operand({2, 3, 2}));
      with("0-d", std::nullopt, operand({}));
      with("empty", std::vector<std::int64_t>{1}, operand({0, 3}));
    }
  };
  each("sum", [](const Tensor& x, std::optional<IntList> dim, bool keepdim) { return sum(x, dim, keepdim); });
  each("mean", [](const Tensor& x, std::optional<IntList> dim, bool keepdim) { return mean(x, dim, keepdim); });
  for (const bool root : {false, true}) {
    for (const bool keepdim : {false, true}) {
      const auto both = [=](const TensorList& x) {
        const auto [spread, mean, rest] = moments(x[0], IntList{0, -1}, 1, keepdim, root);
        return spread * 2 + mean;
      };
      const std::string variant = std::string(root ? "deviation" : "variance") + (keepdim ? ", keepdim" : "");
      s.add("moments", variant, both, {operand({3, 2, 4})});
      s.add("moments", variant + ", transposed", both, {transposed({3, 2, 4})});
    }
  }
  s.add("sum", "over nothing", [](const TensorList& x) { return sum(x[0], {1}); }, {operand({2, 0})});
  s.unary(
      "max", [](const Tensor& x) { return x.numel() == 0 ? x : max(x); }, -2, 2);
  s.unary(
      "min", [](const Tensor& x) { return x.numel() == 0 ? x : min(x); }, -2, 2);
  for (const std::int64_t dim : {0, -1}) {
    for (const bool keepdim : {false, true}) {
      const std::string variant = "along " + std::to_string(dim) + (keepdim ? ", keepdim" : "");
      for (const Tensor& input : {operand({3, 4}), transposed({3, 4}), operand({}), operand({2, 0, 3})}) {
        if (input.numel() == 0 && dim == -1 && keepdim) continue;
        s.add("max.dim", variant, [=](const TensorList& x) { return std::get<0>(max(x[0], dim, keepdim)); }, {input});
        s.add("min.dim", variant, [=](const TensorList& x) { return std::get<0>(min(x[0], dim, keepdim)); }, {input});
      }
    }
  }
}

void running_functions(Samples& s) {
  const std::vector<std::pair<const char*, std::function<Tensor(const Tensor&, std::int64_t)>>> functions = {
      {"cumsum", [](const Tensor& x, std::int64_t dim) { return cumsum(x, dim); }},
      {"cumprod", [](const Tensor& x, std::int64_t dim) { return cumprod(x, dim); }},
      {"logcumsumexp", [](const Tensor& x, std::int64_t dim) { return logcumsumexp(x, dim); }},
      {"cummax", [](const Tensor& x, std::int64_t dim) { return std::get<0>(cummax(x, dim)); }},
      {"cummin", [](const Tensor& x, std::int64_t dim) { return std::get<0>(cummin(x, dim)); }},
      {"sort_along", [](const Tensor& x, std::int64_t dim) { return std::get<0>(sort_along(x, dim, dim == 0)); }},
      {"prod", [](const Tensor& x, std::int64_t dim) { return prod(x, dim); }},
      {"median.dim", [](const Tensor& x, std::int64_t dim) { return std::get<0>(median(x, dim)); }},
  };
  for (const auto& [op, fn] : functions) {
    for (const std::int64_t dim : {0, -1}) {
      const auto along = [fn = fn, dim](const TensorList& x) { return fn(x[0], dim); };
      const std::string variant = "along " + std::to_string(dim);
      s.add(op, variant, along, {operand({3, 4}, 0.3, 2)});
      s.add(op, variant + ", transposed", along, {transposed({3, 4}, 0.3, 2)});
      s.add(op, variant + ", 0-d", along, {operand({}, 0.3, 2)});
    }
  }
  // With one zero and with two, the product of all other factors is not the whole product divided by the factor.
  for (const auto& values : {std::vector<double>{2, 0, 3, -1}, std::vector<double>{2, 0, 3, 0}}) {
    s.add("cumprod", "zeros", [](const TensorList& x) { return cumprod(x[0], 0); }, {leaf(tensor(values))});
    s.add("prod", "zeros", [](const TensorList& x) { return prod(x[0]); }, {leaf(tensor(values))});
  }
}

void products(Samples& s) {
  const auto mm_ = [](const TensorList& x) { return mm(x[0], x[1]); };
  s.add("mm", "contiguous", mm_, {operand({2, 3}), operand({3, 4}, -2, 2, 2)});
  s.add("mm", "transposed", mm_, {transposed({2, 3}), transposed({3, 4}, -2, 2, 2)});
  s.add("mm", "broadcast",
        [](const TensorList& x) {
          return mm(expand(x[0], {2, 3}), x[1]);
        },
        {operand({1, 3}), operand({3, 2}, -2, 2, 2)});
  s.add("mm", "empty", mm_, {operand({0, 3}), operand({3, 2}, -2, 2, 2)});
  s.add("mm", "empty inside", mm_, {operand({2, 0}), operand({0, 2})});
  const auto bmm_ = [](const TensorList& x) { return bmm(x[0], x[1]); };
  s.add("bmm", "contiguous", bmm_, {operand({2, 2, 3}), operand({2, 3, 2}, -2, 2, 2)});
  s.add("bmm", "transposed", bmm_, {transposed({2, 2, 3}), transposed({2, 3, 2}, -2, 2, 2)});
  s.add("bmm", "empty", bmm_, {operand({0, 2, 3}), operand({0, 3, 2}, -2, 2, 2)});
  const auto affine = [](const TensorList& x) { return addmm_nt(x[0], x[1], x.size() > 2 ? x[2] : Tensor()); };
  s.add("addmm_nt", "no bias", affine, {operand({2, 3}), operand({4, 3}, -2, 2, 2)});
  s.add("addmm_nt", "bias", affine, {operand({2, 3}), operand({4, 3}, -2, 2, 2), operand({4}, -1, 1, 3)});
  s.add("addmm_nt", "transposed", affine, {transposed({2, 3}), transposed({4, 3}, -2, 2, 2), operand({4}, -1, 1, 3)});
  s.add("addmm_nt", "empty", affine, {operand({0, 3}), operand({2, 3}, -2, 2, 2), operand({2}, -1, 1, 3)});
  const auto product = [](const TensorList& x) { return matmul(x[0], x[1]); };
  for (const auto& [a, b] : std::vector<std::pair<Dims, Dims>>{{{3}, {3}},
                                                               {{2, 3}, {3}},
                                                               {{3}, {3, 2}},
                                                               {{2, 2, 3}, {3, 2}},
                                                               {{2, 1, 2, 3}, {2, 3, 2}},
                                                               {{3}, {2, 3, 2}},
                                                               {{2, 2, 3}, {3}}}) {
    s.add("matmul", a.to_string() + b.to_string(), product, {operand(a), operand(b, -2, 2, 2)});
  }
  const auto layer = [](const TensorList& x) { return linear(x[0], x[1], x[2]); };
  s.add("linear", "matrix", layer, {operand({2, 3}), operand({4, 3}, -2, 2, 2), operand({4}, -1, 1, 3)});
  s.add("linear", "batch", layer, {operand({2, 2, 3}), operand({2, 3}, -2, 2, 2), operand({2}, -1, 1, 3)});
  s.add("linear", "vector", layer, {operand({3}), operand({2, 3}, -2, 2, 2), operand({2}, -1, 1, 3)});
}

void norms_and_products(Samples& s) {
  for (const double p : {0.5, 1.0, 2.0, 3.0, std::numeric_limits<double>::infinity()}) {
    s.add("norm", "p = " + std::to_string(p), [p](const TensorList& x) { return norm(x[0], p, {1}); },
          {operand({3, 4}, 0.3, 2)});
  }
  s.add("std", "columns", [](const TensorList& x) { return ts::std(x[0], {0}); }, {operand({3, 4})});
  s.add("cosine_similarity", "rows", [](const TensorList& x) { return cosine_similarity(x[0], x[1]); },
        {operand({3, 4}), operand({3, 4}, -2, 2, 2)});
  s.add("logsumexp", "rows", [](const TensorList& x) { return logsumexp(x[0], {1}); }, {operand({3, 4})});
  s.add("einsum", "a batch", [](const TensorList& x) { return einsum("bij,kj->bik", x); },
        {operand({2, 3, 4}), operand({2, 4}, -2, 2, 2)});
  s.add("tensordot", "matrices", [](const TensorList& x) { return tensordot(x[0], x[1], 1); },
        {operand({2, 3}), transposed({3, 2}, -2, 2, 2)});
  s.add("cross", "rows", [](const TensorList& x) { return cross(x[0], x[1], 1); },
        {operand({2, 3}), operand({2, 3}, -2, 2, 2)});
  s.add("binary_cross_entropy_with_logits", "weighted",
        [](const TensorList& x) { return binary_cross_entropy_with_logits(x[0], x[1], {}, Reduction::None, x[2]); },
        {operand({3, 4}), operand({3, 4}, 0.1, 0.9, 2), operand({4}, 0.5, 2, 3)});
}

}  // namespace

void reduction_samples(Samples& s) {
  reductions(s);
  running_functions(s);
  products(s);
  norms_and_products(s);
}

}  // namespace ts::test
