// Where saved tensors go while a checkpointed function runs.
#pragma once

#include <memory>

#include "torchscratch/autograd.h"

namespace ts {

/// One running or finished call of a checkpointed function.
class CheckpointFrame {
 public:
  virtual ~CheckpointFrame() = default;
  /// Told of every tensor that a node saves while the frame is this thread's innermost, in order.
  virtual std::unique_ptr<DeferredTensor> defer(const Tensor& tensor, bool is_output) = 0;
};

/// This thread's innermost frame; null outside checkpoints.
CheckpointFrame* current_checkpoint();

}  // namespace ts
