// Storage: reference-counted memory. Header and bytes share one block, in which the bytes begin at the second
// 64-byte line.
#include <new>

#include "tensor/device/memory.h"
#include "tensor/storage_bytes.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {
constexpr std::size_t kHeader = 64;
static_assert(sizeof(Storage) <= kHeader);

thread_local std::int64_t allocated_by_thread = 0;
}  // namespace

std::int64_t storage_bytes_of_thread() { return allocated_by_thread; }

Ref<Storage> Storage::allocate(std::int64_t bytes, Device device) {
  allocated_by_thread += bytes;
  if (device.is_cuda()) return allocate_on_device(bytes, device);
  const Block block = allocator::allocate(static_cast<std::size_t>(bytes) + kHeader);
  return Ref<Storage>::adopt(
      new (block.data) Storage(static_cast<char*>(block.data) + kHeader, bytes, block.capacity, device));
}

Ref<Storage> Storage::wrap(void* data, std::int64_t bytes, ReleaseCallback release, void* user, Device device) {
  const Block block = allocator::allocate(kHeader, true);
  auto* storage = new (block.data) Storage(data, bytes, 0, device);
  storage->release_ = release;
  storage->user_ = user;
  return Ref<Storage>::adopt(storage);
}

void Storage::destroy(Storage* storage) {
  const ReleaseCallback release = storage->release_;
  void* const user = storage->user_;
  const std::size_t capacity = storage->capacity_ == 0 ? kHeader : storage->capacity_;
  storage->~Storage();
  allocator::deallocate({storage, capacity});
  if (release) release(user);
}

}  // namespace ts
