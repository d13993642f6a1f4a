// Values as Python prints them, for the texts of modules.
#pragma once

#include <string>

#include "torchscratch/dims.h"

namespace ts::nn {

/// 1e-05 rather than 1E-05; 1.0 rather than 1.
std::string python_text(double value);
inline const char* python_text(bool value) { return value ? "True" : "False"; }
/// "(3, 3)"; "(3,)" for one entry.
std::string python_tuple(const Dims& values);
/// "3" where all entries are 3, else the tuple.
std::string python_number_or_tuple(const Dims& values);

}  // namespace ts::nn
