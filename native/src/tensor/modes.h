// Inference mode as new tensors see it. Autograd switches it; it is declared here because tensors are created here.
#pragma once

namespace ts {

/// Whether tensors that this thread creates are inference tensors.
extern constinit thread_local bool making_inference_tensors;

}  // namespace ts
