// The named C++ functions that rows of the op table call: composites, views and parts of gradient formulas that are
// awkward as one expression. They are written with public operators, so they can be differentiated again.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "ops/linalg.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"

namespace ts {

using OptionalInt = std::optional<std::int64_t>;
using OptionalInts = std::optional<IntList>;
using OptionalDType = std::optional<DType>;

// ---- Arguments (prepare.cpp) ----

/// self, or self converted to `dtype`, contiguous; throws DTypeError for integers with no floating dtype given.
Tensor floating_contiguous(const Tensor& self, OptionalDType dtype);
/// What a sum runs over: converted to `dtype`, or integers to int64.
Tensor sum_input(const Tensor& self, OptionalDType dtype);
/// A contiguous int64 index.
Tensor index_input(const Tensor& index);
/// The same for operators that take int64 alone, as PyTorch's do that have an index for every element.
Tensor long_index(const Tensor& index);
/// Promoted to one dtype and contiguous; legacy empty 1-d tensors are dropped.
TensorList cat_inputs(Span<const Tensor> tensors);
/// `values` as N numbers: one stands for all. Throws ValueError naming `argument`.
Dims expand_list(IntList values, int count, const char* argument);

// ---- Gradients (gradients.cpp) ----

/// The shapes of all.
inline std::vector<Dims> sizes_of(Span<const Tensor> tensors) {
  std::vector<Dims> sizes;
  for (const Tensor& tensor : tensors) sizes.push_back(tensor.sizes());
  return sizes;
}
/// A zero gradient for an output that received none.
Tensor zeros_of(const TensorMeta& meta);
/// grad * factor, or grad itself for a factor of 1.
Tensor scaled(const Tensor& grad, const Scalar& factor);
/// The gradient of an element-wise extremum: all of it where `mask` holds, half at ties.
Tensor tie_share(const Tensor& self, const Tensor& other, const Tensor& mask);
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Tensor& exponent);
Tensor pow_backward_self(const Tensor& grad, const Tensor& self, const Scalar& exponent);
Tensor pow_backward_exponent(const Tensor& grad, const Tensor& self, const Tensor& exponent, const Tensor& result);
Tensor pow_backward_exponent(const Tensor& grad, const Scalar& self, const Tensor& exponent, const Tensor& result);
Tensor softmax_double_backward(const Tensor& grad, const Tensor& grad_output, const Tensor& output, std::int64_t dim);
/// The gradient of a reduction, stretched to the shape of its operand.
Tensor expand_reduced(const Tensor& grad, const Dims& sizes, const OptionalInts& dim, bool keepdim);
/// The gradient of a selection along dim, put back where it was selected.
Tensor scatter_reduced(const Tensor& grad, const Tensor& indices, const Dims& sizes, std::int64_t dim, bool keepdim);
/// grad divided equally among the elements where `mask` holds.
Tensor evenly_share(const Tensor& grad, const Tensor& mask);
/// Sums over dimensions that were broadcast from `sizes`. Throws ShapeError when they were not.
Tensor sum_to_size(const Tensor& grad, const Dims& sizes);
Tensor select_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, std::int64_t index);
Tensor slice_backward(const Tensor& grad, const Dims& sizes, std::int64_t dim, OptionalInt start, OptionalInt end,
                      std::int64_t step);
TensorList cat_backward(const Tensor& grad, const std::vector<Dims>& sizes, std::int64_t dim);
Dims inverse_permutation(const Dims& dims);
/// The offset of an as_strided view relative to its dense operand.
std::int64_t relative_offset(const Dims& sizes, const Dims& strides, std::int64_t own_offset,
                             OptionalInt storage_offset);
/// Elements of the last two dimensions at flat positions `indices`.
/// The gradient of what scatter wrote: `grad` at the places named by index, in a tensor of shape `sizes`.
Tensor scatter_source_grad(const Tensor& grad, std::int64_t dim, const Tensor& index, const Dims& sizes);
Tensor gather_planes(const Tensor& input, const Tensor& indices);
Tensor cross_entropy_classes_double_backward_grad(const Tensor& grad, const Tensor& input, const Tensor& target,
                                                  const Tensor& log_normalizer, std::int64_t ignore_index);
