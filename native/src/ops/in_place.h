// Helpers shared by the generated in-place operators: checks of the result, and operands in a form that is safe to read
// while self is being written.
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// Throws ShapeError or DTypeError unless a result of this shape and type can be written into self.
void check_in_place_result(const Tensor& self, const Dims& shape, DType dtype);

/// `operand`, or a copy of it if it shares memory with self and would change while it is being read. An undefined
/// operand stays undefined.
Tensor apart_from(const Tensor& self, const Tensor& operand);

/// src broadcast to the shape of self. Throws ShapeError if that is not possible.
Tensor broadcast_source(const Tensor& self, const Tensor& src);

/// The target of a kernel that writes contiguous memory: self if it is contiguous, otherwise a contiguous copy, which
/// write_back() copies into self.
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
