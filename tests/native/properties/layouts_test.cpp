// Properties that every function of the operator table must have: the same result for the same elements, however they
// are laid out in memory, for every dtype that it accepts, on every instruction set and with any number of threads; and
// no crash for tensors that are empty, have one element, are large or contain non-finite numbers. A row supports a
// dtype if it accepts it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>

#include "gradcheck.h"
#include "samples.h"
#include "simd_targets.h"

namespace ts::test {
namespace {

constexpr DType kDTypes[] = {DType::Bool,  DType::UInt8,   DType::Int8,     DType::Int16,   DType::Int32,
                             DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};

// ---- Layouts ----

// Every second element of a buffer, starting at an address that is not aligned to a vector.
Tensor strided(const Tensor& dense) {
  std::vector<std::int64_t> sizes(dense.sizes().begin(), dense.sizes().end());
  sizes.push_back(3);
  Tensor buffer = zeros(IntList(sizes), dense.dtype());
  const Tensor part = select(buffer, -1, 1);
  copy_(part, dense);
  return part;
}

// The dimensions in reverse order in memory.
Tensor transposed(const Tensor& dense) {
  std::vector<std::int64_t> reversed;
  for (int d = dense.dim() - 1; d >= 0; --d) reversed.push_back(d);
  return permute(clone(permute(dense, reversed)), reversed);
}

// Contiguous, but starting one element after the beginning of an allocation.
Tensor shifted(const Tensor& dense) {
  const Tensor buffer = zeros({dense.numel() + 1}, dense.dtype());
  const Tensor part = reshape(slice(buffer, 0, 1), dense.sizes());
  copy_(part, dense);
  return part;
}

// The first row (or the first element) repeated in place of all others, which do not exist in memory.
Tensor broadcast(const Tensor& dense) {
  if (dense.dim() == 0 || dense.numel() == 0) return dense;
  return expand(clone(narrow(dense, 0, 0, 1)), dense.sizes());
}

struct Layout {
  const char* name;
  Tensor (*make)(const Tensor& dense);
};
constexpr Layout kLayouts[] = {
    {"strided", &strided}, {"transposed", &transposed}, {"shifted", &shifted}, {"broadcast", &broadcast}};

// ---- Comparing ----

// Rows that document that their result, or what they accept, depends on the layout of the operand.
bool depends_on_layout(const OpCall& op) {
  static const std::set<std::string> rows = {"view", "view_as", "as_strided", "is_contiguous"};
  return rows.count(op.row) > 0;
}

// Rows that amplify rounding errors by a factor that depends on the operands, so that no bound is known here: LAPACK's
// results for nearly singular matrices, where rounding also depends on memory alignment, and distances computed by a
// matrix product, which cancel. For these only shapes, types and failures are compared.
bool amplifies_rounding(const OpCall& op) {
  static const std::set<std::string> rows = {"cdist",    "cholesky", "det", "inverse",     "logdet",
                                             "pinverse", "slogdet",  "svd", "matrix_power"};
  return rows.count(op.row) > 0 || std::strncmp(op.row, "linalg_", 7) == 0;
}

bool same_number(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// "" if all elements are equal, treating NaNs as equal, up to `relative` times the largest element or 1.
std::string difference(const TensorList& want, const TensorList& got, double relative) {
  if (want.size() != got.size()) return format(got.size(), " results, not ", want.size());
  for (std::size_t k = 0; k < want.size(); ++k) {
    if (!want[k].defined() && !got[k].defined()) continue;  // a result that was not requested
    if (want[k].defined() != got[k].defined()) return format("result ", k, " is missing in one of the two");
    if (want[k].sizes() != got[k].sizes() || want[k].dtype() != got[k].dtype()) {
      return format("result ", k, " is ", describe(got[k]), ", not ", describe(want[k]));
    }
    const std::vector<double> a = elements(want[k]), b = elements(got[k]);
    double scale = 1;
    for (const double x : a) scale = std::isfinite(x) ? std::max(scale, std::fabs(x)) : scale;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (std::isinf(relative) || same_number(a[i], b[i]) || std::fabs(a[i] - b[i]) <= relative * scale) continue;
      return format("element ", i, " of result ", k, " is ", b[i], ", not ", a[i]);
    }
  }
  return "";
}

// Copies of the operands, so that an in-place call changes nothing else.
Values fresh(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) { return clone(tensor); });
}

std::string run(const OpCall& op, const Values& values, TensorList* results) {
  std::string complaint;
  const std::string failure = failure_of(op, values, results, &complaint);
  EXPECT_EQ(complaint, "");
  return failure;
}

// The float32 operands converted to another dtype; indices and masks are unchanged.
Values in_dtype(const Values& values, DType dtype) {
  return with_tensors(values, [&](const Tensor& tensor) {
    return tensor.dtype() != DType::Float32 ? tensor : is_floating(dtype) ? to(tensor, dtype) : to(tensor * 5, dtype);
  });
}

bool has_reals(const Values& values) {
  bool found = false;
  with_tensors(values, [&](const Tensor& tensor) {
    found = found || tensor.dtype() == DType::Float32;
    return tensor;
  });
  return found;
}