Tensor cross_entropy_classes_double_backward_input(const Tensor& grad, const Tensor& grad_output, const Tensor& input,
                                                   const Tensor& target, std::int64_t ignore_index);

// ---- Elementary functions (elementary.cpp) ----

/// self, or bools converted to int64: for functions of numbers.
Tensor number_input(const Tensor& self);
/// `n`, checked to be an order of a derivative.
std::int64_t polygamma_order(std::int64_t n);
Tensor positive_composite(const Tensor& self);
Tensor round_decimals(const Tensor& self, std::int64_t decimals);
Tensor nan_to_num_composite(const Tensor& self, std::optional<double> nan, std::optional<double> posinf,
                            std::optional<double> neginf);
Tensor power_in_double(const Tensor& self, const Tensor& exponent);
Tensor power_in_double(const Tensor& self, const Scalar& exponent);
Tensor power_in_double(const Scalar& self, const Tensor& exponent);
Tensor isclose_composite(const Tensor& self, const Tensor& other, double rtol, double atol, bool equal_nan);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Tensor& other);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Scalar& other);
Tensor sinc_backward(const Tensor& grad, const Tensor& self);
Tensor logit_backward(const Tensor& grad, const Tensor& self, double eps);
Tensor clamp_scalar(const Tensor& self, const std::optional<Scalar>& min, const std::optional<Scalar>& max);
Tensor clamp_tensors(const Tensor& self, const Tensor& min, const Tensor& max);

// ---- Activations (activations.cpp) ----

/// `lambd`, checked not to be negative.
Scalar softshrink_lambda(const Scalar& lambd);
Tensor celu_composite(const Tensor& input, const Scalar& alpha);
/// The gradient of elu_backward with respect to self, for grad times grad_output.
Tensor elu_backward_self(const Tensor& product, const Tensor& self, const Scalar& alpha, const Scalar& scale,
                         const Scalar& input_scale);
/// Second derivatives.
Tensor silu_curvature(const Tensor& self);
Tensor mish_curvature(const Tensor& self);
Tensor gelu_tanh_curvature(const Tensor& self);

// ---- Views (views.cpp) ----

Tensor view_as_shape(const Tensor& self, IntList size);
Tensor transpose_view(const Tensor& self, std::int64_t dim0, std::int64_t dim1);
Tensor permute_view(const Tensor& self, IntList dims);
Tensor expand_view(const Tensor& self, IntList size);
Tensor squeeze_view(const Tensor& self, OptionalInt dim);
Tensor unsqueeze_view(const Tensor& self, std::int64_t dim);
Tensor select_view(const Tensor& self, std::int64_t dim, std::int64_t index);
Tensor slice_view(const Tensor& self, std::int64_t dim, OptionalInt start, OptionalInt end, std::int64_t step);
Tensor unfold_view(const Tensor& self, std::int64_t dimension, std::int64_t size, std::int64_t step);
Tensor unfold_backward(const Tensor& grad, const Dims& sizes, std::int64_t dimension, std::int64_t size,
                       std::int64_t step);
Tensor as_strided_view(const Tensor& self, IntList size, IntList stride, OptionalInt storage_offset);

// ---- Indexing (advanced_index.cpp) ----

Tensor nonzero_composite(const Tensor& self);
/// The columns of nonzero.
TensorList nonzero_by_dim(const Tensor& condition);
Tensor index_put_composite(const Tensor& self, Span<const Tensor> indices, const Tensor& values, bool accumulate);
Tensor take_composite(const Tensor& self, const Tensor& index);
Tensor put_composite(const Tensor& self, const Tensor& index, const Tensor& source, bool accumulate);
Tensor take_along_dim_composite(const Tensor& self, const Tensor& indices, OptionalInt dim);
Tensor index_copy_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source);
Tensor index_fill_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& value);
Tensor index_fill_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value);
Tensor masked_select_composite(const Tensor& self, const Tensor& mask);
Tensor masked_scatter_composite(const Tensor& self, const Tensor& mask, const Tensor& source);
Tensor scatter_value(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value);
Tensor scatter_joined(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src,
                      ScatterOperation reduce);
Tensor scatter_joined_value(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value,
                            ScatterOperation reduce);
