// Shapes and strides: small inline lists of 64-bit integers, and the views of integer lists that functions take.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <vector>

#include "torchscratch/export.h"

namespace ts {

/// The largest number of dimensions that a tensor may have.
inline constexpr int kMaxDims = 16;

/// A view of `size` values that it does not own (std::span for C++17 headers).
template <class T>
class Span {
 public:
  constexpr Span() = default;
  constexpr Span(T* data, std::size_t size) : data_(data), size_(size) {}
  // The list lives until the end of the full expression in which it is written, which is long enough for an argument.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winit-list-lifetime"
#endif
  constexpr Span(std::initializer_list<std::remove_const_t<T>> list) : data_(list.begin()), size_(list.size()) {}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
  template <class Container, class = decltype(std::declval<Container&>().data()),
            class = std::enable_if_t<!std::is_same_v<std::decay_t<Container>, Span>>>
  constexpr Span(Container&& container)  // NOLINT: implicit by design, as std::span
      : data_(container.data()), size_(static_cast<std::size_t>(container.size())) {}

  constexpr T* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

using IntList = Span<const std::int64_t>;

/// Up to kMaxDims integers, such as sizes or strides, stored inline. Copying touches only the entries in use.
class Dims {
 public:
  Dims() : size_(0) {}
  Dims(std::initializer_list<std::int64_t> values) : Dims(values.begin(), values.size()) {}
  Dims(IntList values) : Dims(values.data(), values.size()) {}  // NOLINT: implicit by design
  /// Throws ShapeError above kMaxDims, as do all functions that make a list longer.
  TS_API Dims(const std::int64_t* values, std::size_t size);
  Dims(const Dims& other) : size_(other.size_) { copy_from(other); }
  Dims& operator=(const Dims& other) {
    size_ = other.size_;
    copy_from(other);
    return *this;
  }

  /// `size` entries of `value`.
  static Dims filled(std::size_t size, std::int64_t value) {
    Dims dims;
    dims.resize(size);
    for (auto& entry : dims) entry = value;
    return dims;
  }

  int size() const { return static_cast<int>(size_); }
  bool empty() const { return size_ == 0; }
  /// New entries are uninitialized.
  TS_API void resize(std::size_t size);
  void push_back(std::int64_t value) {
    resize(size_ + 1u);
    values_[size_ - 1u] = value;
  }
  TS_API void insert(int position, std::int64_t value);
  TS_API void erase(int position);

  std::int64_t& operator[](int i) { return values_[i]; }
  std::int64_t operator[](int i) const { return values_[i]; }
  std::int64_t* data() { return values_; }
  const std::int64_t* data() const { return values_; }
  std::int64_t* begin() { return values_; }
  std::int64_t* end() { return values_ + size_; }
  const std::int64_t* begin() const { return values_; }
  const std::int64_t* end() const { return values_ + size_; }
  std::int64_t back() const { return values_[size_ - 1u]; }

  bool operator==(const Dims& other) const { return size_ == other.size_ && std::equal(begin(), end(), other.begin()); }
  bool operator!=(const Dims& other) const { return !(*this == other); }

  /// "[2, 3]"
  TS_API std::string to_string() const;

 private:
  void copy_from(const Dims& other) {
    for (std::uint32_t i = 0; i < size_; ++i) values_[i] = other.values_[i];
  }

  std::uint32_t size_;
  std::int64_t values_[kMaxDims];
};

/// a b modulo 2^64. Sizes of an empty tensor may be so large that the product of some of them overflows.
constexpr std::int64_t wrapping_product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

/// The product of the entries; 1 for an empty list. It wraps around where it is too large, so that a 0 among the entries
/// makes it 0 whatever the others are.
inline std::int64_t product(const Dims& dims) {
  std::int64_t result = 1;
  for (const std::int64_t size : dims) result = wrapping_product(result, size);
  return result;
}

/// The strides, in elements, of a dense row-major tensor of this shape. As in PyTorch, a dimension of size 0 counts as
/// one of size 1.
TS_API Dims contiguous_strides(const Dims& sizes);

/// The shape that both shapes broadcast to: they are aligned at the last dimension, and a size of 1 is repeated to
/// match the other. Throws ShapeError if sizes differ and neither is 1.
TS_API Dims broadcast_shapes(const Dims& a, const Dims& b);

/// Turns a dimension number in [-ndim, ndim), where negative ones count from the end, into one in [0, ndim). A tensor
/// without dimensions counts as having one. Throws IndexError outside the range.
TS_API int normalize_dim(std::int64_t dim, int ndim);

}  // namespace ts
