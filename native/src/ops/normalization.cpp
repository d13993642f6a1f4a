// Normalization: the fused kernels of batch_norm.cpp and layer_norm.cpp as differentiable functions, and the operators
// composed of them. A backward pass that is itself recorded uses the same formulas, written with public operators.
#include <cmath>
#include <limits>

#include "generated/functions/normalization.g.h"
#include "generated/functions/padding_and_resampling.g.h"
#include "ops/hints.h"
#include "ops/pooling.h"
#include "ops/statistics.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/batch_norm_apply.g.h"
#include "torchscratch/ops/batch_norm_backward.g.h"
#include "torchscratch/ops/batch_norm_train.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/layer_norm_backward.g.h"
#include "torchscratch/ops/layer_norm_rows.g.h"
#include "torchscratch/ops/mean.g.h"
#include "torchscratch/ops/pow.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/rsqrt.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

IntList list(const Dims& dims) { return IntList(dims.data(), static_cast<std::size_t>(dims.size())); }

// The type in which the kernels compute; half-precision types are converted to float.
DType compute_dtype(const Tensor& input) {
  TS_CHECK(is_floating(input.dtype()), DTypeError, "input must be floating, got ", describe(input),
           "; convert it with `to(float32)`");
  return input.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
}

Tensor as(const Tensor& tensor, DType dtype) { return tensor.defined() ? contiguous(to(tensor, dtype)) : tensor; }

// Whether the backward pass over these tensors must be differentiable.
bool recorded(const Tensor& a, const Tensor& b, const Tensor& c) {
  return autograd::needs_grad(a) || autograd::needs_grad(b) || autograd::needs_grad(c);
}

// (1, C, 1) for channels of (N, C, S).
Tensor per_channel(const Tensor& tensor) { return reshape(tensor, {1, tensor.numel(), 1}); }

Tensor mean_over(const Tensor& tensor, IntList dims) { return mean(tensor, dims, true); }

// dx = r (g - mean(g) - h mean(g h)) with statistics of x over `dims`; see batch_norm.cpp.
struct Standardized {
  Standardized(const Tensor& x, const Dims& over, double eps) : dims(over) {
    const Tensor rough = x - mean_over(x, dims);
    const Tensor centered = rough - mean_over(rough, dims);  // without the rounding error of the mean
    r = rsqrt(mean_over(centered * centered, dims) + eps);
    h = centered * r;
  }
  Tensor gradient(const Tensor& g) const { return r * (g - mean_over(g, dims) - h * mean_over(g * h, dims)); }
  Dims dims;
  Tensor r, h;
};

// batch_norm of a contiguous (N, C, S), which is computed in the type of weight and statistics, and kept for the
// backward pass in its own, so that a half type takes half the memory. If the statistics are undefined, those of the
// batch are used, and written to *batch_mean and *batch_variance.
Tensor normalize_channels(const Tensor& input, DType dtype, const Tensor& weight, const Tensor& bias,
                          const Tensor& mean, const Tensor& inverse_std, double eps, Tensor* batch_mean,
                          Tensor* batch_variance) {
  const bool training = !mean.defined();
  const TensorList inputs = {input, weight, bias};
  const auto forward = [&](FunctionContext& context) {
    Tensor output, center = mean, rest, scale = inverse_std;
    const Tensor x = as(input, dtype);
    if (training) {
      std::tie(output, center, rest, *batch_variance, scale) = batch_norm_train(x, weight, bias, eps);
      *batch_mean = center;
    } else {
      output = batch_norm_apply(x, mean, inverse_std, weight, bias);
    }
    context.save_for_backward({input, weight, center, rest, scale});
    return TensorList{to(output, input.dtype())};
  };
  const auto backward = [training, eps, dtype](FunctionContext& context, const TensorList& grads) {
    const TensorList saved = context.saved_tensors();
    const Tensor &w = saved[1], &center = saved[2], &rest = saved[3], &scale = saved[4];
    const Tensor x = as(saved[0], dtype), grad = as(grads[0], dtype);
    Tensor dx, dw, db;
    if (!recorded(grad, x, w)) {
      std::tie(dx, dw, db) = batch_norm_backward(grad, x, center, rest, scale, w, training);
    } else {
      const Tensor g = w.defined() ? grad * per_channel(w) : grad;
      Tensor h;
      if (training) {
        const Standardized standardized(x, Dims{0, 2}, eps);
        dx = standardized.gradient(g);
        h = standardized.h;
      } else {
        dx = g * per_channel(scale);
        h = (x - per_channel(center)) * per_channel(scale);
      }
      dw = sum(grad * h, IntList{0, 2});
      db = sum(grad, IntList{0, 2});
    }
    return TensorList{context.needs_input_grad(0) ? dx : Tensor(), context.needs_input_grad(1) ? dw : Tensor(),
                      context.needs_input_grad(2) ? db : Tensor()};
  };
  return apply_function("BatchNorm", inputs, forward, backward)[0];
}

