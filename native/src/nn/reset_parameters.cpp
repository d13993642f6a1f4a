// The values of a newly made linear layer or convolution, which are PyTorch's.
#include "nn/reset_parameters.h"

#include <cmath>

#include "torchscratch/nn/init.h"

namespace ts::nn {

void reset_parameters(const Tensor& weight, const Tensor& bias) {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const double fan_in = init::fans(weight).in;
  const double bound = fan_in > 0 ? 1 / std::sqrt(fan_in) : 0;
  init::uniform_(bias, -bound, bound);
}

}  // namespace ts::nn
