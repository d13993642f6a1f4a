// Winograd's minimal filtering for 3 x 3 convolutions (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016).
//
// Convolving a signal d with a short filter g amounts to multiplying two polynomials, and a product of degree n is
// determined by its values at n + 1 points. With 6 points, 4 outputs of a 3-tap filter take 6 multiplications instead
// of 12, and in two dimensions 36 instead of 144:
//
//   Y = A^T [ (G g G^T) . (B^T d B) ] A          d: 6 x 6 inputs, g: 3 x 3 taps, Y: 4 x 4 outputs, . elementwise
//
// The matrices follow from the points by Lagrange interpolation (Toom and Cook). We use 0, a, -a, b, -b and infinity
// with a = 1/sqrt(2) and b = sqrt(2): since ab = 1, no matrix entry is far from 1, which loses half as many digits as
// the common choice of 1 and 2. B^T evaluates, with M(x) = x (x^2 - a^2) (x^2 - b^2):
//
//   at 0         d0 - 5/2 d2 + d4
//   at a, -a     (d4 - 2 d2) +- a (d3 - 2 d1)
//   at b, -b     (d4 - 1/2 d2) +- b (d3 - 1/2 d1)
//   at infinity  d1 - 5/2 d3 + d5
//
// G evaluates g0 + g1 x + g2 x^2 at each point and divides by M'(x): 1, -3/2, 6. A^T multiplies by the powers of x.
//
// The sum over channels is a matrix product for each of the 36 positions in a tile: M = V U, with V[tile, channel] from
// the inputs and U[channel, filter] from the weight. A thread takes a block of tiles small enough that V and M stay in
// its caches, and calls the micro-kernels of gemm.cpp on panels that the transforms have laid out.
//
// The gradient of the input is the same convolution applied to dY, with the filters rotated by 180 degrees. The
// gradient of the weight is a convolution of the 6 x 6 inputs with the 4 x 4 tile of dY, which yields 3 x 3 numbers:
// the points are the same but the degrees differ, so B^T is unchanged, G and A^T exchange their sizes, and the product
// sums over tiles. That sum is divided at boundaries determined by the shape, so that results do not depend on the
// number of threads.
//
// The transforms mix the pixels of a tile, and what one pixel added to an output that it does not touch is taken away
// again. So an infinity becomes NaN in the whole tile, and a pixel that is far larger than its neighbours leaves its
// rounding error in all of them. Therefore the largest magnitude in each tile is recorded on the way. Tiles where it is
// infinite, NaN or far above what is usual in the image are computed again, by matrix products; if there are many, or if
// a filter is such, everything is. The gradient of the weight sums over all tiles and is computed again as a whole.
//
// Tensors store channels outside and pixels inside, whereas the transforms need as many channels side by side as a
// vector has lanes. So each block of rows is transposed on its way in and out, where it is smallest.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/conv/conv_winograd.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/transpose-inl.h"
#include "cpu/vec-inl.h"

#ifndef TS_CPU_CONV_WINOGRAD_KERNELS
#define TS_CPU_CONV_WINOGRAD_KERNELS

