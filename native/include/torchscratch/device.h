// Where a tensor's memory lies and its operators run: the host (the CPU) or a CUDA device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "torchscratch/export.h"

namespace ts {

enum class DeviceType : std::uint8_t { CPU = 0, CUDA = 1 };

struct Device {
  DeviceType type = DeviceType::CPU;
  std::int8_t index = 0;

  constexpr bool operator==(const Device& other) const { return type == other.type && index == other.index; }
  constexpr bool operator!=(const Device& other) const { return !(*this == other); }
  constexpr bool is_cpu() const { return type == DeviceType::CPU; }
  constexpr bool is_cuda() const { return type == DeviceType::CUDA; }

  /// "cpu" or "cuda:0".
  TS_API std::string to_string() const;
  /// Reads "cpu", "cuda" (the thread's current CUDA device) or "cuda:1". Throws ValueError for anything else. Whether
  /// there is such a device shows when a tensor is created on it.
  TS_API static Device parse(const std::string& text);
};

/// The most CUDA devices that a process can use.
inline constexpr int kMaxCudaDevices = 64;

using OptionalDevice = std::optional<Device>;

/// The device of new tensors for which none is given, on this thread; the CPU unless set_default_device has changed it.
TS_API Device default_device();
/// Sets default_device() of this thread. Throws DeviceError if there is no such device.
TS_API void set_default_device(Device device);

/// Makes `device` this thread's default until the end of a scope: `const DeviceScope scope(Device::parse("cuda"));`
class DeviceScope {
 public:
  explicit DeviceScope(Device device) : previous_(default_device()) { set_default_device(device); }
  ~DeviceScope() { set_default_device(previous_); }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  Device previous_;
};

}  // namespace ts
