// Copying and filling in place.
#include "torchscratch/in_place.h"

#include <cmath>
#include <numbers>

#include "generated/kernels/views_and_indexing.g.h"
#include "ops/infer.h"
#include "ops/kernels.h"
#include "ops/pointwise_args.h"
#include "ops/random_fill.h"
#include "torchscratch/autograd.h"
#include "torchscratch/observer.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/bernoulli.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/exp.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/full.g.h"
#include "torchscratch/ops/randint.g.h"
#include "torchscratch/random.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

// What was there before gets no gradient; the source gets all of it.
struct CopyInPlaceBackward final : Node {
  const char* name() const override { return "CopyInPlaceBackward"; }
  void apply(Span<const Tensor> grads, Span<Tensor> grad_inputs) override {
    if (needs_input(1)) grad_inputs[1] = grads[0];
  }
};

struct FillInPlaceBackward final : Node {
  const char* name() const override { return "FillInPlaceBackward"; }
  void apply(Span<const Tensor>, Span<Tensor>) override {}
};

void check_random_target(const Tensor& self) {
  TS_CHECK(is_floating(self.dtype()), DTypeError, "takes floating tensors, got ", describe(self));
  autograd::check_in_place(self, autograd::needs_grad(self));
}

// Draws into a dense tensor and copies it over when self is not dense.
template <class Fill>
Tensor fill_randomly(const Tensor& self, Fill fill) {
  check_random_target(self);
  const NoGrad no_grad;
  const Tensor dense = self.is_contiguous() ? self : empty(self.sizes(), self.dtype());
  fill(dense, current_generator().reserve(cpu::blocks_for(self.numel())));
  if (!self.is_contiguous()) return copy_(self, dense);
  autograd::bump_version(self);
  return self;
}

}  // namespace

Tensor copy_(const Tensor& self, const Tensor& src) {
  const detail::OpScope scope("copy_");
  check_defined(self, "self");
  check_defined(src, "src");
  const bool recording = (autograd::needs_grad(self) || autograd::needs_grad(src)) && is_floating(self.dtype());
  autograd::check_in_place(self, recording);
  TS_CHECK(broadcast_shapes(self.sizes(), src.sizes()) == self.sizes(), ShapeError, describe(src),
           " does not broadcast to ", describe(self));
  {
    const NoGrad no_grad;
    // Overlapping source and target would be read after they are written.
    const bool overlaps = src.impl()->storage == self.impl()->storage && !src.is_same(self);
    const Tensor from = expand(overlaps ? clone(src) : src, IntList(self.sizes()));
    if (self.numel() > 0) kernels<ViewsAndIndexingKernels>(self.device()).copy(self, from);
  }
  autograd::bump_version(self);
  if (recording) {
    auto node = make_ref<CopyInPlaceBackward>();
    autograd::add_edge(*node, self);
    autograd::add_edge(*node, src);
    autograd::set_history_in_place(self, node);
  }
  return self;
}

Tensor fill_(const Tensor& self, const Scalar& value) {
  const detail::OpScope scope("fill_");
  check_defined(self, "self");
  const bool recording = autograd::needs_grad(self);
  autograd::check_in_place(self, recording);
  {
    const NoGrad no_grad;
    const Tensor number = scalar_tensor(value, self.dtype());
    if (self.numel() > 0) kernels<ViewsAndIndexingKernels>(self.device()).copy(self, expand(number, IntList(self.sizes())));
  }
  autograd::bump_version(self);
  if (recording) {
    auto node = make_ref<FillInPlaceBackward>();
    autograd::add_edge(*node, self);
    autograd::set_history_in_place(self, node);
  }
  return self;
}

Tensor uniform_(const Tensor& self, double low, double high) {
  const detail::OpScope scope("uniform_");
  check_defined(self, "self");
  TS_CHECK(low <= high, ValueError, "low ", low, " is above high ", high);
  return fill_randomly(self, [&](const Tensor& dense, PhiloxState state) { cpu::fill_uniform(dense, low, high, state); });
}

Tensor normal_(const Tensor& self, double mean, double std) {
  const detail::OpScope scope("normal_");
  check_defined(self, "self");
  TS_CHECK(std >= 0, ValueError, "std must not be negative, got ", std);
  return fill_randomly(self, [&](const Tensor& dense, PhiloxState state) { cpu::fill_normal(dense, mean, std, state); });
}

namespace {

template <class Inverse>
Tensor fill_from_uniform(const Tensor& self, Inverse inverse) {
  return fill_randomly(self,
                       [&](const Tensor& dense, PhiloxState state) { cpu::fill_inverse(dense, inverse, state); });
}

}  // namespace

Tensor log_normal_(const Tensor& self, double mean, double std) {
  const detail::OpScope scope("log_normal_");
  check_defined(self, "self");
  TS_CHECK(std >= 0, ValueError, "std must not be negative, got ", std);
  return fill_randomly(self, [&](const Tensor& dense, PhiloxState state) {
    const Tensor wide = empty(dense.sizes(), DType::Float64);
    cpu::fill_normal(wide, mean, std, state);
    copy_(dense, exp(wide));
  });
}

Tensor exponential_(const Tensor& self, double lambd) {
  const detail::OpScope scope("exponential_");
  check_defined(self, "self");
  TS_CHECK(lambd > 0, ValueError, "lambd must be positive, got ", lambd);
  return fill_from_uniform(self, [=](double u) { return -std::log1p(-u) / lambd; });
}

Tensor geometric_(const Tensor& self, double p) {
  const detail::OpScope scope("geometric_");
  check_defined(self, "self");
  TS_CHECK(p > 0 && p < 1, ValueError, "p must lie in (0, 1), got ", p);
  return fill_from_uniform(self, [=](double u) { return std::floor(std::log1p(-u) / std::log1p(-p)) + 1; });
}

Tensor cauchy_(const Tensor& self, double median, double sigma) {
  const detail::OpScope scope("cauchy_");
  check_defined(self, "self");
  TS_CHECK(sigma > 0, ValueError, "sigma must be positive, got ", sigma);
  return fill_from_uniform(self, [=](double u) { return median + sigma * std::tan(std::numbers::pi * (u - 0.5)); });
}

Tensor bernoulli_(const Tensor& self, const Tensor& p) {
  const detail::OpScope scope("bernoulli_");
  check_defined(self, "self");
  check_defined(p, "p");
  autograd::check_in_place(self, autograd::needs_grad(self));
  const NoGrad no_grad;
  TS_CHECK(is_floating(p.dtype()), DTypeError, "takes floating probabilities, got p ", describe(p));
  return copy_(self, bernoulli(expand(p, IntList(self.sizes()))));
}

Tensor bernoulli_(const Tensor& self, double p) { return bernoulli_(self, full({}, p, DType::Float64)); }

Tensor random_(const Tensor& self, std::int64_t low, std::int64_t high) {
  const detail::OpScope scope("random_");
  check_defined(self, "self");
  autograd::check_in_place(self, autograd::needs_grad(self));
  const NoGrad no_grad;
  return copy_(self, randint(low, high, IntList(self.sizes())));
}

}  // namespace ts
