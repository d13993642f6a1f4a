// Tells the part of the core that loads backends which kernels this core was built with.
#include "generated/kernels/list.g.h"
#include "tensor/device/backend.h"

namespace ts {
namespace {

[[maybe_unused]] const bool told = (core_kernels_hash = kKernelsHash, true);

}  // namespace
}  // namespace ts