Tensor scatter_reduce_self_gradient(const Tensor& grad, const Tensor& self, std::int64_t dim, const Tensor& index,
                                    const Tensor& src, ScatterReduction reduce, bool include_self,
                                    const Tensor& result);
Tensor scatter_reduce_src_gradient(const Tensor& grad, const Tensor& self, std::int64_t dim, const Tensor& index,
                                   const Tensor& whole_src, ScatterReduction reduce, bool include_self,
                                   const Tensor& result);
Tensor select_scatter_composite(const Tensor& self, const Tensor& src, std::int64_t dim, std::int64_t index);
Tensor slice_scatter_composite(const Tensor& self, const Tensor& src, std::int64_t dim, OptionalInt start,
                               OptionalInt end, std::int64_t step);
Tensor diagonal_scatter_composite(const Tensor& self, const Tensor& src, std::int64_t offset, std::int64_t dim1,
                                  std::int64_t dim2);

Tensor put_in_place(const Tensor& self, const Tensor& index, const Tensor& source, bool accumulate);
Tensor index_copy_in_place(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source);
Tensor index_fill_in_place(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& value);
Tensor index_fill_in_place(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value);
Tensor masked_scatter_in_place(const Tensor& self, const Tensor& mask, const Tensor& source);

// ---- Random numbers (random.cpp) ----

Tensor uniform_in_place(const Tensor& self, double low, double high);
Tensor normal_in_place(const Tensor& self, double mean, double std);
Tensor log_normal_in_place(const Tensor& self, double mean, double std);
Tensor exponential_in_place(const Tensor& self, double lambd);
Tensor geometric_in_place(const Tensor& self, double p);
Tensor cauchy_in_place(const Tensor& self, double median, double sigma);
Tensor bernoulli_in_place(const Tensor& self, const Tensor& p);
Tensor random_in_place(const Tensor& self, std::int64_t low, std::int64_t high);

// ---- Tables of vectors (embedding.cpp) ----

Tensor embedding_composite(const Tensor& input, const Tensor& weight, OptionalInt padding_idx,
                           std::optional<double> max_norm, double norm_type, bool scale_grad_by_freq, bool sparse);
Tensor embedding_bag_composite(const Tensor& input, const Tensor& weight, const Tensor& offsets,
                               std::optional<double> max_norm, double norm_type, bool scale_grad_by_freq, BagMode mode,
                               bool sparse, const Tensor& per_sample_weights, bool include_last_offset,
                               OptionalInt padding_idx);
Tensor embedding_weight_gradient(const Tensor& grad, const Dims& sizes, const Tensor& places, std::int64_t padding_idx,
                                 bool scale_grad_by_freq);
Tensor one_hot_composite(const Tensor& input, std::int64_t num_classes);

// ---- Composites (composites.cpp) ----

/// One overload per combination of tensors and numbers.
Tensor divide(const Tensor& self, const Tensor& other, RoundingMode mode);
Tensor divide(const Tensor& self, const Scalar& other, RoundingMode mode);
Tensor divide(const Scalar& self, const Tensor& other, RoundingMode mode);
Tensor mean_composite(const Tensor& self, const OptionalInts& dim, bool keepdim, OptionalDType dtype);
Tensor all_composite(const Tensor& self, OptionalInt dim, bool keepdim);
Tensor any_composite(const Tensor& self, OptionalInt dim, bool keepdim);
Tensor matmul_composite(const Tensor& self, const Tensor& other);
Tensor linear_composite(const Tensor& input, const Tensor& weight, const Tensor& bias);
Tensor reshape_composite(const Tensor& self, IntList shape);
Tensor flatten_composite(const Tensor& self, std::int64_t start_dim, std::int64_t end_dim);
Tensor t_composite(const Tensor& self);
Tensor narrow_from_tensor(const Tensor& self, std::int64_t dim, const Tensor& start, std::int64_t length);
Tensor narrow_composite(const Tensor& self, std::int64_t dim, std::int64_t start, std::int64_t length);
TensorList unbind_composite(const Tensor& self, std::int64_t dim);
TensorList split_composite(const Tensor& self, std::int64_t split_size, std::int64_t dim);
TensorList split_sizes_composite(const Tensor& self, IntList sizes, std::int64_t dim);
Tensor stack_composite(Span<const Tensor> tensors, std::int64_t dim);
Tensor masked_fill_composite(const Tensor& self, const Tensor& mask, const Scalar& value);
Tensor masked_fill_composite(const Tensor& self, const Tensor& mask, const Tensor& value);
Tensor conv2d_composite(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
                        IntList dilation, std::int64_t groups);