class FewThreads {
 public:
  explicit FewThreads(int count) : before_(num_threads()) { set_num_threads(count); }
  ~FewThreads() { set_num_threads(before_); }

 private:
  int before_;
};

// For numbers of order 1: how much sums of the few terms used here may differ when computed in another order.
double tolerance(const OpCall& op, const TensorList& results) {
  if (amplifies_rounding(op)) return INFINITY;
  double unit = 0;
  for (const Tensor& result : results) {
    if (!result.defined()) continue;
    const double own = result.dtype() == DType::Float64    ? 0x1p-53
                       : result.dtype() == DType::Float32  ? 0x1p-24
                       : result.dtype() == DType::Float16  ? 0x1p-11
                       : result.dtype() == DType::BFloat16 ? 0x1p-8
                                                           : 0;
    unit = std::max(unit, own);
  }
  return unit * 4;
}

// Compares the call on contiguous operands with calls on the same elements in other layouts.
void check_layouts(const OpCall& op, const Values& values) {
  for (const Layout& layout : kLayouts) {
    const Values laid_out = with_tensors(fresh(values), layout.make);
    const Values dense = with_tensors(laid_out, [](const Tensor& tensor) { return clone(contiguous(tensor)); });
    TensorList want, got;
    const std::string want_failure = run(op, dense, &want);
    const std::string got_failure = run(op, laid_out, &got);
    if (depends_on_layout(op) || is_uninitialized(op)) continue;
    // An operand that is written, in place or as running statistics, cannot hold several elements at the same address.
    if (layout.make == &broadcast && got_failure.find("share the same memory") != std::string::npos) continue;
    const std::string where = describe_call(op, values) + ", " + layout.name;
    ASSERT_EQ(want_failure.empty(), got_failure.empty()) << where << ": " << want_failure << got_failure;
    if (!want_failure.empty()) continue;
    const std::string text = difference(want, got, op.pointwise ? 0 : tolerance(op, want));
    EXPECT_EQ(text, "") << where;
  }
}

void check_threads(const OpCall& op, const Values& values) {
  TensorList one, two;
  std::string one_failure, two_failure;
  {
    const FewThreads threads(1);
    one_failure = run(op, fresh(values), &one);
  }
  {
    const FewThreads threads(2);
    two_failure = run(op, fresh(values), &two);
  }
  // Which of the calls exceeds the memory limit depends on the memory that other threads keep.
  if ((one_failure + two_failure).find("out of memory") != std::string::npos) return;
  EXPECT_EQ(one_failure.empty(), two_failure.empty()) << describe_call(op, values) << one_failure << two_failure;
  if (one_failure.empty() && !is_uninitialized(op)) {
    EXPECT_EQ(difference(one, two, amplifies_rounding(op) ? INFINITY : 0), "")
        << describe_call(op, values) << ", 2 threads against 1";
  }
}

// ---- Sizes and values ----

Tensor numbered(const Tensor& like, const std::vector<std::int64_t>& sizes) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  if (like.dtype() == DType::Float32) {
    return reshape(to(remainder(arange(count) * 0.6180339887498949 + 0.01, 1), DType::Float32), IntList(sizes));
  }
  return reshape(to(remainder(arange(count), 2), like.dtype()), IntList(sizes));
}

// Replaces each size, and each number that stands for a size, by another.
using Sizes = std::map<std::int64_t, std::int64_t>;
Values resized(const Values& values, const Sizes& sizes) {
  const auto renew = [&](std::int64_t size) { return sizes.count(size) ? sizes.at(size) : size; };
  Values changed = with_tensors(values, [&](const Tensor& tensor) {
    std::vector<std::int64_t> renewed;
    for (const std::int64_t size : tensor.sizes()) renewed.push_back(renew(size));
    return numbered(tensor, renewed);
  });
  for (Value& value : changed) {
    if (auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      for (std::int64_t& number : *list) number = number > 2 ? renew(number) : number;
    }
  }
  return changed;
}

Values with_non_finite(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) {
    if (tensor.dtype() != DType::Float32) return tensor;
    const Tensor changed = clone(tensor);
    const float specials[] = {NAN, INFINITY, -INFINITY, -0.0f, 3e38f};
    for (std::int64_t i = 0; i < std::min<std::int64_t>(changed.numel(), 5); ++i)
      changed.data<float>()[i] = specials[i];
    return changed;
  });
}

// Number of elements of the largest tensor after resizing.
double elements_of(const Values& values, const Sizes& sizes) {
  double most = 0;
  with_tensors(values, [&](const Tensor& tensor) {
    double count = 1;
    for (const std::int64_t size : tensor.sizes())
      count *= static_cast<double>(sizes.count(size) ? sizes.at(size) : size);
    most = std::max(most, count);
    return tensor;
  });
  return most;
}

// ---- The tests ----

TEST(Properties, EveryFunctionHasASampleAndTypedErrors) {
  std::vector<std::string> complaints;
  const auto& samples = property_samples(&complaints);
  for (const std::string& complaint : complaints) ADD_FAILURE() << complaint;
  EXPECT_GT(samples.size(), op_calls().size());
}

