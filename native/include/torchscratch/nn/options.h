// What the options of modules are made of: arguments with defaults, set by name in any order.
//
//     ts::nn::Conv2d(ts::nn::Conv2dOptions(3, 16, 5).stride(2).padding({2, 1}).bias(false))
#pragma once

#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>

#include "torchscratch/dims.h"

/// An option: `options.name()` reads it, `options.name(value)` sets it and returns the options.
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

/// A number for each spatial dimension, the first one first; one number stands for all.
class Size {
 public:
  template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
  Size(T all) : values_{static_cast<std::int64_t>(all)} {}               // NOLINT: implicit by design
  Size(std::initializer_list<std::int64_t> values) : values_(values) {}  // NOLINT
  /// One number for each of `dims` dimensions. Throws ValueError where there is another count or one is below `least`.
  TS_API Dims expand(int dims, std::int64_t least, const std::string& what) const;

 private:
  Dims values_;
};

}  // namespace ts::nn
