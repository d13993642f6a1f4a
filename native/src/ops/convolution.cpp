// Convolutions in one to three dimensions and transposed ones, computed by the kernels of conv2d; im2col and fold.
#include "ops/convolution.h"

#include <algorithm>
#include <limits>

#include "generated/functions/convolution_and_pooling.g.h"
#include "generated/functions/padding_and_resampling.g.h"
#include "ops/hints.h"
#include "ops/prepare.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/as_strided.g.h"
#include "torchscratch/ops/as_strided_backward.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/conv2d.g.h"
#include "torchscratch/ops/conv2d_input.g.h"
#include "torchscratch/ops/permute.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/squeeze.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

const char* const kShapes[] = {"(C, L)", "(C, H, W)", "(C, D, H, W)"};

// `channel_dim` is the dimension of weight that the channels of input meet, of one of `groups`.
void check_operands(const Tensor& input, const Tensor& weight, int rank, int channel_dim, std::int64_t groups) {
  TS_CHECK(input.dim() == rank + 1 || input.dim() == rank + 2, ShapeError, "input must be ", kShapes[rank - 1],
           ", optionally with a leading batch dimension, got ", describe(input), dimensions_hint(input, rank));
  TS_CHECK(weight.dim() == rank + 2, ShapeError, "weight must have ", rank + 2, " dimensions, got ", describe(weight));
  if (groups <= 0) return;  // refused later
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() / std::max<std::int64_t>(1, weight.size(channel_dim));
  const std::int64_t channels = weight.size(channel_dim) * std::min(groups, most), given = input.size(-rank - 1);
  TS_CHECK(given == channels, ShapeError, "input ", describe(input), " has ", given, " channels, but weight ",
           describe(weight), channel_dim == 1 && groups > 1 ? format(" with groups=", groups) : std::string(), " takes ",
           channels, channels_hint(input, channels, rank));
}

// A sequence is treated as an image of height 1.
Tensor as_image(const Tensor& tensor, int rank) { return rank == 1 ? unsqueeze(tensor, -2) : tensor; }
Dims as_pair(Dims values, int rank, std::int64_t missing) {
  if (rank == 1) values.insert(0, missing);
  return values;
}

// One conv2d for each plane of the kernel, applied to the input planes that it overlaps, which form a larger batch.
Tensor convolution3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Dims& stride,
                     const Dims& padding, const Dims& dilation, std::int64_t groups) {
  TS_CHECK(stride[0] > 0 && dilation[0] > 0 && padding[0] >= 0, ValueError,
           "stride and dilation must be positive and padding must not be negative, got ", stride.to_string(), ", ",
           dilation.to_string(), " and ", padding.to_string());
  const std::int64_t depth = weight.size(2), batch = input.size(0);
  const std::int64_t room = input.size(2) + 2 * padding[0] - dilation[0] * (depth - 1) - 1;
  TS_CHECK(depth > 0 && room >= 0, ShapeError, "the kernel of weight ", describe(weight), " with dilation ",
           dilation[0], " is deeper than input ", describe(input), " padded by ", padding[0]);
  const std::int64_t out_depth = room / stride[0] + 1;
  const Tensor padded =
      padding[0] == 0 ? input : constant_pad_nd_composite(input, {0, 0, 0, 0, padding[0], padding[0]}, 0);
  const Dims strides = {stride[1], stride[2]}, paddings = {padding[1], padding[2]},
             dilations = {dilation[1], dilation[2]};
  Tensor total;
  for (std::int64_t z = 0; z < depth; ++z) {
    const std::int64_t first = z * dilation[0];
    const Tensor planes =
        permute(slice(padded, 2, first, first + (out_depth - 1) * stride[0] + 1, stride[0]), {0, 2, 1, 3, 4});
    const Tensor images = reshape(planes, {batch * out_depth, input.size(1), input.size(3), input.size(4)});
    const Tensor part =
        conv2d(images, select(weight, 2, z), z == 0 ? bias : Tensor(), strides, paddings, dilations, groups);
    total = total.defined() ? total + part : part;
  }
  const Tensor stacked = reshape(total, {batch, out_depth, total.size(1), total.size(2), total.size(3)});
  return permute(stacked, {0, 2, 1, 3, 4});
}

}  // namespace

Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
                   IntList dilation, std::int64_t groups, int rank) {
  check_operands(input, weight, rank, 1, groups);
  const Dims strides = expand_list(stride, rank, "stride");
  const Dims paddings = expand_list(padding, rank, "padding");
  const Dims dilations = expand_list(dilation, rank, "dilation");
  if (rank == 3) {
    const bool single = input.dim() == 4;
    const Tensor result = contiguous(
        convolution3d(single ? unsqueeze(input, 0) : input, weight, bias, strides, paddings, dilations, groups));
    return single ? squeeze(result, 0) : result;
  }
  const Tensor result = conv2d(as_image(input, rank), as_image(weight, rank), bias, as_pair(strides, rank, 1),
                               as_pair(paddings, rank, 0), as_pair(dilations, rank, 1), groups);
  return rank == 1 ? squeeze(result, -2) : result;
}

