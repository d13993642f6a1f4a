// Applies a pointwise function to operands of any dtype and any strides, and copies tensors.
//
// The inner loop needs contiguous memory of the compute type. An operand that is already in this form is accessed
// directly; any other passes through a buffer that stays in the L1 cache: gather, convert, compute, convert, scatter,
// one block at a time. A vector never reads beyond an operand: the last few elements are computed in a padded buffer,
// by the same instructions, so that no result depends on how the work is divided.
#include "cpu/pointwise_engine.h"

#include <algorithm>
#include <cstring>

#include "cpu/convert.h"
#include "cpu/pointwise_blocks.h"
#include "cpu/strided_box.h"
#include "cpu/thread_pool.h"
#include "torchscratch/error.h"

namespace ts::cpu {
namespace {

constexpr int kMaxInputs = PointwiseArgs::kMaxOperands - 1;

// A stretch of one operand: `count` elements, `stride` apart.
struct Stretch {
  char* data;
  std::int64_t stride;
};

// Thrown by a worker thread, which does not know the operator; run_pointwise turns it into an error that names it.
struct ZeroDivisor {};

class Loop {
 public:
  Loop(const char* name, const PointwiseRow& row, const PointwiseArgs& args)
      : row_(row), args_(args), inputs_(row.operands) {
    const bool is_bool = args.operands[1].dtype == DType::Bool && row.boolean != nullptr;
    switch (args.compute) {
      case DType::Float32:
        span_ = row.float32;
        lanes_ = row.float32_lanes;
        for (int i = 0; i < row.params; ++i) params_.float32[i] = static_cast<float>(args.params[i].to_double());
        break;
      case DType::Float64:
        span_ = row.float64;
        lanes_ = row.float64_lanes;
        for (int i = 0; i < row.params; ++i) params_.float64[i] = args.params[i].to_double();
        break;
      case DType::Int64:
        span_ = is_bool ? row.boolean : row.int64;
        lanes_ = row.int64_lanes;
        for (int i = 0; i < row.params; ++i) params_.int64[i] = args.params[i].to_int();
        break;
      default:
        span_ = nullptr;
        break;
    }
    if (span_ == nullptr) {
      throw DTypeError(format(name, ": there is no kernel that computes in ", dtype_name(args.compute)));
    }
    item_ = item_size(args.compute);
    result_ = (is_bool ? row.boolean_makes_truth : row.makes_truth) ? DType::Bool : args.compute;
    result_item_ = item_size(result_);
    checks_divisor_ = row.checks_divisor && args.compute == DType::Int64;
  }

  void run() {
    if (checks_divisor_ && writes_operand() && has_zero(args_.operands[2])) throw ZeroDivisor();
    if (args_.ndim <= 1) {
      run_line();
    } else {
      run_boxes();
    }
  }

 private:
  DType dtype(int operand) const { return args_.operands[operand].dtype; }
  bool direct_input(int i) const { return dtype(i + 1) == args_.compute; }
  char* data(int operand) const { return static_cast<char*>(args_.operands[operand].data); }

  // Whether the result replaces an operand. Then a zero divisor must be found before anything is written.
  bool writes_operand() const {
    for (int i = 0; i < inputs_; ++i) {
      if (args_.operands[i + 1].data == args_.operands[0].data) return true;
    }
    return false;
  }

