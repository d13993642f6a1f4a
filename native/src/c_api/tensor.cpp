// Tensors in the C ABI: creating, reading and changing them, and lists of them.
#include "torchscratch/tensor.h"

#include <cstdlib>
#include <cstring>

#include "c_api/convert.h"
#include "tensor/host_access.h"
#include "torchscratch/indexing.h"
#include "torchscratch/ops/contiguous.g.h"

using namespace ts;
using namespace ts::c_api;

ts_tensor ts_tensor_retain(ts_tensor self) {
  if (self) to_impl(self)->retain();
  return self;
}

void ts_tensor_release(ts_tensor self) {
  if (self) to_impl(self)->release();
}

namespace {

Dims to_shape(const int64_t* sizes, int32_t ndim) { return Dims(to_int_list(sizes, ndim)); }

Index to_index(const ts_index_entry& entry) {
  switch (entry.kind) {
    case TS_INDEX_INTEGER:
      return entry.start;
    case TS_INDEX_SLICE: {
      const auto bound = [&](std::int32_t bit, std::int64_t value) {
        return entry.bounds & bit ? std::optional<std::int64_t>(value) : std::nullopt;
      };
      return Slice(bound(1, entry.start), bound(2, entry.stop), entry.step);
    }
    case TS_INDEX_NEW_AXIS:
      return NewAxis;
    case TS_INDEX_ELLIPSIS:
      return Ellipsis;
    case TS_INDEX_TENSOR:
      return share(entry.tensor);
    default:
      throw ValueError(format("an index of kind ", entry.kind, ": the kind must be 0 to 4"));
  }
}

std::vector<Index> to_indices(const ts_index_entry* entries, std::int32_t count) {
  TS_CHECK(count >= 0 && (entries != nullptr || count == 0), ValueError, "a list of ", count, " entries is NULL");
  std::vector<Index> indices;
  indices.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) indices.push_back(to_index(entries[i]));
  return indices;
}

}  // namespace

ts_status ts_tensor_create(const void* data, const int64_t* sizes, int32_t ndim, int32_t dtype, int32_t device,
                           ts_tensor* out) {
  return guard(data ? "from" : "empty", [&] {
    const Dims shape = to_shape(sizes, ndim);
    const Device where = to_optional_device(device).value_or(default_device());
    *out = to_handle(data ? from_data(data, shape, to_dtype(dtype), where) : empty(shape, to_dtype(dtype), where));
  });
}

ts_status ts_tensor_from_blob(void* data, const int64_t* sizes, int32_t ndim, int32_t dtype,
                              ts_release_callback release, void* user, ts_tensor* out) {
  return guard("from_memory",
               [&] { *out = to_handle(from_blob(data, to_shape(sizes, ndim), to_dtype(dtype), release, user)); });
}

ts_status ts_tensor_from_scalar(ts_scalar value, int32_t dtype, int32_t device, ts_tensor* out) {
  return guard("from_scalar", [&] {
    const Device where = to_optional_device(device).value_or(default_device());
    *out = to_handle(scalar_tensor(to_scalar(value), to_dtype(dtype), where));
  });
}

void ts_tensor_get_info(ts_tensor self, ts_tensor_info* out) {
  const TensorImpl& impl = *to_impl(self);
  *out = {impl.data,
          impl.sizes.data(),
          impl.strides.data(),
          impl.numel,
          impl.offset,
          impl.sizes.size(),
          static_cast<int32_t>(impl.dtype),
          impl.contiguous ? 1 : 0,
          device_code(impl.storage->device())};
}

ts_status ts_tensor_item(ts_tensor self, ts_scalar* out) {
  return guard("item", [&] { *out = from_scalar(require(self, "self")->item()); });
}

ts_status ts_tensor_copy_to(ts_tensor self, void* data, int64_t bytes) {
  return guard("copy_to", [&] {
    const auto tensor = require(self, "self");
    const int64_t wanted = tensor->numel() * item_size(tensor->dtype());
    TS_CHECK(bytes == wanted, ValueError, "copy_to: ", describe(tensor), " has ", wanted, " bytes but the buffer has ",
             bytes);
    if (bytes == 0) return;
    const NoGrad no_grad;
    copy_to_host(data, contiguous(tensor));
  });
}

ts_status ts_tensor_index(ts_tensor self, const ts_index_entry* entries, int32_t count, ts_tensor* out) {
  return guard("index", [&] { *out = to_handle(index(require(self, "self"), to_indices(entries, count))); });
}

ts_status ts_tensor_index_put_(ts_tensor self, const ts_index_entry* entries, int32_t count, ts_tensor values,
                               int32_t accumulate) {
  return guard("index_put_", [&] {
    index_put_(require(self, "self"), to_indices(entries, count), *require(values, "values"), accumulate != 0);
  });
}

int32_t ts_tensor_is_pinned(ts_tensor self) { return to_impl(self)->storage->is_pinned(); }

int32_t ts_tensor_is_same(ts_tensor a, ts_tensor b) { return a == b; }

int64_t ts_tensor_version(ts_tensor self) { return to_impl(self)->storage->version(); }

ts_status ts_tensor_to_string(ts_tensor self, char** out) {
  return guard("to_string", [&] { *out = copy_text(borrow(self)->to_string()); });
}

void ts_string_free(char* text) { std::free(text); }

int32_t ts_tensor_list_size(ts_tensor_list list) { return static_cast<int32_t>(to_list(list)->size()); }

ts_tensor ts_tensor_list_get(ts_tensor_list list, int32_t i) {
  const TensorList& tensors = *to_list(list);
  if (i < 0 || static_cast<std::size_t>(i) >= tensors.size()) return nullptr;
  return to_handle(tensors[static_cast<std::size_t>(i)]);
}

void ts_tensor_list_free(ts_tensor_list list) { delete to_list(list); }

ts_status ts_tensor_list_append(ts_tensor_list list, ts_tensor tensor) {
  return guard([&] {
    TS_CHECK(list != nullptr, ValueError, "`list` must not be NULL");
    to_list(list)->push_back(share(tensor));
  });
}
