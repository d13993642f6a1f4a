// Activation checkpointing: trading time for memory (Chen, Xu, Zhang, Guestrin: "Training deep nets with sublinear
// memory cost", 2016). What a function computes on the way is not kept for the backward pass but computed again there.
#pragma once

#include <functional>

#include "torchscratch/autograd.h"

namespace ts {

using CheckpointedFunction = std::function<TensorList(const TensorList& inputs)>;

/// Calls `function` and records its graph as ever, except that nodes keep none of its tensors. The first of them that
/// a backward pass asks for makes `function` run once more, on the same inputs and from the same random state, and so
/// brings back all. Gradients are the same, bit for bit, those of tensors that the function captures included.
///
/// The function must do the same each time: what it changes outside (running statistics, counters) changes twice.
/// AutogradError if it does not save as many tensors, of the same shapes, or if an input was changed in place
/// meanwhile. Checkpoints nest. Under NoGrad, or when nothing is recorded, this is a plain call.
TS_API TensorList checkpoint(CheckpointedFunction function, Span<const Tensor> inputs);

/// The same for one tensor: `ts::checkpoint([&](const Tensor& x) { return block(x); }, x)`.
template <class Fn>
Tensor checkpoint(Fn function, const Tensor& input) {
  TensorList outputs = checkpoint(CheckpointedFunction([function = std::move(function)](const TensorList& inputs) {
                                    return TensorList{function(inputs[0])};
                                  }),
                                  Span<const Tensor>(&input, 1));
  return std::move(outputs[0]);
}

}  // namespace ts
