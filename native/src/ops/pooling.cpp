// Pooling over one to three dimensions. Every input is treated as volumes (N, C, D, H, W), in which missing dimensions
// have size 1.
#include "ops/pooling.h"

#include <cmath>

#include "backend/windows.h"
#include "ops/argument_types.h"
#include "ops/prepare.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/abs.g.h"
#include "torchscratch/ops/avg_pool_windows.g.h"
#include "torchscratch/ops/max_pool2d_backward.g.h"
#include "torchscratch/ops/max_pool_windows.g.h"
#include "torchscratch/ops/pow.g.h"
#include "torchscratch/ops/relu.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/sign.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

const char* const kShapes[] = {"(C, L)", "(C, H, W)", "(C, D, H, W)"};

// The types that the kernels support; each represents every value of the types that are converted to it.
DType pooled_dtype(const Tensor& input) {
  TS_CHECK(input.dtype() != DType::Bool, DTypeError, "input must hold numbers, got ", describe(input));
  if (!is_floating(input.dtype())) return DType::Int64;
  return input.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
}

// Reshapes an operand to volumes, and results back to the form of the operand.
struct Lifted {
  Lifted(const Tensor& input, int spatial_rank)
      : rank(spatial_rank), single(input.dim() == rank + 1), dtype(input.dtype()) {
    TS_CHECK(single || input.dim() == rank + 2, ShapeError, "input must be ", kShapes[rank - 1],
             ", optionally with a leading batch dimension, got ", describe(input));
    for (int i = single ? 0 : 1; i < input.dim(); ++i) {
      TS_CHECK(input.sizes()[i] > 0, ShapeError, "input ", describe(input),
               " has no elements; only the batch may be empty");
    }
    Dims sizes = input.sizes();
    if (single) sizes.insert(0, 1);
    for (int i = rank; i < 3; ++i) sizes.insert(2, 1);
    volumes = to(reshape(input, sizes), pooled_dtype(input));
  }

  std::int64_t size(int d) const { return volumes.size(5 - rank + d); }
  /// One number for each pooled dimension of the operand, extended to three.
  Dims three(const Dims& values, std::int64_t missing) const {
    Dims all = values;
    while (all.size() < 3) all.insert(0, missing);
    return all;
  }
  Tensor lowered(const Tensor& tensor, bool is_index = false) const {
    Dims sizes = tensor.sizes();
    for (int i = rank; i < 3; ++i) sizes.erase(2);
    if (single) sizes.erase(0);
    const Tensor shaped = reshape(tensor, sizes);
    return is_index ? shaped : to(shaped, dtype);
  }

  int rank;
  bool single;
  DType dtype;
  Tensor volumes;
};

// The arguments of regular windows, checked, and the output sizes that follow from them, all extended to three numbers.
struct Geometry {
  Geometry(const Lifted& input, IntList kernel_size, const OptionalInts& stride, IntList padding, IntList dilation,
           bool ceil_mode) {
    const int rank = input.rank;
    const Dims k = expand_list(kernel_size, rank, "kernel_size");
    const Dims s = stride && !stride->empty() ? expand_list(*stride, rank, "stride") : k;
    const Dims p = expand_list(padding, rank, "padding"), d = expand_list(dilation, rank, "dilation");
    Dims out;
    for (int i = 0; i < rank; ++i) {
      TS_CHECK(k[i] > 0, ValueError, "`kernel_size` must be positive, got ", k[i]);
      TS_CHECK(s[i] > 0, ValueError, "stride must be positive, got ", s[i]);
      TS_CHECK(d[i] > 0, ValueError, "dilation must be positive, got ", d[i]);
      TS_CHECK(p[i] >= 0 && p[i] <= k[i] / 2, ValueError, "padding must lie between 0 and half of `kernel_size` ", k[i],
               ", got ", p[i]);
      const std::int64_t length = input.size(i), room = length + 2 * p[i] - d[i] * (k[i] - 1) - 1;
      TS_CHECK(room >= 0, ShapeError, "a window of ", d[i] * (k[i] - 1) + 1, " does not fit into a size of ", length,
               " padded by ", p[i], "; use more padding or a smaller `kernel_size`");
      std::int64_t count = (room + (ceil_mode ? s[i] - 1 : 0)) / s[i] + 1;
      // The last window must begin inside the input or its left padding.
      if (ceil_mode && (count - 1) * s[i] >= length + p[i]) --count;
      out.push_back(count);
      // The elements of a dilated window can all lie outside a small input.
      for (const Window& window : regular_windows(length, d[i] > 1 ? count : 0, k[i], s[i], p[i], d[i], false)) {
        TS_CHECK(window.begin < window.end, ValueError, "a window over a size of ", length,
                 " lies entirely in the padding; use less padding or dilation");
      }
    }
    kernel = input.three(k, 1);
    steps = input.three(s, 1);
    pads = input.three(p, 0);
    gaps = input.three(d, 1);
    sizes = input.three(out, 1);
  }

