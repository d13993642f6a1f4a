// Typed errors. Each kind has an error class in C++, a status in the C ABI and an exception class in C#.
#pragma once

#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

#include "torchscratch/export.h"

namespace ts {

/// The values are those of ts_error in the C ABI.
enum class ErrorKind : int {
  None = 0,
  Generic = 1,        ///< any other error, such as an exception from outside the library
  Shape = 2,          ///< sizes that do not match
  DType = 3,          ///< an element type that an operator does not accept
  Index = 4,          ///< an index or a dimension out of range
  Value = 5,          ///< an argument outside its domain
  Autograd = 6,       ///< a gradient that cannot be computed, or a change that cannot be recorded
  OutOfMemory = 7,    ///< the allocator's limit is reached, or the system has no memory left
  IO = 8,             ///< a file that is missing, truncated or malformed
  NotSupported = 9,   ///< a combination that is not implemented
  Callback = 10,      ///< an error raised by the host language inside a callback
  Device = 11,        ///< a device or backend that is not available
};

/// Base of all errors. `what()` names the operator, its operands and, where there is a known one, the remedy.
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

namespace detail {
/// What is written for a part of a message. A NaN has no sign there: some systems print "-nan".
template <class Part>
const Part& printed(const Part& part) {
  return part;
}
inline double printed(double x) { return x == x ? x : std::numeric_limits<double>::quiet_NaN(); }
inline float printed(float x) { return x == x ? x : std::numeric_limits<float>::quiet_NaN(); }
}  // namespace detail

/// Concatenates anything that can be written to a stream: `throw ShapeError(format("expected ", a, ", got ", b))`.
template <class... Parts>
std::string format(const Parts&... parts) {
  std::ostringstream stream;
  (stream << ... << detail::printed(parts));
  return stream.str();
}

namespace detail {
/// Prefixes the message with the operator that is running: "matmul: ", or "cross_entropy (in log_softmax): " for an
/// operator that another one called.
TS_API std::string in_operator(const std::string& message);
}  // namespace detail

}  // namespace ts

/// Unless `condition` holds, throws `ErrorClass` with the other arguments concatenated as its message, prefixed with
/// the operator that is running.
#define TS_CHECK(condition, ErrorClass, ...)                              \
  do {                                                                    \
    if (!(condition)) throw ErrorClass(::ts::detail::in_operator(::ts::format(__VA_ARGS__))); \
  } while (0)