// layer_norm of a contiguous (rows, n), in the same way.
Tensor normalize_rows(const Tensor& input, DType dtype, const Tensor& weight, const Tensor& bias, double eps) {
  const TensorList inputs = {input, weight, bias};
  const auto forward = [&](FunctionContext& context) {
    const auto [output, center, scale] = layer_norm_rows(as(input, dtype), weight, bias, eps);
    context.save_for_backward({input, weight, center, scale});
    return TensorList{to(output, input.dtype())};
  };
  const auto backward = [eps, dtype](FunctionContext& context, const TensorList& grads) {
    const TensorList saved = context.saved_tensors();
    const Tensor& w = saved[1];
    const Tensor x = as(saved[0], dtype), grad = as(grads[0], dtype);
    Tensor dx, dw, db;
    if (!recorded(grad, x, w)) {
      std::tie(dx, dw, db) = layer_norm_backward(grad, x, saved[2], saved[3], w);
    } else {
      const Standardized standardized(x, Dims{1}, eps);
      dx = standardized.gradient(w.defined() ? grad * w : grad);
      dw = sum(grad * standardized.h, IntList{0});
      db = sum(grad, IntList{0});
    }
    return TensorList{context.needs_input_grad(0) ? dx : Tensor(), context.needs_input_grad(1) ? dw : Tensor(),
                      context.needs_input_grad(2) ? db : Tensor()};
  };
  return apply_function("LayerNorm", inputs, forward, backward)[0];
}

void check_channels(const Tensor& tensor, const char* name, const Tensor& input) {
  TS_CHECK(!tensor.defined() || (tensor.dim() == 1 && tensor.size(0) == input.size(1)), ShapeError, "`", name,
           "` must have one element for each of the ", input.size(1), " channels of input ", describe(input), ", got ",
           describe(tensor), tensor.dim() == 1 ? channels_hint(input, tensor.size(0), input.dim() - 2) : std::string());
}

// (1 - momentum) running + momentum * batch
Tensor moved_towards(const Tensor& running, const Tensor& batch, double momentum) {
  if (!running.defined()) return running;
  const NoGrad no_grad;
  return to(running, batch.dtype()) * (1 - momentum) + batch * momentum;
}

// Overwrites the running statistics that there are. All that can fail comes first, so that both change or neither.
void replace_statistics(const Tensor& running_mean, const Tensor& mean, const Tensor& running_var, const Tensor& var) {
  const NoGrad no_grad;
  if (running_mean.defined()) autograd::check_in_place(running_mean, false);
  if (running_var.defined()) autograd::check_in_place(running_var, false);
  if (running_mean.defined()) copy_(running_mean, mean);
  if (running_var.defined()) copy_(running_var, var);
}

}  // namespace

