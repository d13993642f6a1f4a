// Copying and filling in place.
#include "torchscratch/in_place.h"

#include "ops/functions.h"
#include "ops/infer.h"
#include "ops/pointwise_args.h"
#include "ops/random_fill.h"
#include "generated/kernel_table.g.h"
#include "torchscratch/autograd.h"
#include "torchscratch/observer.h"
#include "torchscratch/random.h"

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
  fill(dense, default_generator().reserve(cpu::blocks_for(self.numel())));
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
    if (self.numel() > 0) kernels(self.device()).copy(self, from);
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
    if (self.numel() > 0) kernels(self.device()).copy(self, expand(number, IntList(self.sizes())));
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

}  // namespace ts
