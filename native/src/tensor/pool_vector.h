// The vector for scratch memory whose size depends on an argument: it comes from the caching allocator, so that it
// counts in the statistics and toward the limit, and is refused with an OutOfMemoryError.
#pragma once

#include <vector>

#include "torchscratch/allocator.h"

namespace ts {

template <class T>
using PoolVector = std::vector<T, PoolAllocator<T>>;

}  // namespace ts