Tensor max_pool2d_composite(const Tensor& input, IntList kernel_size, const OptionalInts& stride, IntList padding,
                            IntList dilation, bool ceil_mode);
std::tuple<Tensor, Tensor> max_pool2d_with_indices_composite(const Tensor& input, IntList kernel_size,
                                                             const OptionalInts& stride, IntList padding,
                                                             IntList dilation, bool ceil_mode);

// ---- More activations (gates.cpp) ----

std::tuple<Tensor, Tensor> lstm_layer_composite(const Tensor& sums, const Tensor& hidden, const Tensor& cell,
                                                const Tensor& weight, bool reverse);
Tensor prelu_composite(const Tensor& input, const Tensor& weight);
Tensor rrelu_composite(const Tensor& input, double lower, double upper, bool training);
Tensor channel_dropout(const Tensor& input, double p, bool training);
Tensor attention_composite(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
                           double dropout_p, bool is_causal, std::optional<double> scale);

// ---- Convolutions of one to three dimensions (convolutions.cpp) ----

Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
                   IntList dilation, std::int64_t groups, int rank);
Tensor convolution_padded(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
                          ConvolutionPadding padding, IntList dilation, std::int64_t groups, int rank);
Tensor transposed_convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
                              IntList padding, IntList output_padding, std::int64_t groups, IntList dilation, int rank);
Tensor im2col_composite(const Tensor& input, IntList kernel_size, IntList dilation, IntList padding, IntList stride);
Tensor col2im_composite(const Tensor& input, IntList output_size, IntList kernel_size, IntList dilation,
                        IntList padding, IntList stride);

// ---- Pooling over one to three dimensions (pooling.cpp) ----

/// The dimensions behind (N, C).
Dims spatial(const Dims& sizes);
std::tuple<Tensor, Tensor> max_pool(const Tensor& input, IntList kernel_size, const OptionalInts& stride,
                                    IntList padding, IntList dilation, bool ceil_mode, int rank);
std::tuple<Tensor, Tensor> adaptive_max_pool(const Tensor& input, IntList output_size, int rank);
/// Adds each element of grad at the place in its volume that its maximum came from.
Tensor max_pool_windows_backward(const Tensor& grad, const Tensor& indices, const Dims& input_size);
Tensor avg_pool(const Tensor& input, IntList kernel_size, const OptionalInts& stride, IntList padding, bool ceil_mode,
                bool count_include_pad, OptionalInt divisor_override, int rank);
Tensor adaptive_avg_pool(const Tensor& input, IntList output_size, int rank);
Tensor lp_pool(const Tensor& input, double norm_type, IntList kernel_size, const OptionalInts& stride, bool ceil_mode,
               int rank);

// ---- Padding and resampling (resampling.cpp) ----

Tensor constant_pad(const Tensor& self, IntList pad, const Scalar& value);
Tensor pad_composite(const Tensor& input, IntList pad, PadMode mode, const std::optional<Scalar>& value);
Tensor interpolate_composite(const Tensor& input, const OptionalInts& size, std::optional<double> scale_factor,
                             InterpolationMode mode, bool align_corners, bool recompute_scale_factor);
Tensor grid_sample_composite(const Tensor& input, const Tensor& grid, GridSampleMode mode, GridSamplePadding padding,
                             bool align_corners);
Tensor affine_grid_composite(const Tensor& theta, IntList size, bool align_corners);
Tensor pixel_shuffle_composite(const Tensor& input, std::int64_t factor);
Tensor pixel_unshuffle_composite(const Tensor& input, std::int64_t factor);
Tensor channel_shuffle_composite(const Tensor& input, std::int64_t groups);

// ---- Normalization (normalization.cpp) ----

