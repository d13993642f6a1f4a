// Precision of reductions and normalizations, over the whole operator table: a mean that is large compared with the
// deviations must not swallow them, in any layout and along any dimension; and half types must give what float32 gives,
// rounded once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "gradcheck.h"
#include "samples.h"
#include "torchscratch/allocator.h"

namespace ts::test {
namespace {

bool is_real(const Tensor& tensor) { return tensor.defined() && tensor.dtype() == DType::Float32; }

bool listed(const std::set<std::string>& rows, const OpCall& op) { return rows.count(op.row) > 0; }

// An LSTM rounds the state to its type after each step. LAPACK's results for nearly singular matrices amplify rounding errors by an unknown factor, and random numbers of
// different types are not comparable.
bool is_comparable(const OpCall& op) {
  static const std::set<std::string> rows = {
      "cholesky", "det", "inverse", "logdet", "pinverse", "slogdet", "svd", "matrix_power", "matrix_exp",
      "lstm_layer"};
  static const std::set<std::string> random = {
      "bernoulli",       "bernoulli.p", "dropout",     "alpha_dropout", "feature_dropout", "dropout1d",
      "dropout2d",       "dropout3d",   "multinomial", "rrelu",         "gumbel_softmax",  "feature_alpha_dropout",
      "normal",          "poisson",     "rand_like",   "randn_like",    "randint_like",    "normal.one_std",
      "normal.one_mean"};
  return !op.in_place && !is_uninitialized(op) && !listed(rows, op) && !listed(random, op) &&
         std::strncmp(op.row, "linalg_", 7) != 0;
}

// The sample with each size 3 or 4, and each number that stands for such a size, replaced, and with other values: value
// is called with the index of the tensor and of the element.
using Renew = std::int64_t (*)(std::int64_t size);

// The number of elements of the largest operand once it is enlarged.
double largest_after(const Values& values, Renew renew) {
  double most = 0;
  with_tensors(values, [&](const Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    double count = 1;
    for (const std::int64_t size : tensor.sizes()) count *= static_cast<double>(renew(size));
    most = std::max(most, count);
    return tensor;
  });
  return most;
}

template <class Value>
Values enlarged(const Values& values, Renew renew, Value value) {
  int index = 0;
  Values changed = with_tensors(values, [&](const Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    std::vector<std::int64_t> sizes;
    std::int64_t count = 1;
    for (const std::int64_t size : tensor.sizes()) {
      sizes.push_back(renew(size));
      count *= sizes.back();
    }
    if (!is_real(tensor)) return reshape(to(remainder(arange(count), 2), tensor.dtype()), IntList(sizes));
    const Tensor made = empty(IntList(sizes), DType::Float32);
    for (std::int64_t i = 0; i < count; ++i) made.data<float>()[i] = value(index, i);
    ++index;
    return made;
  });
  for (ts::test::Value& each : changed) {
    if (auto* list = std::get_if<std::vector<std::int64_t>>(&each)) {
      for (std::int64_t& number : *list) number = number > 2 ? renew(number) : number;
    }
  }
  return changed;
}

std::int64_t largest(const Values& values) {
  std::int64_t most = 0;
  with_tensors(values, [&](const Tensor& tensor) {
    if (tensor.defined()) most = std::max(most, tensor.numel());
    return tensor;
  });
  return most;
}

// Numbers in (0, 1) in no particular order.
double fraction(std::int64_t i) { return std::fmod(static_cast<double>(i + 1) * 0.6180339887498949, 1) * 0.98 + 0.01; }

Values fresh(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) { return tensor.defined() ? clone(tensor) : tensor; });
}
Values converted(const Values& values, DType from, DType dtype) {
  return with_tensors(values, [&](const Tensor& tensor) {
    return tensor.defined() && tensor.dtype() == from ? to(tensor, dtype) : tensor;
  });
}

// Enlarged operands may have products that no machine can hold; beyond this limit they give an error.
class MemoryLimit {
 public:
  MemoryLimit() { allocator::set_limit(std::int64_t{1} << 26); }
  ~MemoryLimit() { allocator::set_limit(0); }
};

