// Padding, resampling of grids, and rearrangements between space and channels.
#include <algorithm>
#include <cmath>

#include "generated/functions/creation.g.h"
#include "generated/functions/padding_and_resampling.g.h"
#include "ops/argument_types.h"
#include "ops/pooling.h"
#include "ops/prepare.h"
#include "tensor/pool_vector.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/index_select.g.h"
#include "torchscratch/ops/narrow.g.h"
#include "torchscratch/ops/permute.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

// The tables along a dimension are as long as the result, which therefore is asked for first: if it does not fit,
// nothing is built. The allocator keeps the block for it.
void check_fits(const Dims& sizes, DType dtype) { empty(sizes, dtype, Device()); }

Tensor indices_of(const PoolVector<std::int64_t>& values, Device device) {
  return from_data(values.data(), {static_cast<std::int64_t>(values.size())}, DType::Int64, device);
}

// The sizes of self after padding by `pad`, whose pairs begin with the last dimension.
Dims padded_sizes(const Tensor& self, IntList pad) {
  TS_CHECK(pad.size() % 2 == 0 && pad.size() / 2 <= static_cast<std::size_t>(self.dim()), ValueError,
           "pad needs a pair of numbers for each of up to ", self.dim(), " dimensions, got ", pad.size(), " numbers");
  Dims sizes = self.sizes();
  for (std::size_t i = 0; i < pad.size() / 2; ++i) {
    const int d = self.dim() - 1 - static_cast<int>(i);
    constexpr std::int64_t kMaxPad = std::int64_t{1} << 48;  // the sum of a few such numbers does not overflow
    TS_CHECK(std::max(pad[2 * i], pad[2 * i + 1]) < kMaxPad && std::min(pad[2 * i], pad[2 * i + 1]) > -kMaxPad,
             ValueError, "pad must lie within 2^48, got ", pad[2 * i], " and ", pad[2 * i + 1]);
    sizes[d] += pad[2 * i] + pad[2 * i + 1];
    TS_CHECK(sizes[d] >= 0, ShapeError, "padding dimension ", d, " of ", describe(self), " by ", pad[2 * i], " and ",
             pad[2 * i + 1], " leaves a size of ", sizes[d]);
  }
  return sizes;
}

// The source index of element i of the padded dimension.
std::int64_t source_of(std::int64_t i, std::int64_t size, PadMode mode) {
  switch (mode) {
    case PadMode::Reflect:
      i = std::abs(i);
      return i < size ? i : 2 * (size - 1) - i;
    case PadMode::Replicate:
      return std::clamp<std::int64_t>(i, 0, size - 1);
    default:
      return ((i % size) + size) % size;
  }
}

}  // namespace

// The part of self that is not cropped is copied into a tensor filled with `value`.
Tensor constant_pad_nd_composite(const Tensor& self, IntList pad, const Scalar& value) {
  const Tensor whole = full_composite(padded_sizes(self, pad), value, self.dtype(), self.device());
  Tensor inside = whole, kept = self;
  for (std::size_t i = 0; i < pad.size() / 2; ++i) {
    const int d = self.dim() - 1 - static_cast<int>(i);
    const std::int64_t before = pad[2 * i], after = pad[2 * i + 1], size = self.size(d), target = whole.size(d);
    if (before != 0 || after != 0) {
      // A negative number crops self; a positive one shifts it within the result.
      const std::int64_t begin = std::min(size, std::max<std::int64_t>(0, -before));
      const std::int64_t end = std::max(begin, size - std::max<std::int64_t>(0, -after));
      const std::int64_t shift = std::min(target, std::max<std::int64_t>(0, before));
      kept = slice(kept, d, begin, end);
      inside = slice(inside, d, shift, shift + (end - begin));
    }
  }
  copy_(inside, kept);
  return whole;
}

