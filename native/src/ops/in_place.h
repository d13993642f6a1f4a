// What the generated in-place operators share: checks of the result, and operands brought into a form that is safe to
// read while self is written.
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// Throws ShapeError or DTypeError unless a result of this shape and type can be written into self.
void check_in_place_result(const Tensor& self, const Dims& shape, DType dtype);

/// `operand`, or a copy of it where it shares memory with self, which would change it while it is read. An undefined
/// operand stays undefined.
Tensor apart_from(const Tensor& self, const Tensor& operand);

/// src stretched to the shape of self. Throws ShapeError where it does not broadcast.
Tensor broadcast_source(const Tensor& self, const Tensor& src);

/// For kernels that write dense memory: self if it is contiguous, else a dense copy, which write_back() copies into self.
class DenseTarget {
 public:
  explicit DenseTarget(const Tensor& self);

  const Tensor& dense() const { return dense_; }
  void write_back() const;

 private:
  const Tensor& self_;
  Tensor dense_;
};

}  // namespace ts
