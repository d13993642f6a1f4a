// Selects the table of kernels for a device. The CPU's table is built in; another backend registers its own when it
// is loaded.
#include <atomic>

#include "generated/kernel_table.g.h"

namespace ts {

extern const KernelTable cpu_kernels;

namespace {
std::atomic<const KernelTable*> cuda_kernels{nullptr};
}

const KernelTable& kernels(Device device) {
  if (device.type == DeviceType::CPU) return cpu_kernels;
  const KernelTable* const table = cuda_kernels.load(std::memory_order_acquire);
  TS_CHECK(table, DeviceError, "no backend is loaded for cuda tensors");
  return *table;
}

void register_kernels(DeviceType type, const KernelTable& table) {
  TS_CHECK(type == DeviceType::CUDA, DeviceError, "the CPU's kernels are built in");
  cuda_kernels.store(&table, std::memory_order_release);
}

}  // namespace ts
