// What all optimizer steps share: everything is checked before anything is changed, kernels see dense tensors, and
// afterwards versions and step counts move on.
#pragma once

#include <cstdint>
#include <vector>

#include "torchscratch/allocator.h"
#include "torchscratch/tensor.h"

namespace ts {

class OptimizerStep {
 public:
  /// `gradients` has an undefined tensor for each parameter that has none and stays as it is. `steps` are the steps that
  /// each parameter has taken so far. Throws unless every parameter is float32 or float64, and every gradient has its
  /// parameter's shape and type.
  OptimizerStep(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<std::int64_t> steps);

  /// Throws unless there is a dense tensor of the parameter's shape and type for each parameter that has a gradient. A
  /// state that the options do not ask for may be left empty.
  void check_state(const char* name, Span<const Tensor> states, bool needed) const;
  /// Throws unless there is a number for each parameter.
  void check_numbers(const char* name, Span<const double> numbers) const;

  /// Of the parameters.
  Device device() const { return parameters_.empty() ? Device{} : parameters_[0].device(); }
  /// Contiguous, for the kernel to change.
  Span<const Tensor> parameters() const { return parameters_; }
  /// Contiguous; undefined where a parameter has none.
  Span<const Tensor> gradients() const { return gradients_; }

  /// After the kernel: copies back parameters that are not contiguous, and counts the step.
  void finish();

 private:
  std::size_t count() const { return parameters_.size(); }
  bool has_gradient(std::size_t i) const { return gradients_[i].defined(); }

  Span<const Tensor> originals_;
  Span<std::int64_t> steps_;
  std::vector<Tensor, PoolAllocator<Tensor>> parameters_, gradients_;
};

}  // namespace ts
