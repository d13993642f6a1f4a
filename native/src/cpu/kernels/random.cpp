// Random distributions made from Philox. Element i depends only on the seed, the offset and i, so results do not depend
// on the number of threads.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "backend/philox.h"
#include "cpu/kernels/dropout_mask.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/creation.g.h"
#include "tensor/narrowing.h"

namespace ts::cpu {

namespace {

using Words = PhiloxWords;

constexpr std::int64_t kPerBlock = kPhiloxPerBlock;

double unit_double(std::uint32_t high, std::uint32_t low) {
  return static_cast<double>(((static_cast<std::uint64_t>(high) << 32) | low) >> 11) * 0x1p-53;
}
// A number in [0, 1) with `bits` random bits.
template <int bits>
double unit(std::uint32_t word) {
  return static_cast<double>(word >> (32 - bits)) / static_cast<double>(1u << bits);
}

// Calls make(block, words), which returns two values, for each block, in parallel. A value is determined by its
// position alone.
template <class T, class Make>
void fill_blocks(T* data, std::int64_t count, PhiloxState state, Make make) {
  parallel_for((count + kPerBlock - 1) / kPerBlock, 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const auto [first, second] = make(philox_block(state, static_cast<std::uint64_t>(block)));
      data[2 * block] = first;
      if (2 * block + 1 < count) data[2 * block + 1] = second;
    }
  });
}

template <class T>
T store(double value) {
  if constexpr (std::is_same_v<T, Half>) return to_half(ts::detail::float_rounded_to_odd(value));
  else if constexpr (std::is_same_v<T, BFloat16>) return to_bfloat16(ts::detail::float_rounded_to_odd(value));
  else return static_cast<T>(value);
}

// Two uniform numbers in [0, 1) with as many random bits as the type's significand, so that none is rounded to 1.
template <class T>
std::pair<double, double> two_uniform(const Words& words) {
  if constexpr (std::is_same_v<T, double>) {
    return {unit_double(words.w[0], words.w[1]), unit_double(words.w[2], words.w[3])};
  } else {
    constexpr int bits = std::is_same_v<T, float> ? 24 : std::is_same_v<T, Half> ? 11 : 8;
    return {unit<bits>(words.w[0]), unit<bits>(words.w[2])};
  }
}

template <class T>
double load(T value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) return to_float(value);
  else return value;
}

// The largest number of the type below `limit`.
template <class T>
T below(double limit) {
  T value = store<T>(limit);
  if (load(value) < limit) return value;
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
    // The bits of positive numbers are ordered like the numbers, and those of negative numbers in the opposite order.
    if ((value.bits & 0x7fffu) == 0) value.bits = 0x8001u;
    else value.bits = static_cast<std::uint16_t>(value.bits + (value.bits & 0x8000u ? 1 : -1));
    return value;
  } else {
    return std::nextafter(value, -std::numeric_limits<T>::infinity());
  }
}

template <class Fn>
void for_floating(const Tensor& out, Fn&& fn) {
  switch (out.dtype()) {
    case DType::Float16:
      return fn(static_cast<Half*>(out.raw_data()));
    case DType::BFloat16:
      return fn(static_cast<BFloat16*>(out.raw_data()));
    case DType::Float32:
      return fn(static_cast<float*>(out.raw_data()));
    case DType::Float64:
      return fn(static_cast<double*>(out.raw_data()));
    default:
      throw DTypeError("random: only floating tensors, got " + describe(out));
  }
}

// Inverse transform sampling: `of_uniform` is the inverse of a distribution function, and u is uniform in [0, 1).
template <class Inverse>
void fill_by_inverse(const Tensor& out, std::int64_t seed, std::int64_t offset, Inverse of_uniform) {
  const PhiloxState state = philox_state(seed, offset);
  for_floating(out, [&]<class T>(T* data) {
    fill_blocks(data, out.numel(), state, [&](const Words& words) {
      return std::pair<T, T>(store<T>(of_uniform(unit_double(words.w[0], words.w[1]))),
                             store<T>(of_uniform(unit_double(words.w[2], words.w[3]))));
    });
  });
}

}  // namespace

void fill_uniform(const Tensor& out, double low, double high, std::int64_t seed, std::int64_t offset) {
  const PhiloxState state = philox_state(seed, offset);
  for_floating(out, [&]<class T>(T* data) {
    const T last = below<T>(high);
    fill_blocks(data, out.numel(), state, [&](const Words& words) {
      const auto [a, b] = two_uniform<T>(words);
      // low + u (high - low) may be rounded up to `high`, which lies outside the interval.
      const auto place = [&](double u) {
        const T x = store<T>(low + u * (high - low));
        return load(x) < high || low == high ? x : last;
      };
      return std::pair<T, T>(place(a), place(b));
    });
  });
}