Tensor batch_norm_composite(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                            const Tensor& weight, const Tensor& bias, bool training, double momentum, double eps) {
  // As in PyTorch, an empty vector is accepted: it has no channels.
  if (input.dim() == 1 && input.numel() == 0) return clone(input);
  TS_CHECK(input.dim() >= 2, ShapeError, "input must be (N, C, ...), got ", describe(input));
  check_channels(running_mean, "running_mean", input);
  check_channels(running_var, "running_var", input);
  check_channels(weight, "weight", input);
  check_channels(bias, "bias", input);
  const DType dtype = compute_dtype(input);
  const std::int64_t batch = input.size(0), channels = input.size(1);
  std::int64_t inner = 1;
  for (int i = 2; i < input.dim(); ++i) inner = wrapping_product(inner, input.sizes()[i]);
  const std::int64_t count = batch * inner;
  const Tensor x = contiguous(reshape(input, {batch, channels, inner}));
  const Tensor w = as(weight, dtype), b = as(bias, dtype);
  Tensor result;
  if (training) {
    TS_CHECK(count != 1, ValueError, "training needs more than one value for each channel, but input is ",
             describe(input), "; use evaluation mode for a single value");
    Tensor mean, variance;
    result = normalize_channels(x, dtype, w, b, Tensor(), Tensor(), eps, &mean, &variance);
    if (count > 1) {
      const Tensor new_mean = moved_towards(running_mean, mean, momentum);
      // The running variance is the unbiased estimate, with the divisor count - 1.
      const double correction = static_cast<double>(count) / static_cast<double>(count - 1);
      const Tensor new_var =
          running_var.defined() ? moved_towards(running_var, variance * correction, momentum) : Tensor();
      result = reshape(result, list(input.sizes()));
      replace_statistics(running_mean, new_mean, running_var, new_var);
      return result;
    }
  } else {
    TS_CHECK(
        running_mean.defined() && running_var.defined(), ValueError,
        "evaluation needs `running_mean` and `running_var`; pass them, or `training=true` to use the statistics of the "
        "batch");
    const Tensor inverse_std = rsqrt(as(running_var.detach(), dtype) + eps);
    result = normalize_channels(x, dtype, w, b, as(running_mean.detach(), dtype), inverse_std, eps, nullptr, nullptr);
  }
  return reshape(result, list(input.sizes()));
}

// Treats each channel of each sample as a separate channel of a batch of size 1.
Tensor instance_norm_composite(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                               const Tensor& weight, const Tensor& bias, bool use_input_stats, double momentum,
                               double eps) {
  TS_CHECK(input.dim() >= 3, ShapeError, "input must be (N, C, ...) with at least one more dimension, got ",
           describe(input));
  const std::int64_t batch = input.size(0), channels = input.size(1);
  check_channels(running_mean, "running_mean", input);
  check_channels(running_var, "running_var", input);
  check_channels(weight, "weight", input);
  check_channels(bias, "bias", input);
  std::int64_t inner = 1;
  for (int i = 2; i < input.dim(); ++i) inner = wrapping_product(inner, input.sizes()[i]);
  TS_CHECK(!use_input_stats || inner != 1, ValueError,
           "each channel of a sample needs more than one value, but input is ", describe(input));
  const auto repeated = [&](const Tensor& tensor) {
    return tensor.defined() ? reshape(expand(tensor, {batch, channels}), {batch * channels}) : tensor;
  };
  // Copies, also for a batch of one: the statistics themselves change last. They have the type of the computation, so that
  // the average over the samples is rounded to the running statistics once.
  const DType dtype = compute_dtype(input);
  const auto copied = [&](const Tensor& running) {
    return running.defined() ? clone(repeated(to(running.detach(), dtype))) : running;
  };
  const Tensor mean = copied(running_mean), var = copied(running_var);
  const Tensor result = batch_norm_composite(reshape(input, {1, batch * channels, inner}), mean, var, repeated(weight),
                                             repeated(bias), use_input_stats, momentum, eps);
  if (use_input_stats && batch > 0) {
    const NoGrad no_grad;
    const auto average = [&](const Tensor& many) { return ts::mean(reshape(many, {batch, channels}), IntList{0}); };
    const Tensor new_mean = running_mean.defined() ? average(mean) : Tensor();
    const Tensor new_var = running_var.defined() ? average(var) : Tensor();
    replace_statistics(running_mean, new_mean, running_var, new_var);
  }
  return reshape(result, list(input.sizes()));
}

namespace {

// The number of elements of the last dimensions, which normalized_shape names.
std::int64_t normalized_count(const Tensor& input, IntList normalized_shape, const Tensor& weight, const Tensor& bias) {
  const int count = static_cast<int>(normalized_shape.size()), lead = input.dim() - count;
  TS_CHECK(count > 0, ValueError, "`normalized_shape` must have at least one dimension");
  const bool fits = lead >= 0 && std::equal(normalized_shape.begin(), normalized_shape.end(),
                                            input.sizes().begin() + std::max(0, lead));
  const Dims shape(normalized_shape);
  TS_CHECK(fits, ShapeError, "input ", describe(input), " does not end in `normalized_shape` ", shape.to_string());
  TS_CHECK(!weight.defined() || weight.sizes() == shape, ShapeError, "weight ", describe(weight),
           " must have the shape `normalized_shape`, ", shape.to_string());
  TS_CHECK(!bias.defined() || bias.sizes() == shape, ShapeError, "bias ", describe(bias),
           " must have the shape `normalized_shape`, ", shape.to_string());
  return product(shape);
}

}  // namespace

