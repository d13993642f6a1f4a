// Shapes: strides, broadcasting and dimension numbers.
#include "torchscratch/dims.h"

#include "torchscratch/error.h"

namespace ts {

Dims::Dims(const std::int64_t* values, std::size_t size) {
  resize(size);
  for (std::uint32_t i = 0; i < size_; ++i) values_[i] = values[i];
}

void Dims::resize(std::size_t size) {
  TS_CHECK(size <= kMaxDims, ShapeError, "a tensor may have at most ", kMaxDims, " dimensions, got ", size);
  size_ = static_cast<std::uint32_t>(size);
}

void Dims::insert(int position, std::int64_t value) {
  resize(size_ + 1u);
  for (int i = size() - 1; i > position; --i) values_[i] = values_[i - 1];
  values_[position] = value;
}

void Dims::erase(int position) {
  for (int i = position; i + 1 < size(); ++i) values_[i] = values_[i + 1];
  --size_;
}

std::string Dims::to_string() const {
  std::string text = "[";
  for (int i = 0; i < size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(values_[i]);
  }
  return text + "]";
}

Dims contiguous_strides(const Dims& sizes) {
  Dims strides;
  strides.resize(static_cast<std::size_t>(sizes.size()));
  std::int64_t stride = 1;
  for (int i = sizes.size() - 1; i >= 0; --i) {
    strides[i] = stride;
    stride = wrapping_product(stride, std::max<std::int64_t>(sizes[i], 1));
  }
  return strides;
}

Dims broadcast_shapes(const Dims& a, const Dims& b) {
  const Dims& longer = a.size() >= b.size() ? a : b;
  const Dims& shorter = a.size() >= b.size() ? b : a;
  Dims result = longer;
  const int lead = longer.size() - shorter.size();
  for (int i = 0; i < shorter.size(); ++i) {
    const std::int64_t x = longer[lead + i];
    const std::int64_t y = shorter[i];
    if (x == y || y == 1) continue;
    TS_CHECK(x == 1, ShapeError, "shapes ", a.to_string(), " and ", b.to_string(), " cannot be broadcast: sizes ", x,
             " and ", y, " at dimension ", lead + i, " differ and neither is 1");
    result[lead + i] = y;
  }
  return result;
}

int normalize_dim(std::int64_t dim, int ndim) {
  const int range = ndim > 0 ? ndim : 1;
  TS_CHECK(dim >= -range && dim < range, IndexError, "dimension ", dim, " is out of range for a tensor of ", ndim,
           " dimension", ndim == 1 ? "" : "s", ": use ", -range, " to ", range - 1);
  return static_cast<int>(dim < 0 ? dim + range : dim);
}

}  // namespace ts
