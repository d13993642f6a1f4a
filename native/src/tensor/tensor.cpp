// Tensors: creation, views and reading a single value.
#include "torchscratch/tensor.h"

#include "tensor/autograd_state.h"
#include "tensor/host_access.h"
#include "tensor/modes.h"
#include "tensor/narrowing.h"
#include "torchscratch/observer.h"

namespace ts {

constinit thread_local bool making_inference_tensors = false;

namespace {

std::string prefix(const char* caller) { return detail::OpScope::current() ? "" : format(caller, ": "); }

// The size in bytes of a dense tensor. Throws unless it fits into 63 bits. The error names the operator that is
// running, else the caller.
std::int64_t checked_bytes(const char* caller, const Dims& sizes, DType dtype) {
  std::int64_t count = 1;
  bool overflow = false;
  bool is_empty = false;
  for (const std::int64_t size : sizes) {
    TS_CHECK(size >= 0, ShapeError, prefix(caller), "sizes must not be negative, got ", sizes.to_string());
    if (size == 0) is_empty = true;
    else if (count > INT64_MAX / 16 / size) overflow = true;
    else count *= size;
  }
  TS_CHECK(!overflow, OutOfMemoryError, prefix(caller), "out of memory: a tensor of shape ", sizes.to_string(),
           " exceeds the address space");
  return is_empty ? 0 : count * item_size(dtype);  // even if it is empty, the strides must not overflow
}

// A view may repeat elements, so the size of the storage is no bound on their number.
std::int64_t checked_product(const Dims& sizes) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) {
    TS_CHECK(!__builtin_mul_overflow(count, size, &count), ShapeError, "shape ", sizes.to_string(),
             " has more elements than can be counted");
  }
  return count;
}

bool is_dense(const Dims& sizes, const Dims& strides) {
  std::int64_t expected = 1;
  for (int i = sizes.size() - 1; i >= 0; --i) {
    if (sizes[i] == 0) return true;
    if (sizes[i] != 1) {
      if (strides[i] != expected) return false;
      expected = wrapping_product(expected, sizes[i]);
    }
  }
  return true;
}

}  // namespace

TensorImpl::TensorImpl(Ref<Storage> owned, const Dims& shape, const Dims& steps, std::int64_t start, DType type)
    : data(static_cast<char*>(owned->data()) + start * item_size(type)),
      numel(checked_product(shape)),
      dtype(type),
      contiguous(is_dense(shape, steps)),
      storage(std::move(owned)),
      offset(start),
      sizes(shape),
      strides(steps) {}

TensorImpl::TensorImpl(Ref<Storage> owned, const Dims& shape, DType type)
    : data(owned->data()),
      dtype(type),
      contiguous(true),
      inference(making_inference_tensors),
      storage(std::move(owned)),
      offset(0),
      sizes(shape) {
  const int n = shape.size();
  strides.resize(static_cast<std::size_t>(n));
  std::int64_t count = 1;
  std::int64_t stride = 1;
  for (int i = n - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= std::max<std::int64_t>(shape[i], 1);
    count *= shape[i];
  }
  numel = count;
}

TensorImpl::~TensorImpl() {
  if (autograd) destroy_autograd_meta(autograd);
  if (view_base) view_base->release();
}

void TensorImpl::destroy(TensorImpl* impl) { delete impl; }

Tensor empty(const Dims& sizes, DType dtype, Device device) {
  return Tensor(make_ref<TensorImpl>(Storage::allocate(checked_bytes("empty", sizes, dtype), device), sizes, dtype));
}

Tensor from_data(const void* data, const Dims& sizes, DType dtype, Device device) {
  Tensor result = empty(sizes, dtype, device);
  copy_from_host(result, data);
  return result;
}

Tensor from_blob(void* data, const Dims& sizes, DType dtype, ReleaseCallback release, void* user) {
  const std::int64_t bytes = checked_bytes("from_blob", sizes, dtype);
  TS_CHECK(data != nullptr || bytes == 0, ValueError, "from_blob: data is null for a tensor of shape ",
           sizes.to_string());
  return Tensor(make_ref<TensorImpl>(Storage::wrap(data, bytes, release, user), sizes, dtype));
}