namespace ts::cpu {

// The functions of one instruction set. Every number here is a vector of as many channels as it has lanes. The 36
// positions of a tile are `position` elements apart, and neighbouring tiles are `tile` elements apart.
struct WinogradKernels {
  int64_t lanes;
  /// out[c][r] = in[r][c], with zeros for the rows missing to a full vector.
  void (*to_channels_last)(int64_t rows, int64_t cols, const float* in, int64_t in_stride, float* out);
  void (*from_channels_last)(int64_t rows, int64_t cols, const float* in, float* out, int64_t out_stride);
  /// B^T d B, for tiles that begin at every fourth pixel.
  void (*input)(const float* pixels, int64_t row, int64_t tiles, float* v, int64_t tile, int64_t position);
  /// cells[r / 4][c / 4] = its maximum with the magnitudes of pixel (r, c), in each lane; see magnitude().
  void (*peaks)(const float* pixels, int64_t rows, int64_t cols, int32_t* cells);
  /// cells[i] = the largest lane of cell i, for the first `count` cells.
  void (*largest_lanes)(int32_t* cells, int64_t count);
  /// G g G^T of nine taps. *peak becomes their largest magnitude.
  void (*filter)(const float* taps, bool turned, float* u, int64_t position, int32_t* peak);
  /// A^T m A + bias.
  void (*output)(const float* m, int64_t tile, int64_t position, int64_t tiles, const float* bias, float* pixels,
                 int64_t row);
  /// The gradient of the weight: G' dy G'^T for tiles of 4 x 4, and A'^T m A', which yields nine taps.
  void (*output_gradient)(const float* pixels, int64_t row, int64_t tiles, float* v, int64_t tile, int64_t position);
  void (*filter_gradient)(const float* m, int64_t position, float* taps);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

using F = Vec<float>;
constexpr int64_t kWide = static_cast<int64_t>(F::kLanes);
constexpr double kRoot = 1.41421356237309504880;  // b; a is half of it

HWY_INLINE F at(const float* from, int64_t index) { return F::load(from + index * kWide); }

// Magnitudes as integers, which order them as numbers do and NaN above infinity.
constexpr hn::ScalableTag<int32_t> kInts{};
using Ints = hn::Vec<hn::ScalableTag<int32_t>>;

HWY_INLINE Ints magnitude(F x) { return hn::BitCast(kInts, hn::Abs(x.raw)); }

void Peaks(const float* pixels, int64_t rows, int64_t cols, int32_t* cells) {
  const int64_t across = (cols + 3) / 4;
  for (int64_t r = 0; r < rows; ++r, pixels += cols * kWide) {
    int32_t* const to = cells + r / 4 * across * kWide;
    for (int64_t c = 0; c < cols; c += 4) {
      Ints peak = hn::LoadU(kInts, to + c / 4 * kWide);
      for (int64_t x = c; x < (c + 4 < cols ? c + 4 : cols); ++x) peak = hn::Max(peak, magnitude(at(pixels, x)));
      hn::StoreU(peak, kInts, to + c / 4 * kWide);
    }
  }
}

void LargestLanes(int32_t* cells, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    cells[i] = hn::GetLane(hn::MaxOfLanes(kInts, hn::LoadU(kInts, cells + i * kWide)));
  }
}

// B^T d.
HWY_INLINE void InputTransform(const F (&d)[6], F (&v)[6]) {
  const F even_a = neg_mul_add(F(2), d[2], d[4]), odd_a = neg_mul_add(F(2), d[1], d[3]);
  const F even_b = neg_mul_add(F(0.5), d[2], d[4]), odd_b = neg_mul_add(F(0.5), d[1], d[3]);
  v[0] = neg_mul_add(F(2.5), d[2], d[0] + d[4]);
  v[1] = mul_add(F(kRoot / 2), odd_a, even_a);
  v[2] = neg_mul_add(F(kRoot / 2), odd_a, even_a);
  v[3] = mul_add(F(kRoot), odd_b, even_b);
  v[4] = neg_mul_add(F(kRoot), odd_b, even_b);
  v[5] = neg_mul_add(F(2.5), d[3], d[1] + d[5]);
}

// The part shared by G and G': the values of even + x odd at the four finite points other than 0, divided by M'.
HWY_INLINE void AtPoints(F even_a, F odd_a, F even_b, F odd_b, F (&u)[6]) {
  const F a = even_a * F(-2.0 / 3), b = even_b * F(1.0 / 6);
  u[1] = mul_add(F(-kRoot / 3), odd_a, a);
  u[2] = neg_mul_add(F(-kRoot / 3), odd_a, a);
  u[3] = mul_add(F(kRoot / 6), odd_b, b);
  u[4] = neg_mul_add(F(kRoot / 6), odd_b, b);
}

// G g.
HWY_INLINE void FilterTransform(const F (&g)[3], F (&u)[6]) {
  u[0] = g[0];
  AtPoints(mul_add(F(0.5), g[2], g[0]), g[1], mul_add(F(2), g[2], g[0]), g[1], u);
  u[5] = g[2];
}

// G' dy.
HWY_INLINE void FilterTransform(const F (&g)[4], F (&u)[6]) {
  u[0] = g[0];
  AtPoints(mul_add(F(0.5), g[2], g[0]), mul_add(F(0.5), g[3], g[1]), mul_add(F(2), g[2], g[0]),
           mul_add(F(2), g[3], g[1]), u);
  u[5] = g[3];
}

// A^T m for 4 outputs, or A'^T m for 3.
template <int kOutputs>
HWY_INLINE void OutputTransform(const F (&m)[6], F (&y)[kOutputs]) {
  const F even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
  y[0] = m[0] + even_a + even_b;
  y[1] = mul_add(F(kRoot / 2), odd_a, odd_b * F(kRoot));
  y[2] = mul_add(F(0.5), even_a, even_b * F(2));
  if constexpr (kOutputs == 4) y[3] = mul_add(F(kRoot / 4), odd_a, odd_b * F(2 * kRoot));
  y[kOutputs - 1] = y[kOutputs - 1] + m[5];
}

void ToChannelsLast(int64_t rows, int64_t cols, const float* in, int64_t in_stride, float* out) {
  if (rows < kWide) {
    for (int64_t c = 0; c < cols; ++c) F(0).store(out + c * kWide);
  }
  Transpose(rows, cols, in, in_stride, out, kWide);
}

void FromChannelsLast(int64_t rows, int64_t cols, const float* in, float* out, int64_t out_stride) {
  Transpose(rows, cols, in, kWide, out, out_stride);
}

void Input(const float* pixels, int64_t row, int64_t tiles, float* v, int64_t tile, int64_t position) {
  for (int64_t t = 0; t < tiles; ++t, pixels += 4 * kWide, v += tile) {
    F columns[6][6];  // [x][position in y]
    for (int x = 0; x < 6; ++x) {
      F d[6];
      for (int y = 0; y < 6; ++y) d[y] = at(pixels + y * row, x);
      InputTransform(d, columns[x]);
    }
    for (int y = 0; y < 6; ++y) {
      F d[6], out[6];
      for (int x = 0; x < 6; ++x) d[x] = columns[x][y];
      InputTransform(d, out);
      for (int x = 0; x < 6; ++x) out[x].store(v + (6 * y + x) * position);
    }
  }
}

void Filter(const float* taps, bool turned, float* u, int64_t position, int32_t* peak) {
  Ints largest = magnitude(at(taps, 0));
  for (int t = 1; t < 9; ++t) largest = hn::Max(largest, magnitude(at(taps, t)));
  hn::StoreU(largest, kInts, peak);
  F columns[3][6];
  for (int x = 0; x < 3; ++x) {
    F g[3];
    for (int y = 0; y < 3; ++y) g[y] = at(taps, turned ? 8 - (3 * y + x) : 3 * y + x);
    FilterTransform(g, columns[x]);
  }
  for (int y = 0; y < 6; ++y) {
    const F g[3] = {columns[0][y], columns[1][y], columns[2][y]};
    F out[6];
    FilterTransform(g, out);
    for (int x = 0; x < 6; ++x) out[x].store(u + (6 * y + x) * position);
  }
}

void Output(const float* m, int64_t tile, int64_t position, int64_t tiles, const float* bias, float* pixels, int64_t row) {
  const F b = F::load(bias);
  for (int64_t t = 0; t < tiles; ++t, m += tile, pixels += 4 * kWide) {
    F columns[6][4];
    for (int x = 0; x < 6; ++x) {
      F in[6];
      for (int y = 0; y < 6; ++y) in[y] = F::load(m + (6 * y + x) * position);
      OutputTransform<4>(in, columns[x]);
    }
    for (int y = 0; y < 4; ++y) {
      F in[6], out[4];
      for (int x = 0; x < 6; ++x) in[x] = columns[x][y];
      OutputTransform<4>(in, out);
      for (int x = 0; x < 4; ++x) (out[x] + b).store(pixels + y * row + x * kWide);
    }
  }
}

void OutputGradient(const float* pixels, int64_t row, int64_t tiles, float* v, int64_t tile, int64_t position) {
  for (int64_t t = 0; t < tiles; ++t, pixels += 4 * kWide, v += tile) {
    F columns[4][6];
    for (int x = 0; x < 4; ++x) {
      F g[4];
      for (int y = 0; y < 4; ++y) g[y] = at(pixels + y * row, x);
      FilterTransform(g, columns[x]);
    }
    for (int y = 0; y < 6; ++y) {
      const F g[4] = {columns[0][y], columns[1][y], columns[2][y], columns[3][y]};
      F out[6];
      FilterTransform(g, out);
      for (int x = 0; x < 6; ++x) out[x].store(v + (6 * y + x) * position);
    }
  }
}

void FilterGradient(const float* m, int64_t position, float* taps) {
  F columns[6][3];
  for (int x = 0; x < 6; ++x) {
    F in[6];
    for (int y = 0; y < 6; ++y) in[y] = F::load(m + (6 * y + x) * position);
    OutputTransform<3>(in, columns[x]);
  }
  for (int y = 0; y < 3; ++y) {
    F in[6], out[3];
    for (int x = 0; x < 6; ++x) in[x] = columns[x][y];
    OutputTransform<3>(in, out);
    for (int x = 0; x < 3; ++x) out[x].store(taps + (3 * y + x) * kWide);
  }
}

WinogradKernels winograd() {
  return {kWide,         &ToChannelsLast, &FromChannelsLast, &Input,          &Peaks,
          &LargestLanes, &Filter,         &Output,           &OutputGradient, &FilterGradient};
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <array>
#include <vector>

#include "cpu/cache_size.h"
#include "cpu/gemm_kernel_set.h"
#include "cpu/kernels/conv/conv_gemm.h"
#include "cpu/kernels/conv/conv_winograd.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "tensor/integer_math.h"
#include "torchscratch/tensor.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(winograd);

constexpr std::int64_t kPositions = 36;
constexpr std::int64_t kTile = 4;  // outputs along a side
constexpr std::int64_t kMaxLanes = 16;
// Magnitudes whose rounding errors may hide other numbers are 2^ratio times as large as is usual: in an image, for the
// forward pass and for gradients, whose magnitudes vary more; in a filter; and in an operand of a sum over all tiles.
constexpr int kImageRatio = 12, kGradientRatio = 16, kFilterRatio = 16, kSumRatio = 20;


template <class Purpose, class T = float>
T* scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<T*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(T)));
}
struct ForFilters;  // also the sums of their gradient
struct ForTaps;
struct ForPixels;
struct ForInputs;
struct ForProducts;
struct ForPeaks;
struct ForCells;

