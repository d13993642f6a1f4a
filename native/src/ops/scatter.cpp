// Scattering: variants of scatter composed of its kernels, their gradients, copies with a part replaced, and one_hot.
#include "ops/scatter.h"

#include <limits>

#include "generated/functions/creation.g.h"
#include "generated/functions/views_and_indexing.g.h"
#include "ops/argument_types.h"
#include "ops/infer.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/observer.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/clamp_min.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/diagonal.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/masked_fill.g.h"
#include "torchscratch/ops/max.g.h"
#include "torchscratch/ops/min.g.h"
#include "torchscratch/ops/scatter.g.h"
#include "torchscratch/ops/scatter_add.g.h"
#include "torchscratch/ops/scatter_reduce.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {
namespace infer {

Dims scatter_reduce(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src,
                    ScatterReduction reduce) {
  TS_CHECK(reduce != ScatterReduction::Mean || self.dtype() != DType::Bool, DTypeError,
           "the mean is not defined for bool: ", describe(self), "; convert it with `to(float32)`");
  return infer::scatter_add(self, dim, index, src);
}

}  // namespace infer

Tensor scatter_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value) {
  return scatter(self, dim, index, full_composite(index.sizes(), value, self.dtype(), self.device()));
}

Tensor scatter_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src,
                         ScatterOperation reduce) {
  if (reduce == ScatterOperation::Add) return scatter_add(self, dim, index, src);
  return scatter_reduce(self, dim, index, src, ScatterReduction::Prod);
}

Tensor scatter_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value,
                         ScatterOperation reduce) {
  return scatter_composite(self, dim, index, full_composite(index.sizes(), value, self.dtype(), self.device()), reduce);
}

namespace {

// The number of elements in each mean; 1 where there are none.
Tensor scatter_counts(const Tensor& grad, std::int64_t dim, const Tensor& index, bool include_self) {
  const NoGrad no_grad;
  const Tensor before = full_composite(grad.sizes(), include_self ? 1 : 0, grad.dtype(), grad.device());
  return clamp_min(scatter_add(before, dim, index, full_composite(index.sizes(), 1, grad.dtype(), grad.device())), 1);
}

// The number of elements equal to the extremum at each index; 0 where that is NaN, whose gradient is NaN.
Tensor scatter_ties(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src,
                    const Tensor& result) {
  const NoGrad no_grad;
  Tensor used = src;
  for (int d = 0; d < index.dim(); ++d) used = slice(used, d, 0, index.sizes()[d]);
  const Tensor hits = to(used == gather(result, dim, index), self.dtype());
  return scatter_add(to(self == result, self.dtype()), dim, index, hits);
}

}  // namespace

Tensor scatter_reduce_self_gradient(const Tensor& grad, const Tensor& self, std::int64_t dim, const Tensor& index,
                                    const Tensor& src, ScatterReduction reduce, bool include_self,
                                    const Tensor& result) {
  Tensor own = grad;
  switch (reduce) {
    case ScatterReduction::Sum:
      break;
    case ScatterReduction::Prod: {
      // The product of the other elements; zeros of self are replaced by 1 to compute it.
      const Tensor without_zeros = masked_fill(self, self == Scalar(0), 1);
      own = grad * scatter_reduce(without_zeros, dim, index, src, reduce, include_self) / without_zeros;
      break;
    }
    case ScatterReduction::Mean:
      own = grad / scatter_counts(grad, dim, index, include_self);
      break;
    case ScatterReduction::Amax:
    case ScatterReduction::Amin:
      own = to(self == result, grad.dtype()) * (grad / scatter_ties(self, dim, index, src, result));
      break;
  }
  return include_self ? own : scatter(own, dim, index, 0);
}

