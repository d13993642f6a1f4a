// Tensor: a handle to a shape, strides and storage. Operators are free functions, declared in ops.g.h, which
// is generated from the op table. Members that belong to autograd are declared here for convenience and
// defined in src/autograd.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "torchscratch/allocator.h"
#include "torchscratch/device.h"
#include "torchscratch/dims.h"
#include "torchscratch/dtype.h"
#include "torchscratch/error.h"
#include "torchscratch/export.h"
#include "torchscratch/ref.h"
#include "torchscratch/scalar.h"

namespace ts {

class Tensor;
class Node;
struct AutogradMeta;

/// Called once, when memory that the library borrowed is no longer used.
using ReleaseCallback = void (*)(void* user);

/// The memory that a tensor and its views share, and the version counter by which autograd notices in-place changes.
class Storage : public RefCounted<Storage> {
 public:
  /// Uninitialized memory. On the host, header and bytes are one block, which saves an allocation. Throws
  /// OutOfMemoryError, and DeviceError if there is no such device.
  TS_API static Ref<Storage> allocate(std::int64_t bytes, Device device = {});
  /// Borrows `data` until the last tensor that uses it is gone, then calls `release(user)`.
  TS_API static Ref<Storage> wrap(void* data, std::int64_t bytes, ReleaseCallback release, void* user,
                                  Device device = {});
  TS_API static void destroy(Storage* storage);

  void* data() const { return data_; }
  std::int64_t bytes() const { return bytes_; }
  Device device() const { return device_; }
  /// Whether it is pinned host memory.
  TS_API bool is_pinned() const;
  /// What belongs to the memory if the storage borrows it: the `user` of wrap().
  void* owner() const { return user_; }
  std::uint32_t version() const { return version_.load(std::memory_order_relaxed); }
  void bump_version() { version_.store(version() + 1, std::memory_order_relaxed); }
  /// Makes the version at least `least`, for storage that takes the place of another.
  void raise_version(std::uint32_t least) {
    if (version() < least) version_.store(least, std::memory_order_relaxed);
  }

 private:
  Storage(void* data, std::int64_t bytes, std::size_t capacity, Device device)
      : data_(data), bytes_(bytes), capacity_(capacity), device_(device) {}

  void* data_;
  std::int64_t bytes_;
  std::size_t capacity_;  // of the block that holds header and bytes; 0 if the bytes are borrowed
  ReleaseCallback release_ = nullptr;
  void* user_ = nullptr;
  std::atomic<std::uint32_t> version_{0};
  Device device_;
};

/// The object that a Tensor points to. Only the core accesses it directly.
struct TensorImpl final : RefCounted<TensorImpl>, Pooled {
  /// Strides and offset are in elements.
  TS_API TensorImpl(Ref<Storage> storage, const Dims& sizes, const Dims& strides, std::int64_t offset, DType dtype);
  /// A dense, row-major tensor.
  TS_API TensorImpl(Ref<Storage> storage, const Dims& sizes, DType dtype);
  TS_API ~TensorImpl();
  TS_API static void destroy(TensorImpl* impl);

  void* data;  // storage->data() plus the offset
  std::int64_t numel;
  DType dtype;
  bool contiguous;
  bool wrapped_number = false;     // promoted like a Scalar
  bool inference = false;          // created in inference mode: changes are not counted, never saved for backward
  std::uint32_t seen_version = 0;  // of a view: the storage's version when `autograd` was last brought up to date
  Ref<Storage> storage;
  std::int64_t offset;               // in elements
  AutogradMeta* autograd = nullptr;  // owned; null until autograd needs it
  TensorImpl* view_base = nullptr;   // counted reference; null if the tensor is not a view
  Dims sizes;
  Dims strides;
};

/// A multi-dimensional array. Copying a Tensor copies the handle, never the data.
class TS_API Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

  bool defined() const { return static_cast<bool>(impl_); }
  TensorImpl* impl() const { return impl_.get(); }
  Ref<TensorImpl>& ref() { return impl_; }

  int dim() const { return impl_->sizes.size(); }
  const Dims& sizes() const { return impl_->sizes; }
  const Dims& strides() const { return impl_->strides; }
  /// A negative `dim` counts from the end. Throws IndexError if there is no such dimension; a 0-d tensor has none.
  std::int64_t size(std::int64_t dim) const { return impl_->sizes[existing_dim(dim)]; }
  std::int64_t stride(std::int64_t dim) const { return impl_->strides[existing_dim(dim)]; }
  std::int64_t numel() const { return impl_->numel; }
  std::int64_t storage_offset() const { return impl_->offset; }
  DType dtype() const { return impl_->dtype; }
  Device device() const { return impl_->storage->device(); }
  bool is_contiguous() const { return impl_->contiguous; }
  void* raw_data() const { return impl_->data; }
  /// Pointer to the first element. Throws DTypeError unless T is the tensor's element type.
  template <class T>
  T* data() const {
    if (impl_->dtype != dtype_of<T>) wrong_type(dtype_of<T>);
    return static_cast<T*>(impl_->data);
  }
  /// The value of a tensor with exactly one element. Throws ValueError if there are more or none.
  Scalar item() const;
  /// The same, converted to T. Throws ValueError also if an integer type T cannot hold it.
  template <class T>
  T item() const {
    return item().to<T>();
  }
  /// How often the data has been changed in place, through this tensor or any other that shares it.
  std::uint32_t version() const { return impl_->storage->version(); }
  /// Whether both are handles to the same tensor.
  bool is_same(const Tensor& other) const { return impl_ == other.impl_; }