// Rows that are a multiple of a page apart compete for the same cache sets; one more cache line between them
// avoids that.
std::int64_t spread(std::int64_t elements) {
  constexpr std::int64_t kHalfPage = 512, kLine = 16;
  return elements % kHalfPage == 0 ? elements + kLine : elements;
}

// A batch of images: `channels` planes of height x width each.
struct Images {
  std::int64_t count, channels, height, width;

  std::int64_t plane() const { return height * width; }
};

// The tiles in some rows of tiles of one image, and the index of the first one among the tiles of its block.
struct Region {
  std::int64_t image, tile_y, rows, tile_x, columns, first;
};

// The output divided into tiles. A unit is a row of tiles, or a part of one if it is long; blocks are ranges of units.
class Tiling {
 public:
  Tiling(std::int64_t images, std::int64_t height, std::int64_t width)
      : tiles_y_(ceil_div(height, kTile)),
        tiles_x_(ceil_div(width, kTile)),
        parts_(ceil_div(tiles_x_, kMaxUnit)),
        unit_(ceil_div(tiles_x_, parts_)),
        units_(images * parts_ * tiles_y_) {}

  std::int64_t units() const { return units_; }
  std::int64_t tiles_y() const { return tiles_y_; }
  std::int64_t tiles_x() const { return tiles_x_; }
  std::int64_t tiles_in_unit() const { return unit_; }  // at most

