// Embeddings.
#include "torchscratch/nn/embedding.h"

#include "torchscratch/autograd.h"
#include "torchscratch/ops/embedding.g.h"
#include "torchscratch/ops/randn.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/zero.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

namespace {

EmbeddingOptions checked(EmbeddingOptions options) {
  const std::int64_t rows = options.num_embeddings();
  TS_CHECK(rows >= 0 && options.embedding_dim() >= 0, ValueError,
           "Embedding: num_embeddings and embedding_dim must not be negative, got ", rows, " and ",
           options.embedding_dim());
  if (const auto row = options.padding_idx()) {
    TS_CHECK(*row >= -rows && *row < rows, ValueError, "Embedding: padding_idx ", *row,
             " is out of range for ", rows, " rows");
    options.padding_idx(*row < 0 ? *row + rows : *row);
  }
  return options;
}

}  // namespace

EmbeddingImpl::EmbeddingImpl(const EmbeddingOptions& given)
    : Layer("Embedding"),
      options(checked(given)),
      weight(register_parameter("weight", randn({given.num_embeddings(), given.embedding_dim()}, given.dtype()))) {
  const NoGrad no_grad;
  if (const auto row = options.padding_idx()) zero_(select(weight, 0, *row));
}

Tensor EmbeddingImpl::forward(const Tensor& input) {
  return embedding(input, weight, options.padding_idx(), options.max_norm(), options.norm_type(),
                   options.scale_grad_by_freq());
}

std::string EmbeddingImpl::description() const {
  const auto row = options.padding_idx();
  return format(options.num_embeddings(), ", ", options.embedding_dim(), row ? format(", padding_idx=", *row) : "");
}

}  // namespace ts::nn
