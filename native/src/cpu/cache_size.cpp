#include "cpu/cache_size.h"

#if defined(__linux__)
#include <unistd.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace ts::cpu {
namespace {

// The size that the system reports, or `fallback` if it reports none (0 or -1, as in many virtual machines) or an
// implausible one.
int64_t plausible(int64_t bytes, int64_t fallback) { return bytes >= 4096 ? bytes : fallback; }

CacheSizes query() {
  CacheSizes sizes = {0, 0, 0};
#if defined(__linux__) && defined(_SC_LEVEL1_DCACHE_SIZE)
  sizes = {sysconf(_SC_LEVEL1_DCACHE_SIZE), sysconf(_SC_LEVEL2_CACHE_SIZE), sysconf(_SC_LEVEL3_CACHE_SIZE)};
#elif defined(__APPLE__)
  size_t length = sizeof(int64_t);
  sysctlbyname("hw.perflevel0.l1dcachesize", &sizes.l1, &length, nullptr, 0);
  sysctlbyname("hw.perflevel0.l2cachesize", &sizes.l2, &length, nullptr, 0);
#endif
  return {plausible(sizes.l1, 32 << 10), plausible(sizes.l2, 512 << 10), plausible(sizes.l3, 8 << 20)};
}

}  // namespace

const CacheSizes& cache_sizes() {
  static const CacheSizes sizes = query();
  return sizes;
}

}  // namespace ts::cpu
