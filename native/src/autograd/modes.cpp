// Grad mode and inference mode, which are per thread.
#include <utility>

#include "tensor/modes.h"
#include "torchscratch/autograd.h"

namespace ts {

namespace {
thread_local bool recording = true;
}  // namespace

bool grad_enabled() { return recording && !making_inference_tensors; }

bool set_grad_enabled(bool enabled) { return std::exchange(recording, enabled); }

bool inference_enabled() { return making_inference_tensors; }

bool set_inference_enabled(bool enabled) { return std::exchange(making_inference_tensors, enabled); }

}  // namespace ts