Tensor convolution_padded(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
                          ConvolutionPadding padding, IntList dilation, std::int64_t groups, int rank) {
  check_operands(input, weight, rank, 1, groups);
  if (padding == ConvolutionPadding::Valid)
    return convolution(input, weight, bias, stride, {0}, dilation, groups, rank);
  for (const std::int64_t step : stride) {
    TS_CHECK(step == 1, ValueError, "padding=same requires a stride of 1, got ", step);
  }
  const Dims dilations = expand_list(dilation, rank, "dilation");
  Dims symmetric, odd;
  bool has_odd = false;
  for (int i = 0; i < rank; ++i) {
    const std::int64_t total = dilations[i] * (weight.size(2 + i) - 1);
    symmetric.push_back(total / 2);
    has_odd = has_odd || total % 2 != 0;
  }
  // The list of constant_pad begins with the last dimension.
  for (int i = rank - 1; i >= 0; --i) {
    odd.push_back(0);
    odd.push_back(dilations[i] * (weight.size(2 + i) - 1) % 2);
  }
  return convolution(has_odd ? constant_pad_nd_composite(input, odd, 0) : input, weight, bias, stride, symmetric,
                     dilation, groups, rank);
}

// out = (in - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1, and conv2d maps this size back to that of
// the input as long as output_padding < stride. For a larger output_padding zeros are appended to the input, each of
// which adds one stride.
Tensor transposed_convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
                              IntList padding, IntList output_padding, std::int64_t groups, IntList dilation,
                              int rank) {
  check_operands(input, weight, rank, 0, 1);
  const bool single = input.dim() == rank + 1;
  Tensor x = as_image(single ? unsqueeze(input, 0) : input, rank);
  const Tensor w = as_image(weight, rank);
  const Dims strides = as_pair(expand_list(stride, rank, "stride"), rank, 1);
  const Dims paddings = as_pair(expand_list(padding, rank, "padding"), rank, 0);
  const Dims extra = as_pair(expand_list(output_padding, rank, "output_padding"), rank, 0);
  const Dims dilations = as_pair(expand_list(dilation, rank, "dilation"), rank, 1);
  TS_CHECK(groups > 0 && w.size(0) % groups == 0, ShapeError, "the ", w.size(0), " input channels of weight ",
           describe(weight), " cannot be divided into ", groups, " groups");
  TS_CHECK(x.dtype() == w.dtype(), DTypeError, "input and weight must have the same type, got ", describe(input),
           " and ", describe(weight));
  TS_CHECK(!bias.defined() || (bias.dim() == 1 && bias.size(0) == w.size(1) * groups), ShapeError,
           "bias must have the shape [", w.size(1) * groups, "], got ", describe(bias));
  Dims size = {x.size(0), w.size(1) * groups};
  Dims behind = {0, 0, 0, 0};
  for (int i = 0; i < 2; ++i) {
    const std::int64_t s = strides[i], d = dilations[i], e = extra[i];
    TS_CHECK(s > 0 && d > 0 && paddings[i] >= 0, ValueError, "stride and dilation must be positive and padding must ",
             "not be negative, got ", s, ", ", d, " and ", paddings[i]);
    TS_CHECK(e >= 0 && e < std::max(s, d), ValueError, "`output_padding` must be less than stride or dilation, got ", e,
             " with stride ", s, " and dilation ", d);
    TS_CHECK(w.size(2 + i) > 0 && x.size(2 + i) > 0, ShapeError, "input ", describe(input), " or the kernel of weight ",
             describe(weight), " is empty");
    const std::int64_t length = (x.size(2 + i) - 1) * s - 2 * paddings[i] + d * (w.size(2 + i) - 1) + e + 1;
    TS_CHECK(length > 0, ShapeError, "input ", describe(input), " gives an empty output with padding ", paddings[i]);
    size.push_back(length);
    behind[3 - 2 * i] = e / s;
  }
  if (behind[1] + behind[3] > 0) x = constant_pad_nd_composite(x, behind, 0);
  Tensor result = conv2d_input(size, w, x, strides, paddings, dilations, groups);
  if (bias.defined()) result = result + reshape(bias, {1, bias.size(0), 1, 1});
  if (rank == 1) result = squeeze(result, -2);
  return single ? squeeze(result, 0) : result;
}

