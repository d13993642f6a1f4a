// Devices: their names, and the defaults of a thread.
#include "torchscratch/device.h"

#include <charconv>

#include "tensor/device/backend.h"
#include "torchscratch/cuda.h"
#include "torchscratch/error.h"

namespace ts {

namespace {

constinit thread_local Device thread_default;
constinit thread_local int thread_cuda_device = 0;

}  // namespace

std::string Device::to_string() const {
  return type == DeviceType::CPU ? "cpu" : "cuda:" + std::to_string(static_cast<int>(index));
}

Device Device::parse(const std::string& text) {
  if (text == "cpu") return {};
  if (text == "cuda") return {DeviceType::CUDA, static_cast<std::int8_t>(cuda::current_device())};
  int index = -1;
  if (text.rfind("cuda:", 0) == 0) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 5, end, index);
    if (error != std::errc() || stop != end) index = -1;
  }
  TS_CHECK(index >= 0 && index < kMaxCudaDevices, ValueError, "\"", text,
           "\" is not a device; use \"cpu\", \"cuda\" or", " \"cuda:0\" to \"cuda:", kMaxCudaDevices - 1, "\"");
  return {DeviceType::CUDA, static_cast<std::int8_t>(index)};
}

Device default_device() { return thread_default; }

void set_default_device(Device device) {
  if (device.is_cuda()) device_backend(device.index);
  thread_default = device;
}

namespace cuda {

int current_device() { return thread_cuda_device; }

void set_current_device(int index) {
  device_backend(index);
  thread_cuda_device = index;
}

}  // namespace cuda
}  // namespace ts
