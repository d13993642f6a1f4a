// Scratch memory of a thread, kept between calls so that kernels in a steady state ask the system for nothing.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ts::cpu {

class Workspace {
 public:
  Workspace() = default;
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // At least `bytes` of uninitialized memory on a cache line boundary, valid until the next call.
  void* reserve(size_t bytes) { return bytes <= capacity_ ? data_ : grow(bytes); }

 private:
  void* grow(size_t bytes);

  void* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace ts::cpu
