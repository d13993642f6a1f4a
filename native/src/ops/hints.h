// What a caller probably meant: ends of messages about mistakes that many beginners make.
#pragma once

#include <cstdint>
#include <string>

#include "torchscratch/tensor.h"

namespace ts {

/// For an input (N, C, ...) of a convolution or a normalization with the wrong number of channels: whether its last
/// dimension has the right one, as images from most files have. `rank` counts the dimensions behind the channels.
std::string channels_hint(const Tensor& input, std::int64_t channels, int rank);

/// For an input of a convolution with too few dimensions, such as a gray image without channels.
std::string dimensions_hint(const Tensor& input, int rank);

/// For an input of linear with the wrong number of features: whether flattening gives the right one.
std::string features_hint(const Tensor& input, const Tensor& weight);

/// For class labels of the wrong shape.
std::string labels_hint(const Tensor& target, const Dims& expected, const Tensor& input);

}  // namespace ts
