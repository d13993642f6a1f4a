// Shape and type inference; see infer.h.
#include "ops/infer.h"

#include "backend/advanced_index.h"
#include "backend/reduced_dims.h"
#include "ops/hints.h"

namespace ts {

void check_defined(const Tensor& tensor, const char* argument) {
  TS_CHECK(tensor.defined(), ValueError, "the argument `", argument,
           "` must be a tensor, but it is `none`");
}

void refuse_device(const Tensor& tensor, const char* argument, Device device) {
  throw DeviceError(detail::in_operator(format("`", argument, "` ", dtype_name(tensor.dtype()), tensor.sizes().to_string(),
                                               " is on ", tensor.device().to_string(), ", the other operands are on ",
                                               device.to_string(), "; move it with `to`")));
}

namespace infer {
namespace {

void check_index_dtype(const Tensor& index) {
  TS_CHECK(index.dtype() == DType::Int64 || index.dtype() == DType::Int32, DTypeError,
           "the index must be int64 or int32, but it is ", describe(index), "; convert it with `to(int64)`");
}

void check_vector_index(const Tensor& index) {
  check_index_dtype(index);
  TS_CHECK(index.dim() <= 1, ShapeError, "the index must be a vector, but it is ", describe(index),
           "; flatten it, or use gather for an index of several dimensions");
}

/// Where a dimension is indexed, a scalar is treated as having one dimension of size 1.
std::int64_t size_along(const Tensor& tensor, int dim) { return tensor.dim() == 0 ? 1 : tensor.sizes()[dim]; }

int rank_of_indexed(const Tensor& tensor) { return tensor.dim() == 0 ? 1 : tensor.dim(); }

void check_same_rank(const Tensor& self, const Tensor& other, const char* name) {
  TS_CHECK(rank_of_indexed(self) == rank_of_indexed(other), ShapeError, "the ", name, ", ", describe(other),
           ", must have as many dimensions as `self`, ", describe(self));
}

void check_same_dtype(const Tensor& self, const Tensor& other, const char* name) {
  TS_CHECK(self.dtype() == other.dtype(), DTypeError, "the ", name, " is ", dtype_name(other.dtype()),
           ", but `self` is ", dtype_name(self.dtype()), "; convert one of them with `to(dtype)`");
}

/// Checks that there is a pair (height, width) and that both are at least `least`.
void check_pair(IntList pair, const char* name, std::int64_t least) {
  TS_CHECK(pair.size() == 2, ValueError, "`", name, "` must be one number or two (height, width), but ", pair.size(),
           " were given");
  TS_CHECK(pair[0] >= least && pair[1] >= least, ValueError, "`", name, "` must be at least ", least, ", but it is [",
           pair[0], ", ", pair[1], "]");
  constexpr std::int64_t bound = std::int64_t{1} << 31;  // no product of two such numbers overflows
  TS_CHECK(pair[0] < bound && pair[1] < bound, ValueError, "`", name, "` must be below 2^31, but it is [", pair[0],
           ", ", pair[1], "]");
}

}  // namespace

DType same_dtype(const Tensor& a, const Tensor& b) {
  TS_CHECK(a.dtype() == b.dtype(), DTypeError, "the operands are ", describe(a), " and ", describe(b),
           ", which have different types; convert one of them with `to(dtype)`");
  TS_CHECK(a.dtype() != DType::Bool, DTypeError, "matrix products are not defined for bool: ", describe(a), " and ",
           describe(b), "; convert them with `to(float32)` or `to(int64)`");
  return a.dtype();
}

// ---- Reductions ----

static Dims without(const Dims& sizes, std::uint32_t mask, bool keepdim) {
  Dims result;
  for (int i = 0; i < sizes.size(); ++i) {
    if (((mask >> i) & 1u) == 0) {
      result.push_back(sizes[i]);
    } else if (keepdim) {
      result.push_back(1);
    }
  }
  return result;
}

Dims reduced(const Tensor& self, const std::optional<IntList>& dim, bool keepdim) {
  return without(self.sizes(), reduced_dims(dim, self.dim()), keepdim);
}

Dims reduced_non_empty(const Tensor& self, std::int64_t dim, bool keepdim) {
  const int d = normalize_dim(dim, self.dim());
  TS_CHECK(size_along(self, d) > 0, IndexError, "dimension ", d, " of ", describe(self),
           " is empty, so it has no maximum or minimum; reduce over a dimension that has elements");
  return without(self.sizes(), 1u << d, keepdim);
}

Dims scalar_of_non_empty(const Tensor& self) {
  TS_CHECK(self.numel() > 0, ValueError, describe(self),
           " is empty, so it has no maximum or minimum; pass a dim that has elements");
  return {};
}

Dims arg_reduced(const Tensor& self, std::optional<std::int64_t> dim, bool keepdim) {
  if (dim) return reduced_non_empty(self, *dim, keepdim);
  TS_CHECK(self.numel() > 0, IndexError, describe(self),
           " is empty, so it has no maximum or minimum; pass a dim that has elements");
  return without(self.sizes(), reduced_dims(std::nullopt, self.dim()), keepdim);
}

// ---- Products of matrices ----

Dims mm(const Tensor& self, const Tensor& mat2) {
  TS_CHECK(self.dim() == 2 && mat2.dim() == 2, ShapeError, "expected two matrices, but the operands are ",
           describe(self), " and ", describe(mat2), "; matmul also supports vectors and batches");
  TS_CHECK(self.size(1) == mat2.size(0), ShapeError, "cannot multiply ", describe(self), " by ", describe(mat2),
           ": the inner sizes ", self.size(1), " and ", mat2.size(0), " differ");
  return {self.size(0), mat2.size(1)};
}

Dims bmm(const Tensor& self, const Tensor& mat2) {
  TS_CHECK(self.dim() == 3 && mat2.dim() == 3, ShapeError, "expected two batches of matrices, but the operands are ",
           describe(self), " and ", describe(mat2), "; matmul supports other numbers of dimensions");
  TS_CHECK(self.size(0) == mat2.size(0), ShapeError, "cannot multiply ", describe(self), " by ", describe(mat2),
           ": the batch sizes ", self.size(0), " and ", mat2.size(0), " differ");
  TS_CHECK(self.size(2) == mat2.size(1), ShapeError, "cannot multiply ", describe(self), " by ", describe(mat2),
           ": the inner sizes ", self.size(2), " and ", mat2.size(1), " differ");
  return {self.size(0), self.size(1), mat2.size(2)};
}

Dims addmm_nt(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  TS_CHECK(input.dim() == 2 && weight.dim() == 2, ShapeError, "expected two matrices, but input and weight are ",
           describe(input), " and ", describe(weight));
  TS_CHECK(input.size(1) == weight.size(1), ShapeError, "input ", describe(input), " has ", input.size(1),
           " features, but weight ", describe(weight), " (out, in) expects ", weight.size(1));
  if (bias.defined()) {
    TS_CHECK(bias.dim() == 1 && bias.size(0) == weight.size(0), ShapeError, "bias must have the shape [",
             weight.size(0), "], one element for each row of weight ", describe(weight), ", but it is ",
             describe(bias));
    check_same_dtype(input, bias, "bias");
  }
  return {input.size(0), weight.size(0)};
}

// ---- Indexing ----

Dims cat(Span<const Tensor> tensors, std::int64_t dim) {
  TS_CHECK(!tensors.empty(), ValueError, "expected at least one tensor");
  const Tensor& first = tensors[0];
  TS_CHECK(first.dim() > 0, ShapeError, "tensor 0 is a scalar, which has no dimension to concatenate along; use stack");
  const int d = normalize_dim(dim, first.dim());
  Dims sizes = first.sizes();
  for (std::size_t i = 1; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    TS_CHECK(tensor.dtype() == first.dtype(), DTypeError, "tensors 0 and ", i, " are ", describe(first), " and ",
             describe(tensor), ", which have different types; convert one of them with `to(dtype)`");
    TS_CHECK(tensor.dim() == first.dim(), ShapeError, "tensors 0 and ", i, ", ", describe(first), " and ",
             describe(tensor), ", differ in their number of dimensions");
    for (int j = 0; j < first.dim(); ++j) {
      TS_CHECK(j == d || tensor.sizes()[j] == sizes[j], ShapeError, "tensors 0 and ", i, ", ", describe(first), " and ",
               describe(tensor), ", differ in dimension ", j, "; only the concatenated dimension, ", d, ", may differ");
    }
    sizes[d] += tensor.sizes()[d];
  }
  return sizes;
}

Dims index_select(const Tensor& self, std::int64_t dim, const Tensor& index) {
  check_vector_index(index);
  const int d = normalize_dim(dim, self.dim());
  if (self.dim() == 0) {
    TS_CHECK(index.numel() == 1, ShapeError, "a scalar takes exactly one index, but ", index.numel(), " were given");
    return {};
  }
  Dims sizes = self.sizes();
  sizes[d] = index.numel();
  return sizes;
}

Dims index_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source) {
  check_vector_index(index);
  check_same_dtype(self, source, "source");
  check_same_rank(self, source, "source");
  const int d = normalize_dim(dim, self.dim());
  TS_CHECK(size_along(source, d) == index.numel(), ShapeError, "the index has ", index.numel(),
           " elements, but the source, ", describe(source), ", has ", size_along(source, d), " slices along dimension ",
           d, "; the two must be equal");
  for (int i = 0; i < rank_of_indexed(self); ++i) {
    TS_CHECK(i == d || size_along(self, i) == size_along(source, i), ShapeError, "`self`, ", describe(self),
             ", and the source, ", describe(source), ", differ in dimension ", i, "; only the indexed dimension, ", d,
             ", may differ");
  }
  return self.sizes();
}

/// gather and scatter_add iterate over `index`, whose sizes may exceed those of `bound` only along `free_dim`.
static void check_index_fits(const Tensor& index, const Tensor& bound, const char* name, int free_dim) {
  for (int i = 0; i < rank_of_indexed(index); ++i) {
    TS_CHECK(i == free_dim || size_along(index, i) <= size_along(bound, i), ShapeError, "the index, ", describe(index),
             ", is larger than `", name, "`, ", describe(bound), ", in dimension ", i);
  }
}

Dims gather(const Tensor& self, std::int64_t dim, const Tensor& index) {
  check_index_dtype(index);
  const int d = normalize_dim(dim, self.dim());
  if (index.numel() == 0) return index.sizes();  // as in PyTorch, an empty index may have any shape
  check_same_rank(self, index, "index");
  check_index_fits(index, self, "self", d);
  return index.sizes();
}

Dims scatter_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src) {
  check_index_dtype(index);
  check_same_dtype(self, src, "src");
  const int d = normalize_dim(dim, self.dim());
  if (index.numel() == 0) return self.sizes();
  check_same_rank(self, index, "index");
  check_same_rank(self, src, "src");
  check_index_fits(index, self, "self", d);
  check_index_fits(index, src, "src", -1);
  return self.sizes();
}

