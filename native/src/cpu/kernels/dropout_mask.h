// Sections of a dropout mask, for the kernel that fills a whole mask and for attention, which draws its mask tile
// by tile.
#pragma once

#include <cstdint>

#include "torchscratch/random.h"

namespace ts::cpu {

/// Elements [first, first + count) of the mask that fill_dropout_mask fills: `scale` with probability `keep`, else 0. T
/// is float or double.
template <class T>
void dropout_mask_part(T* out, std::int64_t first, std::int64_t count, double keep, double scale, PhiloxState state);

}  // namespace ts::cpu
