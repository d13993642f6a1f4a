// Dropout: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014).
#pragma once

#include "torchscratch/nn/module.h"

namespace ts::nn {

/// In training, zeroes each element with probability p and scales the others by 1 / (1 - p), so that the mean stays; in
/// evaluation, its input. Throws ValueError for a p outside [0, 1].
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