  Dims kernel, steps, pads, gaps, sizes;
};

Dims adaptive_sizes(const Lifted& input, IntList output_size) {
  Dims sizes = expand_list(output_size, input.rank, "output_size");
  for (int i = 0; i < input.rank; ++i) {
    TS_CHECK(sizes[i] >= -1, ValueError, "`output_size` must not be negative, except for -1, which keeps a size; got ",
             sizes[i]);
    if (sizes[i] == -1) sizes[i] = input.size(i);
  }
  return input.three(sizes, 1);
}

}  // namespace

Dims spatial(const Dims& sizes) { return Dims(sizes.data() + 2, static_cast<std::size_t>(sizes.size() - 2)); }

std::tuple<Tensor, Tensor> max_pool(const Tensor& input, IntList kernel_size, const OptionalInts& stride,
                                    IntList padding, IntList dilation, bool ceil_mode, int rank) {
  const Lifted lifted(input, rank);
  const Geometry g(lifted, kernel_size, stride, padding, dilation, ceil_mode);
  const auto [output, indices] = max_pool_windows(lifted.volumes, g.sizes, g.kernel, g.steps, g.pads, g.gaps);
  return {lifted.lowered(output), lifted.lowered(indices, true)};
}

std::tuple<Tensor, Tensor> adaptive_max_pool(const Tensor& input, IntList output_size, int rank) {
  const Lifted lifted(input, rank);
  const auto [output, indices] = max_pool_windows(lifted.volumes, adaptive_sizes(lifted, output_size), {}, {}, {}, {});
  return {lifted.lowered(output), lifted.lowered(indices, true)};
}

// The kernel for planes uses only their number of elements, so a volume is passed as a plane with one long row.
Tensor max_pool_windows_backward(const Tensor& grad, const Tensor& indices, const Dims& input_size) {
  const auto flat = [](const Dims& sizes) { return Dims{sizes[0], sizes[1], 1, product(spatial(sizes))}; };
  const Tensor rows =
      max_pool2d_backward(reshape(grad, flat(grad.sizes())), reshape(indices, flat(grad.sizes())), flat(input_size));
  return reshape(rows, input_size);
}

Tensor avg_pool(const Tensor& input, IntList kernel_size, const OptionalInts& stride, IntList padding, bool ceil_mode,
                bool count_include_pad, OptionalInt divisor_override, int rank) {
  const Lifted lifted(input, rank);
  const Geometry g(lifted, kernel_size, stride, padding, {1}, ceil_mode);
  TS_CHECK(divisor_override.value_or(1) != 0, ValueError, "`divisor_override` must not be 0");
  return lifted.lowered(avg_pool_windows(lifted.volumes, g.sizes, g.kernel, g.steps, g.pads, count_include_pad,
                                         divisor_override.value_or(0)));
}

Tensor adaptive_avg_pool(const Tensor& input, IntList output_size, int rank) {
  const Lifted lifted(input, rank);
  return lifted.lowered(avg_pool_windows(lifted.volumes, adaptive_sizes(lifted, output_size), {}, {}, {}, false, 0));
}

// The mean of x^p times the size of the window is the sum. A negative sum, possible for odd p, has no root and gives 0.
Tensor lp_pool(const Tensor& input, double norm_type, IntList kernel_size, const OptionalInts& stride, bool ceil_mode,
               int rank) {
  TS_CHECK(norm_type != 0, ValueError, "`norm_type` must not be 0");
  const Tensor means =
      avg_pool(pow(input, Scalar(norm_type)), kernel_size, stride, {0}, ceil_mode, true, std::nullopt, rank);
  const double size = static_cast<double>(product(expand_list(kernel_size, rank, "kernel_size")));
  return pow(sign(means) * relu(abs(means)) * size, Scalar(1 / norm_type));
}

}  // namespace ts
