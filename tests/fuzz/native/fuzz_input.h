// What the fuzzers share: values cut off an input, a limit on memory, and a way to say that something must not happen.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "torchscratch/c_api.h"

namespace fuzz {

/// An input from which values are cut off; zeros when it is used up.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  template <class T>
  T take() {
    T value{};
    const std::size_t count = std::min(sizeof value, size_);
    std::memcpy(&value, data_, count);
    skip(count);
    return value;
  }
  /// 0 to bound - 1.
  int below(int bound) { return take<std::uint8_t>() % bound; }
  /// A code near the valid ones most of the time, any number otherwise.
  std::int32_t code() {
    const int kind = below(16);
    return kind == 0 ? take<std::int32_t>() : below(14) - 2;
  }
  /// The bytes up to the next `end`, or all that are left.
  std::string text(char end) {
    const void* const found = size_ == 0 ? nullptr : std::memchr(data_, end, size_);
    const std::size_t count =
        found ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - data_) : size_;
    std::string result(reinterpret_cast<const char*>(data_), count);
    skip(std::min(size_, count + 1));
    return result;
  }
  std::string rest() {
    std::string result(reinterpret_cast<const char*>(data_), size_);
    skip(size_);
    return result;
  }
  std::size_t size() const { return size_; }

 private:
  void skip(std::size_t count) {
    data_ += count;
    size_ -= count;
  }

  const std::uint8_t* data_;
  std::size_t size_;
};

/// Ends the process with a message, which libFuzzer reports with the input.
[[noreturn]] inline void fail(const char* what, const std::string& detail = {}) {
  std::fprintf(stderr, "FAILED: %s %s\n", what, detail.c_str());
  std::abort();
}

/// Whether the call succeeded. A failure must say why, and it is no fault of the core itself.
inline bool succeeded(ts_status status) {
  if (status == TS_OK) return true;
  const char* const message = ts_last_error_message();
  if (message == nullptr || *message == '\0') fail("an error without a message");
  if (status == TS_ERROR_GENERIC) fail("an error that is no refusal:", message);
  return false;
}

/// Bounds tensors, so that a huge shape is refused and not computed for minutes.
inline void limit_memory() { ts_allocator_set_limit(std::int64_t{16} << 20); }

}  // namespace fuzz
