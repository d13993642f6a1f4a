// Creates tensors: filled with one value, or with evenly spaced numbers.
#include <cmath>

#include "backend/kernels.h"
#include "generated/functions/creation.g.h"
#include "generated/kernels/creation.g.h"
#include "ops/argument_types.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/as_strided.g.h"
#include "torchscratch/ops/fill.g.h"
#include "torchscratch/ops/fill_arange.g.h"
#include "torchscratch/ops/fill_linspace.g.h"
#include "torchscratch/ops/pow.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor full_composite(IntList size, const Scalar& value, OptionalDType dtype, OptionalDevice device) {
  const Tensor result = empty(size, dtype.value_or(value.dtype()), device.value_or(default_device()));
  kernels<CreationKernels>(result.device()).fill(result, value);
  return result;
}

Tensor zeros_composite(IntList size, OptionalDType dtype, OptionalDevice device) {
  return full_composite(size, 0, dtype.value_or(default_dtype()), device);
}

Tensor arange_composite(const Scalar& start, const Scalar& end, const Scalar& step, OptionalDType dtype,
                        OptionalDevice device) {
  const bool floating = start.is_floating() || end.is_floating() || step.is_floating();
  TS_CHECK(std::isfinite(start.to_double()) && std::isfinite(end.to_double()), ValueError,
           "start and end must be finite, got ", start.to_string(), " and ", end.to_string());
  TS_CHECK(std::isfinite(step.to_double()), ValueError, "step must be finite, got ", step.to_string());
  const DType result_dtype = dtype.value_or(floating ? default_dtype() : DType::Int64);
  // As in PyTorch, elements of an integer type are computed from the integer parts of start and step. For int64 their
  // number is derived from these too.
  const bool integral = !floating || (!is_floating(result_dtype) && result_dtype != DType::Bool);
  const bool counts_integers = !floating || result_dtype == DType::Int64;
  const double by = integral ? static_cast<double>(step.to_int()) : step.to_double();
  TS_CHECK(by != 0, ValueError, "step must not be 0, got ", step.to_string());
  const double span = end.to_double() - start.to_double();
  TS_CHECK(span == 0 || (span > 0) == (by > 0), ValueError, "step ", step.to_string(), " leads away from end ",
           end.to_string());
  // A longer range would not fit in memory, and the arithmetic below would overflow.
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
  const Tensor result = empty({count}, integral ? DType::Int64 : DType::Float64, device.value_or(default_device()));
  return to(fill_arange_(result, start, step), result_dtype);
}

namespace {

// `steps` numbers from start to end in float64; the bounds of an integer type are truncated first. PyTorch fills
// integers in vectors of 32 bytes, `lanes` elements that are counted up from an integer; elements that do not fill a
// vector are computed one by one.
Tensor spaced(const Scalar& start, const Scalar& end, std::int64_t steps, DType wanted, std::int64_t lanes,
              OptionalDevice device) {
  TS_CHECK(steps >= 0, ValueError, "the number of steps must not be negative, got ", steps);
  check_fits(start, wanted);
  check_fits(end, wanted);
  const bool whole = !is_floating(wanted);
  const double first = whole ? static_cast<double>(start.to_int()) : start.to_double();
  const double last = whole ? static_cast<double>(end.to_int()) : end.to_double();
  return fill_linspace_(empty({steps}, DType::Float64, device.value_or(default_device())), first, last, lanes);
}

}  // namespace

Tensor linspace_composite(const Scalar& start, const Scalar& end, std::int64_t steps, OptionalDType dtype,
                          OptionalDevice device) {
  const DType wanted = dtype.value_or(default_dtype());
  const std::int64_t lanes = is_floating(wanted) ? 1 : 32 / item_size(wanted);
  return to(spaced(start, end, steps, wanted, lanes, device), wanted);
}

Tensor logspace_composite(const Scalar& start, const Scalar& end, std::int64_t steps, double base,
                          OptionalDType dtype, OptionalDevice device) {
  const DType wanted = dtype.value_or(default_dtype());
  return to(pow(Scalar(base), spaced(start, end, steps, wanted, 1, device)), wanted);
}

Tensor eye_composite(std::int64_t n, OptionalInt m, OptionalDType dtype, OptionalDevice device) {
  const std::int64_t columns = m.value_or(n);
  TS_CHECK(n >= 0 && columns >= 0, ValueError, "sizes must not be negative, got ", n, " and ", columns);
  Tensor result = zeros_composite({n, columns}, dtype, device);
  const std::int64_t length = std::min(n, columns);
  if (length > 0) fill_(as_strided(result, {length}, {columns + 1}), 1);
  return result;
}

}  // namespace ts
