// The state of autocast on each thread, and the parameters that were converted in its scopes.
#include "autograd/autocast.h"

#include <unordered_map>

#include "autograd/variable.h"

namespace ts {

namespace autocast {

constinit thread_local bool is_active = false;

namespace {

constinit thread_local DType scope_dtype = DType::BFloat16;
constinit thread_local int depth = 0;

// A parameter in a half type. Valid while neither its type nor its values have changed.
struct Converted {
  Tensor parameter;  // kept, so that no other tensor gets its address
  Tensor value;
  std::uint32_t version = 0;
  bool recorded = false;
};

std::unordered_map<const TensorImpl*, Converted>& converted() {
  thread_local std::unordered_map<const TensorImpl*, Converted> parameters;
  return parameters;
}

bool converts(const Tensor& tensor, DType dtype) {
  if (!tensor.defined() || tensor.dtype() == dtype) return false;
  return is_floating(tensor.dtype()) && tensor.dtype() != DType::Float64;
}

// A value that was converted while nothing was recorded does for such calls alone: a recorded one needs the way back to
// the parameter. The reverse is harmless.
const Tensor& convert_parameter(const Tensor& parameter, DType dtype) {
  const bool recorded = autograd::needs_grad(parameter);
  Converted& entry = converted()[parameter.impl()];
  if (!entry.value.defined() || entry.value.dtype() != dtype || entry.version != parameter.version() ||
      (recorded && !entry.recorded)) {
    entry = {parameter, engine_operators.convert(parameter, dtype), parameter.version(), recorded};
  }
  return entry.value;
}

Tensor convert(const Tensor& tensor, DType dtype) {
  if (!converts(tensor, dtype)) return tensor;
  const bool is_parameter = depth > 0 && tensor.dtype() == DType::Float32 && tensor.is_leaf() && tensor.requires_grad();
  return is_parameter ? convert_parameter(tensor, dtype) : engine_operators.convert(tensor, dtype);
}

}  // namespace

DType lower() { return scope_dtype; }

void widen(const Tensor& tensor, std::optional<DType>* type) {
  if (!tensor.defined() || !is_floating(tensor.dtype()) || tensor.dtype() == DType::Float64) return;
  *type = *type ? promote(**type, tensor.dtype()) : tensor.dtype();
}
void widen(Span<const Tensor> tensors, std::optional<DType>* type) {
  for (const Tensor& tensor : tensors) widen(tensor, type);
}

Tensor Call::operator()(const Tensor& operand) const { return type_ ? convert(operand, *type_) : operand; }

TensorList Call::operator()(Span<const Tensor> operands) const {
  TensorList list;
  list.reserve(operands.size());
  for (const Tensor& operand : operands) list.push_back((*this)(operand));
  return list;
}

}  // namespace autocast

std::optional<DType> autocast_dtype() {
  return autocast::is_active ? std::optional(autocast::scope_dtype) : std::nullopt;
}

std::optional<DType> begin_autocast(std::optional<DType> dtype) {
  TS_CHECK(!dtype || *dtype == DType::BFloat16 || *dtype == DType::Float16, DTypeError,
           "autocast: operators can be lowered to bfloat16 or float16, not to ", dtype_name(*dtype));
  const std::optional<DType> former = autocast_dtype();
  autocast::is_active = dtype.has_value();
  if (dtype) autocast::scope_dtype = *dtype;
  ++autocast::depth;
  return former;
}

void end_autocast(std::optional<DType> former) {
  autocast::is_active = former.has_value();
  if (former) autocast::scope_dtype = *former;
  if (--autocast::depth == 0) autocast::converted().clear();
}

Tensor autocast_to(const Tensor& tensor, DType dtype) {
  const autocast::Suspension suspension;
  return autocast::convert(tensor, dtype);
}

}  // namespace ts