  template <class Fn>
  void for_each_region(std::int64_t begin, std::int64_t end, Fn fn) const {
    std::int64_t first = 0;
    for (std::int64_t unit = begin; unit < end;) {
      Region region;
      region.image = unit / (parts_ * tiles_y_);
      region.tile_y = unit % tiles_y_;
      region.rows = std::min(tiles_y_ - region.tile_y, end - unit);
      region.tile_x = unit / tiles_y_ % parts_ * unit_;
      region.columns = std::min(unit_, tiles_x_ - region.tile_x);
      region.first = first;
      fn(region);
      unit += region.rows;
      first += region.rows * region.columns;
    }
  }

  // The number of tiles in a range of units.
  std::int64_t tiles(std::int64_t begin, std::int64_t end) const {
    std::int64_t count = 0;
    for_each_region(begin, end, [&](const Region& region) { count += region.rows * region.columns; });
    return count;
  }

 private:
  static constexpr std::int64_t kMaxUnit = 32;
  std::int64_t tiles_y_, tiles_x_, parts_, unit_, units_;
};

// Copies a range of channels of one image, from row y and column x on, with the channels side by side and zeros outside
// the image.
void gather(const WinogradKernels& kernel, const Images& images, const float* source, std::int64_t image,
            std::int64_t channel, std::int64_t y, std::int64_t x, std::int64_t rows, std::int64_t cols, float* pixels) {
  const std::int64_t lanes = kernel.lanes, channels = std::min(lanes, images.channels - channel);
  const std::int64_t low = std::clamp<std::int64_t>(-x, 0, cols);
  const std::int64_t high = std::clamp<std::int64_t>(images.width - x, low, cols);
  const float* const from = source + (image * images.channels + channel) * images.plane();
  for (std::int64_t r = 0; r < rows; ++r, pixels += cols * lanes) {
    const bool inside = y + r >= 0 && y + r < images.height && low < high;
    const std::int64_t begin = inside ? low : cols, end = inside ? high : cols;
    std::fill_n(pixels, begin * lanes, 0.0f);
    if (!inside) continue;
    kernel.to_channels_last(channels, end - begin, from + (y + r) * images.width + x + begin, images.plane(),
                            pixels + begin * lanes);
    std::fill_n(pixels + end * lanes, (cols - end) * lanes, 0.0f);
  }
}

// ---- Magnitudes ----

// A magnitude is the bits of a float without the sign. These are 1e18, whose transform cannot overflow, and 2^exponent.
constexpr std::int32_t kHuge = 0x5d5e0b6b;
constexpr std::int32_t power_of_two(int exponent) { return (exponent + 127) << 23; }
// 2^exponent times a magnitude.
std::int32_t times_power(std::int32_t magnitude, int exponent) {
  return magnitude > kHuge ? magnitude : magnitude + (exponent << 23);
}

// How many magnitudes there are in each binade.
class Binades {
 public:
  void add(std::int32_t magnitude) { ++counts_[magnitude >> 23]; }
  void add(const Binades& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }
  // Whether the largest one is no ordinary number, or more than 2^ratio times as large as is usual: as the median of
  // those that are not zero, or as 1 if most are zero.
  bool has_outlier(int ratio) const {
    std::int64_t others = 0;
    for (std::size_t i = 1; i < counts_.size(); ++i) others += counts_[i];
    if (others == 0) return false;
    std::size_t usual = 1, largest = counts_.size() - 1;
    for (std::int64_t below = counts_[1]; 2 * below < others;) below += counts_[++usual];
    if (counts_[0] > others) usual = power_of_two(0) >> 23;
    while (counts_[largest] == 0) --largest;
    return largest > (kHuge >> 23) || largest > usual + static_cast<std::size_t>(ratio);
  }

 private:
  std::array<std::int64_t, 256> counts_ = {};
};

// The largest magnitudes in a region, by cells of 4 x 4 pixels; a tile is a cell and the margins of its neighbours.
class Cells {
 public:
  Cells(const WinogradKernels& kernel, std::int64_t rows, std::int64_t cols)
      : kernel_(kernel),
        rows_(rows),
        cols_(cols),
        across_(ceil_div(cols, kTile)),
        count_(ceil_div(rows, kTile) * across_),
        data_(scratch<ForCells, std::int32_t>(count_ * kernel.lanes)) {
    std::fill_n(data_, count_ * kernel.lanes, 0);
  }
  // Adds the pixels of some channels.
  void add(const float* pixels) { kernel_.peaks(pixels, rows_, cols_, data_); }
  // After the last channels; then the cells can be read.
  void finish() { kernel_.largest_lanes(data_, count_); }
  std::int32_t cell(std::int64_t y, std::int64_t x) const { return data_[y * across_ + x]; }
  std::int32_t tile(std::int64_t y, std::int64_t x) const {
    return std::max({cell(y, x), cell(y, x + 1), cell(y + 1, x), cell(y + 1, x + 1)});
  }

 private:
  const WinogradKernels& kernel_;
  std::int64_t rows_, cols_, across_, count_;
  std::int32_t* data_;
};

