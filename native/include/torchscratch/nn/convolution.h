// Convolutions over sequences and images.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"
#include "torchscratch/enums.g.h"

namespace ts::nn {

/// The values of padding: zeros, the input mirrored at its edge, the edge itself repeated, or the input continued from
/// its other end.
enum class PaddingMode { Zeros, Reflect, Replicate, Circular };

class ConvOptions {
 public:
  ConvOptions(std::int64_t in_channels, std::int64_t out_channels, Size kernel_size)
      : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {}
  TS_NN_OPTION(std::int64_t, in_channels);
  TS_NN_OPTION(std::int64_t, out_channels);
  TS_NN_OPTION(Size, kernel_size);
  /// Distance between the windows of neighbouring output elements.
  TS_NN_OPTION(Size, stride) = 1;
  /// Number of elements added on each side of each dimension.
  TS_NN_OPTION(Size, padding) = 0;
  /// If given, used instead of `padding`. Valid means none; Same means as much as makes the output as large as the
  /// input, which needs a stride of 1.
  TS_NN_OPTION(std::optional<ConvolutionPadding>, named_padding);
  /// Distance between neighbouring elements of a window.
  TS_NN_OPTION(Size, dilation) = 1;
  /// Number of groups into which the channels are divided. An output channel depends only on the input channels of its
  /// own group.
  TS_NN_OPTION(std::int64_t, groups) = 1;
  TS_NN_OPTION(bool, bias) = true;
  TS_NN_OPTION(PaddingMode, padding_mode) = PaddingMode::Zeros;
  TS_NN_OPTION(std::optional<DType>, dtype);
};
using Conv1dOptions = ConvOptions;
using Conv2dOptions = ConvOptions;

/// Options and parameters of a convolution over `dims` spatial dimensions. Throws ValueError if the channels cannot be
/// divided into the groups or if a size is out of range.
class TS_API ConvImpl : public Layer {
 public:
  const ConvOptions options;
  const Dims kernel_size, stride, dilation;
  /// (out, in / groups, kernel...), initially uniform in [-b, b) with b = 1 / sqrt(in / groups * product(kernel)).
  const Tensor weight;
  /// (out), initially uniform in [-b, b); undefined if the layer has no bias.
  const Tensor bias;

 protected:
  ConvImpl(std::string name, int dims, const ConvOptions& options);
  std::string description() const override;
  /// The input, padded unless the operator can do so itself.
  Tensor padded(const Tensor& input) const;
  /// The padding that is left to the operator.
  Dims inner_padding() const;

 private:
  Dims before_, after_;
};

/// Cross-correlation of input (N, C, L) or (C, L) with the weight (out, C / groups, k), plus the bias (out). The result
/// is (N, out, L') or (out, L'), with L' as in Conv2d.
class TS_API Conv1dImpl final : public ConvImpl {
 public:
  explicit Conv1dImpl(const Conv1dOptions& conv_options) : ConvImpl("Conv1d", 1, conv_options) {}
  Conv1dImpl(std::int64_t in_channels, std::int64_t out_channels, Size kernel)
      : Conv1dImpl(Conv1dOptions(in_channels, out_channels, kernel)) {}
  Tensor forward(const Tensor& input) override;
};
using Conv1d = Handle<Conv1dImpl>;

/// Cross-correlation of input (N, C, H, W) or (C, H, W) with the weight (out, C / groups, kH, kW), plus the bias (out).
/// The result is (N, out, H', W') or (out, H', W'), with size' = floor((size + 2 padding - dilation (k - 1) - 1) /
/// stride) + 1 in each dimension.
class TS_API Conv2dImpl final : public ConvImpl {
 public:
  explicit Conv2dImpl(const Conv2dOptions& conv_options) : ConvImpl("Conv2d", 2, conv_options) {}
  Conv2dImpl(std::int64_t in_channels, std::int64_t out_channels, Size kernel)
      : Conv2dImpl(Conv2dOptions(in_channels, out_channels, kernel)) {}
  Tensor forward(const Tensor& input) override;
};
using Conv2d = Handle<Conv2dImpl>;

}  // namespace ts::nn
