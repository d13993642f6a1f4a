// Scalars as text.
#include "torchscratch/scalar.h"

#include "torchscratch/error.h"

namespace ts {

std::string Scalar::to_string() const {
  if (kind_ == Kind::Bool) return int_ ? "True" : "False";
  if (kind_ == Kind::Int) return std::to_string(int_);
  return format(float_);
}

}  // namespace ts
