// Largest elements of windows.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class MaxPool2dOptions {
 public:
  MaxPool2dOptions(Size kernel_size) : kernel_size_(kernel_size) {}  // NOLINT: implicit, as in libtorch
  TS_NN_OPTION(Size, kernel_size);
  /// As large as the window if not given.
  TS_NN_OPTION(std::optional<Size>, stride);
  /// Minus infinity added on every side, at most half a window.
  TS_NN_OPTION(Size, padding) = 0;
  TS_NN_OPTION(Size, dilation) = 1;
  /// Whether a window may reach over the end.
  TS_NN_OPTION(bool, ceil_mode) = false;
};

/// The largest element of each window of (N, C, H, W) or (C, H, W).
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
