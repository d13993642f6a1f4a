// Scaled dot-product attention (Vaswani et al., "Attention Is All You Need", 2017) as a differentiable function around
// the fused kernels of cpu/kernels/attention.cpp, and the formula that they compute, for the cases that they do not
// cover: masks that require a gradient, higher derivatives, other types.
#include <cmath>
#include <limits>
#include <optional>

#include "generated/functions/activations.g.h"
#include "generated/functions/creation.g.h"
#include "ops/prepare.h"
#include "ops/random_stream.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/attention_backward.g.h"
#include "torchscratch/ops/attention_forward.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/fill_dropout_mask.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/logical_not.g.h"
#include "torchscratch/ops/masked_fill.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/softmax.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/tensor.h"

namespace ts {
namespace {

struct Options {
  double scale, dropout_p;
  bool is_causal;
  RandomStream random;  // of the dropout mask
};

// The mask in additive form: 0 where a bool mask is true, -infinity elsewhere.
Tensor additive(const Tensor& mask, DType dtype) {
  if (!mask.defined() || mask.dtype() != DType::Bool) return mask.defined() ? to(mask, dtype) : mask;
  return masked_fill(zeros_composite(mask.sizes(), dtype, mask.device()), logical_not(mask),
                     Scalar(-std::numeric_limits<double>::infinity()));
}

// The softmax of the scores. For a query whose keys are all masked it is undefined, and the weights are 0.
Tensor weights_of(const Tensor& query, const Tensor& key, const Tensor& mask, const Options& options) {
  const Scalar never(-std::numeric_limits<double>::infinity());
  Tensor scores = matmul(query * options.scale, transpose(key, -2, -1));
  if (options.is_causal) {
    // Position i attends to the keys 0 ... i.
    const Tensor rows = unsqueeze(arange_composite(0, query.size(-2), 1, DType::Int64, query.device()), 1);
    const Tensor columns = arange_composite(0, key.size(-2), 1, DType::Int64, query.device());
    scores = masked_fill(scores, columns > rows, never);
  }
  if (!mask.defined()) return softmax(scores, -1);
  scores = scores + mask;
  // The scores are set to 0 before the softmax too; otherwise its gradient would be NaN * 0.
  const Tensor without_keys = all(scores.detach() == never, -1, true);
  return masked_fill(softmax(masked_fill(scores, without_keys, 0), -1), without_keys, 0);
}

// The factors by which dropout multiplies the weights.
Tensor kept_of(const Tensor& weights, const Options& options) {
  const Tensor kept = empty_like(weights);
  return fill_dropout_mask_(kept, 1 - options.dropout_p, 1 / (1 - options.dropout_p), options.random.seed,
                            options.random.offset);
}

Tensor formula(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
               const Options& options) {
  const Tensor weights = weights_of(query, key, mask, options);
  return matmul(options.dropout_p > 0 ? weights * kept_of(weights, options) : weights, value);
}

// The gradients by the formulas of the kernels, composed of operators that can be differentiated again.
TensorList gradients(const Tensor& grad, const Tensor& query, const Tensor& key, const Tensor& value,
                     const Tensor& mask, const Options& options) {
  const Tensor weights = weights_of(query, key, mask, options);
  Tensor dropped = weights, grad_weights = matmul(grad, transpose(value, -2, -1));
  if (options.dropout_p > 0) {
    const Tensor kept = kept_of(weights, options);
    dropped = weights * kept;
    grad_weights = grad_weights * kept;
  }
  const Tensor grad_scores = weights * (grad_weights - sum(grad_weights * weights, IntList{-1}, true)) * options.scale;
  return {matmul(grad_scores, key), matmul(transpose(grad_scores, -2, -1), query),
          matmul(transpose(dropped, -2, -1), grad)};
}

// A tensor whose last dimension is contiguous, as the kernels require.
Tensor rows_of(const Tensor& tensor) { return tensor.stride(-1) == 1 ? tensor : contiguous(tensor); }

// The kernels compute half types in float32. What is kept for the backward pass has the type of the operands, so that a
// half type takes half the memory.
Tensor fused(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask, const Options& options) {
  const TensorList inputs = {query, key, value};
  const auto forward = [&](FunctionContext& context) {
    const auto [wide, log_sum] =
        attention_forward(widened(query), widened(key), widened(value), mask, options.scale, options.is_causal,
                          options.dropout_p, options.random.seed, options.random.offset);
    const Tensor output = to(wide, query.dtype());
    context.save_for_backward({query, key, value, output, log_sum});
    return TensorList{output};
  };
  const auto backward = [=](FunctionContext& context, const TensorList& grads) {
    const TensorList saved = context.saved_tensors();
    const Tensor q = widened(saved[0]), k = widened(saved[1]), v = widened(saved[2]), grad = widened(grads[0]);
    if (autograd::needs_grad(grad) || autograd::needs_grad(q) || autograd::needs_grad(k) ||
        autograd::needs_grad(v)) {
      return gradients(transpose(grad, 1, 2), q, k, v, mask, options);
    }
    const auto [dq, dk, dv] =
        attention_backward(contiguous(grad), q, k, v, mask, widened(saved[3]), saved[4], options.scale,
                           options.is_causal, options.dropout_p, options.random.seed, options.random.offset);
    return TensorList{transpose(dq, 1, 2), transpose(dk, 1, 2), transpose(dv, 1, 2)};
  };
  return transpose(apply_function("ScaledDotProductAttention", inputs, forward, backward)[0], 1, 2);
}

Dims leading(const Tensor& tensor) { return Dims(tensor.sizes().data(), static_cast<std::size_t>(tensor.dim() - 2)); }

// (..., T, D) as (B, H, T, D), with the leading dimensions broadcast to those of all operands.
Tensor four_dimensional(const Tensor& tensor, const Dims& lead) {
  Dims sizes = lead;
  sizes.push_back(tensor.size(-2));
  sizes.push_back(tensor.size(-1));
  Tensor wide = tensor.sizes() == sizes ? tensor : expand(tensor, sizes);
  while (wide.dim() < 4) wide = unsqueeze(wide, 0);
  return wide.dim() == 4 ? wide : flatten(wide, 0, wide.dim() - 4);
}

}  // namespace

Tensor scaled_dot_product_attention_composite(const Tensor& query, const Tensor& key, const Tensor& value,
                                              const Tensor& mask, double dropout_p, bool is_causal,
                                              std::optional<double> scale) {
  TS_CHECK(query.dim() >= 2 && key.dim() >= 2 && value.dim() >= 2, ShapeError,
           "query, key and value must be (..., length, features), got ", describe(query), ", ", describe(key), " and ",
           describe(value));
  TS_CHECK(query.dtype() == key.dtype() && query.dtype() == value.dtype() && is_floating(query.dtype()), DTypeError,
           "query, key and value must have the same floating dtype, got ", describe(query), ", ", describe(key),
           " and ", describe(value));
  TS_CHECK(query.size(-1) == key.size(-1), ShapeError, "query ", describe(query), " and key ", describe(key),
           " must have the same number of features");
  TS_CHECK(key.size(-2) == value.size(-2), ShapeError, "key ", describe(key), " and value ", describe(value),
           " must have the same length");
  TS_CHECK(!(is_causal && mask.defined()), ValueError,
           "`is_causal` and `attn_mask` cannot be combined; use one of them");
  TS_CHECK(dropout_p >= 0 && dropout_p < 1, ValueError, "`dropout_p` must lie in [0, 1), got ", dropout_p);

  const Dims lead = broadcast_shapes(broadcast_shapes(leading(query), leading(key)), leading(value));
  Dims scores = lead;
  scores.push_back(query.size(-2));
  scores.push_back(key.size(-2));
  if (mask.defined()) {
    TS_CHECK(mask.dtype() == DType::Bool || is_floating(mask.dtype()), DTypeError,
             "`attn_mask` must be bool or, to be added to the scores, floating, got ", describe(mask));
    TS_CHECK(broadcast_shapes(mask.sizes(), scores) == scores, ShapeError, "`attn_mask` ", describe(mask),
             " does not broadcast to the scores, ", scores.to_string());
  }
  Options options;
  options.scale = scale.value_or(1 / std::sqrt(static_cast<double>(query.size(-1))));
  options.dropout_p = dropout_p;
  options.is_causal = is_causal;
  std::optional<RandomRollback> rollback;
  if (dropout_p > 0) {
    rollback.emplace();
    options.random = draw_random(product(scores));
  }

  // Half types are computed in float32, and rounded once.
  const Tensor added = additive(mask, is_half(query) ? DType::Float32 : query.dtype());
  if (product(scores) == 0 || (added.defined() && autograd::needs_grad(added))) {
    return to(formula(widened(query), widened(key), widened(value), added, options), query.dtype());
  }
  const Tensor result = fused(rows_of(four_dimensional(query, lead)), rows_of(four_dimensional(key, lead)),
                              rows_of(four_dimensional(value, lead)),
                              added.defined() ? four_dimensional(expand(added, scores), lead) : added, options);
  Dims sizes = lead;
  sizes.push_back(query.size(-2));
  sizes.push_back(value.size(-1));
  return result.sizes() == sizes ? result : reshape(result, sizes);
}

}  // namespace ts
