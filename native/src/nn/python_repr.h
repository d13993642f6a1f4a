// Values as Python's repr() writes them, for the text of modules.
#pragma once

#include <string>

#include "torchscratch/dims.h"

namespace ts::nn {

/// The shortest text that reads back as the value: "1e-05", and "1.0" rather than "1".
std::string python_repr(double value);
/// "True" or "False".
inline const char* python_repr(bool value) { return value ? "True" : "False"; }
/// A tuple: "(3, 3)", or "(3,)" for a single entry.
std::string python_repr(const Dims& values);
/// "3" if every entry is 3, otherwise the tuple.
std::string python_number_or_tuple(const Dims& values);

}  // namespace ts::nn
