// See host_access.h. The host's own memory needs no backend.
#include "tensor/host_access.h"

#include <cstring>

#include "tensor/device/memory.h"

namespace ts {
namespace {

bool is_on_host(const Tensor& tensor) { return tensor.device().type == DeviceType::CPU; }

std::int64_t bytes_of(const Tensor& dense) { return dense.numel() * item_size(dense.dtype()); }

}  // namespace

void copy_to_host(void* to, const Tensor& dense) {
  const std::int64_t bytes = bytes_of(dense);
  if (bytes == 0) return;
  if (is_on_host(dense)) std::memcpy(to, dense.raw_data(), static_cast<std::size_t>(bytes));
  else copy_from_device(to, dense.raw_data(), bytes, dense.device());
}

void copy_from_host(const Tensor& dense, const void* from) {
  const std::int64_t bytes = bytes_of(dense);
  if (bytes == 0) return;
  if (is_on_host(dense)) std::memcpy(dense.raw_data(), from, static_cast<std::size_t>(bytes));
  else copy_to_device_memory(dense.raw_data(), from, bytes, dense.device());
}

HostRead::HostRead(const Tensor& dense) : data_(dense.raw_data()) {
  if (is_on_host(dense)) return;
  copy_.resize(static_cast<std::size_t>(bytes_of(dense)));
  copy_to_host(copy_.data(), dense);
  data_ = copy_.data();
}

HostWrite::HostWrite(const Tensor& dense) : target_(dense), data_(dense.raw_data()) {
  if (is_on_host(dense)) return;
  buffer_.resize(static_cast<std::size_t>(bytes_of(dense)));
  data_ = buffer_.data();
}

void HostWrite::commit() const {
  if (!is_on_host(target_)) copy_from_host(target_, data_);
}

}  // namespace ts