// ---- Images ----

Dims conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
            IntList dilation, std::int64_t groups) {
  TS_CHECK(input.dim() == 4, ShapeError, "input must be (N, C, H, W), but it is ", describe(input));
  TS_CHECK(weight.dim() == 4, ShapeError, "weight must be (O, C / groups, kH, kW), but it is ", describe(weight));
  check_pair(stride, "stride", 1);
  check_pair(padding, "padding", 0);
  check_pair(dilation, "dilation", 1);
  TS_CHECK(groups > 0, ValueError, "groups must be positive, but it is ", groups);
  TS_CHECK(weight.size(0) % groups == 0, ShapeError, "weight ", describe(weight), " has ", weight.size(0),
           " output channels, which are not divisible by ", groups, " groups");
  TS_CHECK(input.size(1) == weight.size(1) * groups, ShapeError, "input ", describe(input), " has ", input.size(1),
           " channels, but weight ", describe(weight), " with groups=", groups, " expects ", weight.size(1) * groups,
           channels_hint(input, weight.size(1) * groups, 2));
  if (bias.defined()) {
    TS_CHECK(bias.dim() == 1 && bias.size(0) == weight.size(0), ShapeError, "bias must have the shape [",
             weight.size(0), "], one element for each output channel of weight ", describe(weight), ", but it is ",
             describe(bias));
    check_same_dtype(input, bias, "bias");
  }
  Dims sizes = {input.size(0), weight.size(0), 0, 0};
  for (int i = 0; i < 2; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::int64_t kernel = weight.size(2 + i);
    TS_CHECK(kernel > 0, ShapeError, "weight ", describe(weight), " has an empty kernel");
    const std::int64_t room = input.size(2 + i) + 2 * padding[at] - dilation[at] * (kernel - 1) - 1;
    TS_CHECK(room >= 0, ShapeError, "the kernel of weight ", describe(weight), " with dilation ", dilation[at],
             " covers ", dilation[at] * (kernel - 1) + 1, i == 0 ? " rows" : " columns", ", but input ",
             describe(input), " padded by ", padding[at], " has only ", input.size(2 + i) + 2 * padding[at],
             "; use more padding or a smaller kernel");
    sizes[2 + i] = room / stride[at] + 1;
  }
  return sizes;
}