Tensor pad_composite(const Tensor& input, IntList pad, PadMode mode, std::optional<Scalar> value) {
  if (mode == PadMode::Constant) return constant_pad_nd_composite(input, pad, value.value_or(Scalar(0)));
  TS_CHECK(!value, ValueError, "value can be used in mode constant only");
  const Dims sizes = padded_sizes(input, pad);
  if (mode == PadMode::Circular && std::any_of(pad.begin(), pad.end(), [](std::int64_t size) { return size < 0; })) {
    // In mode circular, elements that are cropped do not reappear on the other side.
    PoolVector<std::int64_t> cut(pad.begin(), pad.end()), added = cut;
    for (std::int64_t& size : cut) size = std::min<std::int64_t>(size, 0);
    for (std::int64_t& size : added) size = std::max<std::int64_t>(size, 0);
    return pad_composite(constant_pad_nd_composite(input, cut, 0), added, mode, value);
  }
  const int rank = static_cast<int>(pad.size() / 2);
  TS_CHECK(rank >= 1 && rank <= 3 && (input.dim() == rank + 1 || input.dim() == rank + 2), ShapeError, "padding ", rank,
           " dimensions in a mode other than constant needs (C, ...) or (N, C, ...) with as many, got ",
           describe(input));
  check_fits(sizes, input.dtype());
  Tensor result = input;
  for (int i = 0; i < rank; ++i) {
    const int d = input.dim() - 1 - i;
    const std::int64_t before = pad[2 * static_cast<std::size_t>(i)], after = pad[2 * static_cast<std::size_t>(i) + 1];
    const std::int64_t size = input.size(d);
    if (before == 0 && after == 0) continue;
    TS_CHECK(size > 0, ShapeError, "dimension ", d, " of input ", describe(input), " is empty");
    const std::int64_t most = mode == PadMode::Reflect ? size - 1 : mode == PadMode::Circular ? size : INT64_MAX;
    TS_CHECK(before <= most && after <= most, ValueError, "dimension ", d, " of input ", describe(input),
             " can be padded by at most ", most, " in this mode, got ", before, " and ", after);
    if (product(sizes) == 0) continue;
    PoolVector<std::int64_t> sources;
    sources.reserve(static_cast<std::size_t>(before + size + after));
    for (std::int64_t at = -before; at < size + after; ++at) sources.push_back(source_of(at, size, mode));
    result = index_select(result, d, indices_of(sources, result.device()));
  }
  // Without elements, no index is needed, and the other sizes may be huge.
  return product(sizes) == 0 ? reshape(narrow(input, -1, 0, 0), sizes) : result;
}

