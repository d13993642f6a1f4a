// Conversions between the types of the C ABI and those of the core, and of exceptions to statuses.
#pragma once

#include <bit>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "torchscratch/autograd.h"
#include "torchscratch/c_api.h"

namespace ts::c_api {

/// Stores `message` as this thread's last error and returns the status of `kind`.
ts_status fail(ErrorKind kind, const char* message) noexcept;

/// In a catch block: the status of the exception, whose message becomes this thread's last error. A message that names
/// no operator, because the error is in the arguments' representation, gets `function` in front; null adds nothing.
ts_status fail_with_current_exception(const char* function) noexcept;

/// Calls `body` and turns any exception into a status and a message. `function` is the name in messages.
template <class Body>
ts_status guard(const char* function, Body&& body) noexcept {
  try {
    body();
    return TS_OK;
  } catch (...) {
    return fail_with_current_exception(function);
  }
}
/// The same for functions whose messages begin with something else, such as the path of a file.
template <class Body>
ts_status guard(Body&& body) noexcept {
  return guard(nullptr, std::forward<Body>(body));
}

// ---- Tensors ----

inline TensorImpl* to_impl(ts_tensor handle) { return reinterpret_cast<TensorImpl*>(handle); }

/// A Tensor for a handle that belongs to the caller; counts no reference.
class Borrowed {
 public:
  explicit Borrowed(ts_tensor handle) : tensor_(Ref<TensorImpl>::adopt(to_impl(handle))) {}
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() { tensor_.ref().detach(); }
  operator const Tensor&() const { return tensor_; }  // NOLINT: implicit by design
  const Tensor& operator*() const { return tensor_; }
  const Tensor* operator->() const { return &tensor_; }

 private:
  Tensor tensor_;
};
inline Borrowed borrow(ts_tensor handle) { return Borrowed(handle); }

/// The same for an argument that must not be NULL.
inline Borrowed require(ts_tensor handle, const char* argument) {
  TS_CHECK(handle != nullptr, ValueError, "`", argument, "` must not be NULL");
  return Borrowed(handle);
}

inline Tensor share(ts_tensor handle) { return Tensor(Ref<TensorImpl>::share(to_impl(handle))); }

/// The tensors of a list of handles, with a new reference to each.
inline TensorList borrow_list(const ts_tensor* handles, std::int32_t count) {
  TS_CHECK(count >= 0 && (handles != nullptr || count == 0), ValueError, "a list of ", count, " tensors is NULL");
  TensorList tensors;
  tensors.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) tensors.push_back(share(handles[i]));
  return tensors;
}

/// Passes the reference to the caller; NULL for an undefined tensor.
inline ts_tensor to_handle(Tensor tensor) { return reinterpret_cast<ts_tensor>(tensor.ref().detach()); }

inline ts_tensor_list to_list_handle(TensorList tensors) {
  return reinterpret_cast<ts_tensor_list>(new TensorList(std::move(tensors)));
}
inline TensorList* to_list(ts_tensor_list handle) { return reinterpret_cast<TensorList*>(handle); }

// ---- Values ----

inline Scalar to_scalar(ts_scalar value) {
  switch (value.kind) {
    case TS_SCALAR_BOOL:
      return Scalar(value.bits != 0);
    case TS_SCALAR_INT:
      return Scalar(value.bits);
    case TS_SCALAR_FLOAT:
      return Scalar(std::bit_cast<double>(value.bits));
    default:
      throw ValueError(format("a number of kind ", value.kind, ": the kind must be 0, 1 or 2"));
  }
}
inline ts_scalar from_scalar(const Scalar& value) {
  switch (value.kind()) {
    case Scalar::Kind::Bool:
      return {value.to_int(), TS_SCALAR_BOOL};
    case Scalar::Kind::Int:
      return {value.to_int(), TS_SCALAR_INT};
    default:
      return {std::bit_cast<std::int64_t>(value.to_double()), TS_SCALAR_FLOAT};
  }
}

inline std::optional<std::int64_t> to_optional(ts_optional_int value) {
  return value.has_value ? std::optional<std::int64_t>(value.value) : std::nullopt;
}
inline std::optional<double> to_optional(ts_optional_double value) {
  return value.has_value ? std::optional<double>(value.value) : std::nullopt;
}
inline std::optional<Scalar> to_optional(ts_optional_scalar value) {
  return value.has_value ? std::optional<Scalar>(to_scalar(value.value)) : std::nullopt;
}

inline IntList to_int_list(const std::int64_t* data, std::int32_t count) {
  TS_CHECK(count >= 0 && (data != nullptr || count == 0), ValueError, "a list of ", count, " integers is NULL");
  return IntList(data, static_cast<std::size_t>(count));
}
/// Numbers of the caller's that an operator changes.
template <class T>
Span<T> to_span(T* data, std::int32_t count, const char* name) {
  TS_CHECK(count >= 0 && (data != nullptr || count == 0), ValueError, "`", name, "`: a list of ", count,
           " numbers is NULL");
  return Span<T>(data, static_cast<std::size_t>(count));
}
inline std::optional<IntList> to_optional_int_list(const std::int64_t* data, std::int32_t count) {
  return count < 0 ? std::nullopt : std::optional<IntList>(to_int_list(data, count));
}

inline DType to_dtype(std::int32_t code) {
  TS_CHECK(code >= 0 && code < kDTypeCount, DTypeError, "`dtype`: ", code, " is not an element type, use 0 to ",
           kDTypeCount - 1);
  return static_cast<DType>(code);
}
inline std::optional<DType> to_optional_dtype(std::int32_t code) {
  return code == -1 ? std::nullopt : std::optional<DType>(to_dtype(code));
}

/// 0 is the CPU, 256 + i is cuda:i.
inline std::int32_t device_code(Device device) { return device.is_cpu() ? 0 : 256 + device.index; }
inline Device to_device(std::int32_t code) {
  TS_CHECK(code == 0 || (code >= 256 && code < 256 + kMaxCudaDevices), DeviceError, "`device`: ", code,
           " is not a device; use 0 for the CPU and 256 + i for cuda:i");
  return code == 0 ? Device() : Device{DeviceType::CUDA, static_cast<std::int8_t>(code - 256)};
}
inline std::optional<Device> to_optional_device(std::int32_t code) {
  return code == -1 ? std::nullopt : std::optional<Device>(to_device(code));
}

template <class Enum>
Enum to_enum(std::int32_t value, std::int32_t max, const char* name) {
  TS_CHECK(value >= 0 && value <= max, ValueError, "`", name, "`: ", value, " is out of range, use 0 to ", max);
  return static_cast<Enum>(value);
}

inline std::string to_text(const char* text, const char* argument) {
  TS_CHECK(text != nullptr, ValueError, "`", argument, "` must not be NULL");
  return text;
}

/// A copy that the caller frees with ts_string_free.
char* copy_text(const std::string& text);

/// Throws CallbackError, with the message that the callback set, unless `status` is TS_OK.
void check_callback(ts_status status);

}  // namespace ts::c_api
