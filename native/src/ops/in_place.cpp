// See in_place.h.
#include "ops/in_place.h"

#include "backend/kernels.h"
#include "generated/kernels/views_and_indexing.g.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/tensor.h"

namespace ts {

void check_in_place_result(const Tensor& self, const Dims& shape, DType dtype) {
  TS_CHECK(shape == self.sizes(), ShapeError, "the result has the shape ", shape.to_string(),
           ", which cannot be written in place into ", describe(self));
  TS_CHECK(dtype == self.dtype(), DTypeError, "the result is ", dtype_name(dtype),
           ", which cannot be written in place into ", describe(self));
}

Tensor apart_from(const Tensor& self, const Tensor& operand) {
  if (!operand.defined() || operand.impl()->storage != self.impl()->storage) return operand;
  const NoGrad no_grad;
  return clone(operand);
}

DenseTarget::DenseTarget(const Tensor& self) : self_(self), dense_(self) {
  if (self.is_contiguous()) return;
  const NoGrad no_grad;
  dense_ = clone(self);
}

void DenseTarget::write_back() const {
  if (!dense_.is_same(self_)) kernels<ViewsAndIndexingKernels>(self_.device()).copy(self_, dense_);
}

Tensor broadcast_source(const Tensor& self, const Tensor& src) {
  TS_CHECK(src.sizes() == self.sizes() || broadcast_shapes(self.sizes(), src.sizes()) == self.sizes(), ShapeError,
           describe(src), " cannot be broadcast to ", describe(self));
  const Tensor source = src.device() == self.device() ? src : to(src, self.device());
  return source.sizes() == self.sizes() ? source : expand(source, self.sizes());
}

}  // namespace ts