namespace {

// The windows of a padded image (N, C, H, W), as a view of shape (N, C, kH, kW, rows, columns).
struct Windows {
  Windows(const Dims& image, IntList kernel_size, IntList dilation, IntList padding, IntList stride) {
    const Dims kernel = expand_list(kernel_size, 2, "kernel_size"), steps = expand_list(stride, 2, "stride");
    const Dims gaps = expand_list(dilation, 2, "dilation");
    pad = expand_list(padding, 2, "padding");
    padded = image;
    size = {image[0], image[1], kernel[0], kernel[1], 0, 0};
    for (int i = 0; i < 2; ++i) {
      TS_CHECK(kernel[i] > 0 && steps[i] > 0 && gaps[i] > 0 && pad[i] >= 0, ValueError,
               "`kernel_size`, stride and dilation must be positive and padding must not be negative");
      constexpr std::int64_t kMaxExtent = std::int64_t{1} << 31;  // products of such numbers do not overflow
      TS_CHECK(kernel[i] < kMaxExtent && gaps[i] < kMaxExtent && pad[i] < kMaxExtent, ValueError, "`kernel_size` ",
               kernel[i], ", dilation ", gaps[i], " and padding ", pad[i], " must be less than 2^31");
      padded[2 + i] += 2 * pad[i];
      const std::int64_t room = padded[2 + i] - gaps[i] * (kernel[i] - 1) - 1;
      TS_CHECK(room >= 0, ShapeError, "a window of ", gaps[i] * (kernel[i] - 1) + 1, " does not fit into the image ",
               image.to_string(), " padded by ", pad[i]);
      size[4 + i] = room / steps[i] + 1;
    }
    const Dims dense = contiguous_strides(padded);
    stride_of = {dense[0], dense[1], dense[2] * gaps[0], dense[3] * gaps[1], dense[2] * steps[0], dense[3] * steps[1]};
  }
  std::int64_t rows() const { return size[1] * size[2] * size[3]; }
  std::int64_t count() const { return size[4] * size[5]; }

  Dims pad, padded, size, stride_of;
};

}  // namespace

Tensor im2col_composite(const Tensor& input, IntList kernel_size, IntList dilation, IntList padding, IntList stride) {
  TS_CHECK(input.dim() == 3 || input.dim() == 4, ShapeError, "input must be (N, C, H, W) or (C, H, W), got ",
           describe(input));
  const bool single = input.dim() == 3;
  const Tensor images = single ? unsqueeze(input, 0) : input;
  const Windows windows(images.sizes(), kernel_size, dilation, padding, stride);
  // A new tensor, because the strides below are those of a contiguous one with storage offset 0.
  const Tensor padded =
      constant_pad_nd_composite(images, {windows.pad[1], windows.pad[1], windows.pad[0], windows.pad[0]}, 0);
  const Tensor columns =
      reshape(as_strided(padded, windows.size, windows.stride_of), {images.size(0), windows.rows(), windows.count()});
  return single ? squeeze(columns, 0) : columns;
}

Tensor fold_composite(const Tensor& input, IntList output_size, IntList kernel_size, IntList dilation, IntList padding,
                      IntList stride) {
  TS_CHECK(input.dim() == 2 || input.dim() == 3, ShapeError,
           "input must be columns (N, C kH kW, windows) or (C kH kW, windows), got ", describe(input));
  const bool single = input.dim() == 2;
  const Tensor columns = single ? unsqueeze(input, 0) : input;
  const Dims out = expand_list(output_size, 2, "output_size"), kernel = expand_list(kernel_size, 2, "kernel_size");
  const std::int64_t window = kernel[0] * kernel[1];
  TS_CHECK(window > 0 && columns.size(1) % window == 0, ShapeError, "the ", columns.size(1), " rows of input ",
           describe(input), " are not a multiple of the ", window, " elements of a window");
  const Windows windows({columns.size(0), columns.size(1) / window, out[0], out[1]}, kernel_size, dilation, padding,
                        stride);
  TS_CHECK(columns.size(2) == windows.count(), ShapeError, "input ", describe(input), " has ", columns.size(2),
           " columns, but images of ", out.to_string(), " have ", windows.count(), " windows");
  const Tensor padded =
      as_strided_backward(reshape(columns, windows.size), windows.padded, windows.size, windows.stride_of, 0);
  const Tensor images =
      slice(slice(padded, 2, windows.pad[0], windows.pad[0] + out[0]), 3, windows.pad[1], windows.pad[1] + out[1]);
  return contiguous(single ? squeeze(images, 0) : images);
}

}  // namespace ts
