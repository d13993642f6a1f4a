// Embeddings: a learned vector for each integer.
#pragma once

#include "torchscratch/nn/module.h"
#include "torchscratch/nn/options.h"

namespace ts::nn {

class EmbeddingOptions {
 public:
  EmbeddingOptions(std::int64_t num_embeddings, std::int64_t embedding_dim)
      : num_embeddings_(num_embeddings), embedding_dim_(embedding_dim) {}
  /// The number of rows.
  TS_NN_OPTION(std::int64_t, num_embeddings);
  /// The length of a row.
  TS_NN_OPTION(std::int64_t, embedding_dim);
  /// A row that is initially 0 and receives no gradient; a negative index counts from the end.
  TS_NN_OPTION(std::optional<std::int64_t>, padding_idx);
  /// Rows of a larger norm are rescaled in place to this norm when they are used.
  TS_NN_OPTION(std::optional<double>, max_norm);
  /// The p of the p-norm that max_norm limits.
  TS_NN_OPTION(double, norm_type) = 2;
  /// Whether to divide the gradient of a row by the number of times that it occurs in the input.
  TS_NN_OPTION(bool, scale_grad_by_freq) = false;
  TS_NN_OPTION(std::optional<DType>, dtype);
};

/// Looks up the rows of its weight at the indices of an integer input: the result for input (...) is
/// (..., embedding_dim). Throws ValueError if a size is negative or padding_idx is not a row.
class TS_API EmbeddingImpl final : public Layer {
 public:
  explicit EmbeddingImpl(const EmbeddingOptions& options);
  EmbeddingImpl(std::int64_t num_embeddings, std::int64_t embedding_dim)
      : EmbeddingImpl(EmbeddingOptions(num_embeddings, embedding_dim)) {}
  Tensor forward(const Tensor& input) override;

  const EmbeddingOptions options;
  const Tensor weight;  ///< (num_embeddings, embedding_dim), initially standard normal

 protected:
  std::string description() const override;
};
using Embedding = Handle<EmbeddingImpl>;

}  // namespace ts::nn
