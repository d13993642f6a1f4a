// The backend for CUDA devices over the CUDA runtime, which is linked statically; the driver is all that a machine
// needs.
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>

#include <cstring>

#include "backend/host_kernels.h"
#include "tensor/device/backend.h"

namespace ts {
namespace {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // so that the next call does not report it again
  throw DeviceError(
      format("CUDA: ", what, " failed: ", cudaGetErrorString(status), " (", cudaGetErrorName(status), ")"));
}

// The device of the calls below, for the length of a scope.
class Use {
 public:
  explicit Use(int device) {
    check(cudaGetDevice(&previous_), "cudaGetDevice");
    if (device != previous_) check(cudaSetDevice(device), "cudaSetDevice");
    changed_ = device != previous_;
  }
  ~Use() {
    if (changed_) cudaSetDevice(previous_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  int previous_ = 0;
  bool changed_ = false;
};

cudaStream_t stream_of(void* stream) { return static_cast<cudaStream_t>(stream); }
cudaEvent_t event_of(void* event) { return static_cast<cudaEvent_t>(event); }

class CudaBackend final : public DeviceBackend {
 public:
  explicit CudaBackend(int count) : count_(count) {}

  int device_count() override { return count_; }

  cuda::Properties properties(int device) override {
    cudaDeviceProp found;
    check(cudaGetDeviceProperties(&found, device), "cudaGetDeviceProperties");
    cuda::Properties properties;
    properties.name = found.name;
    properties.total_memory = static_cast<std::int64_t>(found.totalGlobalMem);
    properties.major = found.major;
    properties.minor = found.minor;
    properties.multiprocessors = found.multiProcessorCount;
    properties.warp_size = found.warpSize;
    properties.shared_memory_per_block = static_cast<std::int64_t>(found.sharedMemPerBlockOptin);
    return properties;
  }

  void memory(int device, std::int64_t* free, std::int64_t* total) override {
    const Use use(device);
    std::size_t free_bytes = 0, total_bytes = 0;
    check(cudaMemGetInfo(&free_bytes, &total_bytes), "cudaMemGetInfo");
    *free = static_cast<std::int64_t>(free_bytes);
    *total = static_cast<std::int64_t>(total_bytes);
  }

  void* allocate(int device, std::size_t bytes) override {
    const Use use(device);
    void* data = nullptr;
    return allocated(cudaMalloc(&data, bytes), data, "cudaMalloc");
  }
  void release(int device, void* data) noexcept override {
    try {
      const Use use(device);
      cudaFree(data);
    } catch (const DeviceError&) {
      // The driver is gone, and its memory with it.
    }
  }
  void* allocate_pinned(std::size_t bytes) override {
    void* data = nullptr;
    return allocated(cudaHostAlloc(&data, bytes, cudaHostAllocPortable), data, "cudaHostAlloc");
  }
  void release_pinned(void* data) noexcept override { cudaFreeHost(data); }

  void* create_stream(int device, bool high_priority) override {
    const Use use(device);
    int least = 0, greatest = 0;
    check(cudaDeviceGetStreamPriorityRange(&least, &greatest), "cudaDeviceGetStreamPriorityRange");
    cudaStream_t stream = nullptr;
    check(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, high_priority ? greatest : least),
          "cudaStreamCreateWithPriority");
    return stream;
  }
  void synchronize_stream(int device, void* stream) override {
    const Use use(device);
    check(cudaStreamSynchronize(stream_of(stream)), "cudaStreamSynchronize");
  }
  bool is_stream_idle(int device, void* stream) override {
    const Use use(device);
    return is_done(cudaStreamQuery(stream_of(stream)), "cudaStreamQuery");
  }
  void synchronize(int device) override {
    const Use use(device);
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  void* create_event(int device, bool timing) override {
    const Use use(device);
    cudaEvent_t event = nullptr;
    check(cudaEventCreateWithFlags(&event, timing ? cudaEventDefault : cudaEventDisableTiming), "cudaEventCreate");
    return event;
  }
  void destroy_event(int, void* event) noexcept override { cudaEventDestroy(event_of(event)); }
  void record_event(int device, void* event, void* stream) override {
    const Use use(device);
    check(cudaEventRecord(event_of(event), stream_of(stream)), "cudaEventRecord");
  }
  void wait_event(int device, void* event, void* stream) override {
    const Use use(device);
    check(cudaStreamWaitEvent(stream_of(stream), event_of(event), 0), "cudaStreamWaitEvent");
  }
  bool is_event_done(int, void* event) override { return is_done(cudaEventQuery(event_of(event)), "cudaEventQuery"); }
  void synchronize_event(int, void* event) override {
    check(cudaEventSynchronize(event_of(event)), "cudaEventSynchronize");
  }
  double milliseconds(int, void* begin, void* end) override {
    float time = 0;
    check(cudaEventElapsedTime(&time, event_of(begin), event_of(end)), "cudaEventElapsedTime");
    return time;
  }

  // The runtime stages copies from memory that is not pinned and returns when it has read it, but a copy to such memory
  // may still be under way.
  void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes,
            void* stream) override {
    const Use use(to_device.is_cuda() ? to_device.index : from_device.index);
    if (to_device.is_cuda() && from_device.is_cuda() && to_device != from_device) {
      check(cudaMemcpyPeerAsync(to, to_device.index, from, from_device.index, bytes, stream_of(stream)),
            "cudaMemcpyPeerAsync");
      return;
    }
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_of(stream)), "cudaMemcpyAsync");
  }

  void raise_error(int) override { host_kernel_errors().raise(); }

  void begin_range(const char* name) override { nvtxRangePushA(name); }
  void end_range() override { nvtxRangePop(); }

 private:
  static void* allocated(cudaError_t status, void* data, const char* what) {
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      return nullptr;
    }
    check(status, what);
    return data;
  }
  static bool is_done(cudaError_t status, const char* what) {
    if (status == cudaErrorNotReady) return false;
    check(status, what);
    return true;
  }

  int count_;
};

DeviceBackend* create(std::string* why_not) {
  int driver = 0, count = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
    *why_not = "there is no NVIDIA driver; install one from your distribution or nvidia.com";
    return nullptr;
  }
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) {
    cudaGetLastError();
    *why_not = format("the NVIDIA driver reports: ", cudaGetErrorString(status), " (driver for CUDA ", driver / 1000,
                      ".", driver % 1000 / 10, ", this library needs ", CUDART_VERSION / 1000, ".",
                      CUDART_VERSION % 1000 / 10, ")");
    return nullptr;
  }
  register_wrapped_kernels<HostKernel>();
  static CudaBackend* const backend = new CudaBackend(count);
  return backend;
}

}  // namespace
}  // namespace ts

TS_BACKEND_EXPORT const ts::BackendInfo* torchscratch_backend() {
  static const ts::BackendInfo info{ts::kBackendAbi, ts::backend_layout(), ts::kKernelsHash, &ts::create};
  return &info;
}
