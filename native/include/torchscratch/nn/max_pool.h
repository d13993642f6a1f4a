// Max pooling.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class MaxPool2dOptions {
 public:
  MaxPool2dOptions(Size kernel_size) : kernel_size_(kernel_size) {}  // NOLINT: implicit, as in libtorch
  /// The size of a window.
  TS_NN_OPTION(Size, kernel_size);
  /// Distance between neighbouring windows; kernel_size if not given.
  TS_NN_OPTION(std::optional<Size>, stride);
  /// Number of elements of minus infinity added on each side of each dimension; at most half of kernel_size.
  TS_NN_OPTION(Size, padding) = 0;
  /// Distance between neighbouring elements of a window.
  TS_NN_OPTION(Size, dilation) = 1;
  /// Whether to round the output's size up instead of down, so that the last window may extend past the end.
  TS_NN_OPTION(bool, ceil_mode) = false;
};

/// The largest element of each window of an input (N, C, H, W) or (C, H, W). The output's size is that of Conv2d.
class TS_API MaxPool2dImpl final : public Layer {
 public:
  explicit MaxPool2dImpl(const MaxPool2dOptions& options);
  explicit MaxPool2dImpl(Size window) : MaxPool2dImpl(MaxPool2dOptions(window)) {}
  Tensor forward(const Tensor& input) override;

  const Dims kernel_size, stride, padding, dilation;
  const bool ceil_mode;

 protected:
  std::string description() const override;
};
using MaxPool2d = Handle<MaxPool2dImpl>;

}  // namespace ts::nn
