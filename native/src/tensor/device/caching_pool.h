// A cache of memory that is expensive to get from the system: that of a CUDA device, and pinned host memory. Allocating
// and freeing device memory makes the device wait, so freed blocks are kept and given out again.
//
// As in PyTorch's allocator, memory comes from the system in segments: 2 MiB for blocks of up to 1 MiB, 20 MiB for
// blocks of up to 10 MiB, otherwise what is asked for, rounded up to 2 MiB. A block is cut from the smallest free block
// that holds it, and joined with its free neighbours when it is freed.
//
// A freed block may still be read by work that is queued. So it is given out again only to the stream for which it was
// allocated, whose work comes later than that. If other streams have used it (record_stream), an event on each of them
// has to be done first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "torchscratch/cuda.h"

namespace ts {

class CachingPool {
 public:
  /// Where memory comes from. `allocate` returns null if there is none left.
  struct System {
    std::function<void*(std::size_t bytes)> allocate;
    std::function<void(void* data)> release;
    /// An event at the present end of a stream's work, whether it is done, and its end.
    std::function<void*(const cuda::Stream& stream)> record_event;
    std::function<bool(const cuda::Stream& stream, void* event)> is_event_done;
    std::function<void(const cuda::Stream& stream, void* event)> wait_for_event;
    std::function<void(const cuda::Stream& stream, void* event)> destroy_event;
  };

  struct Block;

  explicit CachingPool(System system) : system_(std::move(system)) {}

  /// A block for use on `stream`; null if the system has no memory left, or if the limit would be exceeded, even after
  /// the cache has been given back.
  Block* allocate(std::size_t bytes, const cuda::Stream& stream);
  void free(Block* block) noexcept;
  /// Says that another stream uses the block.
  void record_stream(Block* block, const cuda::Stream& stream);
  /// Gives cached segments back to the system, after waiting for the streams that use them.
  void release_cached();

  void set_limit(std::int64_t bytes);
  void reset_peak();
  /// All but the free and total bytes of the device.
  cuda::MemoryStats stats() const;

  static void* data_of(const Block* block);
  static std::int64_t size_of(const Block* block);
  static const cuda::Stream& stream_of(const Block* block);

 private:
  struct Earlier {
    bool operator()(const Block* a, const Block* b) const;
  };
  using FreeBlocks = std::set<Block*, Earlier>;
  struct Use {
    cuda::Stream stream;
    void* event;
  };
  struct Waiting {
    Block* block;
    std::vector<Use> uses;
  };

  Block* take(std::size_t bytes, bool is_small, int stream);
  Block* new_segment(std::size_t bytes, bool is_small, int stream);
  void give_back(Block* block) noexcept;
  void join(Block* left, Block* right) noexcept;
  void reuse_finished(bool wait);
  void release_segments();

  System system_;
  mutable std::mutex mutex_;
  FreeBlocks small_, large_;
  std::list<Waiting> waiting_;
  cuda::MemoryStats stats_;
  std::int64_t reserved_ = 0;  // bytes of all segments
};

}  // namespace ts
