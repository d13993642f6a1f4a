// Random tensors: drawing from the generator's stream, and operators composed of such draws.
#include <exception>

#include "backend/philox.h"
#include "generated/functions/activations.g.h"
#include "generated/functions/creation.g.h"
#include "ops/argument_types.h"
#include "ops/random_stream.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/argmax.g.h"
#include "torchscratch/ops/bernoulli.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/exp.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/fill_cauchy.g.h"
#include "torchscratch/ops/fill_exponential.g.h"
#include "torchscratch/ops/fill_geometric.g.h"
#include "torchscratch/ops/fill_integers.g.h"
#include "torchscratch/ops/fill_normal.g.h"
#include "torchscratch/ops/fill_permutation.g.h"
#include "torchscratch/ops/fill_uniform.g.h"
#include "torchscratch/ops/isfinite.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/logical_not.g.h"
#include "torchscratch/ops/min.g.h"
#include "torchscratch/ops/multinomial_draws.g.h"
#include "torchscratch/ops/rand.g.h"
#include "torchscratch/ops/randn.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/take.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

thread_local std::uint64_t drawn_blocks = 0;  // by this thread, from any generator

}  // namespace

RandomStream draw_random(std::int64_t count) {
  const std::uint64_t blocks = philox_blocks(count);
  const PhiloxState state = current_generator().reserve(blocks);
  drawn_blocks += blocks;
  return {static_cast<std::int64_t>(state.seed), static_cast<std::int64_t>(state.offset)};
}

RandomRollback::RandomRollback()
    : generator_(current_generator()),
      begin_(generator_.state()),
      drawn_before_(drawn_blocks),
      exceptions_(std::uncaught_exceptions()) {}

RandomRollback::~RandomRollback() {
  if (std::uncaught_exceptions() == exceptions_) return;
  const PhiloxState now = generator_.state();
  if (now.seed == begin_.seed && now.offset == begin_.offset + (drawn_blocks - drawn_before_)) {
    generator_.set_state(begin_);
    drawn_blocks = drawn_before_;
  }
}

// ---- Filling a tensor ----

namespace {

// Checked before anything is drawn, so that a call that throws leaves the generator unchanged.
void check_random_target(const Tensor& self) {
  autograd::check_in_place(self, autograd::needs_grad(self));
  TS_CHECK(is_floating(self.dtype()), DTypeError, "expected floating tensors, got ", describe(self));
}

}  // namespace

Tensor uniform_in_place(const Tensor& self, double low, double high) {
  check_random_target(self);
  TS_CHECK(low <= high, ValueError, "low must not be greater than high, got ", low, " and ", high);
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(self.numel());
  return fill_uniform_(self, low, high, seed, offset);
}

Tensor normal_in_place(const Tensor& self, double mean, double std) {
  check_random_target(self);
  TS_CHECK(std >= 0, ValueError, "std must not be negative, got ", std);
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(self.numel());
  return fill_normal_(self, mean, std, seed, offset);
}

Tensor log_normal_in_place(const Tensor& self, double mean, double std) {
  check_random_target(self);
  const RandomRollback rollback;
  return copy_(self, exp(normal_in_place(empty(self.sizes(), DType::Float64, self.device()), mean, std)));
}

Tensor exponential_in_place(const Tensor& self, double lambd) {
  check_random_target(self);
  TS_CHECK(lambd > 0, ValueError, "lambd must be positive, got ", lambd);
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(self.numel());
  return fill_exponential_(self, lambd, seed, offset);
}

Tensor geometric_in_place(const Tensor& self, double p) {
  check_random_target(self);
  TS_CHECK(p > 0 && p < 1, ValueError, "p must lie in (0, 1), got ", p);
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(self.numel());
  return fill_geometric_(self, p, seed, offset);
}

Tensor cauchy_in_place(const Tensor& self, double median, double sigma) {
  check_random_target(self);
  TS_CHECK(sigma > 0, ValueError, "sigma must be positive, got ", sigma);
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(self.numel());
  return fill_cauchy_(self, median, sigma, seed, offset);
}

Tensor bernoulli_in_place(const Tensor& self, const Tensor& p) {
  autograd::check_in_place(self, autograd::needs_grad(self));
  TS_CHECK(is_floating(p.dtype()), DTypeError, "takes floating probabilities, got p ", describe(p));
  const RandomRollback rollback;
  return copy_(self, bernoulli(expand(p, self.sizes())));
}

Tensor random_in_place(const Tensor& self, std::int64_t low, std::int64_t high) {
  autograd::check_in_place(self, autograd::needs_grad(self));
  const RandomRollback rollback;
  return copy_(self, randint_composite(low, high, self.sizes(), DType::Int64, self.device()));
}

// ---- New tensors ----

