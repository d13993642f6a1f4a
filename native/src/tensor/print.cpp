// Tensors as text, the way PyTorch prints them: in aligned columns, with four decimals, in scientific notation if
// magnitudes differ too much, and without the middle if there are more than a thousand elements. The time depends on
// what is shown, not on the sizes: an empty or an expanded tensor may have a size of 2^40.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include "tensor/autograd_state.h"
#include "tensor/host_access.h"
#include "torchscratch/print.h"

namespace ts {

namespace {

constexpr std::int64_t kThreshold = 1000;
constexpr std::int64_t kEdgeItems = 3;
constexpr double kMostShown = 1e5;  // with more, only the first and the last item of each dimension are shown
constexpr int kPrecision = 4;
constexpr std::size_t kLineWidth = 80;
constexpr std::size_t kIndent = 7;  // the width of "tensor("

// The element that is `position` elements after the first in memory.
Scalar element(const Tensor& tensor, std::int64_t position) {
  return view_of(tensor, {}, {}, tensor.storage_offset() + position, false).item();
}

// What is printed of a tensor on a device is read several times, element by element. Unless it is spread over much memory,
// it is copied to the host at once.
Tensor on_host(const Tensor& tensor) {
  constexpr std::int64_t most = std::int64_t{1} << 20;
  std::int64_t extent = 1;
  for (int d = 0; d < tensor.dim(); ++d) extent += (tensor.sizes()[d] - 1) * tensor.strides()[d];
  if (tensor.device().is_cpu() || tensor.numel() == 0 || extent > most) return tensor;
  const Tensor whole = empty({extent}, tensor.dtype(), Device());
  copy_to_host(whole.raw_data(), view_of(tensor, {extent}, {1}, tensor.storage_offset(), false));
  return view_of(whole, tensor.sizes(), tensor.strides(), 0, false);
}

class Printer {
 public:
  explicit Printer(const Tensor& tensor) : tensor_(on_host(tensor)), shorten_(tensor.numel() > kThreshold) {
    double shown = 1;
    for (const std::int64_t size : tensor.sizes()) shown *= static_cast<double>(std::min(size, 2 * kEdgeItems));
    if (shown > kMostShown) edge_items_ = 1;
    if (tensor.numel() > 0) choose_format();
  }

  std::string print() const {
    if (tensor_.numel() == 0) return "[]";
    return level(0, 0, kIndent);
  }

 private:
  template <class Visit>
  void for_each_shown(int dim, std::int64_t position, Visit&& visit) const {
    if (dim == tensor_.dim()) {
      visit(element(tensor_, position));
      return;
    }
    const std::int64_t size = tensor_.sizes()[dim];
    for (std::int64_t i = 0; i < size; ++i) {
      if (i == edge_items_ && shortens(size)) i = size - edge_items_;
      for_each_shown(dim + 1, position + i * tensor_.strides()[dim], visit);
    }
  }

  bool shortens(std::int64_t size) const { return shorten_ && size > 2 * edge_items_; }

  // The rules of PyTorch's _Formatter: if all floats are integers, they are printed as "1."; a ratio of magnitudes
  // above 1000, a magnitude above 1e8 or, unless all are integers, one below 1e-4 selects scientific notation.
  void choose_format() {
    if (is_floating(tensor_.dtype())) {
      double largest = 0;
      double smallest = INFINITY;
      for_each_shown(0, 0, [&](const Scalar& value) {
        const double x = std::fabs(value.to_double());
        if (!std::isfinite(x)) return;
        if (x != std::nearbyint(x)) whole_ = false;
        if (x > 0) {
          largest = std::max(largest, x);
          smallest = std::min(smallest, x);
        }
      });
      if (largest > 0) {
        scientific_ = largest / smallest > 1000 || largest > 1e8 || (!whole_ && smallest < 1e-4);
      }
    }
    // As in PyTorch, zeros, infinities and NaN do not count for the width of floats.
    for_each_shown(0, 0, [&](const Scalar& value) {
      const double x = value.to_double();
      if (!is_floating(tensor_.dtype()) || (x != 0 && std::isfinite(x))) width_ = std::max(width_, text(value).size());
    });
  }

