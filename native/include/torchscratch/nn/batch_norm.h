// Batch normalization: Ioffe and Szegedy (2015).
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class BatchNormOptions {
 public:
  BatchNormOptions(std::int64_t num_features) : num_features_(num_features) {}  // NOLINT: implicit, as in libtorch
  TS_NN_OPTION(std::int64_t, num_features);
  /// Added to the variance.
  TS_NN_OPTION(double, eps) = 1e-5;
  /// Share of a batch in the running statistics; none for their mean over all batches.
  TS_NN_OPTION(std::optional<double>, momentum) = 0.1;
  TS_NN_OPTION(bool, affine) = true;
  TS_NN_OPTION(bool, track_running_stats) = true;
  TS_NN_OPTION(std::optional<DType>, dtype);
};
using BatchNorm1dOptions = BatchNormOptions;
using BatchNorm2dOptions = BatchNormOptions;

/// (x - mean) / sqrt(variance + eps) * weight + bias for each channel: in training with mean and variance of the batch,
/// which the running ones follow, in evaluation with the running ones.
class TS_API BatchNormImpl : public Layer {
 public:
  Tensor forward(const Tensor& input) override;
  /// Forgets the running statistics.
  void reset_running_stats();

  const BatchNormOptions options;
  const Tensor weight, bias;               // (C), if affine
  const Tensor running_mean, running_var;  // (C), if tracked
  const Tensor num_batches_tracked;        // int64, if tracked

 protected:
  /// `first_dim` ... `last_dim` are the dimensions that an input may have.
  BatchNormImpl(std::string name, int first_dim, int last_dim, const BatchNormOptions& options);
  std::string description() const override;

 private:
  int first_dim_, last_dim_;
};

/// Of (N, C) or (N, C, L).
class TS_API BatchNorm1dImpl final : public BatchNormImpl {
 public:
  explicit BatchNorm1dImpl(const BatchNorm1dOptions& norm_options) : BatchNormImpl("BatchNorm1d", 2, 3, norm_options) {}
};
using BatchNorm1d = Handle<BatchNorm1dImpl>;

/// Of images (N, C, H, W).
class TS_API BatchNorm2dImpl final : public BatchNormImpl {
 public:
  explicit BatchNorm2dImpl(const BatchNorm2dOptions& norm_options) : BatchNormImpl("BatchNorm2d", 4, 4, norm_options) {}
};
using BatchNorm2d = Handle<BatchNorm2dImpl>;

}  // namespace ts::nn
