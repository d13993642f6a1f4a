// Kernels of a device that run on the host: operands are copied down, the CPU's kernel runs, and what it has written is
// copied up. They are slow, but they let everything run on a device from the first day; a backend replaces them one by
// one with kernels of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "backend/pending_errors.h"
#include "backend/pointwise_args.h"
#include "backend/wrapped_kernels.h"
#include "tensor/device/backend.h"
#include "torchscratch/cuda.h"

namespace ts {

/// The memory of a kernel's operands, copied to the host. Operands that overlap on the device overlap here too.
class HostMirror {
 public:
  /// Adds `bytes` bytes at `data` on the device. Before download().
  void see(const void* data, std::int64_t bytes, bool written) {
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    if (bytes > 0) extents_.push_back({begin, begin + static_cast<std::uintptr_t>(bytes), written, {}});
  }

  void see(const Tensor& tensor, bool written) {
    if (!tensor.defined() || tensor.numel() == 0) return;
    device_ = tensor.device().index;
    see(tensor.raw_data(), extent(tensor.sizes(), tensor.strides()) * item_size(tensor.dtype()), written);
  }

  /// The elements from the first to the last of a strided operand.
  template <class Sizes, class Strides>
  static std::int64_t extent(const Sizes& sizes, const Strides& strides, int ndim) {
    std::int64_t last = 0;
    for (int d = 0; d < ndim; ++d) last += (sizes[d] - 1) * strides[d];
    return last + 1;
  }
  static std::int64_t extent(const Dims& sizes, const Dims& strides) { return extent(sizes, strides, sizes.size()); }

  void set_device(int index) { device_ = index; }

  void download() {
    std::sort(extents_.begin(), extents_.end(), [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
    std::size_t kept = 0;
    for (std::size_t i = 1; i < extents_.size(); ++i) {
      Extent& last = extents_[kept];
      if (extents_[i].begin < last.end) {
        last.end = std::max(last.end, extents_[i].end);
        last.written = last.written || extents_[i].written;
      } else {
        extents_[++kept] = std::move(extents_[i]);
      }
    }
    if (!extents_.empty()) extents_.resize(kept + 1);
    for (Extent& extent : extents_) {
      extent.host = Storage::allocate(static_cast<std::int64_t>(extent.size() + kAlignment));
      copy(at(extent), Device(), reinterpret_cast<const void*>(extent.begin), device(), extent.size());
    }
  }

  /// Where an address on the device is on the host.
  void* host(const void* data) const {
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    auto after = std::upper_bound(extents_.begin(), extents_.end(), address,
                                  [](std::uintptr_t value, const Extent& extent) { return value < extent.begin; });
    if (after == extents_.begin()) return nullptr;
    const Extent& extent = *--after;
    return static_cast<char*>(at(extent)) + (address - extent.begin);
  }

  Tensor host(const Tensor& tensor) const {
    if (!tensor.defined()) return tensor;
    void* const data = tensor.numel() == 0 ? nullptr : host(tensor.raw_data());
    auto storage = Storage::wrap(data, 0, nullptr, nullptr);
    Tensor result(make_ref<TensorImpl>(std::move(storage), tensor.sizes(), tensor.strides(), 0, tensor.dtype()));
    result.impl()->wrapped_number = tensor.impl()->wrapped_number;
    return result;
  }

  void upload() const {
    for (const Extent& extent : extents_) {
      if (extent.written) copy(reinterpret_cast<void*>(extent.begin), device(), at(extent), Device(), extent.size());
    }
  }

 private:
  static constexpr std::size_t kAlignment = 64;

  struct Extent {
    std::uintptr_t begin, end;
    bool written;
    Ref<Storage> host;
    std::size_t size() const { return end - begin; }
  };

  Device device() const { return {DeviceType::CUDA, static_cast<std::int8_t>(device_)}; }

  // Addresses keep their alignment.
  static void* at(const Extent& extent) { return static_cast<char*>(extent.host->data()) + extent.begin % kAlignment; }

  void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes) const {
    const cuda::Stream stream = cuda::current_stream(device_);
    device_backend(device_).copy(to, to_device, from, from_device, bytes, stream.native);
    if (to_device.is_cpu()) device_backend(device_).synchronize_stream(device_, stream.native);
  }

  std::vector<Extent> extents_;
  int device_ = 0;
};

namespace detail {

// What an argument is on the host, and whether it has memory to copy.
template <class T>
struct Mirrored {
  static void see(HostMirror&, const T&, bool) {}
  static const T& host(const HostMirror&, const T& argument) { return argument; }
};

template <>
struct Mirrored<Tensor> {
  static void see(HostMirror& mirror, const Tensor& tensor, bool written) { mirror.see(tensor, written); }
  static Tensor host(const HostMirror& mirror, const Tensor& tensor) { return mirror.host(tensor); }
};

template <>
struct Mirrored<Span<const Tensor>> {
  static void see(HostMirror& mirror, Span<const Tensor> tensors, bool written) {
    for (const Tensor& tensor : tensors) mirror.see(tensor, written);
  }
  static TensorList host(const HostMirror& mirror, Span<const Tensor> tensors) {
    TensorList copies;
    for (const Tensor& tensor : tensors) copies.push_back(mirror.host(tensor));
    return copies;
  }
};

template <>
struct Mirrored<PointwiseArgs> {
  static void see(HostMirror& mirror, const PointwiseArgs& args, bool) {
    mirror.set_device(args.device);
    for (int i = 0; i < args.operand_count; ++i) {
      if (args.numbers >> i & 1) continue;
      const PointwiseOperand& operand = args.operands[i];
      mirror.see(operand.data, HostMirror::extent(args.sizes, operand.strides, args.ndim) * item_size(operand.dtype),
                 i == 0);
    }
  }
  static PointwiseArgs host(const HostMirror& mirror, PointwiseArgs args) {
    for (int i = 0; i < args.operand_count; ++i) {
      if (!(args.numbers >> i & 1)) args.operands[i].data = mirror.host(args.operands[i].data);
    }
    return args;
  }
};

}  // namespace detail

/// The errors in data that host kernels of a device have met.
inline PendingErrors& host_kernel_errors() {
  static PendingErrors* const errors = new PendingErrors;
  return *errors;
}

/// For register_wrapped_kernels.
template <auto kKernel, std::uint32_t kWritten>
struct HostKernel {
  template <class Kernel, class... Args>
  static void call(Kernel kernel, const Args&... args) {
    HostMirror mirror;
    int position = 0;
    (detail::Mirrored<Args>::see(mirror, args, kWritten >> position++ & 1), ...);
    mirror.download();
    try {
      kernel(detail::Mirrored<Args>::host(mirror, args)...);
    } catch (...) {
      host_kernel_errors().keep();
    }
    mirror.upload();
  }
};

}  // namespace ts
