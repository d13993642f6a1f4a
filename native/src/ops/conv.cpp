// Convolution of images and its two backward passes, as matrix products.
//
// For one image and group, with P output pixels and K = channels * kernel positions ("taps"), let column p of the K x P
// matrix X hold what output pixel p sees:
//
//   X[(c, t), p] = x[c, y_p stride_y + t_y dilation_y - padding_y, x_p stride_x + t_x dilation_x - padding_x]
//
// and 0 outside the image. Then, with the weight as a matrix W of O x K:
//
//   conv2d          Y  = W X + bias
//   conv2d_weight   dW = sum over images of dY X^T
//   conv2d_input    dx[c, i] = sum of W[o, (c, t)] dY[o, p] over all o and all (t, p) through which i was seen
//
// The last is a convolution too. Along one dimension, p stride + t dilation - padding = i holds for a tap t only if
// i + padding and t dilation have the same remainder by the stride. For the input positions of one remainder,
// i = first + q stride, the taps are always the same and p = q + (first + padding - t dilation) / stride: a convolution
// of dY with step 1, for each pair of remainders one.
//
// So all need columns of one kind: a set of taps, each an offset, and a grid of positions with a step (Sampling). X is
// never formed as a whole. For a block of some hundred columns and so many channels that it stays in L2, the block is
// built and multiplied at once. The blocks are fixed by the shape, and so is the order in which the weight's gradient
// is added up: results do not depend on the number of threads.
//
// With one channel in and out per group there is no matrix to speak of; conv_depthwise.cpp does that. float16 and
// bfloat16 are converted to float as a whole.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/conv.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "ops/vec_tail-inl.h"

#ifndef TS_OPS_CONV_KERNELS
#define TS_OPS_CONV_KERNELS
#include <type_traits>

namespace ts::cpu {

// A run of columns that one tap reads from one row of an image: zeros, `count` elements, zeros.
struct Segment {
  std::int64_t source;  // of the first element, in the plane of channel 0
  std::int32_t column, zeros_before, count, zeros_after;
};

// What one instruction set offers. 64-bit elements are handled as double and 32-bit ones as float, whatever they are.
template <class T>
struct ConvKernels {
  /// Builds the rows of a column block: for each of `channels` planes, `taps` rows of `stride` elements, each made of
  /// `runs` segments. Elements of a segment are `step` apart in the source. Segments are in order of column.
  void (*build)(const T* source, std::int64_t channels, std::int64_t plane, const Segment* segments, std::int64_t taps,
                std::int64_t runs, std::int64_t step, T* columns, std::int64_t stride);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// The even elements of the 2 n - 1 from `from` on.
template <class T>
HWY_INLINE void copy_every_other(const T* from, T* to, int64_t n) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t L = kLanes<T>;
  const hn::ScalableTag<T> d;
  // The second load ends one element behind the last one needed, so the last vector is left to the loop below.
  for (; i + L < n; i += L) {
    const auto low = hn::LoadU(d, from + 2 * i), high = hn::LoadU(d, from + 2 * i + L);
    hn::StoreU(hn::ConcatEven(d, high, low), d, to + i);
  }
#endif
  for (; i < n; ++i) to[i] = from[2 * i];
}

template <class T>
HWY_INLINE void copy_run(const T* from, int64_t step, T* to, int64_t n) {
  if (step == 1) {
    for_each_vector<T>(
        n, [&](int64_t i) HWY_ATTR { Vec<T>::load(from + i).store(to + i); },
        [&](int64_t i, int64_t left) HWY_ATTR { store_first(load_first(from + i, left, Vec<T>(0)), to + i, left); });
  } else if (step == 2) {
    copy_every_other(from, to, n);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = from[i * step];
  }
}

template <class T>
HWY_INLINE void zero_run(T* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = T(0);
}

template <class T>
void build_columns(const T* source, int64_t channels, int64_t plane, const Segment* segments, int64_t taps,
                   int64_t runs, int64_t step, T* columns, int64_t stride) {
  for (int64_t c = 0; c < channels; ++c, source += plane) {
    const Segment* segment = segments;
    for (int64_t tap = 0; tap < taps; ++tap, columns += stride) {
      for (int64_t run = 0; run < runs; ++run, ++segment) {
        T* to = columns + segment->column;
        zero_run(to, segment->zeros_before);
        to += segment->zeros_before;
        copy_run(source + segment->source, step, to, segment->count);
        zero_run(to + segment->count, segment->zeros_after);
      }
    }
  }
}

ConvKernels<float> float_conv() { return {&build_columns<float>}; }
ConvKernels<double> double_conv() { return {&build_columns<double>}; }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cstring>

#include "cpu/cache_size.h"
#include "cpu/gemm.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu_kernels.g.h"
#include "ops/conv_depthwise.h"
#include "ops/copy.h"
#include "ops/dispatch.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_conv);
HWY_EXPORT(double_conv);

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
std::int64_t floor_mod(std::int64_t a, std::int64_t b) { return ((a % b) + b) % b; }

// Columns of a block: enough of them to make the product's operands worth loading, few enough for many blocks.
constexpr std::int64_t kBlockColumns = 160;

template <class T, class Purpose>
T* scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<T*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(T)));
}
struct ForColumns;
struct ForSegments;
struct ForProduct;
struct ForWeight;
struct ForSums;
struct ForTaps;

