// From the kind of an error to its class.
#include "tensor/error.h"

namespace ts {

void throw_error(ErrorKind kind, const std::string& message) {
  switch (kind) {
    case ErrorKind::Shape: throw ShapeError(message);
    case ErrorKind::DType: throw DTypeError(message);
    case ErrorKind::Index: throw IndexError(message);
    case ErrorKind::Value: throw ValueError(message);
    case ErrorKind::Autograd: throw AutogradError(message);
    case ErrorKind::OutOfMemory: throw OutOfMemoryError(message);
    case ErrorKind::IO: throw IOError(message);
    case ErrorKind::NotSupported: throw NotSupportedError(message);
    case ErrorKind::Callback: throw CallbackError(message);
    case ErrorKind::Device: throw DeviceError(message);
    case ErrorKind::None:
    case ErrorKind::Generic: break;
  }
  throw Error(kind, message);
}

}  // namespace ts
