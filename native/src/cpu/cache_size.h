// The sizes of the data caches, by which blocked kernels choose their blocks.
#pragma once

#include <cstdint>

namespace ts::cpu {

struct CacheSizes {
  int64_t l1;  // bytes, of one core
  int64_t l2;  // bytes, of one core
  int64_t l3;  // bytes, of the whole cache
};

// Measured once. Where the system does not tell, a size that nearly every machine has.
const CacheSizes& cache_sizes();

}  // namespace ts::cpu