TEST(Properties, LayoutsAndDTypes) {
  for_each_simd_target([](const char*) {
    for (const PropertySample& sample : property_samples()) {
      if (!has_reals(sample.values)) {
        check_layouts(*sample.op, sample.values);
        continue;
      }
      int taken = 0;
      for (const DType dtype : kDTypes) {
        const Values values = in_dtype(sample.values, dtype);
        TensorList results;
        if (!run(*sample.op, fresh(values), &results).empty()) continue;
        ++taken;
        check_layouts(*sample.op, values);
      }
      EXPECT_GT(taken, 0) << describe_call(*sample.op, sample.values);
    }
  });
}

TEST(Properties, EmptyTensorsAndSingleElements) {
  for (const PropertySample& sample : property_samples()) {
    for (const Sizes& sizes : {Sizes{{3, 0}}, Sizes{{4, 0}}, Sizes{{2, 0}}, Sizes{{2, 0}, {3, 0}, {4, 0}, {12, 0}},
                               Sizes{{2, 1}, {3, 1}, {4, 1}, {12, 1}}}) {
      check_layouts(*sample.op, resized(sample.values, sizes));
      check_threads(*sample.op, resized(sample.values, sizes));
    }
    check_layouts(*sample.op, with_tensors(sample.values, [](const Tensor& tensor) { return numbered(tensor, {}); }));
  }
}

TEST(Properties, NonFiniteElements) {
  for_each_simd_target([](const char*) {
    for (const PropertySample& sample : property_samples()) {
      const Values values = with_non_finite(sample.values);
      check_layouts(*sample.op, values);
      check_threads(*sample.op, values);
    }
  });
}

TEST(Properties, LargeTensorsOnOneAndTwoThreads) {
  for (const PropertySample& sample : property_samples()) {
    const Sizes candidates[] = {{{3, 67}, {4, 517}, {12, 67 * 517}},
                                {{2, 5}, {3, 35}, {4, 66}, {12, 35 * 66}},
                                {{2, 4}, {3, 11}, {4, 18}, {12, 11 * 18}}};
    for (const Sizes& sizes : candidates) {
      if (elements_of(sample.values, sizes) > 50'000) continue;
      check_threads(*sample.op, resized(sample.values, sizes));
      break;
    }
  }
}

// ---- Gradients ----

// The sum of all floating-point results, differentiated with respect to all operands of that dtype.
std::string gradients(const OpCall& op, const Values& values, TensorList* found) {
  TensorList leaves;
  Values tracked = with_tensors(values, [&](const Tensor& tensor) {
    if (tensor.dtype() != DType::Float32 && tensor.dtype() != DType::Float64) return tensor;
    leaves.push_back(tensor.detach().requires_grad_());
    return op.in_place ? leaves.back() * 1 : leaves.back();
  });
  TensorList results, roots, vectors;
  if (const std::string failure = run(op, tracked, &results); !failure.empty()) return failure;
  for (const Tensor& result : results) {
    if (!result.defined() || !result.requires_grad()) continue;
    roots.push_back(result);
    vectors.push_back(numbered(zeros({}), {result.sizes().begin(), result.sizes().end()}));
    vectors.back() = to(vectors.back(), result.dtype());
  }
  if (roots.empty() || leaves.empty()) return "";
  try {
    for (const Tensor& gradient : grad(roots, leaves, vectors, false, false, true)) {
      found->push_back(gradient.defined() ? gradient : zeros({}));
    }
    return "";
  } catch (const Error& e) {
    EXPECT_NE(e.kind(), ErrorKind::Generic) << describe_call(op, values) << ": " << e.what();
    return e.what();
  }
}

void check_gradients(const OpCall& op, const Values& values) {
  if (depends_on_layout(op) || is_uninitialized(op)) return;
  TensorList want;
  const std::string failure = gradients(op, fresh(values), &want);
  for (const Layout& layout : {kLayouts[0], kLayouts[1]}) {
    TensorList got;
    EXPECT_EQ(gradients(op, with_tensors(fresh(values), layout.make), &got), failure) << describe_call(op, values);
    EXPECT_EQ(difference(want, got, tolerance(op, want)), "")
        << "gradient of " << describe_call(op, values) << ", " << layout.name;
  }
}

TEST(Properties, GradientsOnAnyLayoutAndSize) {
  for (const PropertySample& sample : property_samples()) {
    if (!has_reals(sample.values)) continue;
    for (const DType dtype : {DType::Float32, DType::Float64})
      check_gradients(*sample.op, in_dtype(sample.values, dtype));
    for (const Sizes& sizes : {Sizes{{3, 0}}, Sizes{{4, 0}}, Sizes{{2, 1}, {3, 1}, {4, 1}}}) {
      check_gradients(*sample.op, resized(sample.values, sizes));
    }
    check_gradients(*sample.op, with_non_finite(sample.values));
  }
}

}  // namespace
}  // namespace ts::test