// Transformed filters, U[position][panel][channel][column of the panel], laid out as right operands of
// the micro-kernels.
struct Filters {
  const float* data;
  std::int64_t channels, columns;  // columns: filters, rounded up to whole vectors
  std::int64_t position;              // distance from one position to the next
  bool has_outlier;                   // some filter must not be transformed

  static std::int64_t position_size(std::int64_t channels, std::int64_t columns) { return spread(channels * columns); }
};

// Whether a channel of some filter has an outlier among the filter's channels, given peaks[filter / lanes][channel][lane].
bool has_outlier(const std::int32_t* peaks, std::int64_t filters, std::int64_t channels, std::int64_t lanes) {
  constexpr std::int32_t kNone = power_of_two(127);
  std::int32_t least = kNone, largest = 0;
  for (std::int64_t i = 0; i < filters * channels; ++i) {
    least = std::min(least, peaks[i] == 0 ? kNone : peaks[i]);
    largest = std::max(largest, peaks[i]);
  }
  if (largest <= std::min(power_of_two(kFilterRatio), times_power(least, kFilterRatio))) return false;
  for (std::int64_t filter = 0; filter < filters; ++filter) {
    Binades binades;
    for (std::int64_t c = 0; c < channels; ++c) {
      binades.add(peaks[(filter / lanes * channels + c) * lanes + filter % lanes]);
    }
    if (binades.has_outlier(kFilterRatio)) return true;
  }
  return false;
}

// Computes U for filters that are `filter_stride` apart and whose channels are `channel_stride` apart.
Filters transform_filters(const WinogradKernels& kernel, const float* w, std::int64_t filters, std::int64_t channels,
                          std::int64_t filter_stride, std::int64_t channel_stride, bool turned) {
  const std::int64_t lanes = kernel.lanes, columns = round_up(filters, lanes), panel = 2 * lanes;
  const std::int64_t position = Filters::position_size(channels, columns);
  float* const u = scratch<ForFilters>(kPositions * position);
  std::int32_t* const peaks = scratch<ForPeaks, std::int32_t>(columns * channels);
  // Processes some channels at a time: where their taps are adjacent in memory, they are transposed together.
  constexpr std::int64_t kRun = 16;
  const std::int64_t runs = ceil_div(channels, kRun);
  const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelBytes / (kRun * kPositions * 4 * lanes));
  parallel_for(columns / lanes * runs, grain, [&](std::int64_t begin, std::int64_t end) {
    float* const taps = scratch<ForTaps>(kRun * 9 * lanes);
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t filter = i / runs * lanes, channel = i % runs * kRun;
      const std::int64_t rows = std::min(lanes, filters - filter), count = std::min(kRun, channels - channel);
      const float* const from = w + filter * filter_stride + channel * channel_stride;
      if (channel_stride == 9) {
        kernel.to_channels_last(rows, 9 * count, from, filter_stride, taps);
      } else {
        for (std::int64_t c = 0; c < count; ++c) {
          kernel.to_channels_last(rows, 9, from + c * channel_stride, filter_stride, taps + c * 9 * lanes);
        }
      }
      const std::int64_t first = filter / panel * panel, width = std::min(panel, columns - first);
      float* const to = u + first * channels + channel * width + (filter - first);
      for (std::int64_t c = 0; c < count; ++c) {
        kernel.filter(taps + c * 9 * lanes, turned, to + c * width, position,
                      peaks + filter * channels + (channel + c) * lanes);
      }
    }
  });
  return {u, channels, columns, position, has_outlier(peaks, columns, channels, lanes)};
}

