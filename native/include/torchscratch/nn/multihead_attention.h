// Multi-head attention: Vaswani et al., "Attention Is All You Need" (2017).
#pragma once

#include <tuple>

#include "torchscratch/nn/linear.h"

namespace ts::nn {

class MultiheadAttentionOptions {
 public:
  MultiheadAttentionOptions(std::int64_t embed_dim, std::int64_t num_heads)
      : embed_dim_(embed_dim), num_heads_(num_heads) {}
  /// The number of features of queries and of the output, E.
  TS_NN_OPTION(std::int64_t, embed_dim);
  /// The number of heads, which must divide embed_dim.
  TS_NN_OPTION(std::int64_t, num_heads);
  /// The probability with which an attention weight is set to 0 in training.
  TS_NN_OPTION(double, dropout) = 0;
  /// Whether the projections have biases.
  TS_NN_OPTION(bool, bias) = true;
  /// Whether to append a learned key and value to each sequence.
  TS_NN_OPTION(bool, add_bias_kv) = false;
  /// Whether to append a key and a value of zeros to each sequence.
  TS_NN_OPTION(bool, add_zero_attn) = false;
  /// The numbers of features of keys and of values; embed_dim if not given.
  TS_NN_OPTION(std::optional<std::int64_t>, kdim);
  TS_NN_OPTION(std::optional<std::int64_t>, vdim);
  /// Whether inputs and output are (N, length, features) instead of (length, N, features).
  TS_NN_OPTION(bool, batch_first) = false;
  TS_NN_OPTION(std::optional<DType>, dtype);
};

/// Which queries may attend to which keys. A mask is either bool, true where attention is not allowed, or floating, in
/// which case it is added to the scores. An undefined mask allows everything.
struct AttentionMasks {
  Tensor key_padding_mask;  ///< (N, S): for keys that no query may attend to
  Tensor attn_mask;         ///< (L, S) or (N * heads, L, S): for pairs of a query and a key
  bool is_causal = false;   ///< whether query i may attend only to keys 0, ..., i
};

/// Projects queries (N, L, E), keys (N, S, kdim) and values (N, S, vdim) to E features each, divides the features among
/// the heads, computes softmax(q k^T / sqrt(E / heads)) v for each head, concatenates the results and projects them to
/// (N, L, E). Without batch_first, inputs and output have the length before N. N may be missing from all. Throws
/// ValueError if num_heads does not divide embed_dim or dropout is not in [0, 1].
class TS_API MultiheadAttentionImpl final : public Module {
 public:
  explicit MultiheadAttentionImpl(const MultiheadAttentionOptions& options);
  MultiheadAttentionImpl(std::int64_t embed_dim, std::int64_t num_heads)
      : MultiheadAttentionImpl(MultiheadAttentionOptions(embed_dim, num_heads)) {}

  /// Returns the output and the attention weights. With `average_attn_weights` the weights are averaged over the heads,
  /// (N, L, S), otherwise (N, heads, L, S). Without `need_weights` they are undefined, which takes less memory. Throws
  /// ShapeError if an input or a mask has another shape, DTypeError if a mask is neither bool nor floating.
  std::tuple<Tensor, Tensor> forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                     const AttentionMasks& masks = {}, bool need_weights = true,
                                     bool average_attn_weights = true);

  const MultiheadAttentionOptions options;
  const Tensor in_proj_weight;  ///< (3 E, E): the projections of queries, keys and values, if kdim and vdim are E
  const Tensor q_proj_weight, k_proj_weight, v_proj_weight;  ///< (E, E), (E, kdim), (E, vdim) otherwise
  const Tensor in_proj_bias;                                 ///< (3 E), initially 0; undefined unless bias
  Linear out_proj;
  const Tensor bias_k, bias_v;  ///< (1, 1, E); undefined unless add_bias_kv

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
