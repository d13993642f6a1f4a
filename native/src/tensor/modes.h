// The mode that marks new tensors. Autograd's functions switch it; it lives here because tensors are made here.
#pragma once

namespace ts {

/// Whether this thread makes inference tensors.
extern constinit thread_local bool making_inference_tensors;

}  // namespace ts
