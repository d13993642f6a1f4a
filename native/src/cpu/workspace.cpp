#include "cpu/workspace.h"

#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ts::cpu {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kCacheLine = 64;

std::align_val_t alignment(size_t bytes) { return std::align_val_t(bytes >= kHugePage ? kHugePage : kCacheLine); }

}  // namespace

Workspace::~Workspace() { ::operator delete(data_, alignment(capacity_)); }

void* Workspace::grow(size_t bytes) {
  // Rounded up to a power of two, so that slowly growing requests do not reallocate every time.
  size_t capacity = 64 << 10;
  while (capacity < bytes) capacity *= 2;
  void* const data = ::operator new(capacity, alignment(capacity));
#if defined(__linux__)
  // Packed panels are read in long strides; huge pages spare the TLB. A refusal only costs speed.
  if (capacity >= kHugePage) madvise(data, capacity, MADV_HUGEPAGE);
#endif
  ::operator delete(data_, alignment(capacity_));
  data_ = data;
  capacity_ = capacity;
  return data;
}

}  // namespace ts::cpu