Dims max_pool2d(const Tensor& input, IntList kernel_size, IntList stride, IntList padding, IntList dilation,
                bool ceil_mode) {
  TS_CHECK(input.dim() == 4, ShapeError, "input must be (N, C, H, W), but it is ", describe(input));
  check_pair(kernel_size, "kernel_size", 1);
  check_pair(stride, "stride", 1);
  check_pair(padding, "padding", 0);
  check_pair(dilation, "dilation", 1);
  Dims sizes = {input.size(0), input.size(1), 0, 0};
  for (int i = 0; i < 2; ++i) {
    const auto at = static_cast<std::size_t>(i);
    TS_CHECK(padding[at] <= kernel_size[at] / 2, ValueError, "padding ", padding[at],
             " is more than half of `kernel_size` ", kernel_size[at],
             ", so a window could lie entirely in the padding");
    const std::int64_t size = input.size(2 + i);
    TS_CHECK(size > 0 && input.size(1) > 0, ShapeError, "input ", describe(input),
             " has no elements; only the batch may be empty");
    const std::int64_t room = size + 2 * padding[at] - dilation[at] * (kernel_size[at] - 1) - 1;
    TS_CHECK(room >= 0, ShapeError, "a window of ", dilation[at] * (kernel_size[at] - 1) + 1,
             i == 0 ? " rows" : " columns", " does not fit into input ", describe(input), " padded by ", padding[at],
             "; use more padding or a smaller `kernel_size`");
    std::int64_t count = (room + (ceil_mode ? stride[at] - 1 : 0)) / stride[at] + 1;
    // The last window must begin inside the image or its left padding.
    if (ceil_mode && (count - 1) * stride[at] >= size + padding[at]) --count;
    // The elements of a dilated window can all lie outside a small image; such a window would have no maximum.
    for (std::int64_t o = 0; dilation[at] > 1 && padding[at] > 0 && o < count; ++o) {
      const std::int64_t first = o * stride[at] - padding[at];
      const std::int64_t skipped = first < 0 ? (dilation[at] - 1 - first) / dilation[at] : 0;
      TS_CHECK(skipped < kernel_size[at] && first + skipped * dilation[at] < size, ValueError, "window ", o, " along ",
               i == 0 ? "the rows" : "the columns", " of input ", describe(input),
               " lies entirely in the padding; use less padding or dilation");
    }
    sizes[2 + i] = count;
  }
  return sizes;
}

