// Typed errors. Each kind is a C++ class, a status of the C ABI and a C# exception.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

#include "torchscratch/export.h"

namespace ts {

/// Values are the C ABI's ts_status.
enum class ErrorKind : int {
  None = 0,
  Generic = 1,        ///< a broken invariant or a foreign exception
  Shape = 2,          ///< sizes that do not fit together
  DType = 3,          ///< an element type that an operator does not take
  Index = 4,          ///< an index or dimension out of range
  Value = 5,          ///< an argument out of its domain
  Autograd = 6,       ///< a graph that cannot be differentiated as asked
  OutOfMemory = 7,    ///< the allocator's limit, or the system's
  IO = 8,             ///< a file that is missing, truncated or malformed
  NotSupported = 9,   ///< a combination that has no kernel
  Callback = 10,      ///< an error raised by the host language inside a callback
  Device = 11,        ///< a device or backend that is missing
};

/// Root of all errors. `what()` names the operator, its operands and, where one is known, the fix.
class TS_API Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

#define TS_ERROR_CLASS(name, error_kind)                                                   \
  class TS_API name : public Error {                                                       \
   public:                                                                                 \
    explicit name(const std::string& message) : Error(ErrorKind::error_kind, message) {}   \
  };
TS_ERROR_CLASS(ShapeError, Shape)
TS_ERROR_CLASS(DTypeError, DType)
TS_ERROR_CLASS(IndexError, Index)
TS_ERROR_CLASS(ValueError, Value)
TS_ERROR_CLASS(AutogradError, Autograd)
TS_ERROR_CLASS(OutOfMemoryError, OutOfMemory)
TS_ERROR_CLASS(IOError, IO)
TS_ERROR_CLASS(NotSupportedError, NotSupported)
TS_ERROR_CLASS(CallbackError, Callback)
TS_ERROR_CLASS(DeviceError, Device)
#undef TS_ERROR_CLASS

/// Concatenates anything printable: `throw ShapeError(format("expected ", a, ", got ", b))`.
template <class... Parts>
std::string format(const Parts&... parts) {
  std::ostringstream stream;
  (stream << ... << parts);
  return stream.str();
}

namespace detail {
/// The message with "matmul: " before it while the operator matmul runs, or "cross_entropy (in log_softmax): ".
TS_API std::string in_operator(const std::string& message);
}  // namespace detail

}  // namespace ts

/// Throws `ErrorClass`, prefixed with the running operator, with the concatenated parts unless `condition` holds.
#define TS_CHECK(condition, ErrorClass, ...)                              \
  do {                                                                    \
    if (!(condition)) throw ErrorClass(::ts::detail::in_operator(::ts::format(__VA_ARGS__))); \
  } while (0)
