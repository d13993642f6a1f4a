// Scratch memory of a thread, kept between calls so that kernels in a steady state ask the system for nothing.
//
// A kernel declares `static Workspace workspace;` and each thread that calls reserve() gets memory of its own. One
// thread-local pointer leads to all of a thread's scratch: room for thread-local data is scarce in a library that is
// loaded at run time, too scarce for an object per kernel and type.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ts::cpu {

class Workspace {
 public:
  Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // At least `bytes` of uninitialized memory on a cache line boundary, the calling thread's until its next call.
  void* reserve(size_t bytes) const;

 private:
  size_t slot_;
};

}  // namespace ts::cpu
