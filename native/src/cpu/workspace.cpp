#include "cpu/workspace.h"

#include <atomic>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ts::cpu {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kCacheLine = 64;

std::align_val_t alignment(size_t bytes) { return std::align_val_t(bytes >= kHugePage ? kHugePage : kCacheLine); }

class Scratch {
 public:
  Scratch() = default;
  Scratch(Scratch&& other) noexcept : data_(other.data_), capacity_(other.capacity_) { other.data_ = nullptr; }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() { ::operator delete(data_, alignment(capacity_)); }

  void* reserve(size_t bytes) { return bytes <= capacity_ ? data_ : grow(bytes); }

 private:
  void* grow(size_t bytes) {
    // Rounded up to a power of two, so that slowly growing requests do not cause a reallocation each time.
    size_t capacity = 64 << 10;
    while (capacity < bytes) capacity *= 2;
    void* const data = ::operator new(capacity, alignment(capacity));
#if defined(__linux__)
    // Packed panels are read in long strides, and huge pages avoid TLB misses. If the system refuses, only speed
    // is lost.
    if (capacity >= kHugePage) madvise(data, capacity, MADV_HUGEPAGE);
#endif
    ::operator delete(data_, alignment(capacity_));
    data_ = data;
    capacity_ = capacity;
    return data;
  }

  void* data_ = nullptr;
  size_t capacity_ = 0;
};

std::atomic<size_t> slots{0};
thread_local std::vector<Scratch>* scratch = nullptr;

std::vector<Scratch>& make_scratch() {
  struct Owner {
    ~Owner() {
      delete scratch;
      scratch = nullptr;
    }
  };
  thread_local Owner owner;
  (void)owner;
  scratch = new std::vector<Scratch>;
  return *scratch;
}

}  // namespace

Workspace::Workspace() : slot_(slots.fetch_add(1, std::memory_order_relaxed)) {}

void* Workspace::reserve(size_t bytes) const {
  std::vector<Scratch>& all = scratch ? *scratch : make_scratch();
  if (slot_ >= all.size()) all.resize(slot_ + 1);
  return all[slot_].reserve(bytes);
}

}  // namespace ts::cpu
