// Convolutions over sequences and images.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"
#include "torchscratch/ops/enums.g.h"

namespace ts::nn {

/// What a convolution finds beyond the edge of its input.
enum class PaddingMode { Zeros, Reflect, Replicate, Circular };

class ConvOptions {
 public:
  ConvOptions(std::int64_t in_channels, std::int64_t out_channels, Size kernel_size)
      : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {}
  TS_NN_OPTION(std::int64_t, in_channels);
  TS_NN_OPTION(std::int64_t, out_channels);
  TS_NN_OPTION(Size, kernel_size);
  TS_NN_OPTION(Size, stride) = 1;
  /// Elements added on every side.
  TS_NN_OPTION(Size, padding) = 0;
  /// Takes the place of `padding`: none, or as much as keeps the size.
  TS_NN_OPTION(std::optional<ConvolutionPadding>, named_padding);
  TS_NN_OPTION(Size, dilation) = 1;
  /// Parts of the channels that do not see each other.
  TS_NN_OPTION(std::int64_t, groups) = 1;
  TS_NN_OPTION(bool, bias) = true;
  TS_NN_OPTION(PaddingMode, padding_mode) = PaddingMode::Zeros;
  TS_NN_OPTION(std::optional<DType>, dtype);
};
using Conv1dOptions = ConvOptions;
using Conv2dOptions = ConvOptions;

/// Parameters and sizes of a convolution over `dims` dimensions. Throws ValueError where the channels cannot be divided
/// into the groups or a size is out of range.
class TS_API ConvImpl : public Layer {
 public:
  const ConvOptions options;
  const Dims kernel_size, stride, dilation;
  const Tensor weight;  // (out, in / groups, window), uniform within 1 / sqrt(elements of a row) at first
  const Tensor bias;    // (out), within the same bounds; undefined without

 protected:
  ConvImpl(std::string name, int dims, const ConvOptions& options);
  std::string description() const override;
  /// The input with its surroundings, where the operator does not add them itself.
  Tensor padded(const Tensor& input) const;
  /// What is left for the operator to add.
  Dims inner_padding() const;

 private:
  Dims before_, after_;
};

/// Cross-correlation of (N, C, L) or (C, L) with a weight (out, C / groups, k), plus a bias (out).
class TS_API Conv1dImpl final : public ConvImpl {
 public:
  explicit Conv1dImpl(const Conv1dOptions& conv_options) : ConvImpl("Conv1d", 1, conv_options) {}
  Conv1dImpl(std::int64_t in_channels, std::int64_t out_channels, Size kernel)
      : Conv1dImpl(Conv1dOptions(in_channels, out_channels, kernel)) {}
  Tensor forward(const Tensor& input) override;
};
using Conv1d = Handle<Conv1dImpl>;

/// Cross-correlation of (N, C, H, W) or (C, H, W) with a weight (out, C / groups, kH, kW), plus a bias (out). The
/// output has floor((size + 2 padding - dilation (k - 1) - 1) / stride) + 1 elements in each direction.
class TS_API Conv2dImpl final : public ConvImpl {
 public:
  explicit Conv2dImpl(const Conv2dOptions& conv_options) : ConvImpl("Conv2d", 2, conv_options) {}
  Conv2dImpl(std::int64_t in_channels, std::int64_t out_channels, Size kernel)
      : Conv2dImpl(Conv2dOptions(in_channels, out_channels, kernel)) {}
  Tensor forward(const Tensor& input) override;
};
using Conv2d = Handle<Conv2dImpl>;

}  // namespace ts::nn
