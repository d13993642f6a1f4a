// Embeddings: rows of a weight are looked up by index, individually or reduced in bags.
#include "ops/embedding.h"

#include <tuple>

#include "backend/kernels.h"
#include "generated/functions/creation.g.h"
#include "generated/functions/sorting_and_searching.g.h"
#include "generated/functions/views_and_indexing.g.h"
#include "generated/kernels/views_and_indexing.g.h"
#include "ops/argument_types.h"
#include "ops/prepare.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/indexing.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/add_indices.g.h"
#include "torchscratch/ops/any.g.h"
#include "torchscratch/ops/argmax.g.h"
#include "torchscratch/ops/checked_indices.g.h"
#include "torchscratch/ops/clamp_min.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/embedding_rows.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/floor_divide.g.h"
#include "torchscratch/ops/index_add.g.h"
#include "torchscratch/ops/index_select.g.h"
#include "torchscratch/ops/linalg_vector_norm.g.h"
#include "torchscratch/ops/mask_indices.g.h"
#include "torchscratch/ops/masked_fill.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/scatter_reduce.g.h"
#include "torchscratch/ops/searchsorted.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/take_indices.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {
namespace {

std::int64_t checked_padding(OptionalInt padding_idx, const Tensor& weight) {
  TS_CHECK(weight.dim() == 2, ShapeError, "weight must be (entries, features), but it is ", describe(weight));
  const std::int64_t entries = weight.size(0);
  TS_CHECK(!padding_idx || (*padding_idx >= -entries && *padding_idx < entries), IndexError, "`padding_idx` ",
           padding_idx.value_or(0), " is out of range for the ", entries, " entries of weight ", describe(weight));
  return !padding_idx ? -1 : *padding_idx < 0 ? *padding_idx + entries : *padding_idx;
}

void check_dense(bool sparse) {
  TS_CHECK(!sparse, NotSupportedError, "sparse gradients are not supported; omit sparse for a dense gradient");
}

// The rows that are looked up, scaled down to max_norm. As in PyTorch the weight is changed in place, without recording
// it in the graph; but last, when nothing else can fail any more.
class NormLimit {
 public:
  NormLimit(const Tensor& weight, const Tensor& indices, std::optional<double> max_norm, double norm_type) {
    if (!max_norm || indices.numel() == 0) return;
    const NoGrad no_grad;
    std::tie(named_, positions_, std::ignore) = unique_composite(indices, true, true, false, std::nullopt);
    const Tensor rows = index_select(weight.detach(), 0, named_);
    const Tensor norms = linalg_vector_norm(rows, norm_type, IntList{1}, true);
    rows_ = rows * where(norms > Scalar(*max_norm), Scalar(*max_norm) / (norms + Scalar(1e-7)), Scalar(1));
  }

  /// Writes the scaled rows into `rows`, which were looked up at the indices, or at those of them that are `kept`.
  void apply_to(const Tensor& rows, const Tensor& kept = {}) const {
    if (!rows_.defined()) return;
    const NoGrad no_grad;
    const Tensor positions = kept.defined() ? index_select(flatten(positions_), 0, kept) : flatten(positions_);
    copy_(rows.detach(), reshape(index_select(rows_, 0, positions), rows.sizes()));
  }

  void write_to(const Tensor& weight) const {
    if (!rows_.defined()) return;
    const NoGrad no_grad;
    index_put_(weight, {named_}, rows_);
  }

 private:
  Tensor named_, positions_, rows_;
};

}  // namespace

Tensor embedding_composite(const Tensor& input, const Tensor& weight, OptionalInt padding_idx,
                           std::optional<double> max_norm, double norm_type, bool scale_grad_by_freq, bool sparse) {
  check_dense(sparse);
  const std::int64_t padding = checked_padding(padding_idx, weight);
  const Tensor indices = checked_indices(input, weight.size(0), 0, false);
  const NormLimit limit(weight, indices, max_norm, norm_type);
  const Tensor rows = embedding_rows(weight, indices, padding, scale_grad_by_freq);
  limit.apply_to(rows);
  limit.write_to(weight);
  return rows;
}

Tensor embedding_weight_gradient(const Tensor& grad, const Dims& sizes, const Tensor& indices, std::int64_t padding_idx,
                                 bool scale_grad_by_freq) {
  const Tensor zeros = zeros_composite(sizes, grad.dtype(), grad.device());
  const std::int64_t first[] = {0};
  const IntList rows(first, 1);
  Tensor share = grad;
  if (scale_grad_by_freq) {
    const Tensor one = full_composite(indices.sizes(), 1, grad.dtype(), grad.device());
    const Tensor counts = add_indices(zeros_composite({sizes[0]}, grad.dtype(), grad.device()), rows, indices, one);
    share = share / unsqueeze(take_indices(counts, rows, indices), -1);
  }
  if (padding_idx >= 0) share = masked_fill(share, unsqueeze(indices == Scalar(padding_idx), -1), 0);
  if (grad_enabled() && share.requires_grad()) return add_indices(zeros, rows, indices, share);
  kernels<ViewsAndIndexingKernels>(zeros.device()).add_indices(zeros, zeros, indices, share, rows);
  return zeros;
}

