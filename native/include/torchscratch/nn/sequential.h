// Modules one after the other.
#pragma once

#include "torchscratch/nn/module.h"

namespace ts::nn {

/// Feeds each module's output to the next. The modules are named "0", "1", ... or as the caller names them.
///
///     ts::nn::Sequential model{ts::nn::Linear(784, 128), ts::nn::ReLU(), ts::nn::Linear(128, 10)};
///
/// Between braces layers are made, and draw their first values, in the order they are written, so that a seed decides
/// them; between parentheses C++ makes them in any order.
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
  /// Throws IndexError where there is no such layer.
  Layer& operator[](std::size_t i) const;
  Tensor forward(const Tensor& input) override;

 private:
  std::vector<std::shared_ptr<Layer>> layers_;
};
using Sequential = Handle<SequentialImpl>;

}  // namespace ts::nn