  /// The values as PyTorch prints them. Of more than 1000 elements only those at the edges of each dimension are shown.
  std::string to_string() const;

  // Autograd (src/autograd/variable.cpp)
  bool requires_grad() const;
  /// Sets requires_grad and returns the tensor. Throws AutogradError when switching it off for a tensor that is not a
  /// leaf, DTypeError when switching it on for a tensor that is not floating.
  Tensor& requires_grad_(bool value = true);
  /// Whether the tensor is not the result of a recorded operation.
  bool is_leaf() const;
  /// The node of the operation that computed it; null for a leaf.
  Ref<Node> grad_fn() const;
  /// Which output of grad_fn() it is.
  std::int64_t output_nr() const;
  /// The gradient accumulated by backward passes; undefined before the first one.
  Tensor grad() const;
  /// Replaces the gradient; an undefined tensor removes it. Throws ShapeError and DTypeError unless it has the tensor's
  /// shape and dtype.
  void set_grad(Tensor grad) const;
  /// Makes backward passes store the gradient in grad() although the tensor is not a leaf.
  void retain_grad() const;
  /// A tensor that shares the data but has no history and requires no gradient.
  Tensor detach() const;
  /// Computes the gradients of all leaves from which this tensor was computed and adds them to their grad(); see
  /// ts::backward. `gradient` may be omitted for a tensor of one element.
  void backward(const Tensor& gradient = {}, bool retain_graph = false, bool create_graph = false) const;
  /// Calls `hook(grad)` whenever a backward pass has computed this tensor's gradient. The hook returns a gradient that
  /// replaces it, or an undefined tensor. Returns an id for remove_hook().
  std::int64_t register_hook(std::function<Tensor(const Tensor&)> hook) const;
  void remove_hook(std::int64_t id) const;
  /// Whether it shares the data of another tensor and autograd keeps their histories consistent.
  bool is_view() const { return impl_->view_base != nullptr; }

 private:
  [[noreturn]] void wrong_type(DType wanted) const;
  int existing_dim(std::int64_t dim) const;

  Ref<TensorImpl> impl_;
};

using TensorList = std::vector<Tensor>;

/// Dtype and shape, such as "float32[2, 3]", and where it is if not on the CPU, or "none" if undefined; used in error
/// messages.
TS_API std::string describe(const Tensor& tensor);

/// A dense tensor whose elements are uninitialized. Throws ShapeError for a negative size, OutOfMemoryError, and
/// DeviceError if there is no such device.
TS_API Tensor empty(const Dims& sizes, DType dtype, Device device);
#ifndef TORCHSCRATCH_CORE
// The core itself always says on which device it makes a tensor.
inline Tensor empty(const Dims& sizes, DType dtype) { return empty(sizes, dtype, default_device()); }
inline Tensor empty(const Dims& sizes) { return empty(sizes, default_dtype(), default_device()); }
#endif
inline Tensor empty_like(const Tensor& tensor) { return empty(tensor.sizes(), tensor.dtype(), tensor.device()); }
/// A 0-d tensor that holds `value`, converted to `dtype`. Throws ValueError if it does not fit; see check_fits.
TS_API Tensor scalar_tensor(const Scalar& value, DType dtype, Device device);
#ifndef TORCHSCRATCH_CORE
inline Tensor scalar_tensor(const Scalar& value, DType dtype) { return scalar_tensor(value, dtype, default_device()); }
#endif
/// A 0-d tensor on the CPU that operators promote as they promote the number itself; see Scalar.
TS_API Tensor wrapped_number(const Scalar& value);
/// A dense tensor with a copy of the product(sizes) elements at `data`, in row-major order.
TS_API Tensor from_data(const void* data, const Dims& sizes, DType dtype, Device device);
#ifndef TORCHSCRATCH_CORE
inline Tensor from_data(const void* data, const Dims& sizes, DType dtype) {
  return from_data(data, sizes, dtype, default_device());
}
#endif
/// A dense tensor of these values, in row-major order. Throws ShapeError if their number is not product(sizes).
template <class T>
Tensor tensor(const std::vector<T>& values, const Dims& sizes, Device device) {
  TS_CHECK(static_cast<std::int64_t>(values.size()) == product(sizes), ShapeError, "tensor: ", values.size(),
           " values do not fill the shape ", sizes.to_string());
  return from_data(values.data(), sizes, dtype_of<T>, device);
}
template <class T>
Tensor tensor(const std::vector<T>& values, const Dims& sizes) {
  return tensor(values, sizes, default_device());
}
/// A 1-d tensor of these values.
template <class T>
Tensor tensor(const std::vector<T>& values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())});
}
/// A dense tensor over memory that it borrows; see Storage::wrap. Throws ValueError if `data` is null and there
/// are elements.
TS_API Tensor from_blob(void* data, const Dims& sizes, DType dtype, ReleaseCallback release = nullptr,
                        void* user = nullptr);
/// Another tensor over the storage of `base`; strides and offset are in elements, the offset from the beginning of the
/// storage. With `track` it is a view, and in-place changes to it become part of the history of `base`.
TS_API Tensor view_of(const Tensor& base, const Dims& sizes, const Dims& strides, std::int64_t offset,
                      bool track = true);

}  // namespace ts
