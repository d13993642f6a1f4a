// The one door between tensors and the host's memory. Code outside the kernels knows no device: where it needs a tensor's
// values itself, it asks here. For a tensor in the host's memory that costs nothing or a memcpy; for one on a device it
// copies, and waits until the work that computes the values is done. So every use may stall a device, and
// tests/native/architecture_test.cpp lists them all.
#pragma once

#include <cstdint>

#include "tensor/pool_vector.h"
#include "torchscratch/tensor.h"

namespace ts {

/// The elements of a contiguous tensor, copied out row-major. Throws the error in data that its device has met, if any.
void copy_to_host(void* to, const Tensor& dense);
/// The elements of a contiguous tensor, overwritten row-major.
void copy_from_host(const Tensor& dense, const void* from);

/// The value of a tensor of one element. Throws ValueError for any other number of elements.
template <class T>
T host_value(const Tensor& tensor) {
  return tensor.item<T>();
}

/// The elements of a contiguous tensor of type T, row-major.
template <class T>
PoolVector<T> host_values(const Tensor& dense) {
  static_cast<void>(dense.data<T>());  // throws DTypeError for another type
  PoolVector<T> values(static_cast<std::size_t>(dense.numel()));
  copy_to_host(values.data(), dense);
  return values;
}

/// Reads the bytes of a contiguous tensor: in place where they are in the host's memory, else from a copy.
class HostRead {
 public:
  explicit HostRead(const Tensor& dense);
  const void* data() const { return data_; }

 private:
  PoolVector<char> copy_;
  const void* data_;
};

/// Room for the bytes of a contiguous tensor: its own memory where that is the host's, else a buffer that commit() copies
/// to the device.
class HostWrite {
 public:
  explicit HostWrite(const Tensor& dense);
  void* data() const { return data_; }
  void commit() const;

 private:
  Tensor target_;
  PoolVector<char> buffer_;
  void* data_;
};

}  // namespace ts
