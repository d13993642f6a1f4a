// Codes that cross the C ABI as plain integers (element types, enums, kinds of numbers and of index entries), with counts and
// lists: whatever a caller passes, a call succeeds or refuses, and a refusal leaves its results untouched.
#include <vector>

#include "fuzz_input.h"

namespace {

using fuzz::Input;

// Differs from all handles, to see whether a failed call has written one.
const ts_tensor kUntouched = reinterpret_cast<ts_tensor>(std::uintptr_t{16});

ts_tensor small(Input& input) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(input.below(5)));
  for (std::int64_t& size : sizes) size = input.below(4);
  ts_tensor tensor = nullptr;
  if (ts_ones(sizes.data(), static_cast<std::int32_t>(sizes.size()), input.below(10), 0, &tensor) != TS_OK) {
    fuzz::fail("ones:", ts_last_error_message());
  }
  return tensor;
}

ts_scalar number(Input& input) { return {input.take<std::int64_t>(), input.below(3) == 0 ? input.code() : input.below(3)}; }

// Usually the CPU; a CUDA device, of which there is none, or no device at all is refused.
std::int32_t device(Input& input) { return input.below(4) == 0 ? input.code() : 0; }

std::vector<std::int64_t> list(Input& input) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(input.below(7)));
  for (std::int64_t& value : values) value = input.below(12) == 0 ? input.take<std::int64_t>() : input.below(8) - 3;
  return values;
}

void finish(ts_status status, ts_tensor result) {
  if (fuzz::succeeded(status)) {
    ts_tensor_info info;
    ts_tensor_get_info(result, &info);
    if (info.dtype < TS_BOOL || info.dtype > TS_FLOAT64) fuzz::fail("a result of no element type");
    char* text = nullptr;
    if (info.numel <= 1000 && fuzz::succeeded(ts_tensor_to_string(result, &text))) ts_string_free(text);
    ts_tensor_release(result);
  } else if (result != kUntouched) {
    fuzz::fail("a failed call has written its result");
  }
}

void index(Input& input, ts_tensor self) {
  std::vector<ts_index_entry> entries(static_cast<std::size_t>(input.below(6)));
  std::vector<ts_tensor> tensors;
  for (ts_index_entry& entry : entries) {
    entry = {nullptr, input.below(9) - 4, input.below(9) - 4, input.below(5) - 1, input.below(6) - (input.below(30) == 0),
             input.below(4)};
    if (input.below(10) == 0) entry.start = input.take<std::int64_t>();
    if (input.below(10) == 0) entry.stop = input.take<std::int64_t>();
    if (input.below(10) == 0) entry.step = input.take<std::int64_t>();
    if (input.below(20) == 0) entry.bounds = input.take<std::int32_t>();
    if (entry.kind == TS_INDEX_TENSOR && input.below(20) != 0) tensors.push_back(entry.tensor = small(input));
  }
  const auto count = static_cast<std::int32_t>(entries.size());
  if (input.below(2) == 0) {
    ts_tensor result = kUntouched;
    finish(ts_tensor_index(self, entries.data(), count, &result), result);
  } else {
    ts_tensor values = small(input);
    fuzz::succeeded(ts_tensor_index_put_(self, entries.data(), count, values, input.below(3)));
    ts_tensor_release(values);
  }
  for (ts_tensor tensor : tensors) ts_tensor_release(tensor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::limit_memory();
  Input input(data, size);
  ts_tensor self = small(input), other = small(input), result = kUntouched;
  for (int call = 0; call < 8 && input.size() > 0; ++call) {
    const std::vector<std::int64_t> values = list(input);
    const auto count = static_cast<std::int32_t>(values.size());
    result = kUntouched;
    switch (input.below(16)) {
      case 0: {
        std::int32_t promoted = 0;
        fuzz::succeeded(ts_promote(input.code(), input.code(), &promoted));
        break;
      }
      case 1: {
        finish(ts_tensor_create(nullptr, values.data(), count, input.code(), device(input), &result), result);
        break;
      }
      case 2: finish(ts_tensor_from_scalar(number(input), input.code(), device(input), &result), result); break;
      case 3: index(input, self); break;
      case 4: finish(ts_div(self, other, input.code(), &result), result); break;
      case 5: finish(ts_sum(self, values.data(), input.below(8) == 0 ? -1 : count, input.code(), input.code(), &result), result); break;
      case 6: finish(ts_to(self, input.code(), &result), result); break;
      case 7: {
        const ts_optional_scalar fill = {number(input), input.below(2)};
        finish(ts_pad(self, values.data(), count, input.code(), fill, &result), result);
        break;
      }
      case 8: {
        const ts_optional_double factor = {input.take<double>(), input.below(3) == 0};
        finish(ts_interpolate(self, values.data(), input.below(3) == 0 ? -1 : count, factor, input.code(), input.below(3),
                              input.below(3), &result), result);
        break;
      }
      case 9:
        finish(ts_cross_entropy(self, other, nullptr, input.take<std::int8_t>(), input.code(), input.take<double>(),
                                &result), result);
        break;
      case 10: finish(ts_zeros(values.data(), count, input.code(), device(input), &result), result); break;
      case 11: finish(ts_one_hot(self, input.take<std::int64_t>(), &result), result); break;
      case 12: {
        std::vector<char> buffer(static_cast<std::size_t>(input.below(200)));
        fuzz::succeeded(ts_tensor_copy_to(self, buffer.data(), static_cast<std::int64_t>(buffer.size())));
        break;
      }
      case 13: {
        const std::int32_t before = ts_default_dtype();
        fuzz::succeeded(ts_set_default_dtype(input.code()));
        ts_set_default_dtype(before);
        break;
      }
      case 14: finish(ts_div(self, nullptr, input.code(), &result), result); break;
      default: {
        ts_scalar item = {0, 0};
        fuzz::succeeded(ts_tensor_item(self, &item));
        break;
      }
    }
  }
  ts_tensor_release(self);
  ts_tensor_release(other);
  return 0;
}
