// Draws seven-segment digits, shifted, with varying intensity and noise.
#include <algorithm>
#include <random>
#include <vector>

#include "digits.h"

namespace {

constexpr int kSide = 28;

// Top, upper left, upper right, middle, lower left, lower right, bottom: one bit each.
constexpr unsigned kSegments[10] = {0b1110111, 0b0010010, 0b1011101, 0b1011011, 0b0111010,
                                    0b1101011, 0b1101111, 0b1010010, 0b1111111, 0b1111011};
// The left, top, right and bottom edges of each segment, within 12 by 20 pixels.
constexpr int kBoxes[7][4] = {{2, 0, 10, 2},  {0, 2, 2, 9},     {10, 2, 12, 9}, {2, 9, 10, 11},
                               {0, 11, 2, 18}, {10, 11, 12, 18}, {2, 18, 10, 20}};

}  // namespace

Digits draw_digits(std::int64_t count) {
  std::mt19937_64 engine(static_cast<std::uint64_t>(ts::randint(0, 1 << 30, {}).item<std::int64_t>()));
  const auto draw = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine); };
  std::vector<unsigned char> pixels(static_cast<std::size_t>(count) * kSide * kSide);
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < count; ++i) {
    const int digit = draw(0, 9);
    labels.push_back(digit);
    unsigned char* const image = pixels.data() + i * kSide * kSide;
    const int left = draw(3, 13), top = draw(2, 6), ink = draw(90, 200);
    for (int segment = 0; segment < 7; ++segment) {
      if ((kSegments[digit] >> (6 - segment) & 1u) == 0) continue;
      const int* const box = kBoxes[segment];
      for (int y = top + box[1]; y < top + box[3]; ++y)
        for (int x = left + box[0]; x < left + box[2]; ++x) image[y * kSide + x] = static_cast<unsigned char>(ink);
    }
    for (int at = 0; at < kSide * kSide; ++at)
      image[at] = static_cast<unsigned char>(std::clamp(image[at] + draw(-60, 60), 0, 255));
  }
  return {ts::from_data(pixels.data(), {count, 1, kSide, kSide}, ts::DType::UInt8), ts::tensor(labels)};
}