// ---- Losses ----

Dims cross_entropy_classes(const Tensor& input, const Tensor& target) {
  TS_CHECK(input.dim() == 2, ShapeError, "input must be (N, C), but it is ", describe(input));
  TS_CHECK(is_floating(input.dtype()), DTypeError, "input must be floating, but it is ", describe(input),
           "; convert it with `to(float32)`");
  TS_CHECK(target.dtype() == DType::Int64, DTypeError, "class labels must be Int64, but target is ", describe(target),
           "; convert them with `to(int64)`");
  TS_CHECK(target.dim() == 1 && target.size(0) == input.size(0), ShapeError, "target must have the shape [",
           input.size(0), "], one class for each row of input ", describe(input), ", but it is ", describe(target));
  return {};
}

DType compute_dtype(const Tensor& tensor) {
  TS_CHECK(is_floating(tensor.dtype()), DTypeError, "expected floating tensors, got ", describe(tensor),
           "; convert them first");
  return tensor.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
}

DType log_normalizer_dtype(const Tensor& input) {
  return input.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
}

Dims take_indices(const Tensor& self, IntList dims, const Tensor& indices) {
  const int at = position_of_indices(dims);
  Dims sizes;
  for (int d = 0; d < at; ++d) sizes.push_back(self.sizes()[d]);
  for (const std::int64_t size : indices.sizes()) sizes.push_back(size);
  std::size_t next = 0;
  for (int d = at; d < self.dim(); ++d) {
    if (next < dims.size() && dims[next] == d) {
      ++next;
    } else {
      sizes.push_back(self.sizes()[d]);
    }
  }
  return sizes;
}

Dims put_indices(const Tensor& self, IntList dims, const Tensor& indices, const Tensor& values) {
  const Dims selected = infer::take_indices(self, dims, indices);
  TS_CHECK(values.sizes() == selected, ShapeError, "the indices have the shape ", selected.to_string(),
           ", but the values are ", describe(values));
  TS_CHECK(values.dtype() == self.dtype(), DTypeError, "the values are ", describe(values), ", but `self` is ",
           describe(self), "; convert one of them with `to(dtype)`");
  return self.sizes();
}

Dims with_last(const Tensor& tensor, std::int64_t size) {
  Dims sizes = tensor.sizes();
  sizes[sizes.size() - 1] = size;
  return sizes;
}

}  // namespace infer
}  // namespace ts