  bool has_zero(const PointwiseOperand& operand) const {
    // Where its stride is 0 it has one element.
    std::int64_t sizes[kMaxDims], strides[kMaxDims], rows = 1;
    int dims = 0;
    for (int d = 0; d < args_.ndim; ++d) {
      if (operand.strides[d] == 0) continue;
      sizes[dims] = args_.sizes[d];
      strides[dims++] = operand.strides[d];
    }
    for (int d = 0; d + 1 < dims; ++d) rows = wrapping_product(rows, sizes[d]);
    const std::int64_t columns = dims == 0 ? 1 : sizes[dims - 1], step = dims == 0 ? 0 : strides[dims - 1];
    const auto search = [&]<class T>() {
      for (std::int64_t row = 0; row < rows; ++row) {
        const T* from = static_cast<const T*>(operand.data);
        std::int64_t rest = row;
        for (int d = dims - 2; d >= 0; --d) {
          from += rest % sizes[d] * strides[d];
          rest /= sizes[d];
        }
        bool zero = false;
        if (step == 1) {
          for (std::int64_t i = 0; i < columns; ++i) zero |= from[i] == 0;
        } else {
          for (std::int64_t i = 0; i < columns; ++i) zero |= from[i * step] == 0;
        }
        if (zero) return true;
      }
      return false;
    };
    switch (item_size(operand.dtype)) {
      case 1:
        return search.template operator()<std::uint8_t>();
      case 2:
        return search.template operator()<std::uint16_t>();
      case 4:
        return search.template operator()<std::uint32_t>();
      default:
        return search.template operator()<std::uint64_t>();
    }
  }

  // Handles operands with at most one dimension.
  void run_line() {
    Stretch whole[PointwiseArgs::kMaxOperands];
    for (int k = 0; k <= inputs_; ++k) whole[k] = {data(k), args_.ndim == 0 ? 1 : args_.operands[k].strides[0]};
    if (args_.numel < 2 * kGrain) return run_stretch(whole, args_.numel);
    const bool streams = should_stream();
    parallel_for(args_.numel, kGrain, [&](std::int64_t begin, std::int64_t end) {
      Stretch part[PointwiseArgs::kMaxOperands];
      for (int k = 0; k <= inputs_; ++k) {
        part[k] = {advance(whole[k].data, begin * whole[k].stride, item_size(dtype(k))), whole[k].stride};
      }
      run_stretch(part, end - begin, streams);
      if (streams) stream_fence();
    });
  }

  // Whether to use streaming stores. Not for in-place operations, whose output was just read and so is in the cache.
  bool should_stream() const {
    if (dtype(0) != result_ || args_.operands[0].strides[0] != 1) return false;
    if (args_.numel * result_item_ < kStreamBytes) return false;
    for (int i = 0; i < inputs_; ++i) {
      if (args_.operands[i + 1].data == args_.operands[0].data) return false;
    }
    return true;
  }

  // Handles two or more dimensions in boxes: row by row if every operand is contiguous or constant along the rows,
  // otherwise each box as a whole, through the buffers.
  void run_boxes() {
    constexpr std::int64_t shortest_row = 64;
    const BoxPlan plan(args_, kBlock);
    bool by_rows = !plan.transposed() && args_.sizes[args_.ndim - 1] >= shortest_row;
    for (int k = 0; k <= inputs_; ++k) by_rows = by_rows && (plan.col_stride(k) == 0 || plan.col_stride(k) == 1);
    by_rows = by_rows && plan.col_stride(0) == 1;
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / plan.size());
    parallel_for(plan.count(), grain, [&](std::int64_t begin, std::int64_t end) {
      plan.visit(begin, end, [&](const Box& box) { by_rows ? run_box_rows(plan, box) : run_box(plan, box); });
    });
  }

  void run_box_rows(const BoxPlan& plan, const Box& box) {
    Stretch row[PointwiseArgs::kMaxOperands];
    for (std::int64_t r = 0; r < box.rows; ++r) {
      for (int k = 0; k <= inputs_; ++k) {
        const std::int64_t offset = box.offsets[k] + r * plan.row_stride(k);
        row[k] = {advance(data(k), offset, item_size(dtype(k))), plan.col_stride(k)};
      }
      run_stretch(row, box.cols);
    }
  }

