// The sizes of a two-dimensional convolution. The forward pass and both backward passes share them.
#pragma once

#include <cstdint>

#include "torchscratch/dims.h"

namespace ts {

struct ConvGeometry {
  std::int64_t images, channels, height, width;      // input
  std::int64_t out_channels, out_height, out_width;  // output
  std::int64_t kernel_height, kernel_width;
  std::int64_t stride_y, stride_x, padding_y, padding_x, dilation_y, dilation_x;
  std::int64_t groups;

  ConvGeometry(const Dims& input, const Dims& weight, const Dims& output, IntList stride, IntList padding,
               IntList dilation, std::int64_t group_count)
      : images(input[0]),
        channels(input[1]),
        height(input[2]),
        width(input[3]),
        out_channels(weight[0]),
        out_height(output[2]),
        out_width(output[3]),
        kernel_height(weight[2]),
        kernel_width(weight[3]),
        stride_y(stride[0]),
        stride_x(stride[1]),
        padding_y(padding[0]),
        padding_x(padding[1]),
        dilation_y(dilation[0]),
        dilation_x(dilation[1]),
        groups(group_count) {}

  std::int64_t plane() const { return height * width; }
  std::int64_t out_plane() const { return out_height * out_width; }
  std::int64_t taps() const { return kernel_height * kernel_width; }
  std::int64_t group_channels() const { return channels / groups; }
  std::int64_t group_out_channels() const { return out_channels / groups; }
  /// True if every channel has a filter of its own.
  bool is_depthwise() const { return groups > 1 && group_channels() == 1 && group_out_channels() == 1; }
};

}  // namespace ts