Tensor batch_norm_composite(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                            const Tensor& weight, const Tensor& bias, bool training, double momentum, double eps);
Tensor instance_norm_composite(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                               const Tensor& weight, const Tensor& bias, bool use_input_stats, double momentum,
                               double eps);
Tensor layer_norm_composite(const Tensor& input, IntList normalized_shape, const Tensor& weight, const Tensor& bias,
                            double eps);
Tensor group_norm_composite(const Tensor& input, std::int64_t num_groups, const Tensor& weight, const Tensor& bias,
                            double eps);
Tensor rms_norm_composite(const Tensor& input, IntList normalized_shape, const Tensor& weight,
                          std::optional<double> eps);
Tensor local_response_norm_composite(const Tensor& input, std::int64_t size, double alpha, double beta, double k);

// ---- Losses (losses.cpp) ----

Tensor reduce_loss(const Tensor& loss, Reduction reduction);
Tensor nll_loss_composite(const Tensor& input, const Tensor& target, const Tensor& weight, std::int64_t ignore_index,
                          Reduction reduction);
Tensor cross_entropy_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                               std::int64_t ignore_index, Reduction reduction, double label_smoothing);
Tensor smooth_l1_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction, double beta);
Tensor huber_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction, double delta);

// ---- Rearranging (rearrange.cpp) ----

Tensor repeat_composite(const Tensor& self, IntList repeats);
Tensor tile_composite(const Tensor& self, IntList dims);
Tensor repeat_interleave_composite(const Tensor& self, std::int64_t repeats, OptionalInt dim);
Tensor repeat_interleave_each(const Tensor& self, const Tensor& repeats, OptionalInt dim);
Tensor hstack_composite(Span<const Tensor> tensors);
Tensor vstack_composite(Span<const Tensor> tensors);
Tensor dstack_composite(Span<const Tensor> tensors);
Tensor column_stack_composite(Span<const Tensor> tensors);
Tensor block_diag_composite(Span<const Tensor> tensors);
TensorList chunk_composite(const Tensor& self, std::int64_t chunks, std::int64_t dim);
TensorList tensor_split_sections(const Tensor& self, std::int64_t sections, std::int64_t dim);
TensorList tensor_split_indices(const Tensor& self, IntList indices, std::int64_t dim);
TensorList tensor_split_by_tensor(const Tensor& self, const Tensor& indices_or_sections, std::int64_t dim);
/// `dim`, or 0 for a vector; throws when self has fewer than `least` dimensions.
int split_dim(const Tensor& self, int dim, int least);
TensorList split_evenly(const Tensor& self, std::int64_t sections, std::int64_t dim);
TensorList meshgrid_composite(Span<const Tensor> tensors, MeshIndexing indexing);
Tensor movedim_composite(const Tensor& self, IntList source, IntList destination);
Tensor unflatten_composite(const Tensor& self, std::int64_t dim, IntList sizes);
Tensor flip_composite(const Tensor& self, IntList dims);
Tensor flip_at_least(const Tensor& self, std::int64_t dim, int least);
Tensor roll_composite(const Tensor& self, IntList shifts, const OptionalInts& dims);
Tensor rot90_composite(const Tensor& self, std::int64_t k, const OptionalInts& dims);
Tensor diagonal_view(const Tensor& self, std::int64_t offset, std::int64_t dim1, std::int64_t dim2);
Tensor diagonal_backward(const Tensor& grad, const Dims& sizes, std::int64_t offset, std::int64_t dim1,
                         std::int64_t dim2);
Tensor diag_embed_composite(const Tensor& self, std::int64_t offset, std::int64_t dim1, std::int64_t dim2);
Tensor diag_composite(const Tensor& self, std::int64_t offset);
Tensor trace_composite(const Tensor& self);
Tensor triu_composite(const Tensor& self, std::int64_t diagonal);
Tensor tril_composite(const Tensor& self, std::int64_t diagonal);

// ---- Order, and running functions (ordering.cpp) ----

std::tuple<Tensor, Tensor> topk_composite(const Tensor& self, std::int64_t k, std::int64_t dim, bool largest);
std::tuple<Tensor, Tensor> kthvalue_composite(const Tensor& self, std::int64_t k, std::int64_t dim, bool keepdim);
std::tuple<Tensor, Tensor> median_along(const Tensor& self, std::int64_t dim, bool keepdim);
Tensor median_of_all(const Tensor& self);
Tensor quantile_composite(const Tensor& self, const Tensor& q, OptionalInt dim, bool keepdim,
                          QuantileInterpolation interpolation);