namespace {

// The bag that each of `count` indices belongs to, without the indices after the end of the last bag. Sets `bags` to
// the number of bags.
Tensor bags_of(const Tensor& offsets, std::int64_t count, bool include_last_offset, std::int64_t& bags) {
  TS_CHECK(offsets.dim() == 1, ShapeError, "offsets must be a vector, but it is ", describe(offsets));
  const NoGrad no_grad;
  const Tensor starts = index_input(offsets);
  const std::int64_t length = starts.numel();
  TS_CHECK(!include_last_offset || length > 0, ValueError, "`include_last_offset` requires at least one offset");
  bags = include_last_offset ? length - 1 : length;
  std::int64_t end = count;
  if (length > 0) {
    const auto first = host_value<std::int64_t>(select(starts, 0, 0)),
               last = host_value<std::int64_t>(select(starts, 0, -1));
    if (include_last_offset) end = last;
    TS_CHECK(first == 0, ValueError, "the first offset must be 0, but it is ", first);
    TS_CHECK(bags > 0 || count == 0, ValueError, count,
             " indices do not belong to any bag; pass an offset for each bag");
    // Compared, not subtracted: differences of extreme numbers wrap around.
    const Tensor descends = slice(starts, 0, 1, std::nullopt) < slice(starts, 0, 0, length - 1);
    if (descends.numel() > 0 && host_value<bool>(any(descends))) {
      const auto at = host_value<std::int64_t>(argmax(to(descends, DType::Int64)));
      throw ValueError(detail::in_operator(format("offsets must be in ascending order, but ",
                                                  host_value<std::int64_t>(select(starts, 0, at + 1)), " follows ",
                                                  host_value<std::int64_t>(select(starts, 0, at)))));
    }
    TS_CHECK(last <= count, ValueError, "the last offset, ", last, ", is beyond the ", count, " indices");
  } else {
    TS_CHECK(count == 0, ValueError, count, " indices do not belong to any bag; pass an offset for each bag");
  }
  // An index belongs to the last bag that begins at or before it.
  const Tensor position = arange_composite(0, end, 1, DType::Int64, starts.device());
  return searchsorted(slice(starts, 0, 0, bags), position, false, /*right=*/true) - 1;
}

}  // namespace

// Takes the indices that are not padding, each with its bag, and reduces their rows by the index of the bag.
Tensor embedding_bag_composite(const Tensor& input, const Tensor& weight, const Tensor& offsets,
                               std::optional<double> max_norm, double norm_type, bool scale_grad_by_freq, BagMode mode,
                               bool sparse, const Tensor& per_sample_weights, bool include_last_offset,
                               OptionalInt padding_idx) {
  check_dense(sparse);
  const std::int64_t padding = checked_padding(padding_idx, weight);
  TS_CHECK(input.dim() == 1 || input.dim() == 2, ShapeError,
           "input must be a vector of indices or a matrix of bags, but it is ", describe(input));
  TS_CHECK((input.dim() == 2) != offsets.defined(), ValueError,
           input.dim() == 2 ? "the rows of a matrix are the bags; omit offsets"
                            : "a vector of indices needs offsets, the index at which each bag begins");
  TS_CHECK(!per_sample_weights.defined() || mode == BagMode::Sum, ValueError,
           "`per_sample_weights` is supported for sums only; use mode sum");
  TS_CHECK(!per_sample_weights.defined() || per_sample_weights.sizes() == input.sizes(), ShapeError,
           "`per_sample_weights` must have the shape of input, ", describe(input), ", but it is ",
           describe(per_sample_weights));
  TS_CHECK(!per_sample_weights.defined() || per_sample_weights.dtype() == weight.dtype(), DTypeError,
           "`per_sample_weights` is ", describe(per_sample_weights), ", but weight is ", describe(weight),
           "; convert one of them with `to(dtype)`");
  TS_CHECK(!scale_grad_by_freq || mode != BagMode::Max, ValueError,
           "`scale_grad_by_freq` is not supported in mode max; omit it");
  const Tensor indices = flatten(checked_indices(input, weight.size(0), 0, false));
  const std::int64_t count = indices.numel();
  std::int64_t bags = input.size(0);
  const Tensor bag_of = offsets.defined() ? bags_of(offsets, count, include_last_offset, bags)
                                          : floor_divide(arange_composite(0, count, 1, DType::Int64, input.device()), input.size(1));
  const NormLimit limit(weight, indices, max_norm, norm_type);

  const Tensor counts_in = slice(indices, 0, 0, bag_of.numel()) != Scalar(padding);
  const Tensor kept = mask_indices(counts_in, host_value<std::int64_t>(sum(counts_in)));
  const Tensor bag = index_select(bag_of, 0, kept);
  Tensor rows = embedding_rows(weight, index_select(indices, 0, kept), -1, scale_grad_by_freq);
  limit.apply_to(rows, kept);
  const auto reduced = [&] {
    const Tensor nothing = zeros_composite({bags, weight.size(1)}, weight.dtype(), weight.device());
    if (mode == BagMode::Max) {
      return scatter_reduce(nothing, 0, expand(unsqueeze(bag, 1), rows.sizes()), rows, ScatterReduction::Amax, false);
    }
    if (per_sample_weights.defined()) {
      rows = rows * unsqueeze(index_select(flatten(per_sample_weights), 0, kept), 1);
    }
    const Tensor total = index_add(nothing, 0, bag, rows);
    if (mode == BagMode::Sum) return total;
    const Tensor ones = full_composite({bag.numel()}, 1, weight.dtype(), weight.device());
    const Tensor counts = index_add(zeros_composite({bags}, weight.dtype(), weight.device()), 0, bag, ones);
    return total / unsqueeze(clamp_min(counts, 1), 1);
  };
  const Tensor result = reduced();
  limit.write_to(weight);
  return result;
}

}  // namespace ts
