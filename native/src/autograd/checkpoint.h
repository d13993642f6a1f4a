// What happens to the tensors that nodes save while a checkpointed function runs.
#pragma once

#include <memory>

#include "torchscratch/autograd.h"

namespace ts {

/// A call of a checkpointed function, running or finished.
class CheckpointFrame {
 public:
  virtual ~CheckpointFrame() = default;
  /// Called for every tensor that a node saves while this is the thread's innermost frame, in the order of saving.
  /// Returns what the node keeps in the tensor's place, or null if it is to keep the tensor itself.
  virtual std::unique_ptr<DeferredTensor> defer(const Tensor& tensor, bool is_output) = 0;
};

/// This thread's innermost frame; null outside of checkpointed functions.
CheckpointFrame* current_checkpoint();

}  // namespace ts