Tensor layer_norm_composite(const Tensor& input, IntList normalized_shape, const Tensor& weight, const Tensor& bias,
                            double eps) {
  const std::int64_t n = normalized_count(input, normalized_shape, weight, bias);
  const DType dtype = compute_dtype(input);
  const auto flat = [&](const Tensor& tensor) { return tensor.defined() ? as(reshape(tensor, {n}), dtype) : tensor; };
  const std::int64_t rows = n == 0 ? 0 : input.numel() / n;
  const Tensor rows_of_input = contiguous(reshape(input, {rows, n}));
  return reshape(normalize_rows(rows_of_input, dtype, flat(weight), flat(bias), eps), list(input.sizes()));
}

Tensor group_norm_composite(const Tensor& input, std::int64_t num_groups, const Tensor& weight, const Tensor& bias,
                            double eps) {
  TS_CHECK(input.dim() >= 2, ShapeError, "input must be (N, C, ...), got ", describe(input));
  TS_CHECK(num_groups > 0 && input.size(1) % num_groups == 0, ShapeError, "the ", input.size(1), " channels of input ",
           describe(input), " cannot be divided into ", num_groups, " groups");
  check_channels(weight, "weight", input);
  check_channels(bias, "bias", input);
  const DType dtype = compute_dtype(input);
  const std::int64_t rows = input.size(0) * num_groups;
  const std::int64_t n = rows == 0 ? 0 : input.numel() / rows;
  const Tensor x = as(reshape(input, {rows, n}), dtype);
  Tensor result = reshape(normalize_rows(x, dtype, Tensor(), Tensor(), eps), list(input.sizes()));
  Dims shape = Dims::filled(static_cast<std::size_t>(input.dim()), 1);
  shape[1] = input.size(1);
  if (weight.defined()) result = result * reshape(to(weight, dtype), list(shape));
  if (bias.defined()) result = result + reshape(to(bias, dtype), list(shape));
  return to(result, input.dtype());
}

Tensor rms_norm_composite(const Tensor& input, IntList normalized_shape, const Tensor& weight,
                          std::optional<double> eps) {
  normalized_count(input, normalized_shape, weight, Tensor());
  const DType dtype = compute_dtype(input);
  const double least = dtype == DType::Float64 ? std::numeric_limits<double>::epsilon()
                                               : static_cast<double>(std::numeric_limits<float>::epsilon());
  const Tensor x = to(input, dtype);
  Dims dims;
  for (std::size_t i = 0; i < normalized_shape.size(); ++i) dims.push_back(-1 - static_cast<std::int64_t>(i));
  const Tensor scaled_input = x * rsqrt(mean(x * x, list(dims), true) + eps.value_or(least));
  const Tensor result = weight.defined() ? scaled_input * to(weight, dtype) : scaled_input;
  return to(result, input.dtype());
}

// Krizhevsky, Sutskever and Hinton (2012), with the mean over the neighbours instead of the sum, as in PyTorch.
Tensor local_response_norm_composite(const Tensor& input, std::int64_t size, double alpha, double beta, double k) {
  TS_CHECK(input.dim() >= 3, ShapeError, "input must be (N, C, ...) with at least one more dimension, got ",
           describe(input));
  TS_CHECK(size > 0, ValueError, "size must be positive, got ", size);
  if (input.numel() == 0) return input;
  const Dims flat = {input.size(0), 1, input.size(1), input.numel() / (input.size(0) * input.size(1))};
  const Tensor squares = reshape(input * input, list(flat));
  const Tensor padded = constant_pad_nd_composite(squares, {0, 0, size / 2, (size - 1) / 2}, 0);
  const Tensor means = avg_pool(padded, {size, 1}, IntList{1, 1}, {0, 0}, false, true, std::nullopt, 2);
  return input / pow(reshape(means, list(input.sizes())) * alpha + k, Scalar(beta));
}

}  // namespace ts
