// Activation functions as modules. All apply their function to each element.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/enums.g.h"

namespace ts::nn {

/// max(x, 0): the rectified linear unit.
class TS_API ReLUImpl final : public Layer {
 public:
  ReLUImpl() : Layer("ReLU") {}
  Tensor forward(const Tensor& input) override;
};
using ReLU = Handle<ReLUImpl>;

/// x Phi(x), where Phi is the distribution function of the standard normal distribution, or the tanh approximation of
/// it. Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016).
class TS_API GELUImpl final : public Layer {
 public:
  explicit GELUImpl(GeluApproximation approximation = GeluApproximation::None)
      : Layer("GELU"), approximate(approximation) {}
  Tensor forward(const Tensor& input) override;

  const GeluApproximation approximate;

 protected:
  std::string description() const override;
};
using GELU = Handle<GELUImpl>;

/// tanh(x).
class TS_API TanhImpl final : public Layer {
 public:
  TanhImpl() : Layer("Tanh") {}
  Tensor forward(const Tensor& input) override;
};
using Tanh = Handle<TanhImpl>;

/// 1 / (1 + exp(-x)).
class TS_API SigmoidImpl final : public Layer {
 public:
  SigmoidImpl() : Layer("Sigmoid") {}
  Tensor forward(const Tensor& input) override;
};
using Sigmoid = Handle<SigmoidImpl>;

/// x / (1 + exp(-x)): the sigmoid linear unit.
class TS_API SiLUImpl final : public Layer {
 public:
  SiLUImpl() : Layer("SiLU") {}
  Tensor forward(const Tensor& input) override;
};
using SiLU = Handle<SiLUImpl>;

}  // namespace ts::nn
