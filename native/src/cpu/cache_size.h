// The sizes of the data caches, from which blocked kernels derive their block sizes.
#pragma once

#include <cstdint>

namespace ts::cpu {

struct CacheSizes {
  int64_t l1;  // bytes, of one core
  int64_t l2;  // bytes, of one core
  int64_t l3;  // bytes, of the whole cache
};

// Queried once. If the operating system does not report a size, a value typical of nearly every machine is used.
const CacheSizes& cache_sizes();

}  // namespace ts::cpu