Tensor searchsorted_composite(const Tensor& sorted_sequence, const Tensor& self, bool out_int32, bool right,
                              SearchSide side, const Tensor& sorter);
Tensor isin_composite(const Tensor& elements, const Tensor& test_elements, bool invert);
std::tuple<Tensor, Tensor> mode_composite(const Tensor& self, std::int64_t dim, bool keepdim);

// ---- Distinct elements and counts (unique.cpp) ----

std::tuple<Tensor, Tensor, Tensor> unique_composite(const Tensor& self, bool return_inverse, bool return_counts,
                                                    OptionalInt dim);
std::tuple<Tensor, Tensor, Tensor> unique_consecutive_composite(const Tensor& self, bool return_inverse,
                                                                bool return_counts, OptionalInt dim);
Tensor bincount_composite(const Tensor& self, const Tensor& weights, std::int64_t minlength);
Tensor histc_composite(const Tensor& self, std::int64_t bins, const Scalar& min, const Scalar& max);

// ---- Gradients of running functions, and products (ordering.cpp) ----

Tensor cumsum_backward(const Tensor& grad, std::int64_t dim);
Tensor cumprod_backward(const Tensor& grad, const Tensor& self, const Tensor& result, std::int64_t dim);
Tensor logcumsumexp_backward(const Tensor& grad, const Tensor& self, const Tensor& result, std::int64_t dim);
Tensor prod_composite(const Tensor& self, OptionalInt dim, bool keepdim, OptionalDType dtype);

// ---- Moments, norms and distances (statistics.cpp) ----

Tensor amax_composite(const Tensor& self, const OptionalInts& dim, bool keepdim);
Tensor amin_composite(const Tensor& self, const OptionalInts& dim, bool keepdim);
/// grad divided equally among the elements of each row where `mask` holds.
Tensor share_in_rows(const Tensor& grad, const Tensor& mask);
std::tuple<Tensor, Tensor> aminmax_composite(const Tensor& self, OptionalInt dim, bool keepdim);
Tensor var_composite(const Tensor& self, const OptionalInts& dim, std::int64_t correction, bool keepdim);
Tensor std_composite(const Tensor& self, const OptionalInts& dim, std::int64_t correction, bool keepdim);
/// The square root, without slope at 0.
Tensor sqrt_or_zero(const Tensor& square);
Tensor logsumexp_composite(const Tensor& self, IntList dim, bool keepdim);
Tensor nansum_composite(const Tensor& self, const OptionalInts& dim, bool keepdim, OptionalDType dtype);
Tensor nanmean_composite(const Tensor& self, const OptionalInts& dim, bool keepdim, OptionalDType dtype);
Tensor count_nonzero_composite(const Tensor& self, const OptionalInts& dim);
Tensor vector_norm_composite(const Tensor& self, double p, const OptionalInts& dim, bool keepdim, OptionalDType dtype);
Tensor normalize_composite(const Tensor& input, double p, IntList dim, double eps);
Tensor pairwise_distance_composite(const Tensor& x1, const Tensor& x2, double p, double eps, bool keepdim);
Tensor cdist_composite(const Tensor& x1, const Tensor& x2, double p, DistanceMode mode);
Tensor cosine_similarity_composite(const Tensor& x1, const Tensor& x2, std::int64_t dim, double eps);
Tensor renorm_composite(const Tensor& self, double p, std::int64_t dim, double maxnorm);

// ---- Products (products.cpp) ----

Tensor addmm_composite(const Tensor& self, const Tensor& mat1, const Tensor& mat2, const Scalar& beta,
                       const Scalar& alpha);
Tensor addmv_composite(const Tensor& self, const Tensor& mat, const Tensor& vec, const Scalar& beta,
                       const Scalar& alpha);
Tensor baddbmm_composite(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta,
                         const Scalar& alpha);
Tensor addbmm_composite(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta,
                        const Scalar& alpha);
