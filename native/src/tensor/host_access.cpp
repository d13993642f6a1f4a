// See host_access.h. The host's own memory needs no backend.
#include "tensor/host_access.h"

#include <atomic>
#include <cstring>

namespace ts {
namespace {

std::atomic<const HostTransfer*> device_transfer{nullptr};

bool is_on_host(const Tensor& tensor) { return tensor.device().type == DeviceType::CPU; }

std::int64_t bytes_of(const Tensor& dense) { return dense.numel() * item_size(dense.dtype()); }

const HostTransfer& transfer_of(const Tensor& tensor) {
  const HostTransfer* const transfer = device_transfer.load(std::memory_order_acquire);
  TS_CHECK(transfer, DeviceError, "no backend is loaded that could copy ", describe(tensor), " between cuda and the host");
  return *transfer;
}

}  // namespace

void register_host_transfer(DeviceType device, const HostTransfer& transfer) {
  TS_CHECK(device == DeviceType::CUDA, DeviceError, "the host's memory needs no transfer");
  device_transfer.store(&transfer, std::memory_order_release);
}

void copy_to_host(void* to, const Tensor& dense) {
  const std::int64_t bytes = bytes_of(dense);
  if (bytes == 0) return;
  if (is_on_host(dense)) std::memcpy(to, dense.raw_data(), static_cast<std::size_t>(bytes));
  else transfer_of(dense).to_host(to, dense.raw_data(), bytes, dense.device());
}

void copy_from_host(const Tensor& dense, const void* from) {
  const std::int64_t bytes = bytes_of(dense);
  if (bytes == 0) return;
  if (is_on_host(dense)) std::memcpy(dense.raw_data(), from, static_cast<std::size_t>(bytes));
  else transfer_of(dense).from_host(dense.raw_data(), from, bytes, dense.device());
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