// A kernel position: the offset of what it reads, and its place in the kernel.
struct Tap {
  std::int64_t dy, dx, place;
};

// What the columns of X read: for tap t and grid position (y, x), element (y step_y + dy_t, x step_x + dx_t) of every
// channel's plane. Positions are numbered row by row through the grids of all images.
struct Sampling {
  std::int64_t images, channels, height, width, image_stride;
  std::int64_t grid_height, grid_width, step_y, step_x;
  const Tap* taps;
  std::int64_t tap_count;

  std::int64_t grid_size() const { return grid_height * grid_width; }
  std::int64_t columns() const { return images * grid_size(); }
  std::int64_t rows() const { return channels * tap_count; }
};

// The columns [begin, end) of a Sampling, ready to be built for any range of channels.
class ColumnBlock {
 public:
  ColumnBlock(const Sampling& sampling, std::int64_t begin, std::int64_t end)
      : sampling_(sampling), begin_(begin), width_(end - begin) {
    const std::int64_t max_runs = width_ / sampling.grid_width + 2;
    segments_ = scratch<Segment, ForSegments>(max_runs * std::max<std::int64_t>(1, sampling.tap_count));
    Segment* segment = segments_;
    for (std::int64_t t = 0; t < sampling.tap_count; ++t) {
      runs_ = 0;
      for (std::int64_t column = begin; column < end; ++runs_) {
        const std::int64_t x = column % sampling.grid_width;
        const std::int64_t count = std::min(sampling.grid_width - x, end - column);
        *segment++ = make_segment(sampling.taps[t], column, x, count);
        column += count;
      }
    }
  }

  // columns[(c, t)][p], for the channels [first, first + count), with rows of width().
  template <class T>
  void build(const T* source, std::int64_t first, std::int64_t count, T* columns) const {
    const std::int64_t plane = sampling_.height * sampling_.width;
    const auto run = [&](const auto& kernel, auto* typed_source, auto* typed_columns) {
      kernel.build(typed_source + first * plane, count, plane, segments_, sampling_.tap_count, runs_, sampling_.step_x,
                   typed_columns, width_);
    };
    if constexpr (std::is_same_v<T, float>) {
      run(TS_SIMD_DISPATCH(float_conv)(), source, columns);
    } else if constexpr (std::is_same_v<T, double>) {
      run(TS_SIMD_DISPATCH(double_conv)(), source, columns);
    } else {
      build_slowly(source + first * plane, count, columns);
    }
  }

  std::int64_t width() const { return width_; }

 private:
  Segment make_segment(const Tap& tap, std::int64_t column, std::int64_t x, std::int64_t count) const {
    const std::int64_t image = column / sampling_.grid_size();
    const std::int64_t y = column % sampling_.grid_size() / sampling_.grid_width;
    const std::int64_t source_y = y * sampling_.step_y + tap.dy, first_x = x * sampling_.step_x + tap.dx;
    // Positions [low, high) of the run lie inside the image.
    std::int64_t low = first_x >= 0 ? 0 : std::min(count, ceil_div(-first_x, sampling_.step_x));
    std::int64_t high =
        first_x >= sampling_.width ? 0 : std::min(count, ceil_div(sampling_.width - first_x, sampling_.step_x));
    if (source_y < 0 || source_y >= sampling_.height || low >= high) low = high = 0;
    Segment segment;
    segment.source =
        high == 0 ? 0 : image * sampling_.image_stride + source_y * sampling_.width + first_x + low * sampling_.step_x;
    segment.column = static_cast<std::int32_t>(column - begin_);
    segment.zeros_before = static_cast<std::int32_t>(low);
    segment.count = static_cast<std::int32_t>(high - low);
    segment.zeros_after = static_cast<std::int32_t>(count - high);
    return segment;
  }

