// Layer normalization: Ba, Kiros and Hinton, "Layer Normalization" (2016).
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class LayerNormOptions {
 public:
  LayerNormOptions(const Dims& normalized_shape) : normalized_shape_(normalized_shape) {}  // NOLINT: as in libtorch
  LayerNormOptions(std::int64_t last_size) : normalized_shape_({last_size}) {}             // NOLINT
  /// The sizes of the last dimensions of the input, over which it is normalized.
  TS_NN_OPTION(Dims, normalized_shape);
  /// Added to the variance for numerical stability.
  TS_NN_OPTION(double, eps) = 1e-5;
  /// Whether there are a weight and a bias.
  TS_NN_OPTION(bool, elementwise_affine) = true;
  TS_NN_OPTION(std::optional<DType>, dtype);
};

/// (x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance over the last dimensions. Throws
/// ValueError if normalized_shape is empty or has a negative size.
class TS_API LayerNormImpl final : public Layer {
 public:
  explicit LayerNormImpl(const LayerNormOptions& options);
  Tensor forward(const Tensor& input) override;

  const LayerNormOptions options;
  const Tensor weight, bias;  ///< normalized_shape, initially 1 and 0; undefined unless elementwise_affine

 protected:
  std::string description() const override;
};
using LayerNorm = Handle<LayerNormImpl>;

}  // namespace ts::nn
