// The guard device: a CUDA device made of host memory that can be touched only while one of its kernels or copies runs.
// The kernels are the CPU's. Code that touches a tensor's memory without asking what device it is on ends with a
// segmentation fault and a stack, and code that makes a tensor on the wrong device with a DeviceError, so that both are
// found without a GPU. TORCHSCRATCH_CUDA=guard makes it device "cuda" for a program that uses the library.
//
// There are two devices, so that copies between devices, and operands on two of them, can be tested too. Streams keep
// no queue: work is done when it is called. TORCHSCRATCH_GUARD_BYTES limits the memory of each device. With
// TORCHSCRATCH_GUARD_KERNELS=copies the kernels are those of backend/host_kernels.h, as in the CUDA backend's
// beginnings, and the memory is open only while a copy runs.
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "backend/host_kernels.h"
#include "backend/pending_errors.h"
#include "backend/wrapped_kernels.h"
#include "tensor/device/backend.h"

namespace ts {
namespace {

constexpr int kDevices = 2;

/// The memory of the devices: a range of addresses, of which what is allocated is opened together.
class Arena {
 public:
  Arena() {
    base_ = static_cast<char*>(mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (base_ == MAP_FAILED) throw DeviceError("guard: the system refused the range of addresses");
    const char* const limit = std::getenv("TORCHSCRATCH_GUARD_BYTES");
    if (limit) limit_ = std::strtoll(limit, nullptr, 10);
  }

  void* allocate(int device, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes = (bytes + kPage - 1) / kPage * kPage;
    if (used_[device] + static_cast<std::int64_t>(bytes) > limit_) return nullptr;
    char* data = nullptr;
    const auto found = free_.find(bytes);
    if (found != free_.end()) {
      data = found->second;
      free_.erase(found);
    } else {
      // A page that is never opened lies between two blocks.
      if (end_ + bytes + kPage > kBytes) return nullptr;
      data = base_ + end_;
      end_ += bytes + kPage;
    }
    blocks_[data] = {bytes, device};
    used_[device] += static_cast<std::int64_t>(bytes);
    if (open_ > 0) protect(data, bytes, true);
    return data;
  }

  void release(int device, void* data) {
    const std::lock_guard lock(mutex_);
    const auto block = blocks_.find(static_cast<char*>(data));
    protect(data, block->second.bytes, false);
    madvise(data, block->second.bytes, MADV_DONTNEED);
    used_[device] -= static_cast<std::int64_t>(block->second.bytes);
    free_.emplace(block->second.bytes, block->first);
    blocks_.erase(block);
  }

  std::int64_t free_bytes(int device) {
    const std::lock_guard lock(mutex_);
    return limit_ - used_[device];
  }
  std::int64_t total_bytes() const { return limit_; }

  /// Opens all memory, or closes it when the last one who opened it has done so.
  void open(bool value) {
    const std::lock_guard lock(mutex_);
    open_ += value ? 1 : -1;
    if (open_ != (value ? 1 : 0)) return;
    for (const auto& [data, block] : blocks_) protect(data, block.bytes, value);
  }

 private:
  struct Extent {
    std::size_t bytes;
    int device;
  };

  static constexpr std::size_t kPage = 4096, kBytes = std::size_t{1} << 36;

  static void protect(void* data, std::size_t bytes, bool open) {
    mprotect(data, bytes, open ? PROT_READ | PROT_WRITE : PROT_NONE);
  }

  std::mutex mutex_;
  char* base_;
  std::size_t end_ = 0;
  std::int64_t limit_ = std::int64_t{16} << 30;
  std::int64_t used_[kDevices] = {};
  int open_ = 0;
  std::map<char*, Extent> blocks_;
  std::multimap<std::size_t, char*> free_;
};

// Never destroyed: tensors in static variables give their memory back after main has returned.
Arena& arena() {
  static Arena* const instance = new Arena;
  return *instance;
}

PendingErrors& pending() {
  static PendingErrors* const instance = new PendingErrors;
  return *instance;
}

struct Open {
  Open() { arena().open(true); }
  ~Open() { arena().open(false); }
};

template <auto kKernel, std::uint32_t kWritten>
struct Guarded {
  template <class Kernel, class... Args>
  static void call(Kernel kernel, const Args&... args) {
    const Open open;
    try {
      kernel(args...);
    } catch (...) {
      pending().keep();
    }
  }
};

struct GuardEvent {
  std::chrono::steady_clock::time_point at;
};

class GuardBackend final : public DeviceBackend {
 public:
  int device_count() override { return kDevices; }
  cuda::Properties properties(int) override {
    cuda::Properties properties;
    properties.name = "guard (host memory, the CPU's kernels)";
    properties.total_memory = arena().total_bytes();
    return properties;
  }
  void memory(int device, std::int64_t* free, std::int64_t* total) override {
    *free = arena().free_bytes(device);
    *total = arena().total_bytes();
  }

  void* allocate(int device, std::size_t bytes) override { return arena().allocate(device, bytes); }
  void release(int device, void* data) noexcept override { arena().release(device, data); }
  void* allocate_pinned(std::size_t bytes) override { return std::aligned_alloc(64, (bytes + 63) / 64 * 64); }
  void release_pinned(void* data) noexcept override { std::free(data); }

  void* create_stream(int, bool) override { return new char; }
  void synchronize_stream(int, void*) override {}
  bool is_stream_idle(int, void*) override { return true; }
  void synchronize(int) override {}

  void* create_event(int, bool) override { return new GuardEvent; }
  void destroy_event(int, void* event) noexcept override { delete static_cast<GuardEvent*>(event); }
  void record_event(int, void* event, void*) override {
    static_cast<GuardEvent*>(event)->at = std::chrono::steady_clock::now();
  }
  void wait_event(int, void*, void*) override {}
  bool is_event_done(int, void*) override { return true; }
  void synchronize_event(int, void*) override {}
  double milliseconds(int, void* begin, void* end) override {
    return std::chrono::duration<double, std::milli>(static_cast<GuardEvent*>(end)->at -
                                                     static_cast<GuardEvent*>(begin)->at)
        .count();
  }

  void copy(void* to, Device, const void* from, Device, std::size_t bytes, void*) override {
    const Open open;
    std::memcpy(to, from, bytes);
  }

  void raise_error(int) override {
    pending().raise();
    host_kernel_errors().raise();
  }
  void begin_range(const char*) override {}
  void end_range() override {}
};

DeviceBackend* create(std::string*) {
  const char* const kernels = std::getenv("TORCHSCRATCH_GUARD_KERNELS");
  if (kernels && std::strcmp(kernels, "copies") == 0) register_wrapped_kernels<HostKernel>();
  else register_wrapped_kernels<Guarded>();
  static GuardBackend* const backend = new GuardBackend;
  return backend;
}

const BackendInfo info{kBackendAbi, backend_layout(), kKernelsHash, &create};

#ifdef TORCHSCRATCH_GUARD_LINKED
[[maybe_unused]] const bool registered = (register_linked_backend("guard", info), true);
#endif

}  // namespace
}  // namespace ts

#ifndef TORCHSCRATCH_GUARD_LINKED
TS_BACKEND_EXPORT const ts::BackendInfo* torchscratch_backend() { return &ts::info; }
#endif
