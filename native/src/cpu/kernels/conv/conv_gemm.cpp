// Convolution of images and its two backward passes, as matrix products.
//
// For one image and group, with P output pixels and K = channels * kernel positions ("taps"), let column p of the K x P
// matrix X hold the inputs that output pixel p reads:
//
//   X[(c, t), p] = x[c, y_p stride_y + t_y dilation_y - padding_y, x_p stride_x + t_x dilation_x - padding_x]
//
// and 0 outside the image. Then, with the weight as a matrix W of O x K:
//
//   conv2d          Y  = W X + bias
//   conv2d_weight   dW = sum over images of dY X^T
//   conv2d_input    dx[c, i] = sum of W[o, (c, t)] dY[o, p] over all o and all pairs (t, p) that read input pixel i
//
// conv2d and conv2d_weight need columns of X, which are described by an offset for each tap and a grid of positions
// with a step (Sampling). X is never formed as a whole: a block of some hundred columns, with as many channels as leave
// it in L2, is built and multiplied at once. conv2d_input works in the opposite direction: a row of the product P = W^T
// dY holds what one tap of one channel contributes to the positions that it has read, and P is added into dx
// ("folded"), row by row, while it is in L2.
//
// The blocks are determined by the shape, and so is the order of summation: results do not depend on the number of
// threads. A 1 x 1 kernel without stride or padding needs neither columns nor folding, because X is the image.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/conv/conv_gemm.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/vec_tail-inl.h"

#ifndef TS_CPU_CONV_KERNELS
#define TS_CPU_CONV_KERNELS
#include <type_traits>

namespace ts::cpu {

// A range of columns that one tap reads from one row of an image: zeros, `count` elements, zeros.
struct Segment {
  std::int64_t source;  // of the first element, as an offset in the plane of channel 0
  std::int32_t column, zeros_before, count, zeros_after;
};

// The functions of one instruction set, for float and double.
template <class T>
struct ConvKernels {
  /// Builds the rows of a column block: for each of `channels` planes, `taps` rows of `stride` elements, each made of
  /// `runs` segments. Elements of a segment are `step` apart in the source. Segments are sorted by column.
  void (*build)(const T* source, std::int64_t channels, std::int64_t plane, const Segment* segments, std::int64_t taps,
                std::int64_t runs, std::int64_t step, T* columns, std::int64_t stride);
  /// to[i] += from[i].
  void (*add)(const T* from, T* to, std::int64_t count);
  /// Interleaves even[0], odd[0], even[1], ... up to `count` elements.
  void (*interleave)(const T* even, const T* odd, T* to, std::int64_t count);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// The even-numbered elements of the 2 n - 1 elements that start at `from`.
template <class T>
HWY_INLINE void copy_every_other(const T* from, T* to, int64_t n) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t L = kLanes<T>;
  const hn::ScalableTag<T> d;
  // The second load reads one element beyond the last one needed, so the last vector is left to the loop below.
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

template <class T>
void add(const T* from, T* to, int64_t count) {
  for_each_vector<T>(
      count, [&](int64_t i) HWY_ATTR { (Vec<T>::load(to + i) + Vec<T>::load(from + i)).store(to + i); },
      [&](int64_t i, int64_t left) HWY_ATTR {
        const Vec<T> zero(0);
        store_first(load_first(to + i, left, zero) + load_first(from + i, left, zero), to + i, left);
      });
}

template <class T>
void interleave(const T* even, const T* odd, T* to, int64_t count) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t L = kLanes<T>;
  for (; i + 2 * L <= count; i += 2 * L) {
    hn::StoreInterleaved2(Vec<T>::load(even + i / 2).raw, Vec<T>::load(odd + i / 2).raw, hn::ScalableTag<T>(), to + i);
  }
#endif
  for (; i < count; ++i) to[i] = i % 2 == 0 ? even[i / 2] : odd[i / 2];
}

ConvKernels<float> float_conv() { return {&build_columns<float>, &add<float>, &interleave<float>}; }
ConvKernels<double> double_conv() { return {&build_columns<double>, &add<double>, &interleave<double>}; }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>

#include "cpu/cache_size.h"
#include "cpu/gemm.h"
#include "cpu/kernels/conv/conv_gemm.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "tensor/integer_math.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_conv);
HWY_EXPORT(double_conv);

// The functions for elements of type T. For int64, the type in which integers are convolved, elements are moved by the
// functions for double, which has the same size; only the addition is its own.
template <class T>
void build(const T* source, std::int64_t channels, std::int64_t plane, const Segment* segments, std::int64_t taps,
           std::int64_t runs, std::int64_t step, T* columns, std::int64_t stride) {
  if constexpr (std::is_same_v<T, float>) {
    TS_SIMD_DISPATCH(float_conv)().build(source, channels, plane, segments, taps, runs, step, columns, stride);
  } else {
    TS_SIMD_DISPATCH(double_conv)()
        .build(reinterpret_cast<const double*>(source), channels, plane, segments, taps, runs, step,
               reinterpret_cast<double*>(columns), stride);
  }
}

template <class T>
void add(const T* from, T* to, std::int64_t count) {
  if constexpr (std::is_same_v<T, float>) TS_SIMD_DISPATCH(float_conv)().add(from, to, count);
  else if constexpr (std::is_same_v<T, double>) TS_SIMD_DISPATCH(double_conv)().add(from, to, count);
  else
    for (std::int64_t i = 0; i < count; ++i) {
      // Integers wrap around.
      to[i] = static_cast<T>(static_cast<std::uint64_t>(to[i]) + static_cast<std::uint64_t>(from[i]));
    }
}

template <class T>
void interleave(const T* even, const T* odd, T* to, std::int64_t count) {
  if constexpr (std::is_same_v<T, float>) {
    TS_SIMD_DISPATCH(float_conv)().interleave(even, odd, to, count);
  } else {
    TS_SIMD_DISPATCH(double_conv)()
        .interleave(reinterpret_cast<const double*>(even), reinterpret_cast<const double*>(odd),
                    reinterpret_cast<double*>(to), count);
  }
}

std::int64_t floor_mod(std::int64_t a, std::int64_t b) { return ((a % b) + b) % b; }

// Number of columns in a block: enough to make loading the product's operands worthwhile, few enough to get
// many blocks.
constexpr std::int64_t kBlockColumns = 160;

// Scratch memory of each thread, by purpose.
Workspace column_workspace, segment_workspace, product_workspace, weight_workspace, sum_workspace, tap_workspace;

template <class T>
T* reserve(const Workspace& workspace, std::int64_t count) {
  return static_cast<T*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(T)));
}

