// A module that applies others in sequence.
#pragma once

#include "torchscratch/nn/module.h"

namespace ts::nn {

/// Passes its input through all layers, in order. They are named "0", "1", ... unless the caller gives names.
///
///     ts::nn::Sequential model{ts::nn::Linear(784, 128), ts::nn::ReLU(), ts::nn::Linear(128, 10)};
///
/// Write the layers between braces. Then C++ constructs them in this order, so that a seed determines their initial
/// values; arguments between parentheses are constructed in an unspecified order.
class TS_API SequentialImpl final : public Layer {
 public:
  /// Handles of layers, or pairs of a name and a handle.
  template <class... Layers>
  explicit SequentialImpl(const Layers&... layers) : Layer("Sequential") {
    (push_back(layers), ...);
  }

  template <class Impl>
  void push_back(const Handle<Impl>& layer) {
    push_back(std::to_string(layers_.size()), layer.ptr());
  }
  template <class Name, class Impl>
  void push_back(const std::pair<Name, Handle<Impl>>& named_layer) {
    push_back(named_layer.first, named_layer.second.ptr());
  }
  void push_back(std::shared_ptr<Layer> layer) { push_back(std::to_string(layers_.size()), std::move(layer)); }
  void push_back(const std::string& name, std::shared_ptr<Layer> layer) {
    layers_.push_back(register_module(name, std::move(layer)));
  }

  std::size_t size() const { return layers_.size(); }
  /// Throws IndexError if there is no layer i.
  Layer& operator[](std::size_t i) const;
  Tensor forward(const Tensor& input) override;

 private:
  std::vector<std::shared_ptr<Layer>> layers_;
};
using Sequential = Handle<SequentialImpl>;

}  // namespace ts::nn