  void run_box(const BoxPlan& plan, const Box& box) {
    alignas(64) char buffers[kMaxInputs][kBlock * kItem];
    alignas(64) char result[kBlock * kItem];
    const std::int64_t count = box.rows * box.cols;
    Stretch dense[PointwiseArgs::kMaxOperands] = {};
    char* out = nullptr;
    for (int k = 0; k <= inputs_; ++k) {
      const std::int64_t row_stride = plan.row_stride(k), col_stride = plan.col_stride(k);
      const std::int64_t item = item_size(dtype(k));
      char* first = advance(data(k), box.offsets[k], item);
      if (row_stride == 0 && col_stride == 0 && k != 0) {
        dense[k] = {first, 0};
      } else if (col_stride == 1 && (row_stride == box.cols || box.rows == 1)) {
        dense[k] = {first, 1};
      } else if (k == 0) {
        out = first;
        dense[k] = {result, 1};
      } else {
        copy_box(item, first, row_stride, col_stride, buffers[k - 1], box.cols, 1, box.rows, box.cols);
        dense[k] = {buffers[k - 1], 1};
      }
    }
    run_stretch(dense, count);
    if (out != nullptr) {
      copy_box(item_size(dtype(0)), result, box.cols, 1, out, plan.row_stride(0), plan.col_stride(0), box.rows,
               box.cols);
    }
  }

  // Computes `count` elements of each stretch. stretches[0] is the output.
  void run_stretch(const Stretch* stretches, std::int64_t count, bool streams = false) {
    bool direct = stretches[0].stride == 1 && dtype(0) == result_;
    for (int i = 0; i < inputs_; ++i) {
      direct = direct && (stretches[i + 1].stride == 0 || (stretches[i + 1].stride == 1 && direct_input(i)));
    }
    if (!direct) return run_buffered(stretches, count);

    alignas(64) char constants[kMaxInputs][kMaxLanes * kItem];
    const void* in[kMaxInputs];
    std::int64_t masks[kMaxInputs];
    for (int i = 0; i < inputs_; ++i) {
      const bool constant = stretches[i + 1].stride == 0;
      masks[i] = constant ? 0 : -1;
      in[i] = constant ? repeat(i, stretches[i + 1].data, constants[i]) : stretches[i + 1].data;
    }
    if (!streams) return compute(stretches[0].data, in, masks, count);

    alignas(64) char result[kBlock * kItem];
    for (std::int64_t done = 0; done < count; done += kBlock) {
      const std::int64_t size = std::min(kBlock, count - done);
      compute(result, in, masks, size);
      stream_copy(stretches[0].data + done * result_item_, result, size * result_item_);
      for (int i = 0; i < inputs_; ++i) in[i] = advance(in[i], masks[i] & size, item_);
    }
  }

  template <class Element>
  static void repeat_element(char* buffer) {
    Element element;
    std::memcpy(&element, buffer, sizeof element);
    for (int lane = 1; lane < kMaxLanes; ++lane) std::memcpy(buffer + lane * sizeof element, &element, sizeof element);
  }

  // Converts a single element and repeats it over one vector.
  const void* repeat(int i, const char* element, char* buffer) const {
    if (direct_input(i)) {
      std::memcpy(buffer, element, static_cast<std::size_t>(item_));
    } else {
      converter(dtype(i + 1), args_.compute)(element, buffer, 1);
    }
    if (item_ == 4) {
      repeat_element<std::uint32_t>(buffer);
    } else {
      repeat_element<std::uint64_t>(buffer);
    }
    return buffer;
  }