// A kernel position: the offset of the input that it reads, and its index in the kernel.
struct Tap {
  std::int64_t dy, dx, place;
};

// The inputs that the columns of X read: for tap t and grid position (y, x), element (y step_y + dy_t, x step_x + dx_t)
// of every channel's plane. Positions are numbered row by row through the grids of all images.
struct Sampling {
  std::int64_t images, channels, height, width, image_stride;
  std::int64_t grid_height, grid_width, step_y, step_x;
  const Tap* taps;
  std::int64_t tap_count;

  std::int64_t grid_size() const { return grid_height * grid_width; }
  std::int64_t columns() const { return images * grid_size(); }
  std::int64_t rows() const { return channels * tap_count; }
};

// The columns [begin, end) of a Sampling, prepared so that any range of channels can be built.
class ColumnBlock {
 public:
  ColumnBlock(const Sampling& sampling, std::int64_t begin, std::int64_t end)
      : sampling_(sampling), begin_(begin), width_(end - begin) {
    const std::int64_t max_runs = width_ / sampling.grid_width + 2;
    segments_ = reserve<Segment>(segment_workspace, max_runs * std::max<std::int64_t>(1, sampling.tap_count));
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

  // Builds columns[(c, t)][p] for the channels [first, first + count), with rows of width() elements.
  template <class T>
  void build(const T* source, std::int64_t first, std::int64_t count, T* columns) const {
    const std::int64_t plane = sampling_.height * sampling_.width;
    ts::cpu::build(source + first * plane, count, plane, segments_, sampling_.tap_count, runs_, sampling_.step_x, columns,
                   width_);
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

  const Sampling& sampling_;
  const std::int64_t begin_, width_;
  Segment* segments_;
  std::int64_t runs_ = 0;
};

// The columns divided into blocks: equal parts of an image, or several whole images.
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
    // A multiple of the vector length, except for the last part.
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

// Number of channels per block such that the block stays in L2 beside the matrix that it is multiplied with.
template <class T>
std::int64_t channels_at_once(const Sampling& sampling, std::int64_t width) {
  const std::int64_t bytes =
      std::max<std::int64_t>(1, sampling.tap_count * width) * static_cast<std::int64_t>(sizeof(T));
  return std::clamp<std::int64_t>(cache_sizes().l2 / 3 / bytes, 1, std::max<std::int64_t>(1, sampling.channels));
}

// out = weight X (+ bias). weight_t holds the transposed weight, (channels * taps) x m, so that rows of the product
// read neighbouring memory. Images of the result are `image_stride` apart.
template <class T>
void convolve(const Sampling& sampling, const T* source, const T* weight_t, std::int64_t m, const T* bias, T* out,
              std::int64_t image_stride) {
  const Blocks blocks(sampling);
  const std::int64_t flops = 2 * m * sampling.rows() * kBlockColumns;
  const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelFlops / std::max<std::int64_t>(1, flops));
  parallel_for(blocks.count, grain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t begin = blocks.begin(i), end = blocks.end(i), width = end - begin;
      if (width <= 0) continue;
      const ColumnBlock block(sampling, begin, end);
      const std::int64_t grid = sampling.grid_size(), image = begin / grid;
      const bool direct = (end - 1) / grid == image;  // otherwise the block spans several images
      T* const product = direct ? out + image * image_stride + begin % grid : reserve<T>(product_workspace, m * width);
      const std::int64_t product_stride = direct ? grid : width;

      const std::int64_t step = channels_at_once<T>(sampling, width);
      T* const columns = reserve<T>(column_workspace, step * sampling.tap_count * width);
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
      for (std::int64_t column = 0; column < width; column += grid) {
        T* const to = out + (begin + column) / grid * image_stride;
        for (std::int64_t row = 0; row < m; ++row) std::copy_n(product + row * width + column, grid, to + row * grid);
      }
    }
  });
}

