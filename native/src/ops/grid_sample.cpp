// Samples a grid at points between its elements. Each point has a few taps: an element, and a weight that is a function
// of the coordinates of the point. Public operators gather the elements and sum them by weight, so there are gradients
// of every order with respect to the values of the grid and to the points.
#include <array>
#include <cmath>
#include <vector>

#include "generated/functions/creation.g.h"
#include "generated/functions/padding_and_resampling.g.h"
#include "ops/gradients.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/abs.g.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/clamp_between.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/floor.g.h"
#include "torchscratch/ops/fmod.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/logical_and.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/round.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/trunc.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {
namespace {

// Maps -1 and 1 to the indices of the outermost elements, or of their outer edges.
Tensor unnormalized(const Tensor& x, std::int64_t size, bool align_corners) {
  const auto length = static_cast<double>(size);
  return align_corners ? (x + Scalar(1)) * ((length - 1) / 2) : ((x + Scalar(1)) * length - Scalar(1)) / 2.0;
}

// The gradient at the bounds and beyond is 0.
Tensor clipped(const Tensor& x, std::int64_t size) {
  const auto last = static_cast<double>(size - 1);
  Tensor inside, bounded;
  {
    const NoGrad no_grad;
    inside = logical_and(x > 0, x < Scalar(last));
    bounded = clamp_between(x.detach(), 0, last);
  }
  return where(inside, x, bounded);
}

// Reflects at both ends until the coordinate is inside, at the outermost elements or at their outer edges.
Tensor reflected(const Tensor& x, std::int64_t size, bool align_corners) {
  const double low = align_corners ? 0 : -0.5;
  const double span = static_cast<double>(align_corners ? size - 1 : size);
  if (span == 0) return x.detach() * 0;
  const Tensor distance = abs(x - Scalar(low));
  const Tensor part = fmod(distance, span);
  Tensor even;
  {
    const NoGrad no_grad;
    even = fmod(floor(distance.detach() / span), 2) == 0;
  }
  return where(even, part + Scalar(low), Scalar(span + low) - part);
}

Tensor padded(const Tensor& x, std::int64_t size, GridSamplePadding padding, bool align_corners) {
  switch (padding) {
    case GridSamplePadding::Border:
      return clipped(x, size);
    case GridSamplePadding::Reflection:
      return clipped(reflected(x, size, align_corners), size);
    default:
      return x;
  }
}

// One tap along one dimension: an integer index (float, constant), and its weight, which is undefined for 1.
struct Tap {
  Tensor index, weight;
};

// The cubic convolution kernel of Keys (1981) with a = -0.75, for distances up to 1 and from 1 to 2.
constexpr double kCubic = -0.75;
Tensor near_weight(const Tensor& x) { return ((x * (kCubic + 2) - Scalar(kCubic + 3)) * x) * x + Scalar(1); }
Tensor far_weight(const Tensor& x) {
  return ((x * kCubic - Scalar(5 * kCubic)) * x + Scalar(8 * kCubic)) * x - Scalar(4 * kCubic);
}

std::vector<Tap> taps_along(const Tensor& coordinate, std::int64_t size, GridSampleMode mode, GridSamplePadding padding,
                            bool align_corners) {
  const Tensor at = unnormalized(coordinate, size, align_corners);
  if (mode == GridSampleMode::Bicubic) {
    const Tensor below = floor(at.detach());
    // In double, because the derivatives of the weights cancel where padding maps several neighbours to one element.
    const Tensor t = to(at - below, DType::Float64);
    const std::array<Tensor, 4> weights = {far_weight(t + Scalar(1)), near_weight(t), near_weight(Scalar(1) - t),
                                           far_weight(Scalar(2) - t)};
    std::vector<Tap> taps;
    // Padding is applied to the neighbours, not to the point.
    for (int i = 0; i < 4; ++i) {
      taps.push_back({padded(below + Scalar(i - 1), size, padding, align_corners),
                      to(weights[static_cast<std::size_t>(i)], at.dtype())});
    }
    return taps;
  }
  const Tensor x = padded(at, size, padding, align_corners);
  if (mode == GridSampleMode::Nearest) return {{round(x.detach()), {}}};
  const Tensor below = floor(x.detach());
  const Tensor t = x - below;
  return {{below, Scalar(1) - t}, {below + Scalar(1), t}};
}

// Converts coordinates to indices and tests whether they lie in the grid; a point outside gets index 0.
struct Indices {
  Tensor indices, inside;
};

Indices indices_of(const Tensor& whole, std::int64_t size) {
  const NoGrad no_grad;
  // NaN counts as outside. Reflected and clipped indices may not be integers; as in PyTorch, they are truncated.
  const Tensor cut = trunc(whole.detach());
  const Tensor inside = logical_and(cut >= 0, cut < Scalar(size));
  return {to(where(inside, cut, Scalar(0)), DType::Int64), inside};
}

}  // namespace

