#include "cpu/workspace.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "tensor/scratch_memory.h"

namespace ts::cpu {
namespace {

class Scratch {
 public:
  Scratch() = default;
  Scratch(Scratch&& other) noexcept : data_(other.data_), capacity_(other.capacity_) { other.data_ = nullptr; }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() { allocator::free_scratch(data_, capacity_); }

  void* reserve(size_t bytes) { return bytes <= capacity_ ? data_ : grow(bytes); }

 private:
  void* grow(size_t bytes) {
    // Rounded up to a power of two, so that slowly growing requests do not cause a reallocation each time.
    size_t wanted = 64 << 10, capacity = 0;
    while (wanted < bytes && wanted <= SIZE_MAX / 2) wanted *= 2;
    void* const data = allocator::allocate_scratch(std::max(wanted, bytes), &capacity);
    allocator::free_scratch(data_, capacity_);
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
