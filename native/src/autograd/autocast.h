// How generated operators follow an AutocastScope. The head of each function whose row has an `autocast:` column asks
// active() and, if so, calls the function again with converted operands and with autocast off, so that what the
// operator is composed of computes in the type that was chosen for the whole.
#pragma once

#include <optional>
#include <utility>

#include "torchscratch/autocast.h"
#include "torchscratch/tensor.h"

namespace ts::autocast {

/// Whether operators of this thread convert operands.
extern constinit thread_local bool is_active;
inline bool active() { return is_active; }

/// Switches autocast off until the end of a C++ scope. Unlike NoAutocast this is no scope of the user's, so converted
/// parameters stay until the user's ends.
class Suspension {
 public:
  Suspension() : former_(std::exchange(is_active, false)) {}
  ~Suspension() { is_active = former_; }
  Suspension(const Suspension&) = delete;
  Suspension& operator=(const Suspension&) = delete;

 private:
  bool former_;
};

/// `autocast: lower`: the type of the scope.
DType lower();
/// `autocast: widest`: the widest type among the floating operands of at most 32 bits.
void widen(const Tensor& tensor, std::optional<DType>* type);
void widen(Span<const Tensor> tensors, std::optional<DType>* type);
template <class... Operands>
std::optional<DType> widest(const Operands&... operands) {
  std::optional<DType> type;
  (widen(operands, &type), ...);
  return type;
}

/// The call of an operator with its operands in `type`, or, without one, as they are.
class Call {
 public:
  explicit Call(std::optional<DType> type) : type_(type) {}
  Tensor operator()(const Tensor& operand) const;
  TensorList operator()(Span<const Tensor> operands) const;

 private:
  Suspension suspension_;
  std::optional<DType> type_;
};

}  // namespace ts::autocast
