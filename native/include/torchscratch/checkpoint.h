// Activation checkpointing, which trades time for memory (Chen, Xu, Zhang, Guestrin: "Training deep nets with sublinear
// memory cost", 2016): the intermediate results of a function are not kept for the backward pass but computed again.
#pragma once

#include <functional>

#include "torchscratch/autograd.h"

namespace ts {

using CheckpointedFunction = std::function<TensorList(const TensorList& inputs)>;

/// Calls `function` and records its graph, but the nodes keep none of the tensors that it computes. When a backward
/// pass needs the first of them, `function` runs once more, on the same inputs, with the same random numbers and in the
/// same autocast, which recomputes them all. Gradients are the same bit for bit, also those of tensors that the function captures.
///
/// The function must do the same in both runs. What it changes outside itself, such as running statistics or counters,
/// changes twice. The backward pass throws AutogradError if the second run saves a different number of tensors or
/// other shapes, or if an input was changed in place in the meantime. Checkpoints may be nested. Under NoGrad this is
/// a plain call.
TS_API TensorList checkpoint(CheckpointedFunction function, Span<const Tensor> inputs);

/// The same for a function of one tensor: `ts::checkpoint([&](const Tensor& x) { return block(x); }, x)`.
template <class Fn>
Tensor checkpoint(Fn function, const Tensor& input) {
  TensorList outputs = checkpoint(CheckpointedFunction([function = std::move(function)](const TensorList& inputs) {
                                    return TensorList{function(inputs[0])};
                                  }),
                                  Span<const Tensor>(&input, 1));
  return std::move(outputs[0]);
}

}  // namespace ts