// y = x * U + bias, with `padding` zeros before the first row and column of x. peaks[image][tile] becomes the largest
// magnitude in each tile of x, and after them come those without the margins that tiles share.
void convolve(const WinogradKernels& kernel, const Images& in, const float* x, const Filters& u, const float* bias,
              const Images& out, float* y, std::int64_t padding_y, std::int64_t padding_x, std::int32_t* peaks) {
  const GemmKernelSet<float>& gemm = gemm_kernels<float>();
  const std::int64_t lanes = kernel.lanes, panel = 2 * lanes;
  const std::int64_t v_tile = spread(round_up(in.channels, lanes)), m_tile = u.columns;
  const Tiling tiling(out.count, out.height, out.width);

  // As many tiles as leave V and M in L2, but enough to make loading a panel of U worthwhile, and at least a block for
  // each thread.
  const std::int64_t bytes = kPositions * (v_tile + m_tile) * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t target = std::clamp<std::int64_t>(cache_sizes().l2 / bytes, 28, 112);
  const std::int64_t wanted = std::max<std::int64_t>(1, target / tiling.tiles_in_unit());
  const std::int64_t share = std::max<std::int64_t>(1, ceil_div(tiling.units(), 2 * num_threads()));
  const std::int64_t blocks = ceil_div(tiling.units(), std::min(wanted, share));

  parallel_for(blocks, 1, [&](std::int64_t first_block, std::int64_t last_block) {
    for (std::int64_t block = first_block; block < last_block; ++block) {
      const std::int64_t begin = block * tiling.units() / blocks, end = (block + 1) * tiling.units() / blocks;
      const std::int64_t tiles = tiling.tiles(begin, end);
      const std::int64_t v_position = spread(tiles * v_tile) + lanes, m_position = spread(tiles * m_tile) + lanes;
      float* const v = scratch<ForInputs>(kPositions * v_position);
      float* const m = scratch<ForProducts>(kPositions * m_position);

      tiling.for_each_region(begin, end, [&](const Region& region) {
        const std::int64_t rows = region.rows * kTile + 2, cols = region.columns * kTile + 2, row = cols * lanes;
        float* const pixels = scratch<ForPixels>(rows * row);
        Cells cells(kernel, rows, cols);
        for (std::int64_t channel = 0; channel < in.channels; channel += lanes) {
          gather(kernel, in, x, region.image, channel, region.tile_y * kTile - padding_y,
                 region.tile_x * kTile - padding_x, rows, cols, pixels);
          cells.add(pixels);
          for (std::int64_t r = 0; r < region.rows; ++r) {
            kernel.input(pixels + r * kTile * row, row, region.columns,
                         v + (region.first + r * region.columns) * v_tile + channel, v_tile, v_position);
          }
        }
        cells.finish();
        for (std::int64_t r = 0; r < region.rows; ++r) {
          std::int32_t* const to =
              peaks + (region.image * tiling.tiles_y() + region.tile_y + r) * tiling.tiles_x() + region.tile_x;
          std::int32_t* const own = to + out.count * tiling.tiles_y() * tiling.tiles_x();
          for (std::int64_t c = 0; c < region.columns; ++c) {
            to[c] = cells.tile(r, c);
            own[c] = cells.cell(r, c);
          }
        }
      });

      const Panels heights(tiles, gemm.max_rows[2]);
      for (std::int64_t position = 0; position < kPositions; ++position) {
        for (std::int64_t column = 0; column < u.columns; column += panel) {
          const std::int64_t width = std::min(panel, u.columns - column);
          const float* const filters = u.data + position * u.position + column * u.channels;
          for (std::int64_t i = 0; i < heights.count(); ++i) {
            const std::int64_t tile = heights.start(i);
            gemm.tile[width / lanes][heights.height(i)](u.channels, v + position * v_position + tile * v_tile, v_tile, 1,
                                                        filters, width, m + position * m_position + tile * m_tile + column,
                                                        m_tile, nullptr, 0);
          }
        }
      }

      tiling.for_each_region(begin, end, [&](const Region& region) {
        const std::int64_t row = region.columns * kTile * lanes;
        float* const pixels = scratch<ForPixels>(region.rows * kTile * row);
        const std::int64_t y0 = region.tile_y * kTile, x0 = region.tile_x * kTile;
        const std::int64_t rows = std::min(region.rows * kTile, out.height - y0);
        const std::int64_t cols = std::min(region.columns * kTile, out.width - x0);
        for (std::int64_t channel = 0; channel < out.channels; channel += lanes) {
          const std::int64_t channels = std::min(lanes, out.channels - channel);
          alignas(64) float offsets[kMaxLanes] = {};
          if (bias != nullptr) std::copy_n(bias + channel, channels, offsets);
          for (std::int64_t r = 0; r < region.rows; ++r) {
            kernel.output(m + (region.first + r * region.columns) * m_tile + channel, m_tile, m_position, region.columns,
                          offsets, pixels + r * kTile * row, row);
          }
          float* const to = y + (region.image * out.channels + channel) * out.plane() + y0 * out.width + x0;
          for (std::int64_t r = 0; r < rows; ++r) {
            kernel.from_channels_last(cols, channels, pixels + r * row, to + r * out.width, out.plane());
          }
        }
      });
    }
  });
}

// The tiles whose magnitude is far above what is usual in their image, and so must be computed another way. If most of an
// image is zero, what is usual is taken to be 1.
std::vector<std::int64_t> outliers(const Tiling& tiling, std::int64_t images, const std::int32_t* peaks, int ratio) {
  const std::int64_t per_image = tiling.tiles_y() * tiling.tiles_x();
  std::vector<std::int64_t> found;
  std::vector<std::int32_t> sorted(static_cast<std::size_t>(per_image));
  for (std::int64_t image = 0; image < images; ++image) {
    const std::int32_t* const from = peaks + image * per_image;
    std::copy_n(from + images * per_image, per_image, sorted.begin());
    const auto middle = sorted.begin() + (per_image - 1) / 2;
    std::nth_element(sorted.begin(), middle, sorted.end());
    const std::int32_t usual = *middle == 0 || per_image == 1 ? power_of_two(0) : *middle;
    const std::int32_t limit = std::min(kHuge, times_power(usual, ratio));
    for (std::int64_t i = 0; i < per_image; ++i) {
      if (from[i] > limit) found.push_back(image * per_image + i);
    }
  }
  return found;
}

