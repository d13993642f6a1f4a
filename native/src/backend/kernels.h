// Selects the kernels of a device. Each family of operators has a table of kernels (generated/kernels/), and every
// backend fills one: that of the CPU is built in, and another backend stores a pointer to its own when it is loaded.
#pragma once

#include <atomic>

#include "torchscratch/error.h"
#include "torchscratch/tensor.h"

namespace ts {

/// The table of the backend of `device`, as in kernels<ReductionsKernels>(device). Throws DeviceError if that backend
/// is not loaded.
template <class Table>
const Table& kernels(Device device) {
  if (device.type == DeviceType::CPU) return Table::cpu;
  const Table* const table = Table::cuda.load(std::memory_order_acquire);
  TS_CHECK(table, DeviceError, "no backend is loaded for cuda tensors");
  return *table;
}

}  // namespace ts
