// The order in which einsum contracts its operands.
#pragma once

#include <bitset>
#include <cstddef>
#include <vector>

#include "torchscratch/dims.h"

namespace ts::contraction {

/// The number of labels: the letters, and one for each dimension that an ellipsis can stand for.
inline constexpr int kLabels = 52 + kMaxDims;
using LabelSet = std::bitset<kLabels>;

/// Two terms that are contracted into one. Operands are numbered from 0; each product gets the next number.
struct Contraction {
  std::size_t first, second;
};

/// The order with the fewest multiplications for up to eight operands; for more, the cheapest pair at each step.
/// `wanted` are the labels of the result, `sizes` the sizes of the labels.
std::vector<Contraction> contraction_order(const std::vector<LabelSet>& operands, const LabelSet& wanted,
                                           const std::vector<double>& sizes);

}  // namespace ts::contraction