// Convolves by U, and those tiles that cannot be by `direct(count, patches, results)`, which gets count patches of 6 x 6
// pixels of each input channel and computes 4 x 4 pixels of each output channel. Returns false if nothing can be
// computed in this way.
template <class Direct>
bool convolve_checked(const WinogradKernels& kernel, const Images& in, const float* x, const Filters& u,
                      const float* bias, const Images& out, float* y, std::int64_t padding_y, std::int64_t padding_x,
                      int ratio, Direct direct) {
  if (u.has_outlier) return false;
  const Tiling tiling(out.count, out.height, out.width);
  const std::int64_t per_image = tiling.tiles_y() * tiling.tiles_x(), tiles = out.count * per_image;
  std::int32_t* const peaks = scratch<ForPeaks, std::int32_t>(2 * tiles);
  convolve(kernel, in, x, u, bias, out, y, padding_y, padding_x, peaks);
  const std::vector<std::int64_t> found = outliers(tiling, out.count, peaks, ratio);
  if (found.empty()) return true;
  const auto count = static_cast<std::int64_t>(found.size());
  if (2 * count > tiles) return false;

  const Tensor patches = empty(Dims{count, in.channels, kTile + 2, kTile + 2}, DType::Float32, Device());
  const Tensor results = empty(Dims{count, out.channels, kTile, kTile}, DType::Float32, Device());
  float* to = patches.data<float>();
  for (const std::int64_t tile : found) {
    const std::int64_t y0 = tile % per_image / tiling.tiles_x() * kTile - padding_y;
    const std::int64_t x0 = tile % tiling.tiles_x() * kTile - padding_x;
    for (std::int64_t c = 0; c < in.channels; ++c) {
      const float* const plane = x + (tile / per_image * in.channels + c) * in.plane();
      for (std::int64_t r = y0; r < y0 + kTile + 2; ++r) {
        for (std::int64_t s = x0; s < x0 + kTile + 2; ++s) {
          const bool inside = r >= 0 && r < in.height && s >= 0 && s < in.width;
          *to++ = inside ? plane[r * in.width + s] : 0;
        }
      }
    }
  }
  direct(count, patches.data<float>(), results.data<float>());
  const float* from = results.data<float>();
  for (const std::int64_t tile : found) {
    const std::int64_t y0 = tile % per_image / tiling.tiles_x() * kTile, x0 = tile % tiling.tiles_x() * kTile;
    for (std::int64_t c = 0; c < out.channels; ++c, from += kTile * kTile) {
      float* const plane = y + (tile / per_image * out.channels + c) * out.plane();
      for (std::int64_t r = 0; r < std::min(kTile, out.height - y0); ++r) {
        std::copy_n(from + r * kTile, std::min(kTile, out.width - x0), plane + (y0 + r) * out.width + x0);
      }
    }
  }
  return true;
}

// The convolution of `count` patches to tiles. Its input gradient is that of tiles from patches.
ConvGeometry patch_geometry(std::int64_t count, const ConvGeometry& g, bool of_input) {
  const std::int64_t patch = kTile + 2, in = of_input ? kTile : patch, out = of_input ? patch : kTile;
  const Dims one{1, 1}, padding = of_input ? Dims{2, 2} : Dims{0, 0};
  return ConvGeometry(Dims{count, g.channels, in, in}, Dims{g.out_channels, g.channels, 3, 3},
                      Dims{count, g.out_channels, out, out}, one, padding, one, 1);
}

}  // namespace

bool prefers_winograd(const ConvGeometry& g) {
  constexpr std::int64_t kMinChannels = 16, kMinTiles = 32;
  const WinogradKernels kernel = TS_SIMD_DISPATCH(winograd)();
  const std::int64_t tiles = g.images * ceil_div(g.out_height, kTile) * ceil_div(g.out_width, kTile);
  return kernel.lanes >= 4 && g.groups == 1 && g.kernel_height == 3 && g.kernel_width == 3 && g.stride_y == 1 &&
         g.stride_x == 1 && g.dilation_y == 1 && g.dilation_x == 1 && g.padding_y <= 2 && g.padding_x <= 2 &&
         g.channels >= kMinChannels && g.out_channels >= kMinChannels && tiles >= kMinTiles && g.out_height >= kTile &&
         g.out_width >= kTile;
}

void winograd_forward(const ConvGeometry& g, const float* x, const float* w, const float* bias, float* y) {
  const WinogradKernels kernel = TS_SIMD_DISPATCH(winograd)();
  const Filters u = transform_filters(kernel, w, g.out_channels, g.channels, g.channels * 9, 9, false);
  const auto direct = [&](std::int64_t count, const float* patches, float* results) {
    gemm_forward(patch_geometry(count, g, false), patches, w, bias, results);
  };
  if (!convolve_checked(kernel, {g.images, g.channels, g.height, g.width}, x, u, bias,
                        {g.images, g.out_channels, g.out_height, g.out_width}, y, g.padding_y, g.padding_x,
                        kImageRatio, direct)) {
    gemm_forward(g, x, w, bias, y);
  }
}

void winograd_input(const ConvGeometry& g, const float* w, const float* dy, float* dx) {
  const WinogradKernels kernel = TS_SIMD_DISPATCH(winograd)();
  const Filters u = transform_filters(kernel, w, g.channels, g.out_channels, 9, g.channels * 9, true);
  const auto direct = [&](std::int64_t count, const float* patches, float* results) {
    gemm_input(patch_geometry(count, g, true), w, patches, results);
  };
  if (!convolve_checked(kernel, {g.images, g.out_channels, g.out_height, g.out_width}, dy, u, nullptr,
                        {g.images, g.channels, g.height, g.width}, dx, 2 - g.padding_y, 2 - g.padding_x,
                        kGradientRatio, direct)) {
    gemm_input(g, w, dy, dx);
  }
}