  // Integers, which nobody convolves in bulk.
  template <class T>
  void build_slowly(const T* source, std::int64_t channels, T* columns) const {
    const std::int64_t plane = sampling_.height * sampling_.width;
    for (std::int64_t c = 0; c < channels; ++c, source += plane) {
      const Segment* segment = segments_;
      for (std::int64_t t = 0; t < sampling_.tap_count; ++t, columns += width_) {
        for (std::int64_t run = 0; run < runs_; ++run, ++segment) {
          T* to = std::fill_n(columns + segment->column, segment->zeros_before, T(0));
          for (std::int64_t i = 0; i < segment->count; ++i) *to++ = source[segment->source + i * sampling_.step_x];
          std::fill_n(to, segment->zeros_after, T(0));
        }
      }
    }
  }

  const Sampling& sampling_;
  const std::int64_t begin_, width_;
  Segment* segments_;
  std::int64_t runs_ = 0;
};

// The columns cut into blocks: even parts of an image, or several images whole.
struct Blocks {
  explicit Blocks(const Sampling& sampling) : grid(sampling.grid_size()), images(sampling.images) {
    if (grid >= kBlockColumns) {
      parts = ceil_div(grid, kBlockColumns);
      count = images * parts;
    } else {
      images_each = std::min(images, kBlockColumns / grid);
      count = ceil_div(images, images_each);
    }
  }
  std::int64_t begin(std::int64_t block) const {
    if (parts == 1) return std::min(images, block * images_each) * grid;
    // Whole vectors but for the last part.
    const std::int64_t width = ceil_div(ceil_div(grid, parts), 16) * 16;
    return block / parts * grid + std::min(grid, block % parts * width);
  }
  std::int64_t end(std::int64_t block) const {
    return parts == 1                   ? std::min(images, (block + 1) * images_each) * grid
           : block % parts == parts - 1 ? (block / parts + 1) * grid
                                        : begin(block + 1);
  }

  std::int64_t grid, images, parts = 1, images_each = 1, count = 0;
};

// Channels of a block that stay in L2 beside what they are multiplied with.
template <class T>
std::int64_t channels_at_once(const Sampling& sampling, std::int64_t width) {
  const std::int64_t bytes =
      std::max<std::int64_t>(1, sampling.tap_count * width) * static_cast<std::int64_t>(sizeof(T));
  return std::clamp<std::int64_t>(cache_sizes().l2 / 3 / bytes, 1, std::max<std::int64_t>(1, sampling.channels));
}

// Where the product's element (m, grid position (y, x) of an image) goes.
struct Placement {
  std::int64_t image_stride, row_stride, y_stride, x_stride;

  bool is_dense(const Sampling& sampling) const {
    return x_stride == 1 && (y_stride == sampling.grid_width || sampling.grid_height == 1);
  }
};

// out = weight X (+ bias), where weight_t holds the weight transposed, (channels * taps) x m, so that the product reads
// neighbouring rows of it from neighbouring memory.
template <class T>
void convolve(const Sampling& sampling, const T* source, const T* weight_t, std::int64_t m, const T* bias, T* out,
              const Placement& placement) {
  const Blocks blocks(sampling);
  const std::int64_t flops = 2 * m * sampling.rows() * kBlockColumns;
  const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelFlops / std::max<std::int64_t>(1, flops));
  parallel_for(blocks.count, grain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t begin = blocks.begin(i), end = blocks.end(i), width = end - begin;
      if (width <= 0) continue;
      const ColumnBlock block(sampling, begin, end);
      const std::int64_t grid = sampling.grid_size(), image = begin / grid;
      const bool direct = placement.is_dense(sampling) && (end - 1) / grid == image;
      T* const product =
          direct ? out + image * placement.image_stride + begin % grid : scratch<T, ForProduct>(m * width);
      const std::int64_t product_stride = direct ? placement.row_stride : width;

      const std::int64_t step = channels_at_once<T>(sampling, width);
      T* const columns = scratch<T, ForColumns>(step * sampling.tap_count * width);
      for (std::int64_t c = 0; c == 0 || c < sampling.channels; c += step) {
        const std::int64_t channels = std::min(step, sampling.channels - c), k = channels * sampling.tap_count;
        block.build(source, c, channels, columns);
        GemmEpilogue<T> epilogue;
        if (c > 0) {
          epilogue.beta = 1;
        } else if (bias != nullptr) {
          epilogue.bias = bias;
          epilogue.bias_kind = GemmBias::PerRow;
        }
        gemm<T>(m, width, k, {weight_t + c * sampling.tap_count * m, 1, m}, {columns, width, 1}, product,
                product_stride, epilogue);
      }
      if (direct) continue;
      for (std::int64_t column = 0; column < width;) {
        const std::int64_t at = begin + column, x = at % sampling.grid_width;
        const std::int64_t count = std::min(sampling.grid_width - x, width - column);
        T* const to = out + at / grid * placement.image_stride + at % grid / sampling.grid_width * placement.y_stride +
                      x * placement.x_stride;
        for (std::int64_t row = 0; row < m; ++row) {
          const T* const from = product + row * width + column;
          T* const row_to = to + row * placement.row_stride;
          for (std::int64_t j = 0; j < count; ++j) row_to[j * placement.x_stride] = from[j];
        }
        column += count;
      }
    }
  });
}

