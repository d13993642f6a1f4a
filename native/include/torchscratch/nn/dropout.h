// Dropout: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: A Simple Way to Prevent Neural
// Networks from Overfitting" (2014).
#pragma once

#include "torchscratch/nn/module.h"

namespace ts::nn {

/// In training, sets each element to 0 with probability p and scales the others by 1 / (1 - p), which preserves the
/// expected value. In evaluation, returns its input. Throws ValueError unless 0 <= p <= 1.
class TS_API DropoutImpl final : public Layer {
 public:
  explicit DropoutImpl(double p = 0.5);
  Tensor forward(const Tensor& input) override;

  const double p;

 protected:
  std::string description() const override;
};
using Dropout = Handle<DropoutImpl>;

}  // namespace ts::nn