void winograd_weight(const ConvGeometry& g, const float* x, const float* dy, float* dw) {
  const WinogradKernels kernel = TS_SIMD_DISPATCH(winograd)();
  const GemmKernelSet<float>& gemm = gemm_kernels<float>();
  const std::int64_t lanes = kernel.lanes, panel = 2 * lanes;
  const Images in = {g.images, g.channels, g.height, g.width};
  const Images out = {g.images, g.out_channels, g.out_height, g.out_width};
  const std::int64_t v_tile = spread(round_up(g.channels, lanes)), columns = round_up(g.out_channels, lanes);
  const Tiling tiling(g.images, g.out_height, g.out_width);

  // As many tiles at a time as leave both factors in L3; the product then sums over them.
  const std::int64_t bytes = kPositions * (v_tile + columns) * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t target = std::clamp<std::int64_t>(cache_sizes().l3 / 3 / bytes, 64, 512);
  const std::int64_t step = std::max<std::int64_t>(1, target / tiling.tiles_in_unit());
  const std::int64_t max_tiles = step * tiling.tiles_in_unit();
  const std::int64_t v_position = spread(max_tiles * v_tile) + lanes, d_position = spread(max_tiles * columns) + lanes;
  const std::int64_t sum_position = g.channels * columns;
  float* const v = scratch<ForInputs>(kPositions * v_position);        // [position][tile][channel]
  float* const d = scratch<ForProducts>(kPositions * d_position);      // [position][panel][tile][column]
  float* const sums = scratch<ForFilters>(kPositions * sum_position);  // [position][channel][filter]
  const Panels heights(g.channels, gemm.max_rows[2]);
  const std::int64_t in_groups = v_tile / lanes, groups = in_groups + columns / lanes;
  std::vector<Binades> binades(static_cast<std::size_t>(groups));

  for (std::int64_t begin = 0; begin < tiling.units(); begin += step) {
    const std::int64_t end = std::min(begin + step, tiling.units()), tiles = tiling.tiles(begin, end);
    parallel_for(groups, 1, [&](std::int64_t first_group, std::int64_t last_group) {
      tiling.for_each_region(begin, end, [&](const Region& region) {
        for (std::int64_t group = first_group; group < last_group; ++group) {
          const bool is_input = group < in_groups;
          const std::int64_t channel = (is_input ? group : group - in_groups) * lanes;
          if (is_input && channel >= g.channels) continue;  // padding between the rows of V
          const std::int64_t halo = is_input ? 2 : 0;
          const std::int64_t rows = region.rows * kTile + halo, cols = region.columns * kTile + halo;
          const std::int64_t row = cols * lanes;
          float* const pixels = scratch<ForPixels>(rows * row);
          gather(kernel, is_input ? in : out, is_input ? x : dy, region.image, channel,
                 region.tile_y * kTile - (is_input ? g.padding_y : 0),
                 region.tile_x * kTile - (is_input ? g.padding_x : 0), rows, cols, pixels);
          Cells cells(kernel, rows, cols);
          cells.add(pixels);
          cells.finish();
          for (std::int64_t y = 0; y < region.rows; ++y) {
            for (std::int64_t t = 0; t < region.columns; ++t) {
              binades[static_cast<std::size_t>(group)].add(is_input ? cells.tile(y, t) : cells.cell(y, t));
            }
          }
          for (std::int64_t r = 0; r < region.rows; ++r) {
            const std::int64_t tile = region.first + r * region.columns;
            const float* const from = pixels + r * kTile * row;
            if (is_input) {
              kernel.input(from, row, region.columns, v + tile * v_tile + channel, v_tile, v_position);
            } else {
              const std::int64_t column = channel / panel * panel, width = std::min(panel, columns - column);
              kernel.output_gradient(from, row, region.columns, d + column * tiles + tile * width + (channel - column),
                                     width, d_position);
            }
          }
        }
      });
    });

    parallel_for(kPositions, 1, [&](std::int64_t first_position, std::int64_t last_position) {
      for (std::int64_t position = first_position; position < last_position; ++position) {
        for (std::int64_t column = 0; column < columns; column += panel) {
          const std::int64_t width = std::min(panel, columns - column);
          for (std::int64_t i = 0; i < heights.count(); ++i) {
            const std::int64_t channel = heights.start(i);
            float* const sum = sums + position * sum_position + channel * columns + column;
            gemm.tile[width / lanes][heights.height(i)](tiles, v + position * v_position + channel, 1, v_tile,
                                                        d + position * d_position + column * tiles, width, sum, columns,
                                                        begin > 0 ? sum : nullptr, columns);
          }
        }
      }
    });
  }

  Binades inputs, outputs;
  for (std::int64_t group = 0; group < groups; ++group) {
    (group < in_groups ? inputs : outputs).add(binades[static_cast<std::size_t>(group)]);
  }
  if (inputs.has_outlier(kSumRatio) || outputs.has_outlier(kSumRatio)) return gemm_weight(g, x, dy, dw);

  const std::int64_t grain = std::max<std::int64_t>(1, kMinParallelBytes / (kPositions * 4 * lanes));
  parallel_for(columns / lanes * g.channels, grain, [&](std::int64_t first, std::int64_t last) {
    float* const taps = scratch<ForTaps>(9 * lanes);
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t filter = i / g.channels * lanes, channel = i % g.channels;
      kernel.filter_gradient(sums + channel * columns + filter, sum_position, taps);
      const std::int64_t filters = std::min(lanes, g.out_channels - filter);
      kernel.from_channels_last(9, filters, taps, dw + (filter * g.channels + channel) * 9, g.channels * 9);
    }
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
