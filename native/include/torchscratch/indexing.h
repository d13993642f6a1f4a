// x[...] in C++, by PyTorch's rules: what may stand in an index, and reading and writing the part it selects.
//
//     ts::index(x, {0, ts::Slice(1, 3), ts::Ellipsis, places})
//     ts::index_put_(x, {mask}, ts::zeros({}))
#pragma once

#include <optional>
#include <type_traits>

#include "torchscratch/tensor.h"

namespace ts {

/// Elements start, start + step, ... below stop; negative and missing bounds as in Python. step must be positive.
struct Slice {
  explicit Slice(std::optional<std::int64_t> first = std::nullopt, std::optional<std::int64_t> end = std::nullopt,
                 std::int64_t by = 1)
      : start(first), stop(end), step(by) {}
  std::optional<std::int64_t> start, stop;
  std::int64_t step;
};
/// As many whole dimensions as the other entries leave over.
inline constexpr struct EllipsisTag {
} Ellipsis{};
/// A new dimension of size 1.
inline constexpr struct NewAxisTag {
} NewAxis{};

/// One entry of an index.
///
/// Integers, slices, NewAxis and Ellipsis make views. Tensors of int64 or int32 name places along one dimension; several
/// are broadcast to one shape and name them together. A bool (or uint8) tensor is a mask over as many dimensions as it
/// has, and stands for the places where it holds. The dimensions of the tensors' common shape replace those indexed, or
/// come first when the tensors do not stand side by side. A 0-d integer tensor counts as an integer.
class Index {
 public:
  enum class Kind { Place, Stretch, NewDim, Rest, Places };

  template <class T, class = std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>>
  Index(T place) : kind_(Kind::Place), slice_(static_cast<std::int64_t>(place)) {}    // NOLINT: implicit by design
  Index(const ts::Slice& slice) : kind_(Kind::Stretch), slice_(slice) {}                  // NOLINT
  Index(NewAxisTag) : kind_(Kind::NewDim) {}                                           // NOLINT
  Index(EllipsisTag) : kind_(Kind::Rest) {}                                         // NOLINT
  Index(ts::Tensor tensor) : kind_(Kind::Places), tensor_(std::move(tensor)) {}         // NOLINT

  Kind kind() const { return kind_; }
  std::int64_t integer() const { return *slice_.start; }
  const ts::Slice& slice() const { return slice_; }
  const ts::Tensor& tensor() const { return tensor_; }

 private:
  Kind kind_;
  ts::Slice slice_;
  ts::Tensor tensor_;
};

/// x[...]: a view when no tensor stands in the index (nor then ever `self` itself), else a copy of the elements named.
/// Throws IndexError for a place out of range, too many entries or a mask whose shape is not that of its dimensions.
TS_API Tensor index(const Tensor& self, Span<const Index> indices);
/// x[...] = values, broadcast and converted to the type of self. With `accumulate` values are added instead, as often as
/// a place is named; without it the last one stays. All places are checked before anything is written. Returns self.
TS_API Tensor index_put_(const Tensor& self, Span<const Index> indices, const Tensor& values, bool accumulate = false);
TS_API Tensor index_put_(const Tensor& self, Span<const Index> indices, const Scalar& value, bool accumulate = false);

}  // namespace ts
