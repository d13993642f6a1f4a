// Tensor: a handle on a shape, strides and a piece of storage. It knows no operator; those are free functions in
// ops.g.h, generated from the op table. What belongs to autograd is declared here for the user's convenience and
// defined in src/autograd.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "torchscratch/allocator.h"
#include "torchscratch/dims.h"
#include "torchscratch/dtype.h"
#include "torchscratch/error.h"
#include "torchscratch/export.h"
#include "torchscratch/ref.h"
#include "torchscratch/scalar.h"

namespace ts {

enum class DeviceType : std::uint8_t { CPU = 0, CUDA = 1 };

struct Device {
  DeviceType type = DeviceType::CPU;
  std::int8_t index = 0;
  bool operator==(const Device& other) const { return type == other.type && index == other.index; }
  bool operator!=(const Device& other) const { return !(*this == other); }
};

class Tensor;
class Node;
struct AutogradMeta;

/// Called once, when a foreign buffer is no longer used.
using ReleaseCallback = void (*)(void* user);

/// Bytes shared by a tensor and its views, and the version counter by which autograd sees in-place changes.
class Storage : public RefCounted<Storage> {
 public:
  /// Header and bytes are one block: a small tensor costs one allocation less.
  TS_API static Ref<Storage> allocate(std::int64_t bytes, Device device = {});
  /// Borrows `data` until the last tensor over it is gone, then calls `release(user)`.
  TS_API static Ref<Storage> wrap(void* data, std::int64_t bytes, ReleaseCallback release, void* user,
                                  Device device = {});
  TS_API static void destroy(Storage* storage);

  void* data() const { return data_; }
  std::int64_t bytes() const { return bytes_; }
  Device device() const { return device_; }
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
  std::size_t capacity_;  // of the whole block; 0 for foreign memory
  ReleaseCallback release_ = nullptr;
  void* user_ = nullptr;
  std::atomic<std::uint32_t> version_{0};
  Device device_;
};

/// What a Tensor points to. Only the core touches it directly.
struct TensorImpl final : RefCounted<TensorImpl>, Pooled {
  TS_API TensorImpl(Ref<Storage> storage, const Dims& sizes, const Dims& strides, std::int64_t offset, DType dtype);
  /// Dense and row-major.
  TS_API TensorImpl(Ref<Storage> storage, const Dims& sizes, DType dtype);
  TS_API ~TensorImpl();
  TS_API static void destroy(TensorImpl* impl);

  void* data;  // storage->data() plus the offset
  std::int64_t numel;
  DType dtype;
  bool contiguous;
  bool wrapped_number = false;     // stands for a Scalar: lifts the class of a result, never its width
  bool inference = false;          // made in inference mode: no version counter, never saved for backward
  std::uint32_t seen_version = 0;  // of a view: storage version that `autograd` was last in step with
  Ref<Storage> storage;
  std::int64_t offset;             // in elements
  AutogradMeta* autograd = nullptr;  // owned; null for a tensor that never took part
  TensorImpl* view_base = nullptr;   // owned reference; null for a tensor that is no view
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
  /// `dim` may be negative. Throws IndexError where there is no such dimension, as in a 0-d tensor.
  std::int64_t size(std::int64_t dim) const { return impl_->sizes[existing_dim(dim)]; }
  std::int64_t stride(std::int64_t dim) const { return impl_->strides[existing_dim(dim)]; }
  std::int64_t numel() const { return impl_->numel; }
  std::int64_t storage_offset() const { return impl_->offset; }
  DType dtype() const { return impl_->dtype; }
  Device device() const { return impl_->storage->device(); }
  bool is_contiguous() const { return impl_->contiguous; }
  void* raw_data() const { return impl_->data; }
  /// The first element; throws DTypeError when T is not the tensor's type.
  template <class T>
  T* data() const {
    if (impl_->dtype != dtype_of<T>) wrong_type(dtype_of<T>);
    return static_cast<T*>(impl_->data);
  }
  /// The value of a tensor of one element. Throws ValueError otherwise.
  Scalar item() const;
  template <class T>
  T item() const {
    const Scalar value = item();
    if constexpr (std::is_same_v<T, bool>) return value.to_bool();
    else if constexpr (std::is_integral_v<T>) return static_cast<T>(value.to_int());
    else return static_cast<T>(value.to_double());
  }
  /// Times the data was changed in place, over all views.
  std::uint32_t version() const { return impl_->storage->version(); }
  bool is_same(const Tensor& other) const { return impl_ == other.impl_; }

  /// Values as PyTorch prints them, at most about a thousand.
  std::string to_string() const;

  // Autograd (src/autograd/variable.cpp)
  bool requires_grad() const;
  /// Only a leaf can be switched, and only a floating one can require a gradient.
  Tensor& requires_grad_(bool value = true);
  bool is_leaf() const;
  /// The node that made it; null for a leaf.
  Ref<Node> grad_fn() const;
  std::int64_t output_nr() const;
  /// The accumulated gradient; undefined before the first backward pass.
  Tensor grad() const;
  void set_grad(Tensor grad) const;
  /// Keeps the gradient of a tensor that is no leaf.
  void retain_grad() const;
  /// Shares the data, but takes no part in the graph.
  Tensor detach() const;
  /// Accumulates the gradients of all leaves it was made from. `gradient` may be left out for a scalar.
  void backward(const Tensor& gradient = {}, bool retain_graph = false, bool create_graph = false) const;
  /// `hook(grad)` may return a replacement, or an undefined Tensor to leave it. Returns an id for remove_hook.
  std::int64_t register_hook(std::function<Tensor(const Tensor&)> hook) const;
  void remove_hook(std::int64_t id) const;
  /// Whether it shares another tensor's data in a way that autograd follows.
  bool is_view() const { return impl_->view_base != nullptr; }

 private:
  [[noreturn]] void wrong_type(DType wanted) const;
  int existing_dim(std::int64_t dim) const;

  Ref<TensorImpl> impl_;
};

using TensorList = std::vector<Tensor>;

/// "float32[2, 3]", or "none" when undefined: how error texts speak of an operand.
TS_API std::string describe(const Tensor& tensor);

/// Uninitialized and dense.
TS_API Tensor empty(const Dims& sizes, DType dtype, Device device = {});
inline Tensor empty(const Dims& sizes) { return empty(sizes, default_dtype()); }
inline Tensor empty_like(const Tensor& tensor) { return empty(tensor.sizes(), tensor.dtype(), tensor.device()); }
/// 0-d.
TS_API Tensor scalar_tensor(const Scalar& value, DType dtype, Device device = {});
/// 0-d, and promoted as the bare number would be.
TS_API Tensor wrapped_number(const Scalar& value);
/// Copies `product(sizes)` elements.
TS_API Tensor from_data(const void* data, const Dims& sizes, DType dtype);
template <class T>
Tensor tensor(const std::vector<T>& values, const Dims& sizes) {
  TS_CHECK(static_cast<std::int64_t>(values.size()) == product(sizes), ShapeError, "tensor: ", values.size(),
           " values do not fill the shape ", sizes.to_string());
  return from_data(values.data(), sizes, dtype_of<T>);
}
template <class T>
Tensor tensor(const std::vector<T>& values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())});
}
/// Borrows `data`; see Storage::wrap.
TS_API Tensor from_blob(void* data, const Dims& sizes, DType dtype, ReleaseCallback release = nullptr,
                        void* user = nullptr);
/// Another tensor over the same storage. With `track` it is a view that autograd follows.
TS_API Tensor view_of(const Tensor& base, const Dims& sizes, const Dims& strides, std::int64_t offset,
                      bool track = true);

}  // namespace ts