// The inputs that the columns of X read in the forward pass.
Sampling forward_sampling(const ConvGeometry& g, const Tap* taps) {
  return {g.images,   g.group_channels(), g.height, g.width, g.channels * g.plane(), g.out_height, g.out_width,
          g.stride_y, g.stride_x,         taps,     g.taps()};
}

// All taps of the kernel, row by row.
const Tap* forward_taps(const ConvGeometry& g) {
  Tap* const taps = reserve<Tap>(tap_workspace, g.taps());
  Tap* tap = taps;
  for (std::int64_t y = 0; y < g.kernel_height; ++y) {
    for (std::int64_t x = 0; x < g.kernel_width; ++x, ++tap) {
      *tap = {y * g.dilation_y - g.padding_y, x * g.dilation_x - g.padding_x, y * g.kernel_width + x};
    }
  }
  return taps;
}

// The destination of a row of P. A plane of dx is kept as stride_x planes, one for each remainder of the column index
// modulo stride_x, so that the contributions of neighbouring output pixels lie side by side.
struct Fold {
  std::int64_t y;            // the input row to which output row 0 contributes
  std::int64_t start;        // the position in the planes to which output pixel 0 of row 0 contributes
  std::int64_t first, last;  // the output columns that contribute to a column inside the image
};

template <class T>
class Folding {
 public:
  explicit Folding(const ConvGeometry& g) : g_(g), width_(ceil_div(g.width, g.stride_x)) {
    folds_ = reserve<Fold>(tap_workspace, g.taps());
    for (std::int64_t t = 0; t < g.taps(); ++t) {
      const std::int64_t dx = t % g.kernel_width * g.dilation_x - g.padding_x;
      const std::int64_t plane = floor_mod(dx, g.stride_x), shift = (dx - plane) / g.stride_x;
      const std::int64_t count = ceil_div(g.width - plane, g.stride_x);  // its columns; none if the image is narrower
      folds_[t].y = t / g.kernel_width * g.dilation_y - g.padding_y;
      folds_[t].start = plane * g.height * width_ + folds_[t].y * width_ + shift;
      folds_[t].first = std::clamp<std::int64_t>(-shift, 0, g.out_width);
      folds_[t].last = std::clamp(count - shift, folds_[t].first, g.out_width);
    }
  }

  // Number of elements in the planes of one channel.
  std::int64_t size() const { return g_.stride_x * g_.height * width_; }

