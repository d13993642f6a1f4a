// Parts of a dropout mask, for the kernel that fills one and for attention, which draws its mask tile by tile.
#pragma once

#include <cstdint>

#include "torchscratch/random.h"

namespace ts::cpu {

/// The elements [first, first + count) of the mask that fill_dropout_mask makes: `scale` with probability `keep`, else 0.
/// T is float or double.
template <class T>
void dropout_mask_part(T* out, std::int64_t first, std::int64_t count, double keep, double scale, PhiloxState state);

}  // namespace ts::cpu