// Where each output pixel sees only the input pixel at its own place, an image may as well be one long row.
ConvGeometry flattened(ConvGeometry g) {
  if (g.taps() == 1 && g.stride_y == 1 && g.stride_x == 1 && g.padding_y == 0 && g.padding_x == 0) {
    g.width *= g.height;
    g.out_width *= g.out_height;
    g.height = g.out_height = 1;
  }
  return g;
}

// What the columns of X read from the input.
Sampling forward_sampling(const ConvGeometry& g, const Tap* taps) {
  return {g.images,   g.group_channels(), g.height, g.width, g.channels * g.plane(), g.out_height, g.out_width,
          g.stride_y, g.stride_x,         taps,     g.taps()};
}

// All taps of the kernel, row by row.
const Tap* forward_taps(const ConvGeometry& g) {
  Tap* const taps = scratch<Tap, ForTaps>(g.taps());
  Tap* tap = taps;
  for (std::int64_t y = 0; y < g.kernel_height; ++y) {
    for (std::int64_t x = 0; x < g.kernel_width; ++x, ++tap) {
      *tap = {y * g.dilation_y - g.padding_y, x * g.dilation_x - g.padding_x, y * g.kernel_width + x};
    }
  }
  return taps;
}

// ---- The three passes ----

template <class T>
void forward(const ConvGeometry& g, const T* x, const T* w, const T* bias, T* y) {
  if constexpr (std::is_floating_point_v<T>) {
    if (g.is_depthwise()) return depthwise_forward(g, x, w, bias, y);
  }
  const Sampling sampling = forward_sampling(g, forward_taps(g));
  const std::int64_t m = g.group_out_channels(), k = sampling.rows();
  const Placement placement = {g.out_channels * g.out_plane(), g.out_plane(), g.out_width, 1};
  T* const weight_t = scratch<T, ForWeight>(m * k);
  for (std::int64_t group = 0; group < g.groups; ++group) {
    const T* const group_w = w + group * m * k;
    for (std::int64_t row = 0; row < k; ++row) {
      for (std::int64_t o = 0; o < m; ++o) weight_t[row * m + o] = group_w[o * k + row];
    }
    convolve(sampling, x + group * g.group_channels() * g.plane(), weight_t, m,
             bias == nullptr ? nullptr : bias + group * m, y + group * m * g.out_plane(), placement);
  }
}

// One dimension of the input positions that leave the same remainder: first, first + stride, ...
struct Residue {
  Residue(std::int64_t remainder, std::int64_t stride, std::int64_t padding, std::int64_t size)
      : first(floor_mod(remainder - padding, stride)), count(first < size ? ceil_div(size - first, stride) : 0) {}
  std::int64_t first, count;
};

