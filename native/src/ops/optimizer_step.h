// The code that all optimizer steps share: everything is checked before anything is changed, kernels get contiguous
// tensors, and afterwards version counters and step counts are incremented.
#pragma once

#include <cstdint>
#include <vector>

#include "torchscratch/allocator.h"
#include "torchscratch/tensor.h"

namespace ts {

class OptimizerStep {
 public:
  /// `gradients` holds an undefined tensor for each parameter without a gradient, which is then left unchanged. `steps`
  /// holds the number of steps taken so far for each parameter. Throws unless every parameter is float32 or float64,
  /// and every gradient has the shape and type of its parameter.
  OptimizerStep(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<std::int64_t> steps);

  /// Throws unless each parameter that has a gradient has a contiguous state tensor of its shape and type. A state that
  /// the options do not require may be left empty.
  void check_state(const char* name, Span<const Tensor> states, bool needed) const;
  /// Throws unless there is a number for each parameter.
  void check_numbers(const char* name, Span<const double> numbers) const;

  /// The device of all parameters that have a gradient.
  Device device() const { return device_; }
  /// The parameters as contiguous tensors, which the kernel updates.
  Span<const Tensor> parameters() const { return parameters_; }
  /// The gradients as contiguous tensors; undefined for a parameter that has none.
  Span<const Tensor> gradients() const { return gradients_; }

  /// After the kernel: copies back parameters that are not contiguous, and counts the step.
  void finish();

 private:
  std::size_t count() const { return parameters_.size(); }
  bool has_gradient(std::size_t i) const { return gradients_[i].defined(); }

  Span<const Tensor> originals_;
  Device device_;
  Span<std::int64_t> steps_;
  std::vector<Tensor, PoolAllocator<Tensor>> parameters_, gradients_;
};

}  // namespace ts
