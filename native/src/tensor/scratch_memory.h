// Memory that kernels keep between calls. It obeys the allocator's limit and is counted as cached, not as live: no
// tensor owns it.
#pragma once

#include <cstddef>

namespace ts::allocator {

/// At least `bytes` bytes, aligned to 64; `*capacity` gets the size. Throws OutOfMemoryError as allocate() does.
void* allocate_scratch(std::size_t bytes, std::size_t* capacity);
void free_scratch(void* data, std::size_t capacity) noexcept;

}  // namespace ts::allocator
