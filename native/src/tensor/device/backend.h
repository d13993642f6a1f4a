// What a backend for CUDA devices provides besides its kernels: memory, streams, events and copies. The core keeps the
// caches, the errors and the current stream; a backend is a thin layer over its driver. It is a shared library that is
// loaded when a CUDA device is first asked for (loading.cpp); the tests' guard device is another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "torchscratch/cuda.h"
#include "torchscratch/error.h"
#include "torchscratch/export.h"

namespace ts {

/// Functions throw DeviceError when the driver reports an error. Streams and events are the backend's own handles; a
/// null stream is the device's default stream.
class DeviceBackend {
 public:
  virtual ~DeviceBackend() = default;

  virtual int device_count() = 0;
  virtual cuda::Properties properties(int device) = 0;
  /// Free and total bytes of the device's memory.
  virtual void memory(int device, std::int64_t* free, std::int64_t* total) = 0;

  /// Memory of the device, aligned to 512 bytes. Null if there is none left.
  virtual void* allocate(int device, std::size_t bytes) = 0;
  virtual void release(int device, void* data) noexcept = 0;
  /// Pinned host memory. Null if there is none left.
  virtual void* allocate_pinned(std::size_t bytes) = 0;
  virtual void release_pinned(void* data) noexcept = 0;

  virtual void* create_stream(int device, bool high_priority) = 0;
  virtual void synchronize_stream(int device, void* stream) = 0;
  virtual bool is_stream_idle(int device, void* stream) = 0;
  virtual void synchronize(int device) = 0;

  virtual void* create_event(int device, bool timing) = 0;
  virtual void destroy_event(int device, void* event) noexcept = 0;
  virtual void record_event(int device, void* event, void* stream) = 0;
  virtual void wait_event(int device, void* event, void* stream) = 0;
  virtual bool is_event_done(int device, void* event) = 0;
  virtual void synchronize_event(int device, void* event) = 0;
  virtual double milliseconds(int device, void* begin, void* end) = 0;

  /// Copies between two devices, one of which may be the host, in the order of the stream of the device that is not. If
  /// the host's memory is not pinned, it has been read, or holds the values, when the call returns.
  virtual void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes,
                    void* stream) = 0;

  /// Throws the error in data that a kernel of the device has met since the last call, if any. Called after a
  /// synchronization.
  virtual void raise_error(int device) = 0;

  /// A named range in the driver's own profiler.
  virtual void begin_range(const char* name) = 0;
  virtual void end_range() = 0;
};

/// What a backend's only exported function, torchscratch_backend, returns; it is checked before anything else is
/// called.
struct BackendInfo {
  std::uint32_t abi;      ///< kBackendAbi when the backend was compiled
  std::uint32_t layout;   ///< backend_layout(), which differs between compilers and versions
  std::uint32_t kernels;  ///< a hash of the kernels' names and types, kKernelsHash
  /// Registers the kernel tables and returns the backend, which lives as long as the process. If there is no device
  /// that it could use, returns null and says in `why_not` what is missing.
  DeviceBackend* (*create)(std::string* why_not);
};

#if defined(_WIN32)
#define TS_BACKEND_EXPORT extern "C" __declspec(dllexport)
#else
#define TS_BACKEND_EXPORT extern "C" __attribute__((visibility("default")))
#endif

inline constexpr std::uint32_t kBackendAbi = 1;

constexpr std::uint32_t backend_layout() {
  std::uint32_t layout = static_cast<std::uint32_t>(sizeof(void*));
  for (const std::size_t size : {sizeof(TensorImpl), sizeof(Storage), sizeof(Scalar), sizeof(std::string), sizeof(Dims),
                                 sizeof(cuda::Properties)}) {
    layout = layout * 31 + static_cast<std::uint32_t>(size);
  }
  return layout;
}

/// The hash of the kernels that this core was built with; src/backend sets it.
TS_API extern std::uint32_t core_kernels_hash;

/// Makes a backend that is linked into the program available: TORCHSCRATCH_CUDA=name chooses it instead of a library.
/// Called before main.
TS_API void register_linked_backend(const char* name, const BackendInfo& info);

/// The backend of CUDA devices, loaded if it was not yet. Throws DeviceError, with the reason, if there is none or it
/// has no device of this number.
TS_API DeviceBackend& device_backend(int index);
/// The same; null if no backend has been loaded so far.
DeviceBackend* loaded_backend();

/// Throws the error in data that a kernel of the device has met, if any; it names its operator.
void raise_device_error(int index);

/// Whether errors in data shall be thrown at the call: TORCHSCRATCH_CUDA_SYNC=1.
TS_API bool cuda_is_synchronous();

}  // namespace ts
