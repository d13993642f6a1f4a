// Layers without parameters of their own: activations, dropout, flattening, pooling and Sequential.
#include "nn/python_repr.h"
#include "torchscratch/nn/activation.h"
#include "torchscratch/nn/dropout.h"
#include "torchscratch/nn/flatten.h"
#include "torchscratch/nn/max_pool.h"
#include "torchscratch/nn/sequential.h"
#include "torchscratch/ops/dropout.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/gelu.g.h"
#include "torchscratch/ops/max_pool2d.g.h"
#include "torchscratch/ops/relu.g.h"
#include "torchscratch/ops/sigmoid.g.h"
#include "torchscratch/ops/silu.g.h"
#include "torchscratch/ops/tanh.g.h"

namespace ts::nn {

Tensor ReLUImpl::forward(const Tensor& input) { return relu(input); }
Tensor GELUImpl::forward(const Tensor& input) { return gelu(input, approximate); }
Tensor TanhImpl::forward(const Tensor& input) { return tanh(input); }
Tensor SigmoidImpl::forward(const Tensor& input) { return sigmoid(input); }
Tensor SiLUImpl::forward(const Tensor& input) { return silu(input); }

std::string GELUImpl::description() const {
  return approximate == GeluApproximation::None ? "approximate=none" : "approximate=tanh";
}

DropoutImpl::DropoutImpl(double probability) : Layer("Dropout"), p(probability) {
  TS_CHECK(p >= 0 && p <= 1, ValueError, "Dropout: p must be in [0, 1], got ", p);
}

Tensor DropoutImpl::forward(const Tensor& input) { return is_training() ? dropout(input, p, true) : input; }

std::string DropoutImpl::description() const { return format("p=", p, ", inplace=False"); }

Tensor FlattenImpl::forward(const Tensor& input) { return flatten(input, start_dim, end_dim); }

std::string FlattenImpl::description() const { return format("start_dim=", start_dim, ", end_dim=", end_dim); }

MaxPool2dImpl::MaxPool2dImpl(const MaxPool2dOptions& given)
    : Layer("MaxPool2d"),
      kernel_size(given.kernel_size().expand(2, 1, "MaxPool2d: kernel_size")),
      stride(given.stride().value_or(given.kernel_size()).expand(2, 1, "MaxPool2d: stride")),
      padding(given.padding().expand(2, 0, "MaxPool2d: padding")),
      dilation(given.dilation().expand(2, 1, "MaxPool2d: dilation")),
      ceil_mode(given.ceil_mode()) {}

Tensor MaxPool2dImpl::forward(const Tensor& input) {
  return max_pool2d(input, kernel_size, IntList(stride), padding, dilation, ceil_mode);
}

std::string MaxPool2dImpl::description() const {
  return format("kernel_size=", python_number_or_tuple(kernel_size), ", stride=", python_number_or_tuple(stride),
                ", padding=", python_number_or_tuple(padding), ", dilation=", python_number_or_tuple(dilation),
                ", ceil_mode=", python_repr(ceil_mode));
}

Layer& SequentialImpl::operator[](std::size_t i) const {
  TS_CHECK(i < layers_.size(), IndexError, "Sequential: layer ", i, " is out of range for ", layers_.size(), " layers");
  return *layers_[i];
}

Tensor SequentialImpl::forward(const Tensor& input) {
  Tensor output = input;
  for (const auto& layer : layers_) output = layer->forward(output);
  return output;
}

}  // namespace ts::nn