  void run_buffered(const Stretch* stretches, std::int64_t count) {
    alignas(64) char buffers[kMaxInputs][kBlock * kItem];
    alignas(64) char gathered[kBlock * kItem];
    alignas(64) char result[kBlock * kItem];
    const void* in[kMaxInputs];
    std::int64_t masks[kMaxInputs];
    Converter convert[kMaxInputs];
    for (int i = 0; i < inputs_; ++i) {
      const bool constant = stretches[i + 1].stride == 0;
      masks[i] = constant ? 0 : -1;
      if (constant) {
        in[i] = repeat(i, stretches[i + 1].data, buffers[i]);
      } else if (!direct_input(i)) {
        convert[i] = converter(dtype(i + 1), args_.compute);
      }
    }
    const bool converts_result = dtype(0) != result_;
    const Converter convert_result = converts_result ? converter(result_, dtype(0)) : nullptr;
    const std::int64_t out_item = item_size(dtype(0));

    for (std::int64_t done = 0; done < count; done += kBlock) {
      const std::int64_t size = std::min(kBlock, count - done);
      for (int i = 0; i < inputs_; ++i) {
        if (masks[i] == 0) continue;
        const std::int64_t stride = stretches[i + 1].stride, item = item_size(dtype(i + 1));
        const char* source = advance(stretches[i + 1].data, done * stride, item);
        if (stride != 1) {
          char* target = direct_input(i) ? buffers[i] : gathered;
          copy_box(item, source, 0, stride, target, 0, 1, 1, size);
          source = target;
        }
        if (!direct_input(i)) {
          convert[i](source, buffers[i], size);
          source = buffers[i];
        }
        in[i] = source;
      }
      char* out = advance(stretches[0].data, done * stretches[0].stride, out_item);
      const bool scatters = stretches[0].stride != 1;
      char* computed = converts_result || scatters ? result : out;
      compute(computed, in, masks, size);
      if (converts_result) {
        char* converted = scatters ? gathered : out;
        convert_result(computed, converted, size);
        computed = converted;
      }
      if (scatters) copy_box(out_item, computed, 0, 1, out, 0, stretches[0].stride, 1, size);
    }
  }

  // Runs the inner loop over whole vectors, then once more in padded buffers for the remaining elements.
  void compute(char* out, const void* const* in, const std::int64_t* masks, std::int64_t count) {
    if (checks_divisor_) check_divisor(static_cast<const std::int64_t*>(in[1]), masks[1] == 0 ? 1 : count);
    const std::int64_t rest = count % lanes_, whole = count - rest;
    if (whole != 0) span_(out, in, masks, whole, &params_);
    if (rest == 0) return;
    alignas(64) char padded[kMaxInputs][kMaxLanes * kItem];
    alignas(64) char result[kMaxLanes * kItem];
    const void* tails[kMaxInputs];
    for (int i = 0; i < inputs_; ++i) {
      tails[i] = in[i];
      if (masks[i] == 0) continue;
      std::memset(padded[i], 0, static_cast<std::size_t>(lanes_ * item_));
      std::memcpy(padded[i], advance(in[i], whole, item_), static_cast<std::size_t>(rest * item_));
      tails[i] = padded[i];
    }
    span_(result, tails, masks, lanes_, &params_);
    std::memcpy(out + whole * result_item_, result, static_cast<std::size_t>(rest * result_item_));
  }

  void check_divisor(const std::int64_t* divisors, std::int64_t count) const {
    bool zero = false;
    for (std::int64_t i = 0; i < count; ++i) zero |= divisors[i] == 0;
    if (zero) throw ZeroDivisor();
  }

  const PointwiseRow& row_;
  const PointwiseArgs& args_;
  int inputs_;
  SpanKernel span_;
  std::int64_t lanes_ = 1;
  std::int64_t item_, result_item_;
  DType result_;
  bool checks_divisor_;
  union {
    float float32[4];
    double float64[4];
    std::int64_t int64[4];
  } params_;
};

}  // namespace

void run_pointwise(const char* name, const PointwiseRow& row, const PointwiseArgs& args) {
  if (args.numel == 0) return;
  try {
    Loop(name, row, args).run();
  } catch (const ZeroDivisor&) {
    throw ValueError(ts::detail::in_operator("an integer divisor is zero"));
  }
}

}  // namespace ts::cpu