Tensor addr_composite(const Tensor& self, const Tensor& vec1, const Tensor& vec2, const Scalar& beta,
                      const Scalar& alpha);
Tensor mv_composite(const Tensor& self, const Tensor& vec);
Tensor dot_composite(const Tensor& self, const Tensor& other);
Tensor outer_composite(const Tensor& self, const Tensor& vec2);
Tensor inner_composite(const Tensor& self, const Tensor& other);
Tensor bilinear_composite(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias);
Tensor kron_composite(const Tensor& self, const Tensor& other);
Tensor cross_composite(const Tensor& self, const Tensor& other, OptionalInt dim);
Tensor tensordot_dims(const Tensor& self, const Tensor& other, IntList dims_self, IntList dims_other);
Tensor tensordot_composite(const Tensor& self, const Tensor& other, std::int64_t dims);
Tensor einsum_composite(const std::string& equation, Span<const Tensor> operands);
Tensor diff_composite(const Tensor& self, std::int64_t n, std::int64_t dim, const Tensor& prepend, const Tensor& append);
Tensor trapezoid_uniform(const Tensor& y, double dx, std::int64_t dim);
Tensor trapezoid_at(const Tensor& y, const Tensor& x, std::int64_t dim);

// ---- Losses of elements (element_losses.cpp) ----

Tensor l1_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction);
Tensor kl_div_composite(const Tensor& input, const Tensor& target, DivergenceReduction reduction, bool log_target);
Tensor binary_cross_entropy_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                                      Reduction reduction);
Tensor binary_cross_entropy_with_logits_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                                                  Reduction reduction, const Tensor& pos_weight);
Tensor hinge_embedding_loss_composite(const Tensor& input, const Tensor& target, double margin, Reduction reduction);
Tensor margin_ranking_loss_composite(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                                     Reduction reduction);
Tensor cosine_embedding_loss_composite(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                                       Reduction reduction);
Tensor triplet_margin_loss_composite(const Tensor& anchor, const Tensor& positive, const Tensor& negative, double margin,
                                     double p, double eps, bool swap, Reduction reduction);
Tensor poisson_nll_loss_composite(const Tensor& input, const Tensor& target, bool log_input, bool full, double eps,
                                  Reduction reduction);
Tensor gaussian_nll_loss_composite(const Tensor& input, const Tensor& target, const Tensor& var, bool full, double eps,
                                   Reduction reduction);
Tensor soft_margin_loss_composite(const Tensor& input, const Tensor& target, Reduction reduction);
Tensor multi_margin_loss_composite(const Tensor& input, const Tensor& target, std::int64_t p, double margin,
                                   const Tensor& weight, Reduction reduction);
Tensor multilabel_soft_margin_loss_composite(const Tensor& input, const Tensor& target, const Tensor& weight,
                                             Reduction reduction);
Tensor glu_composite(const Tensor& input, std::int64_t dim);

// ---- Creation and random numbers (creation.cpp) ----

Tensor full_composite(const Dims& size, const Scalar& value, OptionalDType dtype);
Tensor zeros_composite(const Dims& size, OptionalDType dtype);
Tensor arange_composite(const Scalar& start, const Scalar& end, const Scalar& step, OptionalDType dtype);
Tensor linspace_composite(const Scalar& start, const Scalar& end, std::int64_t steps, OptionalDType dtype);
Tensor logspace_composite(const Scalar& start, const Scalar& end, std::int64_t steps, double base, OptionalDType dtype);
Tensor eye_composite(std::int64_t n, OptionalInt m, OptionalDType dtype);
Tensor rand_composite(const Dims& size, OptionalDType dtype);
Tensor randn_composite(const Dims& size, OptionalDType dtype);
Tensor randint_composite(std::int64_t low, std::int64_t high, const Dims& size, OptionalDType dtype);
Tensor randperm_composite(std::int64_t n, OptionalDType dtype);
Tensor bernoulli_composite(const Tensor& self);
Tensor normal_composite(const Tensor& mean, const Tensor& std);
Tensor multinomial_composite(const Tensor& self, std::int64_t num_samples, bool replacement);
Tensor dropout_composite(const Tensor& input, double p, bool training);

}  // namespace ts
