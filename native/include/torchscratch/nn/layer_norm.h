// Layer normalization: Ba, Kiros and Hinton (2016).
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class LayerNormOptions {
 public:
  LayerNormOptions(const Dims& normalized_shape) : normalized_shape_(normalized_shape) {}  // NOLINT: as in libtorch
  LayerNormOptions(std::int64_t last_size) : normalized_shape_({last_size}) {}             // NOLINT
  /// Sizes of the last dimensions.
  TS_NN_OPTION(Dims, normalized_shape);
  /// Added to the variance.
  TS_NN_OPTION(double, eps) = 1e-5;
  TS_NN_OPTION(bool, elementwise_affine) = true;
  TS_NN_OPTION(std::optional<DType>, dtype);
};

/// (x - mean) / sqrt(variance + eps) * weight + bias over the last dimensions.
class TS_API LayerNormImpl final : public Layer {
 public:
  explicit LayerNormImpl(const LayerNormOptions& options);
  Tensor forward(const Tensor& input) override;

  const LayerNormOptions options;
  const Tensor weight, bias;  // of the normalized shape, if affine

 protected:
  std::string description() const override;
};
using LayerNorm = Handle<LayerNormImpl>;

}  // namespace ts::nn
