// Throwing an error whose kind is known only at run time.
#pragma once

#include <string>

#include "torchscratch/error.h"

namespace ts {

/// Throws the error class of `kind`: ShapeError for ErrorKind::Shape, and so on; Error itself for None and Generic.
[[noreturn]] void throw_error(ErrorKind kind, const std::string& message);

}  // namespace ts