  std::string text(const Scalar& value) const {
    switch (tensor_.dtype()) {
      case DType::Bool:
        return value.to_bool() ? "True" : "False";
      case DType::UInt8:
      case DType::Int8:
      case DType::Int16:
      case DType::Int32:
      case DType::Int64:
        return std::to_string(value.to_int());
      default:
        break;
    }
    const double x = value.to_double();
    if (std::isnan(x)) return "nan";
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    char buffer[400];
    if (scientific_) {
      std::snprintf(buffer, sizeof buffer, "%.*e", kPrecision, x);
      return buffer;
    }
    std::snprintf(buffer, sizeof buffer, "%.*f", whole_ ? 0 : kPrecision, x);
    return whole_ ? std::string(buffer) + "." : buffer;
  }

  std::string padded(const Scalar& value) const {
    const std::string plain = text(value);
    return std::string(width_ - std::min(width_, plain.size()), ' ') + plain;
  }

  std::string level(int dim, std::int64_t position, std::size_t indent) const {
    if (dim == tensor_.dim()) return text(element(tensor_, position));
    const std::int64_t size = tensor_.sizes()[dim];
    const std::int64_t stride = tensor_.strides()[dim];
    const bool last = dim == tensor_.dim() - 1;
    const std::size_t per_line = std::max<std::size_t>(1, (kLineWidth - std::min(kLineWidth, indent)) / (width_ + 2));
    std::string out = "[";
    std::size_t on_line = 0;
    bool first = true;
    const auto separate = [&] {
      if (first) {
        first = false;
      } else if (!last) {
        out += ",";
        out += std::string(static_cast<std::size_t>(tensor_.dim() - 1 - dim), '\n') + std::string(indent + 1, ' ');
      } else if (on_line == per_line) {
        out += ",\n" + std::string(indent + 1, ' ');
        on_line = 0;
      } else {
        out += ", ";
      }
    };
    for (std::int64_t i = 0; i < size; ++i) {
      if (i == edge_items_ && shortens(size)) {
        separate();
        out += last ? " ..." : "...";
        ++on_line;
        i = size - edge_items_;
      }
      separate();
      ++on_line;
      out += last ? padded(element(tensor_, position + i * stride)) : level(dim + 1, position + i * stride, indent + 1);
    }
    return out + "]";
  }

  const Tensor tensor_;
  bool shorten_;
  std::int64_t edge_items_ = kEdgeItems;
  bool whole_ = true;
  bool scientific_ = false;
  std::size_t width_ = 1;
};

}  // namespace

std::string Tensor::to_string() const {
  if (!defined()) return "tensor(none)";
  std::string out = "tensor(" + Printer(*this).print();
  // As in PyTorch, what the values do not show follows them, on a new line if it does not fit.
  std::size_t line = out.size() - (out.rfind('\n') + 1) + 1;
  const auto append = [&](const std::string& part) {
    if (line + part.size() + 2 > kLineWidth) {
      out += ",\n" + std::string(kIndent, ' ') + part;
      line = kIndent + part.size();
    } else {
      out += ", " + part;
      line += part.size() + 2;
    }
  };
  if (device().is_cuda()) append("device='" + device().to_string() + "'");
  if (numel() == 0 && dim() != 1) {
    std::string shape;
    for (const std::int64_t size : sizes()) shape += (shape.empty() ? "" : ", ") + std::to_string(size);
    append("size=(" + shape + ")");
  }
  const bool evident =
      dtype() == default_dtype() || ((dtype() == DType::Int64 || dtype() == DType::Bool) && numel() > 0);
  if (!evident) append(format("dtype=", dtype_name(dtype())));
  if (const std::string history = describe_history(*this); !history.empty()) append(history);
  return out + ")";
}

std::ostream& operator<<(std::ostream& stream, const Tensor& tensor) { return stream << tensor.to_string(); }

std::ostream& operator<<(std::ostream& stream, const Dims& dims) { return stream << dims.to_string(); }

std::ostream& operator<<(std::ostream& stream, DType dtype) { return stream << dtype_name(dtype); }

}  // namespace ts
