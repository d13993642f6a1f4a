// A call that fails has changed nothing: neither its operands nor the position of the random numbers. failure_of looks
// after that in every property test; here the failures are provoked that depend on values (a divisor whose last element
// is zero) and on the memory that is left.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include "torchscratch/allocator.h"
#include "wrong_values.h"

namespace ts::test {
namespace {

constexpr DType kDTypes[] = {DType::Bool,  DType::UInt8,   DType::Int8,     DType::Int16,   DType::Int32,
                             DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};

Values fresh(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) { return tensor.defined() ? clone(tensor) : tensor; });
}

// Every second element of a buffer, which an in-place operator may write through a dense copy.
Tensor strided(const Tensor& dense) {
  std::vector<std::int64_t> sizes(dense.sizes().begin(), dense.sizes().end());
  sizes.push_back(2);
  const Tensor part = select(zeros(IntList(sizes), dense.dtype()), -1, 1);
  copy_(part, dense);
  return part;
}

// Enough elements that threads share the work, by repeating the tensor along its first dimension.
Tensor repeated(const Tensor& tensor) {
  if (tensor.dim() == 0) return tensor;
  std::vector<std::int64_t> times(static_cast<std::size_t>(tensor.dim()), 1);
  times[0] = 40'000 / std::max<std::int64_t>(1, tensor.numel());
  return contiguous(tile(tensor, times));
}

struct Count {
  int failed = 0, in_place = 0;
  std::set<std::string> functions;
};

void check(const OpCall& op, const Values& values, Count* count) {
  std::string complaint;
  const std::string failure = failure_of(op, values, nullptr, &complaint);
  EXPECT_EQ(complaint, "");
  if (failure.empty()) return;
  ++count->failed;
  if (op.in_place && count->functions.insert(op.row).second) ++count->in_place;
}

// In each dtype, the last element of each operand in turn replaced by a number that could make the call fail.
TEST(Properties, FailuresByValueChangeNothing) {
  Count count;
  for (const PropertySample& sample : property_samples()) {
    for (const DType dtype : kDTypes) {
      const Values values = with_tensors(sample.values, [&](const Tensor& tensor) {
        return tensor.dtype() != DType::Float32 ? tensor
               : is_floating(dtype)             ? to(tensor, dtype)
                                                : to(tensor * 5 + 1, dtype);
      });
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto* operand = std::get_if<Tensor>(&values[i]);
        if (!operand || !operand->defined() || operand->numel() == 0) continue;
        for (const double number : {0.0, -1.0, 100.0, double{NAN}, double{INFINITY}, -1e300}) {
          if (!std::isfinite(number) && !is_floating(operand->dtype())) continue;
          if (std::fabs(number) > 100 && operand->dtype() != DType::Float64) continue;
          if (number < 0 && (operand->dtype() == DType::Bool || operand->dtype() == DType::UInt8)) continue;
          Values changed = fresh(values);
          const Tensor flat = reshape(std::get<Tensor>(changed[i]), {-1});
          fill_(select(flat, 0, flat.numel() - 1),
                operand->dtype() == DType::Bool ? Scalar(number != 0) : Scalar(number));
          check(*sample.op, fresh(changed), &count);
          check(*sample.op, with_tensors(changed, &strided), &count);
        }
      }
    }
  }
  EXPECT_GT(count.in_place, 20);
}

TEST(Properties, FailuresByScalarChangeNothing) {
  Count count;
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    if (!op.in_place) continue;
    for (const DType dtype : kDTypes) {
      const Values values = with_tensors(sample.values, [&](const Tensor& tensor) {
        return tensor.dtype() != DType::Float32 ? tensor : to(tensor, dtype);
      });
      for (std::size_t i = 0; i < values.size(); ++i) {
        const ArgumentKind kind = op.arguments[i].kind;
        if (kind == ArgumentKind::Tensor || kind == ArgumentKind::TensorList) continue;
        for (const Value& wrong : wrong_values(op.arguments[i], values[i])) {
          Values changed = fresh(values);
          changed[i] = wrong;
          check(op, changed, &count);
        }
      }
    }
  }
  EXPECT_GT(count.in_place, 20);
}

