// Moving tensors between devices. Bytes are copied in the order of the device's current stream, so what is queued on it
// before has written them, and what is queued after reads them.
#include "generated/functions/views_and_indexing.g.h"
#include "ops/argument_types.h"
#include "tensor/device/memory.h"
#include "torchscratch/autograd.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/copy_to_device.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor to_composite(const Tensor& self, Device device, OptionalDType dtype, bool non_blocking) {
  const DType wanted = dtype.value_or(self.dtype());
  if (self.device() == device) return to(self, wanted);
  // Converted where the fewer bytes are copied.
  if (item_size(wanted) < item_size(self.dtype())) return copy_to_device(to(self, wanted), device, non_blocking);
  return to(copy_to_device(self, device, non_blocking), wanted);
}

namespace {

Tensor dense_over(Ref<Storage> storage, const Tensor& like) {
  return Tensor(make_ref<TensorImpl>(std::move(storage), like.sizes(), like.dtype()));
}

}  // namespace

Tensor copy_to_device_view(const Tensor& self, Device device, bool non_blocking) {
  const NoGrad no_grad;
  const Tensor source = contiguous(self);
  const std::int64_t bytes = source.numel() * item_size(source.dtype());
  // Only pinned memory can be written while the host goes on.
  const bool is_pinned = non_blocking && device.is_cpu() && bytes > 0;
  const Tensor result = dense_over(is_pinned ? allocate_pinned(bytes) : Storage::allocate(bytes, device), source);
  copy_between_devices(result, source, /*wait=*/!non_blocking);
  return result;
}

Tensor pin_memory_composite(const Tensor& self) {
  TS_CHECK(self.device().is_cpu(), DeviceError, "only memory of the CPU can be pinned, got ", describe(self));
  if (self.impl()->storage->is_pinned()) return self;
  return copy_(dense_over(allocate_pinned(self.numel() * item_size(self.dtype())), self), self);
}

}  // namespace ts
