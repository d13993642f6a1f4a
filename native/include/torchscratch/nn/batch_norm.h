// Batch normalization: Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
// Covariate Shift" (2015).
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class BatchNormOptions {
 public:
  BatchNormOptions(std::int64_t num_features) : num_features_(num_features) {}  // NOLINT: implicit, as in libtorch
  /// The number of channels, C.
  TS_NN_OPTION(std::int64_t, num_features);
  /// Added to the variance for numerical stability.
  TS_NN_OPTION(double, eps) = 1e-5;
  /// The weight m of a batch in the running statistics: running = (1 - m) running + m batch. Without one, the running
  /// statistics are the plain average over all batches.
  TS_NN_OPTION(std::optional<double>, momentum) = 0.1;
  /// Whether there are a weight and a bias.
  TS_NN_OPTION(bool, affine) = true;
  /// Whether to keep running statistics; without them, evaluation uses those of the batch too.
  TS_NN_OPTION(bool, track_running_stats) = true;
  TS_NN_OPTION(std::optional<DType>, dtype);
};
using BatchNorm1dOptions = BatchNormOptions;
using BatchNorm2dOptions = BatchNormOptions;

/// (x - mean) / sqrt(variance + eps) * weight + bias for each channel. In training, mean and variance are those of the
/// batch, with which the running statistics are updated; in evaluation they are the running statistics. Throws
/// ValueError if num_features or eps is negative.
class TS_API BatchNormImpl : public Layer {
 public:
  /// Throws ShapeError if the input has another number of dimensions or of channels.
  Tensor forward(const Tensor& input) override;
  /// Sets running_mean and num_batches_tracked to 0 and running_var to 1.
  void reset_running_stats();

  const BatchNormOptions options;
  const Tensor weight, bias;               ///< (C), initially 1 and 0; undefined unless affine
  const Tensor running_mean, running_var;  ///< (C), initially 0 and 1; undefined unless track_running_stats
  const Tensor num_batches_tracked;        ///< 0-d, int64; undefined unless track_running_stats

 protected:
  /// An input must have from `first_dim` to `last_dim` dimensions.
  BatchNormImpl(std::string name, int first_dim, int last_dim, const BatchNormOptions& options);
  std::string description() const override;

 private:
  int first_dim_, last_dim_;
};

/// For input (N, C) or (N, C, L).
class TS_API BatchNorm1dImpl final : public BatchNormImpl {
 public:
  explicit BatchNorm1dImpl(const BatchNorm1dOptions& norm_options) : BatchNormImpl("BatchNorm1d", 2, 3, norm_options) {}
};
using BatchNorm1d = Handle<BatchNorm1dImpl>;

/// For images (N, C, H, W).
class TS_API BatchNorm2dImpl final : public BatchNormImpl {
 public:
  explicit BatchNorm2dImpl(const BatchNorm2dOptions& norm_options) : BatchNormImpl("BatchNorm2d", 4, 4, norm_options) {}
};
using BatchNorm2d = Handle<BatchNorm2dImpl>;

}  // namespace ts::nn
