// New tensors: filled, counted or random.
#include <cmath>

#include "generated/functions/activations.g.h"
#include "generated/functions/creation.g.h"
#include "ops/argument_types.h"
#include "ops/copy.h"
#include "ops/random_fill.h"
#include "torchscratch/autograd.h"
#include "torchscratch/in_place.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/as_strided.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/random.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor full_composite(IntList size, const Scalar& value, OptionalDType dtype) {
  Tensor result = empty(size, dtype.value_or(value.dtype()));
  const NoGrad no_grad;
  fill_(result, value);
  return result;
}

Tensor zeros_composite(IntList size, OptionalDType dtype) {
  Tensor result = empty(size, dtype.value_or(default_dtype()));
  cpu::fill_with_zeros(result);
  return result;
}

Tensor arange_composite(const Scalar& start, const Scalar& end, const Scalar& step, OptionalDType dtype) {
  const bool floating = start.is_floating() || end.is_floating() || step.is_floating();
  TS_CHECK(std::isfinite(start.to_double()) && std::isfinite(end.to_double()), ValueError, "unsupported range ",
           start.to_string(), " to ", end.to_string());
  TS_CHECK(std::isfinite(step.to_double()), ValueError, "step must be finite, got ", step.to_string());
  const DType result_dtype = dtype.value_or(floating ? default_dtype() : DType::Int64);
  // As in PyTorch, elements of an integer type are computed from the integer parts. int64 counts them from these too.
  const bool integral = !floating || (!is_floating(result_dtype) && result_dtype != DType::Bool);
  const bool counts_integers = !floating || result_dtype == DType::Int64;
  const double by = integral ? static_cast<double>(step.to_int()) : step.to_double();
  TS_CHECK(by != 0, ValueError, "step must not be 0, got ", step.to_string());
  const double span = end.to_double() - start.to_double();
  TS_CHECK(span == 0 || (span > 0) == (by > 0), ValueError, "step ", step.to_string(), " leads away from end ",
           end.to_string());
  // Beyond this no memory would do, and the arithmetic below would overflow.
  TS_CHECK(span / step.to_double() < 0x1p53, ValueError, "the range ", start.to_string(), " to ", end.to_string(),
           " by ", step.to_string(), " is too long");
  std::int64_t count;
  if (counts_integers) {
    __extension__ using Wide = __int128;
    const Wide distance = Wide{end.to_int()} - start.to_int();
    count = static_cast<std::int64_t>(distance / step.to_int() + (distance % step.to_int() != 0 ? 1 : 0));
  } else {
    count = static_cast<std::int64_t>(std::ceil(span / step.to_double()));
  }
  Tensor result = empty({count}, integral ? DType::Int64 : DType::Float64);
  for (std::int64_t i = 0; i < count; ++i) {
    if (integral) result.data<std::int64_t>()[i] = start.to_int() + i * step.to_int();
    else result.data<double>()[i] = start.to_double() + static_cast<double>(i) * step.to_double();
  }
  return to(result, result_dtype);
}

namespace {

// The nearer end is where each half is counted from, so that both ends are exact.
double spaced(double start, double end, std::int64_t steps, std::int64_t i) {
  if (steps == 1) return start;
  const double step = (end - start) / static_cast<double>(steps - 1);
  return i < steps / 2 ? start + step * static_cast<double>(i) : end - step * static_cast<double>(steps - 1 - i);
}

// PyTorch fills integers a vector of 32 bytes at a time, each counted from a whole number; what does not fill one is
// computed alone.
double spaced_whole(double start, double end, std::int64_t steps, std::int64_t i, DType dtype) {
  const std::int64_t lanes = 32 / item_size(dtype);
  const std::int64_t first = i - i % lanes;
  if (first + lanes > steps) return spaced(start, end, steps, i);
  const double step = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  return std::trunc(spaced(start, end, steps, first)) + step * static_cast<double>(i - first);
}

template <class Value>
Tensor spaced_tensor(std::int64_t steps, DType dtype, Value value) {
  TS_CHECK(steps >= 0, ValueError, "the number of steps must not be negative, got ", steps);
  const Tensor result = empty({steps}, DType::Float64);
  for (std::int64_t i = 0; i < steps; ++i) result.data<double>()[i] = value(i);
  return to(result, dtype);
}

}  // namespace

