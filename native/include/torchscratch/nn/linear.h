// The fully connected layer.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class LinearOptions {
 public:
  LinearOptions(std::int64_t in_features, std::int64_t out_features)
      : in_features_(in_features), out_features_(out_features) {}
  TS_NN_OPTION(std::int64_t, in_features);
  TS_NN_OPTION(std::int64_t, out_features);
  TS_NN_OPTION(bool, bias) = true;
  /// The dtype of the parameters; the default dtype if not given. The same holds for all modules.
  TS_NN_OPTION(std::optional<DType>, dtype);
};

/// y = x W^T + b, for x (..., in), W (out, in) and b (out). Throws ValueError for a negative number of features.
class TS_API LinearImpl final : public Layer {
 public:
  explicit LinearImpl(const LinearOptions& options);
  LinearImpl(std::int64_t in_features, std::int64_t out_features)
      : LinearImpl(LinearOptions(in_features, out_features)) {}
  Tensor forward(const Tensor& input) override;

  const LinearOptions options;
  const Tensor weight;  ///< (out, in), initially uniform in [-b, b) with b = 1 / sqrt(in)
  const Tensor bias;    ///< (out), initially uniform in [-b, b); undefined if the layer has no bias

 protected:
  std::string description() const override;
};
using Linear = Handle<LinearImpl>;

}  // namespace ts::nn