bool run(const OpCall& op, const Values& values, TensorList* results) {
  const MemoryLimit limit;
  std::string complaint;
  const std::string failure = failure_of(op, fresh(values), results, &complaint);
  EXPECT_EQ(complaint, "") << describe_call(op, values);
  return failure.empty();
}

// ---- A large mean ----

// The sample with every dimension, and all pairs of them, as its argument `dim`.
std::vector<Values> along_each_dimension(const OpCall& op, const Values& values) {
  std::vector<Values> all = {values};
  int ndim = 0;
  with_tensors(values, [&](const Tensor& tensor) {
    if (tensor.defined()) ndim = std::max(ndim, tensor.dim());
    return tensor;
  });
  for (std::size_t k = 0; k < op.arguments.size(); ++k) {
    if (std::strcmp(op.arguments[k].name, "dim") != 0) continue;
    for (std::int64_t d = 0; d < ndim; ++d) {
      Values changed = values;
      if (op.arguments[k].kind == ArgumentKind::Int) {
        changed[k] = d;
        all.push_back(changed);
        continue;
      }
      changed[k] = std::vector<std::int64_t>{d};
      all.push_back(changed);
      for (std::int64_t e = 0; e < d; ++e) {
        changed[k] = std::vector<std::int64_t>{e, d};
        all.push_back(changed);
      }
    }
  }
  return all;
}

Tensor every_second(const Tensor& dense) {
  std::vector<std::int64_t> sizes(dense.sizes().begin(), dense.sizes().end());
  sizes.push_back(2);
  const Tensor part = select(zeros(IntList(sizes), dense.dtype()), -1, 1);
  copy_(part, dense);
  return part;
}
Tensor reversed_in_memory(const Tensor& dense) {
  std::vector<std::int64_t> order;
  for (int d = dense.dim() - 1; d >= 0; --d) order.push_back(d);
  return permute(clone(permute(dense, order)), order);
}

// Whether a result has fewer elements than the operand, or is the operand normalized.
bool reduces(const OpCall& op, const Values& values, const TensorList& results) {
  const bool normalizes = std::strstr(op.row, "norm") != nullptr;
  return std::any_of(results.begin(), results.end(), [&](const Tensor& result) {
    return result.defined() && is_floating(result.dtype()) && (normalizes || result.numel() * 2 <= largest(values));
  });
}

// Sums of n floats in blocks: 16 terms in a lane or a short row, and the tree over lanes and blocks. The formulas that
// use them (a square, a root, a quotient) round a few times more.
double relative_error(std::int64_t n) { return (24 + std::log2(static_cast<double>(n) + 1)) * 0x1p-24; }

std::string far_off(const TensorList& want, const TensorList& got, double relative) {
  for (std::size_t k = 0; k < want.size(); ++k) {
    if (!want[k].defined() || !is_floating(want[k].dtype())) continue;
    const std::vector<double> a = elements(want[k]), b = elements(got[k]);
    double scale = 0;
    for (const double x : a) scale = std::isfinite(x) ? std::max(scale, std::fabs(x)) : scale;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] == b[i] || std::isnan(a[i]) || std::isinf(a[i]) || std::fabs(a[i] - b[i]) <= relative * scale) continue;
      return format("element ", i, " of result ", k, " is ", b[i], ", not ", a[i]);
    }
  }
  return "";
}

