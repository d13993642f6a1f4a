// A table of vectors.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class EmbeddingOptions {
 public:
  EmbeddingOptions(std::int64_t num_embeddings, std::int64_t embedding_dim)
      : num_embeddings_(num_embeddings), embedding_dim_(embedding_dim) {}
  TS_NN_OPTION(std::int64_t, num_embeddings);
  TS_NN_OPTION(std::int64_t, embedding_dim);
  /// A row that is 0 at first and does not learn; negative counts from the end.
  TS_NN_OPTION(std::optional<std::int64_t>, padding_idx);
  /// Rows that are longer are shortened to this, in place, when they are used.
  TS_NN_OPTION(std::optional<double>, max_norm);
  /// The p of that length.
  TS_NN_OPTION(double, norm_type) = 2;
  /// Whether to divide a row's gradient by how often the input names it.
  TS_NN_OPTION(bool, scale_grad_by_freq) = false;
  TS_NN_OPTION(std::optional<DType>, dtype);
};

/// The rows of a weight (number, size) that an integer input names: (...) becomes (..., size). Normal numbers at first.
class TS_API EmbeddingImpl final : public Layer {
 public:
  explicit EmbeddingImpl(const EmbeddingOptions& options);
  EmbeddingImpl(std::int64_t num_embeddings, std::int64_t embedding_dim)
      : EmbeddingImpl(EmbeddingOptions(num_embeddings, embedding_dim)) {}
  Tensor forward(const Tensor& input) override;

  const EmbeddingOptions options;
  const Tensor weight;

 protected:
  std::string description() const override;
};
using Embedding = Handle<EmbeddingImpl>;

}  // namespace ts::nn
