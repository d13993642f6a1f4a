// Attention in several subspaces at once: Vaswani et al. (2017).
#pragma once

#include <tuple>

#include "torchscratch/nn/linear.h"

namespace ts::nn {

class MultiheadAttentionOptions {
 public:
  MultiheadAttentionOptions(std::int64_t embed_dim, std::int64_t num_heads)
      : embed_dim_(embed_dim), num_heads_(num_heads) {}
  TS_NN_OPTION(std::int64_t, embed_dim);
  /// A divisor of embed_dim.
  TS_NN_OPTION(std::int64_t, num_heads);
  /// In training, the probability that a weight is dropped.
  TS_NN_OPTION(double, dropout) = 0;
  TS_NN_OPTION(bool, bias) = true;
  /// Whether there is one more key and value, learned.
  TS_NN_OPTION(bool, add_bias_kv) = false;
  /// Whether there is one more key and value, of zeros.
  TS_NN_OPTION(bool, add_zero_attn) = false;
  /// Features of keys and values; embed_dim if not given.
  TS_NN_OPTION(std::optional<std::int64_t>, kdim);
  TS_NN_OPTION(std::optional<std::int64_t>, vdim);
  /// Whether the batch comes before the length.
  TS_NN_OPTION(bool, batch_first) = false;
  TS_NN_OPTION(std::optional<DType>, dtype);
};

/// Who sees whom in attention; undefined masks hide nothing.
struct AttentionMasks {
  Tensor key_padding_mask;  ///< (N, S): true, or minus infinity, for keys that nobody sees
  Tensor attn_mask;  ///< (L, S) or (N * heads, L, S): true for pairs that do not see each other, or numbers to add
  bool is_causal = false;  ///< position i sees the keys 0 ... i alone
};

/// Of queries (N, L, E), keys (N, S, kdim) and values (N, S, vdim), all projected to E features and cut into heads: for
/// each head softmax(q k^T / sqrt(E / heads)) v, put together and projected. Without batch_first the lengths come
/// before N; N may be missing.
class TS_API MultiheadAttentionImpl final : public Module {
 public:
  explicit MultiheadAttentionImpl(const MultiheadAttentionOptions& options);
  MultiheadAttentionImpl(std::int64_t embed_dim, std::int64_t num_heads)
      : MultiheadAttentionImpl(MultiheadAttentionOptions(embed_dim, num_heads)) {}

  /// The output, (N, L, E), and the weights averaged over heads, (N, L, S), or (N, heads, L, S) without
  /// `average_attn_weights`. Without `need_weights` they are undefined, and memory is saved.
  std::tuple<Tensor, Tensor> forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                     const AttentionMasks& masks = {}, bool need_weights = true,
                                     bool average_attn_weights = true);

  const MultiheadAttentionOptions options;
  const Tensor in_proj_weight;                               // (3 E, E), where kdim and vdim are E
  const Tensor q_proj_weight, k_proj_weight, v_proj_weight;  // (E, E), (E, kdim), (E, vdim), where they are not
  const Tensor in_proj_bias;                                 // (3 E), if there are biases
  Linear out_proj;
  const Tensor bias_k, bias_v;  // (1, 1, E), with add_bias_kv

 protected:
  std::string description() const override { return ""; }

 private:
  bool equal_dims() const;
  Tensor heads(const Tensor& x) const;
  Tensor projected(int which, const Tensor& x) const;
  Tensor projection(const char* name, std::int64_t rows, std::int64_t columns);
  Tensor key_bias(const char* name);
  Tensor mask(const AttentionMasks& masks, const Tensor& q, const Tensor& k, std::int64_t more_keys,
              bool batched) const;
};
using MultiheadAttention = Handle<MultiheadAttentionImpl>;

}  // namespace ts::nn
