// Automatic mixed precision. While a scope is active on a thread, operators choose the type in which they compute by
// their row in the op table: matrix products and convolutions take the scope's half type, losses and powers float32,
// and the rest the types they are given (Micikevicius et al., "Mixed precision training", 2018).
//
//     {
//       const ts::AutocastScope autocast(ts::DType::BFloat16);
//       loss = ts::mse_loss(model(x), y);
//     }
//     loss.backward();
//
// Parameters stay float32, and so do their gradients. What is converted is recorded like any other operator. A
// parameter is converted once until the outermost scope ends, unless it changes meanwhile. In-place forms write what
// they are told, in the types they are given. The backward pass never converts anything on account of a scope: its
// types are those of the forward pass.
#pragma once

#include <optional>

#include "torchscratch/dtype.h"
#include "torchscratch/tensor.h"

namespace ts {

/// The type to which this thread's operators lower their operands; empty where autocast is off.
TS_API std::optional<DType> autocast_dtype();
inline bool autocast_enabled() { return autocast_dtype().has_value(); }

/// Begins a scope, and returns the former state for end_autocast. AutocastScope is more convenient. Throws DTypeError
/// unless the type is float16 or bfloat16; without one, autocast is off in the scope.
TS_API std::optional<DType> begin_autocast(std::optional<DType> dtype);
/// Ends the scope that was begun last. The end of the outermost one frees the converted parameters.
TS_API void end_autocast(std::optional<DType> former);

/// Lowers operators on this thread to a half type until the end of a scope. Scopes may be nested.
class AutocastScope {
 public:
  explicit AutocastScope(std::optional<DType> dtype) : former_(begin_autocast(dtype)) {}
  ~AutocastScope() { end_autocast(former_); }
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  std::optional<DType> former_;
};
/// Computes in the given types inside an AutocastScope: `const NoAutocast no_autocast;`
struct NoAutocast : AutocastScope {
  NoAutocast() : AutocastScope(std::nullopt) {}
};

/// The tensor in a floating type of at most 32 bits; others, such as integers and float64, are returned as they are.
TS_API Tensor autocast_to(const Tensor& tensor, DType dtype);

}  // namespace ts