namespace {

// Resampling of one dimension: output i is the sum over taps of weights[tap][i] * input[sources[tap][i]].
struct Taps {
  int count;
  PoolVector<std::int64_t> sources[4];
  PoolVector<double> weights[4];
};

// The weights of the four neighbours of a point at distance t after the second one: Keys (1981) with a = -0.75.
void cubic_weights(double t, double (&weights)[4]) {
  const double a = -0.75;
  const auto near = [a](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [a](double x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  weights[0] = far(t + 1);
  weights[1] = near(t);
  weights[2] = near(1 - t);
  weights[3] = far(2 - t);
}

// `factor` is 0 if the scale follows from the sizes. C is the type of the coordinates: the element type, because
// rounding determines which neighbours are used.
template <class C>
Taps taps_of(std::int64_t size, std::int64_t count, double factor, bool align_corners, bool cubic) {
  Taps taps;
  taps.count = cubic ? 4 : 2;
  for (int k = 0; k < taps.count; ++k) {
    taps.sources[k].reserve(static_cast<std::size_t>(count));
    taps.weights[k].reserve(static_cast<std::size_t>(count));
  }
  C scale = factor != 0 ? static_cast<C>(1 / factor) : static_cast<C>(size) / static_cast<C>(count);
  if (align_corners) scale = count > 1 ? static_cast<C>(size - 1) / static_cast<C>(count - 1) : C(0);
  for (std::int64_t i = 0; i < count; ++i) {
    C place = align_corners ? scale * static_cast<C>(i) : scale * (static_cast<C>(i) + C(0.5)) - C(0.5);
    if (!cubic && place < C(0)) place = C(0);
    if (!cubic && size == count) place = static_cast<C>(i);  // a copy, as in PyTorch
    const C below = std::floor(place);
    const auto at = static_cast<std::int64_t>(below);
    const double t = static_cast<double>(place - below);
    const auto inside = [size](std::int64_t source) { return std::clamp<std::int64_t>(source, 0, size - 1); };
    if (cubic) {
      double weights[4];
      cubic_weights(t, weights);
      for (int k = 0; k < 4; ++k) {
        taps.sources[k].push_back(inside(at - 1 + k));
        taps.weights[k].push_back(weights[k]);
      }
    } else {
      taps.sources[0].push_back(inside(at));
      taps.sources[1].push_back(size == count ? at : inside(at + 1));
      taps.weights[0].push_back(1 - t);
      taps.weights[1].push_back(t);
    }
  }
  return taps;
}

Tensor resampled(const Tensor& input, int d, const Taps& taps) {
  Dims shape = Dims::filled(static_cast<std::size_t>(input.dim()), 1);
  shape[d] = static_cast<std::int64_t>(taps.weights[0].size());
  Tensor total;
  for (int k = 0; k < taps.count; ++k) {
    const Tensor weights = to(from_data(taps.weights[k].data(), shape, DType::Float64, input.device()), input.dtype());
    const Tensor part = index_select(input, d, indices_of(taps.sources[k], input.device())) * weights;
    total = total.defined() ? total + part : part;
  }
  return total;
}

// Computed in float for every element type, as in PyTorch, so that the same elements are selected.
PoolVector<std::int64_t> nearest(std::int64_t size, std::int64_t count, double factor, bool exact) {
  PoolVector<std::int64_t> sources;
  sources.reserve(static_cast<std::size_t>(count));
  const float scale =
      factor != 0 ? static_cast<float>(1 / factor) : static_cast<float>(size) / static_cast<float>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t source;
    if (size == count) source = i;
    else if (!exact && count == 2 * size) source = i / 2;
    else source = static_cast<std::int64_t>(std::floor((static_cast<float>(i) + (exact ? 0.5f : 0.0f)) * scale));
    sources.push_back(std::min(source, size - 1));
  }
  return sources;
}

}  // namespace

Tensor interpolate_composite(const Tensor& input, OptionalInts size, std::optional<double> scale_factor,
                             InterpolationMode mode, bool align_corners, bool recompute_scale_factor) {
  const int rank = input.dim() - 2;
  TS_CHECK(rank >= 1 && rank <= 3, ShapeError, "input must be (N, C, L), (N, C, H, W) or (N, C, D, H, W), got ",
           describe(input));
  TS_CHECK(size.has_value() != scale_factor.has_value(), ValueError, "pass either size or `scale_factor`");
  using Mode = InterpolationMode;
  const int wanted = mode == Mode::Linear                              ? 1
                     : mode == Mode::Bilinear || mode == Mode::Bicubic ? 2
                     : mode == Mode::Trilinear                         ? 3
                                                                       : rank;
  TS_CHECK(rank == wanted, ShapeError, "this mode interpolates over ", wanted, " dimensions, but input is ",
           describe(input));
  const bool smooth =
      mode == Mode::Linear || mode == Mode::Bilinear || mode == Mode::Bicubic || mode == Mode::Trilinear;
  TS_CHECK(smooth || !align_corners, ValueError, "`align_corners` can be used in the linear and cubic modes only");
  TS_CHECK(!smooth || is_floating(input.dtype()), DTypeError, "input must be floating, got ", describe(input));
  TS_CHECK(!scale_factor || *scale_factor > 0, ValueError, "`scale_factor` must be positive, got ",
           scale_factor.value_or(0));
  TS_CHECK(!size || !recompute_scale_factor, ValueError, "`recompute_scale_factor` requires `scale_factor`");
  Dims out;
  if (size) {
    out = expand_list(*size, rank, "size");
  } else {
    for (int i = 0; i < rank; ++i) {
      const double scaled = std::floor(static_cast<double>(input.size(2 + i)) * *scale_factor);
      TS_CHECK(scaled < 0x1p53, ValueError, "`scale_factor` ", *scale_factor, " makes ", scaled, " elements of ",
               input.size(2 + i));
      out.push_back(static_cast<std::int64_t>(scaled));
    }
  }
  for (int i = 0; i < rank; ++i) {
    TS_CHECK(out[i] > 0 && input.size(2 + i) > 0, ShapeError, "input ", describe(input), " cannot be resampled to ",
             out.to_string(), ": all sizes must be positive");
  }
  if (mode == Mode::Area) return adaptive_avg_pool(input, out, rank);
  Dims sizes(input.sizes().data(), 2);
  for (const std::int64_t wanted_size : out) sizes.push_back(wanted_size);
  check_fits(sizes, input.dtype());
  if (product(sizes) == 0) return reshape(input, sizes);
  const double factor = recompute_scale_factor ? 0 : scale_factor.value_or(0);
  // The last dimension comes first: it is the fastest one, and the others are still small then.
  Tensor result = input;
  for (int i = rank - 1; i >= 0; --i) {
    const int d = 2 + i;
    const std::int64_t from = input.size(d), count = out[i];
    if (!smooth) {
      result = index_select(result, d, indices_of(nearest(from, count, factor, mode == Mode::NearestExact), result.device()));
    } else if (from != count || (factor != 0 && !align_corners)) {
      const bool cubic = mode == Mode::Bicubic;
      result = resampled(result, d,
                         input.dtype() == DType::Float64 ? taps_of<double>(from, count, factor, align_corners, cubic)
                                                         : taps_of<float>(from, count, factor, align_corners, cubic));
    }
  }
  return result;
}

namespace {

// The sizes of the dimensions before the last three.
Dims leading(const Tensor& input) {
  TS_CHECK(input.dim() >= 3, ShapeError, "input must be (..., C, H, W), got ", describe(input));
  return Dims(input.sizes().data(), static_cast<std::size_t>(input.dim() - 3));
}
Dims with(Dims sizes, std::initializer_list<std::int64_t> more) {
  for (const std::int64_t size : more) sizes.push_back(size);
  return sizes;
}
// Permutes the last dimensions; the leading ones keep their order.
Dims order_of(int lead, std::initializer_list<std::int64_t> others) {
  Dims order;
  for (int i = 0; i < lead; ++i) order.push_back(i);
  for (const std::int64_t other : others) order.push_back(lead + other);
  return order;
}

constexpr std::int64_t kMaxFactor = 1 << 24;  // its square times a size does not overflow

}  // namespace

Tensor pixel_shuffle_composite(const Tensor& input, std::int64_t factor) {
  const Dims lead = leading(input);
  TS_CHECK(factor > 0 && factor < kMaxFactor, ValueError, "`upscale_factor` must be positive and less than 2^24, got ",
           factor);
  const std::int64_t channels = input.size(-3), height = input.size(-2), width = input.size(-1);
  TS_CHECK(channels % (factor * factor) == 0, ShapeError, "the ", channels, " channels of input ", describe(input),
           " are not a multiple of ", factor * factor);
  const std::int64_t left = channels / (factor * factor);
  const Tensor parts = reshape(input, with(lead, {left, factor, factor, height, width}));
  return reshape(permute(parts, order_of(lead.size(), {0, 3, 1, 4, 2})),
                 with(lead, {left, height * factor, width * factor}));
}

Tensor pixel_unshuffle_composite(const Tensor& input, std::int64_t factor) {
  const Dims lead = leading(input);
  TS_CHECK(factor > 0 && factor < kMaxFactor, ValueError,
           "`downscale_factor` must be positive and less than 2^24, got ", factor);
  const std::int64_t channels = input.size(-3), height = input.size(-2), width = input.size(-1);
  TS_CHECK(height % factor == 0 && width % factor == 0, ShapeError, "the height and width of input ", describe(input),
           " are not multiples of ", factor);
  const Tensor parts = reshape(input, with(lead, {channels, height / factor, factor, width / factor, factor}));
  return reshape(permute(parts, order_of(lead.size(), {0, 2, 4, 1, 3})),
                 with(lead, {channels * factor * factor, height / factor, width / factor}));
}

Tensor channel_shuffle_composite(const Tensor& input, std::int64_t groups) {
  TS_CHECK(input.dim() >= 3, ShapeError, "input must be (N, C, ...) with at least one more dimension, got ",
           describe(input));
  const std::int64_t batch = input.size(0), channels = input.size(1);
  TS_CHECK(groups > 0 && channels % groups == 0, ShapeError, "the ", channels, " channels of input ", describe(input),
           " cannot be divided into ", groups, " groups");
  Dims inner = {batch, groups, channels / groups, 1};
  for (int i = 2; i < input.dim(); ++i) inner[3] = wrapping_product(inner[3], input.sizes()[i]);
  return reshape(transpose(reshape(input, inner), 1, 2), input.sizes());
}

}  // namespace ts
