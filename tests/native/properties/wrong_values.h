// Values that an argument of an operator should refuse, or at least survive.
#pragma once

#include <vector>

#include "samples.h"

namespace ts::test {

/// In place of the valid value `right`. Some of these happen to be valid.
std::vector<Value> wrong_values(const Argument& argument, const Value& right);

}  // namespace ts::test
