// Sizes given as one number for all dimensions or as one for each.
#include "torchscratch/nn/options.h"

#include "torchscratch/error.h"

namespace ts::nn {

Dims Size::expand(int dims, std::int64_t least, const std::string& what) const {
  TS_CHECK(values_.size() == 1 || values_.size() == dims, ValueError, what, ": expected 1 or ", dims, " numbers, got ",
           values_.to_string());
  Dims expanded = values_.size() == dims ? values_ : Dims::filled(static_cast<std::size_t>(dims), values_[0]);
  for (const std::int64_t value : expanded) {
    TS_CHECK(value >= least, ValueError, what, ": expected at least ", least, " in each dimension, got ",
             values_.to_string());
  }
  return expanded;
}

}  // namespace ts::nn
