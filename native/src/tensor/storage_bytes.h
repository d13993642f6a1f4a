// The amount of tensor data that a thread has allocated, for the profiler.
#pragma once

#include <cstdint>

namespace ts {

/// The bytes of all storages that this thread has ever allocated. Views and the headers of tensors do not count.
std::int64_t storage_bytes_of_thread();

}  // namespace ts
