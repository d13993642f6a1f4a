// Memory of CUDA devices and pinned host memory, from one cache for each.
#pragma once

#include <cstdint>

#include "torchscratch/tensor.h"

namespace ts {

/// Memory of a device, for use on the thread's current stream; gives it back when the storage is gone. Throws
/// OutOfMemoryError, and DeviceError if there is no such device.
Ref<Storage> allocate_on_device(std::int64_t bytes, Device device);
/// Pinned host memory. Throws DeviceError if CUDA is not available.
Ref<Storage> allocate_pinned(std::int64_t bytes);

/// Copies the elements of a contiguous tensor to another one of its shape and type, on any two devices. Unless `wait`,
/// a copy from or to pinned memory returns before the bytes have arrived; memory that is freed meanwhile is not reused
/// before.
void copy_between_devices(const Tensor& to, const Tensor& from, bool wait);
/// Copies bytes between a device and any host memory, and returns when they have arrived. Throws the error in data that
/// occurred before, if any.
void copy_from_device(void* to, const void* from, std::int64_t bytes, Device device);
void copy_to_device_memory(void* to, const void* from, std::int64_t bytes, Device device);

}  // namespace ts
