// What tests on the guard device (tests/guard) share: a touch of device memory outside a kernel becomes a failure of
// the test with a stack, instead of the end of the process.
#pragma once

#include <functional>
#include <string>

#include "torchscratch/torchscratch.h"

namespace ts::test {

inline constexpr Device kGuard{DeviceType::CUDA, 0}, kOtherGuard{DeviceType::CUDA, 1};

/// Whether there is a guard device. If not, says why in `reason`.
bool guard_available(std::string* reason);

/// Calls `body`. If it touches memory of the device outside a kernel, returns the stack of that place; what `body` has
/// made is lost. Returns "" otherwise, and passes exceptions on.
std::string touched_by(const std::function<void()>& body);

/// Whether two tensors have one shape and type and values within `tolerance`, relative to those of `b`; NaNs are equal.
bool same(const Tensor& a, const Tensor& b, double tolerance = 0);

/// A copy on the device that requires a gradient if `tensor` does.
Tensor on_device(const Tensor& tensor, Device device = kGuard);

}  // namespace ts::test

/// Skips the test, with the reason, where there is no guard device.
#define TS_NEEDS_GUARD()                                               \
  do {                                                                 \
    std::string reason;                                                \
    if (!::ts::test::guard_available(&reason)) GTEST_SKIP() << reason; \
  } while (0)