  // Adds the contributions of the output rows [begin, end) from `product`, which has one row per tap, `row`
  // elements apart.
  void add(const T* product, std::int64_t row, std::int64_t begin, std::int64_t end, T* planes) const {
    for (std::int64_t t = 0; t < g_.taps(); ++t, product += row) {
      const Fold& fold = folds_[t];
      const T* from = product + fold.first;
      for (std::int64_t y = begin; y < end; ++y, from += g_.out_width) {
        const std::int64_t target = y * g_.stride_y + fold.y;
        if (target < 0 || target >= g_.height) continue;
        ts::cpu::add(from, planes + y * g_.stride_y * width_ + fold.start + fold.first, fold.last - fold.first);
      }
    }
  }

  // Copies the planes of one channel into its image. With a stride of 1 there is only one plane, which is the image.
  void finish(const T* planes, T* image) const {
    const std::int64_t plane = g_.height * width_;
    for (std::int64_t y = 0; y < g_.height; ++y, planes += width_, image += g_.width) {
      if (g_.stride_x == 2) {
        interleave(planes, planes + plane, image, g_.width);
      } else {
        for (std::int64_t x = 0; x < g_.width; ++x) image[x] = planes[x % g_.stride_x * plane + x / g_.stride_x];
      }
    }
  }

 private:
  const ConvGeometry& g_;
  const std::int64_t width_;  // of a plane
  Fold* folds_;
};

// If an output pixel reads only the input pixel at its own position, X is the image.
bool is_pointwise(const ConvGeometry& g) {
  return g.taps() == 1 && g.stride_y == 1 && g.stride_x == 1 && g.padding_y == 0 && g.padding_x == 0;
}

}  // namespace

// ---- The three passes ----

template <class T>
void gemm_forward(const ConvGeometry& g, const T* x, const T* w, const T* bias, T* y) {
  if (is_pointwise(g)) {
    const std::int64_t m = g.group_out_channels(), k = g.group_channels(), p = g.plane();
    for (std::int64_t group = 0; group < g.groups; ++group) {
      GemmEpilogue<T> epilogue;
      if (bias != nullptr) {
        epilogue.bias = bias + group * m;
        epilogue.bias_kind = GemmBias::PerRow;
      }
      gemm_batched<T>(g.images, m, p, k, {w + group * m * k, k, 1}, {x + group * k * p, p, 1}, y + group * m * p, p,
                      {0, g.channels * p, g.out_channels * p}, epilogue);
    }
    return;
  }
  const Sampling sampling = forward_sampling(g, forward_taps(g));
  const std::int64_t m = g.group_out_channels(), k = sampling.rows();
  T* const weight_t = reserve<T>(weight_workspace, m * k);
  for (std::int64_t group = 0; group < g.groups; ++group) {
    const T* const group_w = w + group * m * k;
    for (std::int64_t row = 0; row < k; ++row) {
      for (std::int64_t o = 0; o < m; ++o) weight_t[row * m + o] = group_w[o * k + row];
    }
    convolve(sampling, x + group * g.group_channels() * g.plane(), weight_t, m,
             bias == nullptr ? nullptr : bias + group * m, y + group * m * g.out_plane(),
             g.out_channels * g.out_plane());
  }
}

