// PyTorch's first values of a linear layer or a convolution.
#include "nn/layer_values.h"

#include <cmath>

#include "torchscratch/nn/init.h"

namespace ts::nn {

void fill_layer(const Tensor& weight, const Tensor& bias) {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const double fan_in = init::fans(weight).in;
  const double bound = fan_in > 0 ? 1 / std::sqrt(fan_in) : 0;
  init::uniform_(bias, -bound, bound);
}

}  // namespace ts::nn