namespace {

DType random_dtype(OptionalDType dtype) {
  const DType wanted = dtype.value_or(default_dtype());
  TS_CHECK(is_floating(wanted), DTypeError, "dtype must be floating, got ", dtype_name(wanted));
  return wanted;
}

}  // namespace

Tensor rand_composite(IntList size, OptionalDType dtype, OptionalDevice device) {
  return uniform_in_place(empty(size, random_dtype(dtype), device.value_or(default_device())), 0, 1);
}

Tensor randn_composite(IntList size, OptionalDType dtype, OptionalDevice device) {
  return normal_in_place(empty(size, random_dtype(dtype), device.value_or(default_device())), 0, 1);
}

Tensor randint_composite(std::int64_t low, std::int64_t high, IntList size, OptionalDType dtype,
                         OptionalDevice device) {
  TS_CHECK(low < high, ValueError, "the range [", low, ", ", high, ") is empty");
  const Tensor result = empty(size, DType::Int64, device.value_or(default_device()));
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(result.numel());
  return to(fill_integers_(result, low, high, seed, offset), dtype.value_or(DType::Int64));
}

Tensor randperm_composite(std::int64_t n, OptionalDType dtype, OptionalDevice device) {
  TS_CHECK(n >= 0, ValueError, "n must not be negative, got ", n);
  // May run out of memory, so before anything is drawn.
  const Tensor result = empty({n}, DType::Int64, device.value_or(default_device()));
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(n);
  return to(fill_permutation_(result, seed, offset), dtype.value_or(DType::Int64));
}

Tensor bernoulli_composite(const Tensor& self) {
  TS_CHECK(is_floating(self.dtype()), DTypeError, "expected floating probabilities, got ", describe(self));
  const NoGrad no_grad;
  const bool valid = host_value<bool>(all(logical_and(self >= 0, self <= 1)));
  TS_CHECK(valid, ValueError, "probabilities must lie in [0, 1]");
  const RandomRollback rollback;
  Tensor uniform = rand_composite(self.sizes(), self.dtype(), self.device());
  return to(uniform < self, self.dtype());
}

Tensor normal_composite(const Tensor& mean, const Tensor& std) {
  const NoGrad no_grad;
  TS_CHECK(is_floating(mean.dtype()) && is_floating(std.dtype()), DTypeError, "takes floating tensors, got mean ",
           describe(mean), " and std ", describe(std));
  TS_CHECK(std.numel() == 0 || host_value<bool>(all(std >= 0)), ValueError, "std must not be negative anywhere");
  const Tensor spread = std + zeros_like(mean);  // broadcast and promoted
  const RandomRollback rollback;
  return mean + randn(IntList(spread.sizes()), spread.dtype(), spread.device()) * spread;
}

Tensor multinomial_composite(const Tensor& self, std::int64_t num_samples, bool replacement) {
  const NoGrad no_grad;
  TS_CHECK(self.dim() == 1 || self.dim() == 2, ShapeError, "`self` must be (K) or (N, K) weights, got ",
           describe(self));
  TS_CHECK(is_floating(self.dtype()), DTypeError, "expected floating weights, got `self` ", describe(self));
  TS_CHECK(num_samples > 0, ValueError, "`num_samples` must be positive, got ", num_samples);
  const Tensor weights = contiguous(to(self, DType::Float64));
  const std::int64_t count = self.size(-1);
  TS_CHECK(count > 0, ShapeError, "`self` must have at least one weight in a row, got ", describe(self));
  TS_CHECK(replacement || num_samples <= count, ValueError, "`num_samples` ", num_samples,
           " without replacement exceeds the number of weights, ", count);
  const Tensor rows = reshape(weights, {-1, count});
  TS_CHECK(host_value<bool>(all(logical_and(isfinite(rows), rows >= 0))), ValueError,
           "weights must be finite and not negative, `self` has ",
           host_value<double>(take(rows, argmax(logical_not(logical_and(isfinite(rows), rows >= 0))))));
  const Tensor totals = sum(rows, IntList{-1});
  TS_CHECK(host_value<bool>(all(logical_and(totals > 0, isfinite(totals)))), ValueError,
           "the weights of a row must add up to a positive number");
  if (!replacement && rows.size(0) > 0) {
    const auto possible = host_value<std::int64_t>(min(sum(rows > 0, IntList{-1})));
    TS_CHECK(num_samples <= possible, ValueError, "`num_samples` ", num_samples,
             " without replacement exceeds the number of non-zero weights, ", possible);
  }
  const RandomRollback rollback;
  const Tensor uniform = rand({rows.size(0), replacement ? num_samples : count}, DType::Float64, rows.device());
  const Tensor draws = multinomial_draws(rows, uniform, num_samples, replacement);
  return self.dim() == 1 ? squeeze(draws, 0) : draws;
}

}  // namespace ts
