// Multi-head attention.
#include "torchscratch/nn/multihead_attention.h"

#include <cmath>
#include <limits>

#include "torchscratch/nn/init.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/chunk.g.h"
#include "torchscratch/ops/dropout.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/linear.g.h"
#include "torchscratch/ops/masked_fill.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/mean.g.h"
#include "torchscratch/ops/narrow.g.h"
#include "torchscratch/ops/ones.g.h"
#include "torchscratch/ops/pad.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/scaled_dot_product_attention.g.h"
#include "torchscratch/ops/softmax.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/triu.g.h"
#include "torchscratch/ops/unflatten.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/zeros.g.h"
#include "torchscratch/tensor.h"

namespace ts::nn {

namespace {

const MultiheadAttentionOptions& checked(const MultiheadAttentionOptions& options) {
  const std::int64_t features = options.embed_dim();
  const std::int64_t heads = options.num_heads();
  TS_CHECK(features >= 1 && heads >= 1 && features % heads == 0, ValueError, "MultiheadAttention: embed_dim ", features,
           " is not a positive multiple of num_heads ", heads);
  TS_CHECK(options.dropout() >= 0 && options.dropout() <= 1, ValueError,
           "MultiheadAttention: dropout must be in [0, 1], got ", options.dropout());
  return options;
}

// A mask that is added to the scores: minus infinity where a bool mask is true.
Tensor additive(const Tensor& mask, DType dtype) {
  if (mask.dtype() == DType::Bool)
    return masked_fill(zeros(mask.sizes(), dtype, mask.device()), mask, -std::numeric_limits<double>::infinity());
  TS_CHECK(is_floating(mask.dtype()), DTypeError, "MultiheadAttention: a mask must be bool or floating, got ",
           dtype_name(mask.dtype()));
  return mask;
}

Tensor checked_mask(const Tensor& mask, const char* name, const Dims& sizes) {
  TS_CHECK(mask.sizes() == sizes, ShapeError, "MultiheadAttention: ", name, " must have shape ", sizes.to_string(),
           ", got ", describe(mask));
  return mask;
}

// A mask for `more` further keys at the end, to which all queries may attend.
Tensor with_more_keys(const Tensor& mask, std::int64_t more) { return more == 0 ? mask : pad(mask, {0, more}); }

// Appends a key or value, (N, heads, 1, features of a head).
Tensor with_one_more(const Tensor& x, const Tensor& last) { return cat({x, last}, 2); }

}  // namespace

MultiheadAttentionImpl::MultiheadAttentionImpl(const MultiheadAttentionOptions& given)
    : Module("MultiheadAttention"),
      options(checked(given)),
      in_proj_weight(equal_dims() ? projection("in_proj_weight", 3 * given.embed_dim(), given.embed_dim()) : Tensor()),
      q_proj_weight(equal_dims() ? Tensor() : projection("q_proj_weight", given.embed_dim(), given.embed_dim())),
      k_proj_weight(equal_dims()
                        ? Tensor()
                        : projection("k_proj_weight", given.embed_dim(), given.kdim().value_or(given.embed_dim()))),
      v_proj_weight(equal_dims()
                        ? Tensor()
                        : projection("v_proj_weight", given.embed_dim(), given.vdim().value_or(given.embed_dim()))),
      in_proj_bias(given.bias() ? register_parameter("in_proj_bias", zeros({3 * given.embed_dim()}, given.dtype()))
                                : Tensor()),
      out_proj(register_module(
          "out_proj",
          Linear(LinearOptions(given.embed_dim(), given.embed_dim()).bias(given.bias()).dtype(given.dtype())))),
      bias_k(given.add_bias_kv() ? key_bias("bias_k") : Tensor()),
      bias_v(given.add_bias_kv() ? key_bias("bias_v") : Tensor()) {
  if (given.bias()) init::constant_(out_proj->bias, 0);
}

bool MultiheadAttentionImpl::equal_dims() const {
  const std::int64_t features = options.embed_dim();
  return options.kdim().value_or(features) == features && options.vdim().value_or(features) == features;
}

Tensor MultiheadAttentionImpl::projection(const char* parameter, std::int64_t rows, std::int64_t columns) {
  const DType dtype = options.dtype().value_or(default_dtype());
  return init::xavier_uniform_(register_parameter(parameter, empty({rows, columns}, dtype, default_device())));
}

Tensor MultiheadAttentionImpl::key_bias(const char* parameter) {
  const DType dtype = options.dtype().value_or(default_dtype());
  return init::xavier_normal_(register_parameter(parameter, empty({1, 1, options.embed_dim()}, dtype, default_device())));
}

// From (N, length, features) to (N, heads, length, features of a head).
Tensor MultiheadAttentionImpl::heads(const Tensor& x) const {
  return transpose(unflatten(x, -1, {options.num_heads(), options.embed_dim() / options.num_heads()}), 1, 2);
}

// The projected queries, keys or values, for which = 0, 1 or 2.
Tensor MultiheadAttentionImpl::projected(int which, const Tensor& x) const {
  const std::int64_t features = options.embed_dim();
  const Tensor own[] = {q_proj_weight, k_proj_weight, v_proj_weight};
  const Tensor weight = in_proj_weight.defined() ? narrow(in_proj_weight, 0, which * features, features) : own[which];
  const Tensor bias = in_proj_bias.defined() ? narrow(in_proj_bias, 0, which * features, features) : Tensor();
  return heads(linear(x, weight, bias));
}

Tensor MultiheadAttentionImpl::mask(const AttentionMasks& masks, const Tensor& q, const Tensor& k,
                                    std::int64_t more_keys, bool batched) const {
  const std::int64_t batch = q.size(0), head_count = q.size(1), length = q.size(2), keys = k.size(2);
  Tensor sum;
  const auto add_mask = [&](const Tensor& mask) { sum = sum.defined() ? sum + mask : mask; };
  if (masks.key_padding_mask.defined()) {
    const Tensor padding = batched ? masks.key_padding_mask : unsqueeze(masks.key_padding_mask, 0);
    checked_mask(padding, "key_padding_mask", {batch, keys - more_keys});
    add_mask(reshape(additive(with_more_keys(padding, more_keys), q.dtype()), {batch, 1, 1, keys}));
  }
  if (masks.attn_mask.defined()) {
    const bool per_head = masks.attn_mask.dim() == 3;
    checked_mask(masks.attn_mask, "attn_mask",
                 per_head ? Dims{batch * head_count, length, keys - more_keys} : Dims{length, keys - more_keys});
    const Tensor numbers = additive(with_more_keys(masks.attn_mask, more_keys), q.dtype());
    add_mask(per_head ? reshape(numbers, {batch, head_count, length, keys}) : numbers);
  }
  if (masks.is_causal) {
    const Tensor ahead = triu(ones({length, keys - more_keys}, DType::Bool, q.device()), 1);
    add_mask(additive(with_more_keys(ahead, more_keys), q.dtype()));
  }
  return sum;
}

std::tuple<Tensor, Tensor> MultiheadAttentionImpl::forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                                           const AttentionMasks& masks, bool need_weights,
                                                           bool average_attn_weights) {
  const bool batched = query.dim() == 3;
  TS_CHECK((query.dim() == 2 || batched) && key.dim() == query.dim() && value.dim() == query.dim(), ShapeError,
           "MultiheadAttention: query, key and value must all have 3 dimensions, or 2 without a batch, got ",
           describe(query), ", ", describe(key), " and ", describe(value));
  const auto batch_first = [&](const Tensor& x) {
    return !batched ? unsqueeze(x, 0) : options.batch_first() ? x : transpose(x, 0, 1);
  };
  Tensor q, k, v;
  if (in_proj_weight.defined() && query.is_same(key) && key.is_same(value)) {
    // One matrix product projects all three.
    const TensorList parts = chunk(linear(batch_first(query), in_proj_weight, in_proj_bias), 3, -1);
    q = heads(parts[0]);
    k = heads(parts[1]);
    v = heads(parts[2]);
  } else {
    q = projected(0, batch_first(query));
    k = projected(1, batch_first(key));
    v = projected(2, batch_first(value));
  }

  std::int64_t more_keys = 0;
  const std::int64_t head_features = options.embed_dim() / options.num_heads();
  const auto one_more = [&](const Tensor& last_key, const Tensor& last_value) {
    k = with_one_more(k, last_key);
    v = with_one_more(v, last_value);
    ++more_keys;
  };
  if (bias_k.defined()) {
    const auto for_each = [&](const Tensor& bias) { return expand(heads(bias), {q.size(0), -1, -1, -1}); };
    one_more(for_each(bias_k), for_each(bias_v));
  }
  if (options.add_zero_attn()) {
    const Tensor zero = zeros({q.size(0), options.num_heads(), 1, head_features}, k.dtype(), k.device());
    one_more(zero, zero);
  }

  // If the causal mask is the only one, the fused operator skips what it hides instead of computing and masking it.
  const bool only_causal = masks.is_causal && !need_weights && more_keys == 0 && !masks.key_padding_mask.defined() &&
                           !masks.attn_mask.defined();
  const Tensor hidden = only_causal ? Tensor() : mask(masks, q, k, more_keys, batched);
  const double dropped = is_training() ? options.dropout() : 0;
  Tensor output, weights;
  if (need_weights) {
    const Tensor scores = matmul(q * (1 / std::sqrt(static_cast<double>(head_features))), transpose(k, -2, -1));
    weights = softmax(hidden.defined() ? scores + hidden : scores, -1);
    if (dropped > 0) weights = dropout(weights, dropped, true);
    output = matmul(weights, v);
  } else {
    output = scaled_dot_product_attention(q, k, v, hidden, dropped, only_causal);
  }
  output = out_proj(flatten(transpose(output, 1, 2), 2));
  if (weights.defined() && average_attn_weights) weights = mean(weights, {1});
  if (!batched) return {squeeze(output, 0), weights.defined() ? squeeze(weights, 0) : weights};
  return {options.batch_first() ? output : transpose(output, 0, 1), weights};
}

}  // namespace ts::nn