// Many elements on several threads: a zero at the end of the divisor is found after the rest has been divided, unless
// it is looked for first.
TEST(Properties, FailuresOfLargeCallsChangeNothing) {
  Count count;
  for (const PropertySample& sample : property_samples()) {
    if (!sample.op->in_place || !sample.op->pointwise) continue;
    for (const DType dtype : {DType::UInt8, DType::Int32, DType::Int64}) {
      for (std::size_t i = 1; i < sample.values.size(); ++i) {
        if (!std::holds_alternative<Tensor>(sample.values[i])) continue;
        Values values =
            with_tensors(sample.values, [&](const Tensor& tensor) { return repeated(to(tensor * 5 + 1, dtype)); });
        const Tensor flat = reshape(std::get<Tensor>(values[i]), {-1});
        fill_(select(flat, 0, flat.numel() - 1), 0);
        check(*sample.op, fresh(values), &count);
        check(*sample.op, with_tensors(fresh(values), &strided), &count);
      }
    }
  }
  EXPECT_GT(count.in_place, 2);
}

// Memory runs out at each allocation in turn.
TEST(Properties, FailuresByMemoryChangeNothing) {
  Count count;
  for (const PropertySample& sample : property_samples()) {
    if (!sample.op->in_place) continue;
    for (const bool is_strided : {false, true}) {
      const Values values = is_strided ? with_tensors(fresh(sample.values), &strided) : fresh(sample.values);
      std::int64_t room = 1;
      for (int tries = 0; tries < 64; ++tries, room += 64) {
        Values own = values;
        own[0] = is_strided ? strided(std::get<Tensor>(values[0])) : clone(std::get<Tensor>(values[0]));
        allocator::set_limit(allocator::stats().live_bytes + room);
        std::string complaint;
        const std::string failure = failure_of(*sample.op, own, nullptr, &complaint);
        allocator::set_limit(0);
        EXPECT_EQ(complaint, "") << "with " << room << " bytes left";
        if (failure.empty()) break;
        ++count.failed;
        count.functions.insert(sample.op->row);
      }
    }
  }
  EXPECT_GT(count.functions.size(), 20u);
}

// A change that autograd cannot record: of a view whose base is detached and not contiguous, by operands that require
// gradients.
TEST(Properties, ChangesThatCannotBeRecordedChangeNothing) {
  Count count;
  for (const PropertySample& sample : property_samples()) {
    if (!sample.op->in_place) continue;
    const Tensor self = std::get<Tensor>(sample.values[0]);
    if (self.dim() < 2 || !is_floating(self.dtype())) continue;
    Values values = with_tensors(sample.values, [](const Tensor& tensor) {
      return tensor.defined() && is_floating(tensor.dtype()) ? tensor.detach().requires_grad_() : tensor;
    });
    const Tensor base = transpose(clone(transpose(self, 0, 1)), 0, 1).detach();
    values[0] = slice(base, 0, 0, self.size(0));
    check(*sample.op, values, &count);
  }
  EXPECT_GT(count.in_place, 20);
}

// An operator that changes several tensors changes all of them or none. Here the second cannot be written.
TEST(Properties, RunningStatisticsChangeTogether) {
  const Tensor input = reshape(arange(12, DType::Float32), {2, 3, 2});
  const Tensor mean = zeros({3}), var = expand(ones({1}), {3});
  EXPECT_THROW(batch_norm(input, mean, var, Tensor(), Tensor(), true, 0.1, 1e-5), ValueError);
  EXPECT_THROW(instance_norm(input, mean, var, Tensor(), Tensor(), true, 0.1, 1e-5), ValueError);
  EXPECT_THROW(instance_norm(narrow(input, 0, 0, 1), mean, var, Tensor(), Tensor(), true, 0.1, 1e-5), ValueError);
  EXPECT_EQ(mean.version(), 0u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(mean.data<float>()[i], 0);
}

}  // namespace
}  // namespace ts::test