namespace {

template <class T>
T scalar_as(const Scalar& value) {
  if constexpr (std::is_same_v<T, bool>) return value.to_bool();
  else if constexpr (std::is_same_v<T, Half>) return to_half(detail::float_rounded_to_odd(value.to_double()));
  else if constexpr (std::is_same_v<T, BFloat16>) return to_bfloat16(detail::float_rounded_to_odd(value.to_double()));
  else if constexpr (std::is_integral_v<T>) return static_cast<T>(value.to_int());
  else return static_cast<T>(value.to_double());
}

}  // namespace

Tensor scalar_tensor(const Scalar& value, DType dtype, Device device) {
  check_fits(value, dtype);
  Tensor result = empty({}, dtype, device);
  switch (dtype) {
#define TS_STORE(type, name)                                     \
  case DType::name: {                              \
    const type element = scalar_as<type>(value);   \
    copy_from_host(result, &element);              \
    break;                                         \
  }
    TS_FOR_EACH_DTYPE(TS_STORE)
#undef TS_STORE
  }
  return result;
}

Tensor wrapped_number(const Scalar& value) {
  // Float64 holds the value exactly. Promotion only considers the category of a wrapped number, not its width.
  Tensor result = scalar_tensor(value, value.is_floating() ? DType::Float64 : value.dtype(), Device());
  result.impl()->wrapped_number = true;
  return result;
}

Tensor view_of(const Tensor& base, const Dims& sizes, const Dims& strides, std::int64_t offset, bool track) {
  auto impl = make_ref<TensorImpl>(base.impl()->storage, sizes, strides, offset, base.dtype());
  if (track) {
    // The base of a view of a view is the original tensor, whose history records in-place changes of all its views.
    TensorImpl* const root = base.impl()->view_base ? base.impl()->view_base : base.impl();
    root->retain();
    impl->view_base = root;
    impl->seen_version = base.version();
  }
  impl->inference = base.impl()->inference;
  return Tensor(std::move(impl));
}

namespace {

template <class T>
T host_element(const Tensor& tensor) {
  T element;
  copy_to_host(&element, tensor);
  return element;
}

}  // namespace

Scalar Tensor::item() const {
  TS_CHECK(numel() == 1, ValueError, "item: expected a tensor with one element, got ", describe(*this));
  switch (dtype()) {
    case DType::Bool: return host_element<std::uint8_t>(*this) != 0;
    case DType::UInt8: return host_element<std::uint8_t>(*this);
    case DType::Int8: return host_element<std::int8_t>(*this);
    case DType::Int16: return host_element<std::int16_t>(*this);
    case DType::Int32: return host_element<std::int32_t>(*this);
    case DType::Int64: return host_element<std::int64_t>(*this);
    case DType::Float16: return to_float(host_element<Half>(*this));
    case DType::BFloat16: return to_float(host_element<BFloat16>(*this));
    case DType::Float32: return host_element<float>(*this);
    case DType::Float64: return host_element<double>(*this);
  }
  return {};
}

// normalize_dim treats a 0-d tensor as having one dimension, as most operators do, but here sizes[0] would then
// be read.
int Tensor::existing_dim(std::int64_t dim) const {
  TS_CHECK(this->dim() > 0, IndexError, prefix("size"), "dimension ", dim,
           " is out of range: a 0-d tensor has no dimensions");
  return normalize_dim(dim, this->dim());
}

void Tensor::wrong_type(DType wanted) const {
  throw DTypeError(format("data: requested ", dtype_name(wanted), " but the tensor is ", describe(*this)));
}

std::string describe(const Tensor& tensor) {
  if (!tensor.defined()) return "none";
  const std::string text = std::string(dtype_name(tensor.dtype())) + tensor.sizes().to_string();
  return tensor.device().is_cpu() ? text : text + " on " + tensor.device().to_string();
}

}  // namespace ts