template <class T>
void input_gradient(const ConvGeometry& g, const T* w, const T* dy, T* dx) {
  if constexpr (std::is_floating_point_v<T>) {
    if (g.is_depthwise()) return depthwise_input(g, w, dy, dx);
  }
  const std::int64_t m = g.group_channels(), out_channels = g.group_out_channels();
  Tap* const taps = scratch<Tap, ForTaps>(g.taps());
  T* const weight_t = scratch<T, ForWeight>(out_channels * m * g.taps());
  for (std::int64_t ry = 0; ry < g.stride_y; ++ry) {
    const Residue rows(ry, g.stride_y, g.padding_y, g.height);
    for (std::int64_t rx = 0; rx < g.stride_x; ++rx) {
      const Residue columns(rx, g.stride_x, g.padding_x, g.width);
      if (rows.count == 0 || columns.count == 0) continue;
      std::int64_t tap_count = 0;
      for (std::int64_t y = 0; y < g.kernel_height; ++y) {
        const std::int64_t offset_y = rows.first + g.padding_y - y * g.dilation_y;
        if (floor_mod(offset_y, g.stride_y) != 0) continue;
        for (std::int64_t x = 0; x < g.kernel_width; ++x) {
          const std::int64_t offset_x = columns.first + g.padding_x - x * g.dilation_x;
          if (floor_mod(offset_x, g.stride_x) != 0) continue;
          taps[tap_count++] = {offset_y / g.stride_y, offset_x / g.stride_x, y * g.kernel_width + x};
        }
      }
      const Sampling sampling = {g.images,
                                 out_channels,
                                 g.out_height,
                                 g.out_width,
                                 g.out_channels * g.out_plane(),
                                 rows.count,
                                 columns.count,
                                 1,
                                 1,
                                 taps,
                                 tap_count};
      const Placement placement = {g.channels * g.plane(), g.plane(), g.stride_y * g.width, g.stride_x};
      for (std::int64_t group = 0; group < g.groups; ++group) {
        const T* const group_w = w + group * out_channels * m * g.taps();
        T* to = weight_t;
        for (std::int64_t o = 0; o < out_channels; ++o) {
          for (std::int64_t t = 0; t < tap_count; ++t) {
            for (std::int64_t c = 0; c < m; ++c) *to++ = group_w[(o * m + c) * g.taps() + taps[t].place];
          }
        }
        convolve<T>(sampling, dy + group * out_channels * g.out_plane(), weight_t, m, nullptr,
                    dx + group * m * g.plane() + rows.first * g.width + columns.first, placement);
      }
    }
  }
}

// dW^T = X dY^T, (channels * taps) x out_channels. The blocks of columns are shared among a number of sums that the
// shape decides, each formed by one thread in order, and these are then added up in order. Where a block of all
// channels would not stay in L2, its slices are tasks of their own.
template <class T>
void weight_gradient(const ConvGeometry& g, const T* x, const T* dy, T* dw) {
  if constexpr (std::is_floating_point_v<T>) {
    if (g.is_depthwise()) return depthwise_weight(g, x, dy, dw);
  }
  const Sampling sampling = forward_sampling(g, forward_taps(g));
  const std::int64_t m = g.group_out_channels(), k = sampling.rows();
  // A block lies in one image, since the columns of dY do.
  const std::int64_t grid = sampling.grid_size(), parts = std::max<std::int64_t>(1, ceil_div(grid, kBlockColumns));
  const std::int64_t blocks = sampling.images * parts;
  constexpr std::int64_t kMaxSums = 32, kMaxSumBytes = 32 << 20;
  const std::int64_t weight_bytes = std::max<std::int64_t>(1, m * k * static_cast<std::int64_t>(sizeof(T)));
  const std::int64_t sums =
      std::clamp<std::int64_t>(kMaxSumBytes / weight_bytes, 1, std::min(kMaxSums, std::max<std::int64_t>(1, blocks)));
  const std::int64_t step = channels_at_once<T>(sampling, std::min(grid, kBlockColumns));
  const std::int64_t slices = ceil_div(std::max<std::int64_t>(1, sampling.channels), step);
  T* const partial = scratch<T, ForSums>(sums * m * k);
  for (std::int64_t group = 0; group < g.groups; ++group) {
    const T* const source = x + group * g.group_channels() * g.plane();
    const T* const grad = dy + group * m * g.out_plane();
    parallel_for(sums * slices, 1, [&](std::int64_t first, std::int64_t last) {
      T* const columns = scratch<T, ForColumns>(step * sampling.tap_count * std::min(grid, kBlockColumns));
      for (std::int64_t task = first; task < last; ++task) {
        const std::int64_t sum = task / slices, c = task % slices * step;
        const std::int64_t channels = std::min(step, sampling.channels - c), rows = channels * sampling.tap_count;
        T* const to = partial + sum * m * k + c * sampling.tap_count * m;
        std::fill_n(to, rows * m, T(0));
        for (std::int64_t i = sum * blocks / sums; i < (sum + 1) * blocks / sums; ++i) {
          const std::int64_t image = i / parts, begin = i % parts * grid / parts, end = (i % parts + 1) * grid / parts;
          if (begin == end) continue;
          const ColumnBlock block(sampling, image * grid + begin, image * grid + end);
          block.build(source, c, channels, columns);
          GemmEpilogue<T> epilogue;
          epilogue.beta = 1;
          gemm<T>(rows, m, end - begin, {columns, end - begin, 1},
                  {grad + image * g.out_channels * g.out_plane() + begin, 1, g.out_plane()}, to, m, epilogue);
        }
      }
    });
    T* const group_dw = dw + group * m * k;
    for (std::int64_t sum = 1; sum < sums; ++sum) {
      for (std::int64_t i = 0; i < m * k; ++i) partial[i] += partial[sum * m * k + i];
    }
    for (std::int64_t o = 0; o < m; ++o) {
      for (std::int64_t row = 0; row < k; ++row) group_dw[o * k + row] = partial[row * m + o];
    }
  }
}

