// Flattening.
#pragma once

#include "torchscratch/nn/module.h"

namespace ts::nn {

/// Merges the dimensions from start_dim to end_dim, both included, into one. By default (N, ...) becomes (N, product of
/// the other sizes).
class TS_API FlattenImpl final : public Layer {
 public:
  explicit FlattenImpl(std::int64_t start = 1, std::int64_t end = -1)
      : Layer("Flatten"), start_dim(start), end_dim(end) {}
  Tensor forward(const Tensor& input) override;

  const std::int64_t start_dim, end_dim;

 protected:
  std::string description() const override;
};
using Flatten = Handle<FlattenImpl>;

}  // namespace ts::nn
