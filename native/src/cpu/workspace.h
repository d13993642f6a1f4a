// Scratch memory per thread, kept between calls so that kernels in a steady state allocate nothing.
//
// A kernel declares `static Workspace workspace;`, and each thread that calls reserve() gets its own memory. A single
// thread-local pointer leads to all of a thread's scratch memory: a library that is loaded at run time has little space
// for thread-local data, too little for one object per kernel and type.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ts::cpu {

class Workspace {
 public:
  Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Returns at least `bytes` of uninitialized memory, aligned to a cache line and valid until the calling thread's
  // next call.
  void* reserve(size_t bytes) const;

 private:
  size_t slot_;
};

}  // namespace ts::cpu
