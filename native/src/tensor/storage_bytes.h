// How much tensor data a thread has allocated, for the profiler.
#pragma once

#include <cstdint>

namespace ts {

/// Bytes of all storages that this thread allocated since it began; views and tensor headers are none.
std::int64_t storage_bytes_of_thread();

}  // namespace ts
