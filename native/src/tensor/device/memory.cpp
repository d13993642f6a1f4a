// See memory.h.
#include "tensor/device/memory.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>

#include "tensor/device/backend.h"
#include "tensor/device/caching_pool.h"
#include "torchscratch/cuda.h"
#include "torchscratch/reclaim.h"

namespace ts {

namespace {

constexpr int kPinned = -1;  // stands for a device in the streams of pinned blocks

CachingPool::System system_of(std::function<void*(std::size_t)> allocate, std::function<void(void*)> release) {
  const auto backend = [](const cuda::Stream& stream) -> DeviceBackend& { return device_backend(stream.device); };
  return {std::move(allocate),
          std::move(release),
          [=](const cuda::Stream& stream) {
            void* const event = backend(stream).create_event(stream.device, /*timing=*/false);
            backend(stream).record_event(stream.device, event, stream.native);
            return event;
          },
          [=](const cuda::Stream& stream, void* event) { return backend(stream).is_event_done(stream.device, event); },
          [=](const cuda::Stream& stream, void* event) { backend(stream).synchronize_event(stream.device, event); },
          [=](const cuda::Stream& stream, void* event) { backend(stream).destroy_event(stream.device, event); }};
}

struct Pools {
  std::mutex mutex;
  std::unique_ptr<CachingPool> devices[kMaxCudaDevices];
  CachingPool pinned{system_of([](std::size_t bytes) { return device_backend(0).allocate_pinned(bytes); },
                               [](void* data) { device_backend(0).release_pinned(data); })};
  std::atomic<std::int64_t> live_bytes{0};
};

// Never destroyed: tensors in static variables give their memory back after main has returned.
Pools& pools() {
  static Pools* const instance = new Pools;
  return *instance;
}

CachingPool& pool_of(int index) {
  DeviceBackend& backend = device_backend(index);
  const std::lock_guard lock(pools().mutex);
  std::unique_ptr<CachingPool>& pool = pools().devices[index];
  if (!pool) {
    pool = std::make_unique<CachingPool>(
        system_of([&backend, index](std::size_t bytes) { return backend.allocate(index, bytes); },
                  [&backend, index](void* data) { backend.release(index, data); }));
  }
  return *pool;
}

void release_device_block(void* user) {
  auto* const block = static_cast<CachingPool::Block*>(user);
  pools().live_bytes.fetch_sub(CachingPool::size_of(block), std::memory_order_relaxed);
  pools().devices[CachingPool::stream_of(block).device]->free(block);
}

void release_pinned_block(void* user) { pools().pinned.free(static_cast<CachingPool::Block*>(user)); }

std::string in_mib(std::int64_t bytes) {
  const double mib = static_cast<double>(bytes) / (1 << 20);
  return format(static_cast<double>(static_cast<std::int64_t>(mib * 10 + 0.5)) / 10, " MiB");
}

[[noreturn]] void refuse(std::int64_t bytes, int index) {
  const cuda::MemoryStats stats = cuda::memory_stats(index);
  throw OutOfMemoryError(detail::in_operator(
      format("out of memory on cuda:", index, ": ", bytes, " bytes were requested; ", in_mib(stats.live_bytes),
             " are in use, ", in_mib(stats.cached_bytes), " are cached and ", in_mib(stats.free_bytes), " of ",
             in_mib(stats.total_bytes), " are free",
             stats.limit_bytes > 0 ? ", and the limit is " + in_mib(stats.limit_bytes) : std::string(),
             "; free tensors, use smaller batches or float16", stats.limit_bytes > 0 ? ", or raise the limit" : "")));
}

}  // namespace

Ref<Storage> allocate_on_device(std::int64_t bytes, Device device) {
  if (bytes == 0) {
    device_backend(device.index);
    return Storage::wrap(nullptr, 0, nullptr, nullptr, device);
  }
  CachingPool& pool = pool_of(device.index);
  const cuda::Stream stream = cuda::current_stream(device.index);
  CachingPool::Block* block = pool.allocate(static_cast<std::size_t>(bytes), stream);
  if (!block && allocator::reclaim_memory()) block = pool.allocate(static_cast<std::size_t>(bytes), stream);
  if (!block) refuse(bytes, device.index);
  pools().live_bytes.fetch_add(CachingPool::size_of(block), std::memory_order_relaxed);
  return Storage::wrap(CachingPool::data_of(block), bytes, &release_device_block, block, device);
}

Ref<Storage> allocate_pinned(std::int64_t bytes) {
  device_backend(cuda::current_device());
  CachingPool::Block* const block =
      pools().pinned.allocate(static_cast<std::size_t>(bytes), cuda::Stream{nullptr, kPinned, 0});
  TS_CHECK(block, OutOfMemoryError, "out of memory: the system refused ", bytes, " bytes of pinned memory");
  return Storage::wrap(CachingPool::data_of(block), bytes, &release_pinned_block, block);
}

bool Storage::is_pinned() const { return release_ == &release_pinned_block; }

// ---- Copies ----

namespace {

void used_by(const Storage& storage, CachingPool::Block* block, const cuda::Stream& stream) {
  if (storage.is_pinned()) pools().pinned.record_stream(block, stream);
  else pool_of(storage.device().index).record_stream(block, stream);
}

// Waits for the stream and reports what went wrong on the device.
void finish(const cuda::Stream& stream) {
  DeviceBackend& backend = device_backend(stream.device);
  backend.synchronize_stream(stream.device, stream.native);
  raise_device_error(stream.device);
}

}  // namespace

void copy_between_devices(const Tensor& target, const Tensor& source_tensor, bool wait) {
  const std::int64_t bytes = source_tensor.numel() * item_size(source_tensor.dtype());
  if (bytes == 0) return;
  void* const to_data = target.raw_data();
  const void* const from_data = source_tensor.raw_data();
  const Storage &to = *target.impl()->storage, &from = *source_tensor.impl()->storage;
  if (to.device().is_cpu() && from.device().is_cpu()) {
    std::memcpy(to_data, from_data, static_cast<std::size_t>(bytes));
    return;
  }
  const Device device = to.device().is_cuda() ? to.device() : from.device();
  const cuda::Stream stream = cuda::current_stream(device.index);
  DeviceBackend& backend = device_backend(device.index);
  if (to.device().is_cuda() && from.device().is_cuda() && to.device() != from.device()) {
    // The copy runs on the target's stream and has to wait for what computes the source.
    const cuda::Stream source = cuda::current_stream(from.device().index);
    cuda::Event computed(source.device);
    computed.record(source);
    computed.wait(stream);
    used_by(from, static_cast<CachingPool::Block*>(from.owner()), stream);
  }
  backend.copy(to_data, to.device(), from_data, from.device(), static_cast<std::size_t>(bytes), stream.native);
  for (const Storage* storage : {&to, &from}) {
    if (storage->is_pinned()) used_by(*storage, static_cast<CachingPool::Block*>(storage->owner()), stream);
  }
  if (wait && (to.device().is_cpu() || cuda_is_synchronous())) finish(stream);
}

void copy_from_device(void* to, const void* from, std::int64_t bytes, Device device) {
  const cuda::Stream stream = cuda::current_stream(device.index);
  device_backend(device.index).copy(to, Device(), from, device, static_cast<std::size_t>(bytes), stream.native);
  finish(stream);
}

void copy_to_device_memory(void* to, const void* from, std::int64_t bytes, Device device) {
  const cuda::Stream stream = cuda::current_stream(device.index);
  device_backend(device.index).copy(to, device, from, Device(), static_cast<std::size_t>(bytes), stream.native);
  device_backend(device.index).synchronize_stream(stream.device, stream.native);
}

// ---- What users see ----

namespace cuda {

MemoryStats memory_stats(int index) {
  MemoryStats stats = pool_of(index).stats();
  device_backend(index).memory(index, &stats.free_bytes, &stats.total_bytes);
  return stats;
}

std::int64_t live_bytes() { return pools().live_bytes.load(std::memory_order_relaxed); }

void reset_peak(int index) { pool_of(index).reset_peak(); }

void set_memory_limit(int index, std::int64_t bytes) {
  TS_CHECK(bytes >= 0, ValueError, "cuda_set_memory_limit: `bytes` must not be negative, got ", bytes);
  pool_of(index).set_limit(bytes);
}

void empty_cache() {
  if (!loaded_backend()) return;
  for (int index = 0; index < device_count(); ++index) pool_of(index).release_cached();
  pools().pinned.release_cached();
}

void record_stream(const Tensor& tensor, const Stream& stream) {
  const Storage& storage = *tensor.impl()->storage;
  TS_CHECK(storage.device().is_cuda() && storage.device().index == stream.device, DeviceError,
           "record_stream: ", describe(tensor), " is on ", storage.device().to_string(),
           ", the stream on cuda:", stream.device);
  if (storage.owner()) used_by(storage, static_cast<CachingPool::Block*>(storage.owner()), stream);
}

}  // namespace cuda
}  // namespace ts