Tensor linspace_composite(const Scalar& start, const Scalar& end, std::int64_t steps, OptionalDType dtype) {
  const DType wanted = dtype.value_or(default_dtype());
  const bool whole = !is_floating(wanted);
  const double first = whole ? static_cast<double>(start.to_int()) : start.to_double();
  const double last = whole ? static_cast<double>(end.to_int()) : end.to_double();
  return spaced_tensor(steps, wanted, [=](std::int64_t i) {
    return whole ? spaced_whole(first, last, steps, i, wanted) : spaced(first, last, steps, i);
  });
}

Tensor logspace_composite(const Scalar& start, const Scalar& end, std::int64_t steps, double base,
                          OptionalDType dtype) {
  const DType wanted = dtype.value_or(default_dtype());
  const bool whole = !is_floating(wanted);
  const double first = whole ? static_cast<double>(start.to_int()) : start.to_double();
  const double last = whole ? static_cast<double>(end.to_int()) : end.to_double();
  return spaced_tensor(steps, wanted, [=](std::int64_t i) { return std::pow(base, spaced(first, last, steps, i)); });
}

Tensor eye_composite(std::int64_t n, OptionalInt m, OptionalDType dtype) {
  const std::int64_t columns = m.value_or(n);
  TS_CHECK(n >= 0 && columns >= 0, ValueError, "sizes must not be negative, got ", n, " and ", columns);
  Tensor result = zeros_composite({n, columns}, dtype);
  const std::int64_t length = std::min(n, columns);
  if (length > 0) fill_(as_strided(result, {length}, {columns + 1}), 1);
  return result;
}

namespace {

DType random_dtype(OptionalDType dtype) {
  const DType wanted = dtype.value_or(default_dtype());
  TS_CHECK(is_floating(wanted), DTypeError, "makes floating tensors, got dtype ", dtype_name(wanted));
  return wanted;
}

PhiloxState draw(std::int64_t count) { return current_generator().reserve(cpu::blocks_for(count)); }

}  // namespace

Tensor rand_composite(IntList size, OptionalDType dtype) {
  Tensor result = empty(size, random_dtype(dtype));
  cpu::fill_uniform(result, 0, 1, draw(result.numel()));
  return result;
}

Tensor randn_composite(IntList size, OptionalDType dtype) {
  Tensor result = empty(size, random_dtype(dtype));
  cpu::fill_normal(result, 0, 1, draw(result.numel()));
  return result;
}

Tensor randint_composite(std::int64_t low, std::int64_t high, IntList size, OptionalDType dtype) {
  TS_CHECK(low < high, ValueError, "the range [", low, ", ", high, ") is empty");
  Tensor result = empty(size, DType::Int64);
  cpu::fill_integers(result, low, static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low),
                     draw(result.numel()));
  return to(result, dtype.value_or(DType::Int64));
}

Tensor randperm_composite(std::int64_t n, OptionalDType dtype) {
  TS_CHECK(n >= 0, ValueError, "n must not be negative, got ", n);
  Tensor result = empty({n}, DType::Int64);
  cpu::fill_permutation(result, draw(n));
  return to(result, dtype.value_or(DType::Int64));
}

Tensor bernoulli_composite(const Tensor& self) {
  TS_CHECK(is_floating(self.dtype()), DTypeError, "takes floating probabilities, got ", describe(self));
  const NoGrad no_grad;
  const bool valid = all(logical_and(self >= 0, self <= 1)).item<bool>();
  TS_CHECK(valid, ValueError, "probabilities must lie in [0, 1]");
  Tensor uniform = rand_composite(self.sizes(), self.dtype());
  return to(uniform < self, self.dtype());
}

Tensor dropout_composite(const Tensor& input, double p, bool training) {
  TS_CHECK(p >= 0 && p <= 1, ValueError, "p must lie in [0, 1], got ", p);
  if (!training || p == 0) return input;
  TS_CHECK(is_floating(input.dtype()), DTypeError, "takes floating tensors, got ", describe(input));
  if (p == 1) return input * 0;
  const Tensor mask = empty(input.sizes(), input.dtype());
  cpu::fill_keep_mask(mask, 1 - p, 1 / (1 - p), draw(mask.numel()));
  return input * mask;
}

}  // namespace ts