TEST(Precision, ALargeMeanDoesNoHarm) {
  // Rows whose result depends on whether an element lies on one side of a boundary, that select elements by arguments
  // which do not follow the enlarged sizes, or whose formula itself cancels: differences of elements or of distances, and
  // matrix products in place of distances.
  static const std::set<std::string> excluded = {"histc", "cdist", "trapezoid.x", "triplet_margin_loss"};
  const Renew renewals[] = {
      [](std::int64_t size) -> std::int64_t { return size == 3 ? 1501 : size == 12 ? 1501 * 4 : size; },
      [](std::int64_t size) -> std::int64_t { return size == 4 ? 700 : size == 12 ? 700 * 3 : size; },
  };
  int checked = 0;
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    if (!is_comparable(op) || op.pointwise || listed(excluded, op)) continue;
    for (const Renew renew : renewals) {
      if (largest_after(sample.values, renew) > 15'000) continue;
      const Values large = enlarged(sample.values, renew, [](int tensor, std::int64_t i) {
        return static_cast<float>(tensor == 0 ? 1e6 + 6 * fraction(i) - 3 : fraction(i));
      });
      for (const Values& values : along_each_dimension(op, large)) {
        TensorList want;
        if (!run(op, converted(values, DType::Float32, DType::Float64), &want) || !reduces(op, values, want)) continue;
        for (Tensor (*layout)(const Tensor&) : {+[](const Tensor& dense) { return dense; }, &every_second,
                                                &reversed_in_memory}) {
          const Values laid_out = with_tensors(fresh(values), [&](const Tensor& tensor) {
            return is_real(tensor) ? layout(tensor) : tensor;
          });
          TensorList got;
          if (!run(op, laid_out, &got)) continue;  // a view that needs another layout
          EXPECT_EQ(far_off(want, got, relative_error(largest(values))), "") << describe_call(op, laid_out);
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 500);
}

// ---- Half types ----

double half_ulp(double x, DType dtype) {
  const int digits = dtype == DType::Float16 ? 11 : 8, least = dtype == DType::Float16 ? -24 : -133;
  return std::ldexp(1.0, std::max(least, (x == 0 ? least : std::ilogb(x) - digits + 1)) - 1);
}

// Rounding once is an error of at most half an ULP, and the float32 result may be slightly different on both paths.
std::string not_rounded(const TensorList& wide, const TensorList& half, DType dtype) {
  if (wide.size() != half.size()) return "another number of results";
  for (std::size_t k = 0; k < wide.size(); ++k) {
    if (!wide[k].defined() || !is_floating(wide[k].dtype())) continue;
    if (wide[k].sizes() != half[k].sizes()) return format("result ", k, " is ", describe(half[k]));
    const std::vector<double> a = elements(wide[k]), b = elements(half[k]), rounded = elements(to(wide[k], half[k].dtype()));
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (rounded[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
      if (std::fabs(a[i] - b[i]) <= 1.02 * half_ulp(a[i], dtype) + std::fabs(a[i]) * 0x1p-21) continue;
      return format("element ", i, " of result ", k, " is ", b[i], ", not ", a[i]);
    }
  }
  return "";
}

TEST(Precision, HalfTypesGiveFloat32ResultsRoundedOnce) {
  // Rows that add to elements of an operand, or change one, in its own type, and so round at each addition.
  static const std::set<std::string> excluded = {"index_add", "index_add.alpha",    "scatter_add",    "scatter.join",
                                                 "put",       "scatter.join_value", "scatter_reduce", "index_put",
                                                 "embedding", "embedding_bag"};
  const Renew renewals[] = {
      [](std::int64_t size) { return size; },
      [](std::int64_t size) -> std::int64_t { return size == 3 ? 17 : size == 4 ? 67 : size == 12 ? 17 * 67 : size; },
  };
  int checked = 0;
  std::set<std::string> failed;
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    if (!is_comparable(op) || listed(excluded, op)) continue;
    for (const DType dtype : {DType::Float16, DType::BFloat16}) {
      for (const Renew renew : renewals) {
        for (const double factor : {1.0, 40.0, 0.004}) {
          if (largest_after(sample.values, renew) > 5'000) continue;
          const Values values = enlarged(sample.values, renew, [&](int, std::int64_t i) {
            return static_cast<float>(fraction(i) * factor);
          });
          const Values halves = converted(values, DType::Float32, dtype);
          TensorList wide, half;
          if (!run(op, halves, &half) || !run(op, converted(halves, dtype, DType::Float32), &wide)) continue;
          const std::string text = not_rounded(wide, half, dtype);
          if (!text.empty() && failed.insert(op.row).second) ADD_FAILURE() << text << "\n" << describe_call(op, halves);
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 1000);
}

}  // namespace
}  // namespace ts::test