// Runs fn with the element type of `dtype`, and with 16-bit operands converted to float before and the result back.
template <class Fn>
void in_compute_type(const Tensor& result, const Tensor& a, const Tensor& b, Fn fn) {
  const auto is_16_bit = [](const Tensor& tensor) {
    return is_floating(tensor.dtype()) && item_size(tensor.dtype()) == 2;
  };
  const auto widened = [](const Tensor& tensor) {
    const Tensor wide = empty(tensor.sizes(), DType::Float32);
    copy(wide, tensor);
    return wide;
  };
  if (is_16_bit(result)) {
    const Tensor wide = empty(result.sizes(), DType::Float32);
    fn.template operator()<float>(wide, widened(a), widened(b));
    return copy(result, wide);
  }
  dispatch_numeric(result.dtype(), [&]<class T>() {
    if constexpr (!std::is_same_v<T, Half> && !std::is_same_v<T, BFloat16>) {
      fn.template operator()<T>(result, dense(a), dense(b));
    }
  });
}

void fill_zero(const Tensor& tensor) {
  std::memset(tensor.raw_data(), 0, static_cast<std::size_t>(tensor.numel() * item_size(tensor.dtype())));
}

}  // namespace

void conv2d(const Tensor& result, const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
            IntList padding, IntList dilation, std::int64_t groups) {
  if (result.numel() == 0) return;
  in_compute_type(result, input, weight, [&]<class T>(const Tensor& y, const Tensor& x, const Tensor& w) {
    Tensor b;
    if (bias.defined()) {
      b = empty(bias.sizes(), y.dtype());
      copy(b, bias);
    }
    const ConvGeometry g(x.sizes(), w.sizes(), y.sizes(), stride, padding, dilation, groups);
    forward(flattened(g), x.data<T>(), w.data<T>(), b.defined() ? b.data<T>() : nullptr, y.data<T>());
  });
}

void conv2d_input(const Tensor& result, const Tensor& weight, const Tensor& grad_output, IntList /*input_size*/,
                  IntList stride, IntList padding, IntList dilation, std::int64_t groups) {
  if (result.numel() == 0) return;
  if (grad_output.numel() == 0 || weight.numel() == 0) return fill_zero(result);
  in_compute_type(result, weight, grad_output, [&]<class T>(const Tensor& dx, const Tensor& w, const Tensor& dy) {
    const ConvGeometry g(dx.sizes(), w.sizes(), dy.sizes(), stride, padding, dilation, groups);
    input_gradient(flattened(g), w.data<T>(), dy.data<T>(), dx.data<T>());
  });
}

void conv2d_weight(const Tensor& result, const Tensor& input, const Tensor& grad_output, IntList /*weight_size*/,
                   IntList stride, IntList padding, IntList dilation, std::int64_t groups) {
  if (result.numel() == 0) return;
  if (grad_output.numel() == 0 || input.numel() == 0) return fill_zero(result);
  in_compute_type(result, input, grad_output, [&]<class T>(const Tensor& dw, const Tensor& x, const Tensor& dy) {
    const ConvGeometry g(x.sizes(), dw.sizes(), dy.sizes(), stride, padding, dilation, groups);
    weight_gradient(flattened(g), x.data<T>(), dy.data<T>(), dw.data<T>());
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