// Box-Muller transform: if u and v are uniform, sqrt(-2 ln u) (cos, sin)(2 pi v) are two independent normal numbers.
void fill_normal(const Tensor& out, double mean, double std, std::int64_t seed, std::int64_t offset) {
  const PhiloxState state = philox_state(seed, offset);
  for_floating(out, [&]<class T>(T* data) {
    fill_blocks(data, out.numel(), state, [&](const Words& words) {
      const double u = 1.0 - unit_double(words.w[0], words.w[1]);  // never 0
      const double angle = 2 * std::numbers::pi * unit_double(words.w[2], words.w[3]);
      const double radius = std::sqrt(-2 * std::log(u));
      return std::pair<T, T>(store<T>(mean + std * radius * std::cos(angle)),
                             store<T>(mean + std * radius * std::sin(angle)));
    });
  });
}

void fill_integers(const Tensor& out, std::int64_t low, std::int64_t high, std::int64_t seed, std::int64_t offset) {
  const PhiloxState state = philox_state(seed, offset);
  const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  fill_blocks(static_cast<std::int64_t*>(out.raw_data()), out.numel(), state, [&](const Words& words) {
    // The high half of a 64x64 product maps 64 random bits onto [0, range) with a bias below range / 2^64.
    const auto draw = [&](std::uint32_t high_word, std::uint32_t low_word) {
      const std::uint64_t bits = (static_cast<std::uint64_t>(high_word) << 32) | low_word;
      __extension__ using Wide = unsigned __int128;
      const auto step = static_cast<std::uint64_t>((static_cast<Wide>(bits) * range) >> 64);
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);  // the sum may exceed 2^63 midway
    };
    return std::pair(draw(words.w[0], words.w[1]), draw(words.w[2], words.w[3]));
  });
}

void fill_dropout_mask(const Tensor& out, double keep, double scale, std::int64_t seed, std::int64_t offset) {
  const PhiloxState state = philox_state(seed, offset);
  constexpr std::int64_t kPart = 1024;
  const std::int64_t count = out.numel();
  for_floating(out, [&]<class T>(T* data) {
    parallel_for((count + kPart - 1) / kPart, 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t part = begin; part < end; ++part) {
        const std::int64_t first = part * kPart, n = std::min(kPart, count - first);
        if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
          dropout_mask_part(data + first, first, n, keep, scale, state);
        } else {
          float values[kPart];
          dropout_mask_part(values, first, n, keep, scale, state);
          std::transform(values, values + n, data + first, store<T>);
        }
      }
    });
  });
}

void fill_exponential(const Tensor& out, double lambd, std::int64_t seed, std::int64_t offset) {
  fill_by_inverse(out, seed, offset, [=](double u) { return -std::log1p(-u) / lambd; });
}

void fill_geometric(const Tensor& out, double p, std::int64_t seed, std::int64_t offset) {
  fill_by_inverse(out, seed, offset, [=](double u) { return std::floor(std::log1p(-u) / std::log1p(-p)) + 1; });
}

void fill_cauchy(const Tensor& out, double median, double sigma, std::int64_t seed, std::int64_t offset) {
  fill_by_inverse(out, seed, offset,
                  [=](double u) { return median + sigma * std::tan(std::numbers::pi * (u - 0.5)); });
}

// Fisher-Yates shuffle: each swap depends on the previous ones, so it runs on one thread.
void fill_permutation(const Tensor& out, std::int64_t seed, std::int64_t offset) {
  const PhiloxState state = philox_state(seed, offset);
  auto* data = static_cast<std::int64_t*>(out.raw_data());
  const std::int64_t n = out.numel();
  for (std::int64_t i = 0; i < n; ++i) data[i] = i;
  for (std::int64_t i = n - 1; i > 0; --i) {
    const Words words = philox_block(state, static_cast<std::uint64_t>(i / kPerBlock));
    const int half = static_cast<int>(i % kPerBlock) * 2;
    const std::uint64_t bits = (static_cast<std::uint64_t>(words.w[half]) << 32) | words.w[half + 1];
    __extension__ using Wide = unsigned __int128;
    const auto j = static_cast<std::int64_t>((static_cast<Wide>(bits) * static_cast<std::uint64_t>(i + 1)) >> 64);
    std::swap(data[i], data[j]);
  }
}

}  // namespace ts::cpu
