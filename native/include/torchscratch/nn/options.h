// Building blocks of the options classes of modules, whose options are set by name and in any order.
//
//     ts::nn::Conv2d(ts::nn::Conv2dOptions(3, 16, 5).stride(2).padding({2, 1}).bias(false))
#pragma once

#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>

#include "torchscratch/dims.h"

/// Declares an option: `options.name()` reads it, `options.name(value)` sets it and returns the options.
#define TS_NN_OPTION(type, name)               \
 public:                                       \
  const type& name() const { return name##_; } \
  auto& name(type value) {                     \
    name##_ = std::move(value);                \
    return *this;                              \
  }                                            \
                                               \
 private:                                      \
  type name##_

namespace ts::nn {

/// One number for each spatial dimension, or a single number for all of them.
class Size {
 public:
  template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
  Size(T all) : values_{static_cast<std::int64_t>(all)} {}               // NOLINT: implicit by design
  Size(std::initializer_list<std::int64_t> values) : values_(values) {}  // NOLINT
  /// The numbers for `dims` dimensions. Throws ValueError, in which `what` names the option, if their count is neither
  /// 1 nor `dims`, or if one is below `least`.
  TS_API Dims expand(int dims, std::int64_t least, const std::string& what) const;

 private:
  Dims values_;
};

}  // namespace ts::nn