Tensor grid_sample_composite(const Tensor& input, const Tensor& grid, GridSampleMode mode, GridSamplePadding padding,
                             bool align_corners) {
  const int rank = input.dim() - 2;
  TS_CHECK((rank == 2 || rank == 3) && grid.dim() == input.dim(), ShapeError,
           "expected input (N, C, H, W) and grid (N, h, w, 2), or input (N, C, D, H, W) and grid (N, d, h, w, 3), "
           "got ",
           describe(input), " and ", describe(grid));
  TS_CHECK(grid.size(-1) == rank && grid.size(0) == input.size(0), ShapeError, "grid must hold ", rank,
           " coordinates for each point of each of the ", input.size(0), " samples of input ", describe(input),
           ", got ", describe(grid));
  TS_CHECK(is_floating(input.dtype()) && input.dtype() == grid.dtype(), DTypeError,
           "expected floating tensors of the same type, got ", describe(input), " and ", describe(grid),
           "; convert one of them with `to(dtype)`");
  TS_CHECK(rank == 2 || mode != GridSampleMode::Bicubic, NotSupportedError,
           "bicubic sampling is supported for images only, got ", describe(input), "; use the mode bilinear");
  for (int d = 2; d < input.dim(); ++d) {
    TS_CHECK(input.sizes()[d] > 0, ShapeError, "dimension ", d, " of input ", describe(input), " is empty");
  }

  // The points become one dimension, (N, points), and so do the elements of each channel, (N, C, elements).
  const std::int64_t samples = input.size(0), channels = input.size(1);
  Dims shape{samples, channels};
  std::int64_t points = 1, elements = 1;
  for (int d = 0; d < rank; ++d) {
    shape.push_back(grid.sizes()[d + 1]);
    points = wrapping_product(points, grid.sizes()[d + 1]);
    elements = wrapping_product(elements, input.sizes()[d + 2]);
  }
  const Tensor values = reshape(input, {samples, channels, elements});
  const Tensor coordinates = reshape(grid, {samples, points, rank});
  std::vector<std::vector<Tap>> taps;
  for (int d = 0; d < rank; ++d) {
    // The first coordinate belongs to the last dimension.
    taps.push_back(
        taps_along(select(coordinates, -1, rank - 1 - d), input.sizes()[d + 2], mode, padding, align_corners));
  }

  Tensor result;
  std::array<std::size_t, 3> choice{};
  while (true) {
    Tensor position, weight, inside;
    for (int d = 0; d < rank; ++d) {
      const Tap& tap = taps[static_cast<std::size_t>(d)][choice[static_cast<std::size_t>(d)]];
      const std::int64_t size = input.sizes()[d + 2];
      const Indices along = indices_of(tap.index, size);
      position = d == 0 ? along.indices : position * size + along.indices;
      inside = d == 0 ? along.inside : logical_and(inside, along.inside);
      if (tap.weight.defined()) weight = weight.defined() ? weight * tap.weight : tap.weight;
    }
    const Tensor index = expand(unsqueeze(position, 1), {samples, channels, points});
    Tensor taken = gather(values, 2, index);
    if (weight.defined()) taken = taken * unsqueeze(weight, 1);
    // The value is masked, because a weight of 0 times an infinite element would be NaN.
    const Tensor term = where(unsqueeze(inside, 1), taken, Scalar(0));
    result = result.defined() ? result + term : term;

    int d = rank - 1;
    while (d >= 0 && ++choice[static_cast<std::size_t>(d)] == taps[static_cast<std::size_t>(d)].size()) {
      choice[static_cast<std::size_t>(d--)] = 0;
    }
    if (d < 0) break;
  }
  // The nearest elements change with the grid only in steps.
  return reshape(mode == GridSampleMode::Nearest ? connected(result, grid) : result, shape);
}

Tensor affine_grid_composite(const Tensor& theta, IntList size, bool align_corners) {
  const int rank = static_cast<int>(size.size()) - 2;
  TS_CHECK(rank == 2 || rank == 3, ValueError, "size must be (N, C, H, W) or (N, C, D, H, W), got ", size.size(),
           " numbers");
  TS_CHECK(is_floating(theta.dtype()), DTypeError, "expected floating tensors, got ", describe(theta));
  TS_CHECK((theta.sizes() == Dims{size[0], rank, rank + 1}), ShapeError, "theta must be (", size[0], ", ", rank, ", ",
           rank + 1, ") for this size, got ", describe(theta));
  Dims whole(size.data() + 2, static_cast<std::size_t>(rank));
  whole.push_back(1);
  TensorList coordinates;
  for (int d = rank - 1; d >= 0; --d) {
    const std::int64_t length = whole[d];
    TS_CHECK(length > 0, ValueError, "sizes must be positive, got ", length);
    const double edge = length == 1 ? 0 : align_corners ? 1 : 1 - 1 / static_cast<double>(length);
    Dims along = Dims::filled(static_cast<std::size_t>(rank + 1), 1);
    along[d] = length;
    coordinates.push_back(expand(reshape(linspace_composite(-edge, edge, length, theta.dtype(), theta.device()), along),
                                 whole));
  }
  coordinates.push_back(full_composite(whole, 1, theta.dtype(), theta.device()));
  const Tensor base = reshape(cat(coordinates, -1), {product(whole), rank + 1});
  Dims shape{size[0]};
  for (int d = 0; d < rank; ++d) shape.push_back(whole[d]);
  shape.push_back(rank);
  return reshape(matmul(base, transpose(theta, 1, 2)), shape);
}

}  // namespace ts
