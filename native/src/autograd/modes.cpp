// Grad mode and inference mode of each thread.
#include <utility>

#include "torchscratch/autograd.h"

namespace ts {

namespace {
thread_local bool recording = true;
thread_local bool inferring = false;
}  // namespace

bool grad_enabled() { return recording && !inferring; }

bool set_grad_enabled(bool enabled) { return std::exchange(recording, enabled); }

bool inference_enabled() { return inferring; }

bool set_inference_enabled(bool enabled) { return std::exchange(inferring, enabled); }

}  // namespace ts