// dx = fold of W^T dY, for some channels of an image at a time and in bands of output rows, so that P stays in L2.
template <class T>
void gemm_input(const ConvGeometry& g, const T* w, const T* dy, T* dx) {
  const std::int64_t m = g.group_channels(), k = g.group_out_channels();
  if (is_pointwise(g)) {
    const std::int64_t p = g.plane();
    for (std::int64_t group = 0; group < g.groups; ++group) {
      gemm_batched<T>(g.images, m, p, k, {w + group * k * m, 1, m}, {dy + group * k * p, p, 1}, dx + group * m * p, p,
                      {0, g.out_channels * p, g.channels * p});
    }
    return;
  }
  const std::int64_t room = cache_sizes().l2 / 2 / static_cast<std::int64_t>(sizeof(T));
  constexpr std::int64_t kFewChannels = 4;  // fewer would give the micro-kernels too few rows
  const std::int64_t few_rows = std::min(m, kFewChannels) * g.taps();
  const std::int64_t band = std::clamp<std::int64_t>(room / (few_rows * g.out_width), 1, g.out_height);
  const std::int64_t step = std::clamp<std::int64_t>(room / (g.taps() * band * g.out_width), 1, m);
  const std::int64_t slices = ceil_div(m, step);
  const bool in_place = g.stride_x == 1;
  parallel_for(g.images * g.groups * slices, 1, [&](std::int64_t first_task, std::int64_t last_task) {
    const Folding<T> folding(g);
    T* const product = reserve<T>(product_workspace, step * g.taps() * band * g.out_width);
    T* const planes = in_place ? nullptr : reserve<T>(column_workspace, step * folding.size());
    for (std::int64_t task = first_task; task < last_task; ++task) {
      const std::int64_t image = task / slices / g.groups, group = task / slices % g.groups;
      const std::int64_t first = task % slices * m / slices, channels = (task % slices + 1) * m / slices - first;
      T* const to = dx + (image * g.channels + group * m + first) * g.plane();
      T* const sums = in_place ? to : planes;
      std::fill_n(sums, channels * folding.size(), T(0));
      for (std::int64_t begin = 0; begin < g.out_height; begin += band) {
        const std::int64_t end = std::min(begin + band, g.out_height), columns = (end - begin) * g.out_width;
        gemm<T>(channels * g.taps(), columns, k, {w + (group * k * m + first) * g.taps(), 1, m * g.taps()},
                {dy + (image * g.out_channels + group * k) * g.out_plane() + begin * g.out_width, g.out_plane(), 1},
                product, columns);
        for (std::int64_t c = 0; c < channels; ++c) {
          folding.add(product + c * g.taps() * columns, columns, begin, end, sums + c * folding.size());
        }
      }
      for (std::int64_t c = 0; c < channels && !in_place; ++c) {
        folding.finish(planes + c * folding.size(), to + c * g.plane());
      }
    }
  });
}

// dW^T = X dY^T, (channels * taps) x out_channels. The blocks of columns are distributed over a number of partial sums
// that depends only on the shape. Each is formed by one thread in order, and at the end they are added up in order. If
// a block with all channels would not stay in L2, its channel ranges become separate tasks.
template <class T>
void gemm_weight(const ConvGeometry& g, const T* x, const T* dy, T* dw) {
  const Sampling sampling = forward_sampling(g, forward_taps(g));
  const std::int64_t m = g.group_out_channels(), k = sampling.rows();
  // A block lies within one image, since the columns of dY do.
  const std::int64_t grid = sampling.grid_size(), parts = std::max<std::int64_t>(1, ceil_div(grid, kBlockColumns));
  const std::int64_t blocks = sampling.images * parts;
  constexpr std::int64_t kMaxSums = 32, kMaxSumBytes = 32 << 20;
  const std::int64_t weight_bytes = std::max<std::int64_t>(1, m * k * static_cast<std::int64_t>(sizeof(T)));
  const std::int64_t sums =
      std::clamp<std::int64_t>(kMaxSumBytes / weight_bytes, 1, std::min(kMaxSums, std::max<std::int64_t>(1, blocks)));
  const std::int64_t step = channels_at_once<T>(sampling, std::min(grid, kBlockColumns));
  const std::int64_t slices = ceil_div(std::max<std::int64_t>(1, sampling.channels), step);
  T* const partial = reserve<T>(sum_workspace, sums * m * k);
  for (std::int64_t group = 0; group < g.groups; ++group) {
    const T* const source = x + group * g.group_channels() * g.plane();
    const T* const grad = dy + group * m * g.out_plane();
    parallel_for(sums * slices, 1, [&](std::int64_t first, std::int64_t last) {
      T* const columns = reserve<T>(column_workspace, step * sampling.tap_count * std::min(grid, kBlockColumns));
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

#define TS_INSTANTIATE_CONV(T)                                                          \
  template void gemm_forward<T>(const ConvGeometry&, const T*, const T*, const T*, T*); \
  template void gemm_input<T>(const ConvGeometry&, const T*, const T*, T*);             \
  template void gemm_weight<T>(const ConvGeometry&, const T*, const T*, T*);
TS_INSTANTIATE_CONV(float)
TS_INSTANTIATE_CONV(double)
TS_INSTANTIATE_CONV(std::int64_t)
#undef TS_INSTANTIATE_CONV

}  // namespace ts::cpu

#endif  // HWY_ONCE