Tensor scatter_reduce_src_gradient(const Tensor& grad, const Tensor& self, std::int64_t dim, const Tensor& index,
                                   const Tensor& whole_src, ScatterReduction reduce, bool include_self,
                                   const Tensor& result) {
  Tensor src = whole_src;
  for (int d = 0; d < index.dim(); ++d) src = slice(src, d, 0, index.sizes()[d]);
  Tensor share;
  switch (reduce) {
    case ScatterReduction::Sum:
      share = gather(grad, dim, index);
      break;
    case ScatterReduction::Mean:
      share = gather(grad / scatter_counts(grad, dim, index, include_self), dim, index);
      break;
    case ScatterReduction::Prod: {
      // result / src; where src is the only zero at its index, the product of the other elements.
      const Tensor zero = src == Scalar(0);
      const Tensor zeros_met = gather(scatter_add(zeros_like(self), dim, index, to(zero, self.dtype())), dim, index);
      const Tensor alone = logical_and(zero, zeros_met == Scalar(1));
      const Tensor rest = scatter_reduce(self, dim, index, masked_fill(src, alone, 1), reduce, include_self);
      share =
          where(alone, gather(grad * rest, dim, index), gather(grad * result, dim, index) / masked_fill(src, zero, 1));
      break;
    }
    case ScatterReduction::Amax:
    case ScatterReduction::Amin: {
      const Tensor hit = to(src == gather(result, dim, index), grad.dtype());
      share = hit * gather(grad / scatter_ties(self, dim, index, src, result), dim, index);
      break;
    }
  }
  if (share.sizes() == whole_src.sizes()) return share;
  const Tensor padded = zeros_composite(whole_src.sizes(), grad.dtype(), grad.device());
  Tensor used = padded;
  for (int d = 0; d < index.dim(); ++d) used = slice(used, d, 0, index.sizes()[d]);
  copy_(used, share);
  return padded;
}

// ---- A copy with a part replaced ----

namespace {

Tensor with_part(const Tensor& whole, const Tensor& part, const Tensor& src) {
  TS_CHECK(part.sizes() == src.sizes(), ShapeError, "src must have the shape of the part it replaces, ",
           part.sizes().to_string(), ", but it is ", describe(src));
  copy_(part, src);
  return whole;
}

}  // namespace

Tensor select_scatter_composite(const Tensor& self, const Tensor& src, std::int64_t dim, std::int64_t index) {
  const Tensor whole = clone(self);
  return with_part(whole, select(whole, dim, index), src);
}

Tensor diagonal_scatter_composite(const Tensor& self, const Tensor& src, std::int64_t offset, std::int64_t dim1,
                                  std::int64_t dim2) {
  const Tensor whole = clone(self);
  return with_part(whole, diagonal(whole, offset, dim1, dim2), src);
}

Tensor slice_scatter_composite(const Tensor& self, const Tensor& src, std::int64_t dim, OptionalInt start,
                               OptionalInt end, std::int64_t step) {
  const Tensor whole = clone(self);
  return with_part(whole, slice(whole, dim, start, end, step), src);
}

// ---- Classes ----

Tensor one_hot_composite(const Tensor& input, std::int64_t num_classes) {
  TS_CHECK(input.dtype() == DType::Int64, DTypeError, "expected int64 classes, but input is ", describe(input),
           "; convert it with `to(int64)`");
  TS_CHECK(num_classes >= -1, ValueError, "`num_classes` must not be negative, but it is ", num_classes,
           "; -1 means one more than the largest class");
  TS_CHECK(input.numel() > 0 || num_classes > 0, ValueError, "the number of classes cannot be inferred from ",
           describe(input), ", which has no elements; pass `num_classes`");
  std::int64_t classes = num_classes;
  if (input.numel() > 0) {
    const auto smallest = host_value<std::int64_t>(min(input)), largest = host_value<std::int64_t>(max(input));
    TS_CHECK(smallest >= 0, ValueError, "classes must not be negative, got ", smallest);
    TS_CHECK(num_classes == -1 || largest < num_classes, ValueError, "class ", largest,
             " must be less than `num_classes`, ", num_classes);
    if (num_classes == -1) {
      TS_CHECK(largest < std::numeric_limits<std::int64_t>::max(), ValueError, "class ", largest, " is too large");
      classes = largest + 1;
    }
  }
  return to(unsqueeze(input, -1) == arange_composite(0, classes, 1, DType::Int64, input.device()), DType::Int64);
}

}  // namespace ts
