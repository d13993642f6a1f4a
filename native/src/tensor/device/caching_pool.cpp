// See caching_pool.h.
#include "tensor/device/caching_pool.h"

#include <algorithm>
#include <functional>
#include <memory>

namespace ts {

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kRounding = 512;   // sizes of blocks are multiples of it
constexpr std::size_t kSmallest = kMiB;  // blocks up to this size come from small segments
constexpr std::size_t kSmallSegment = 2 * kMiB;
constexpr std::size_t kMedium = 10 * kMiB;  // blocks up to this size share segments of kMediumSegment
constexpr std::size_t kMediumSegment = 20 * kMiB;
constexpr std::size_t kSegmentRounding = 2 * kMiB;

std::size_t round_up(std::size_t bytes, std::size_t multiple) { return (bytes + multiple - 1) / multiple * multiple; }

std::size_t segment_bytes(std::size_t bytes) {
  if (bytes <= kSmallest) return kSmallSegment;
  if (bytes < kMedium) return kMediumSegment;
  return round_up(bytes, kSegmentRounding);
}

}  // namespace

struct CachingPool::Block {
  Block(char* from, std::size_t bytes, const cuda::Stream& owner, bool small)
      : data(from), size(bytes), stream(owner), is_small(small) {}

  char* data;
  std::size_t size;
  cuda::Stream stream;
  bool is_small;
  Block* before = nullptr;  // neighbours in the segment
  Block* after = nullptr;
  bool is_free = false;
  std::vector<cuda::Stream> uses;  // other streams that use it
  FreeBlocks::node_type node;      // its place among the free ones, so that free() allocates nothing
};

bool CachingPool::Earlier::operator()(const Block* a, const Block* b) const {
  if (a->stream.id != b->stream.id) return a->stream.id < b->stream.id;
  if (a->size != b->size) return a->size < b->size;
  return std::less<const char*>()(a->data, b->data);
}

void* CachingPool::data_of(const Block* block) { return block->data; }
std::int64_t CachingPool::size_of(const Block* block) { return static_cast<std::int64_t>(block->size); }
const cuda::Stream& CachingPool::stream_of(const Block* block) { return block->stream; }

CachingPool::Block* CachingPool::allocate(std::size_t bytes, const cuda::Stream& stream) {
  const std::size_t size = round_up(std::max<std::size_t>(bytes, 1), kRounding);
  const bool is_small = size <= kSmallest;
  const std::lock_guard lock(mutex_);
  reuse_finished(/*wait=*/false);
  Block* block = take(size, is_small, stream.id);
  if (!block) block = new_segment(size, is_small, stream.id);
  if (!block) {
    // Another stream may hold what this one needs.
    reuse_finished(/*wait=*/true);
    block = take(size, is_small, stream.id);
    if (!block) {
      release_segments();
      block = new_segment(size, is_small, stream.id);
    }
  }
  if (!block) return nullptr;
  block->stream = stream;

  // Small rests of large blocks stay with them: they would never be used.
  const std::size_t rest = block->size - size;
  if (is_small ? rest >= kRounding : rest > kSmallest) {
    auto tail = std::make_unique<Block>(block->data + size, rest, stream, is_small);
    FreeBlocks holder;
    holder.insert(tail.get());
    tail->node = holder.extract(holder.begin());
    block->size = size;
    tail->before = block;
    tail->after = block->after;
    if (block->after) block->after->before = tail.get();
    block->after = tail.get();
    give_back(tail.release());
  }
  stats_.live_bytes += size_of(block);
  stats_.peak_bytes = std::max(stats_.peak_bytes, stats_.live_bytes);
  ++stats_.allocations;
  return block;
}

CachingPool::Block* CachingPool::take(std::size_t bytes, bool is_small, int stream) {
  FreeBlocks& free_blocks = is_small ? small_ : large_;
  Block least(nullptr, bytes, {nullptr, 0, stream}, is_small);
  const auto found = free_blocks.lower_bound(&least);
  if (found == free_blocks.end() || (*found)->stream.id != stream) return nullptr;
  Block* const block = *found;
  block->node = free_blocks.extract(found);
  block->is_free = false;
  return block;
}

CachingPool::Block* CachingPool::new_segment(std::size_t bytes, bool is_small, int stream) {
  const std::size_t size = segment_bytes(bytes);
  if (stats_.limit_bytes > 0 && reserved_ + static_cast<std::int64_t>(size) > stats_.limit_bytes) return nullptr;
  auto block = std::make_unique<Block>(nullptr, size, cuda::Stream{nullptr, 0, stream}, is_small);
  FreeBlocks holder;
  holder.insert(block.get());
  block->node = holder.extract(holder.begin());
  block->data = static_cast<char*>(system_.allocate(size));
  if (!block->data) return nullptr;
  reserved_ += static_cast<std::int64_t>(size);
  ++stats_.system_allocations;
  return block.release();
}

void CachingPool::free(Block* block) noexcept {
  const std::lock_guard lock(mutex_);
  stats_.live_bytes -= size_of(block);
  ++stats_.frees;
  if (!block->uses.empty()) {
    try {
      Waiting waiting{block, {}};
      for (const cuda::Stream& stream : block->uses) waiting.uses.push_back({stream, system_.record_event(stream)});
      waiting_.push_back(std::move(waiting));
      block->uses.clear();
      return;
    } catch (...) {
      // Without an event nothing tells when the block may be used again, so it is never given out.
      return;
    }
  }
  give_back(block);
}

// Joins a block that is no longer used with its free neighbours and puts it among the free ones.
void CachingPool::give_back(Block* block) noexcept {
  FreeBlocks& free_blocks = block->is_small ? small_ : large_;
  const auto is_joined = [&](Block* neighbour) {
    return neighbour && neighbour->is_free && neighbour->stream.id == block->stream.id;
  };
  if (Block* const before = block->before; is_joined(before)) {
    before->node = free_blocks.extract(before);
    join(before, block);
    block = before;
  }
  if (Block* const after = block->after; is_joined(after)) {
    free_blocks.extract(after);
    join(block, after);
  }
  block->is_free = true;
  free_blocks.insert(std::move(block->node));
}

void CachingPool::join(Block* left, Block* right) noexcept {
  left->size += right->size;
  left->after = right->after;
  if (right->after) right->after->before = left;
  delete right;
}

void CachingPool::record_stream(Block* block, const cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  if (stream == block->stream || std::find(block->uses.begin(), block->uses.end(), stream) != block->uses.end()) return;
  block->uses.push_back(stream);
}

void CachingPool::reuse_finished(bool wait) {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    auto& uses = it->uses;
    while (!uses.empty()) {
      const Use& use = uses.back();
      if (wait) system_.wait_for_event(use.stream, use.event);
      else if (!system_.is_event_done(use.stream, use.event)) break;
      system_.destroy_event(use.stream, use.event);
      uses.pop_back();
    }
    if (!uses.empty()) {
      ++it;
      continue;
    }
    give_back(it->block);
    it = waiting_.erase(it);
  }
}

void CachingPool::release_segments() {
  for (FreeBlocks* free_blocks : {&small_, &large_}) {
    for (auto it = free_blocks->begin(); it != free_blocks->end();) {
      Block* const block = *it;
      if (block->before || block->after) {
        ++it;
        continue;
      }
      it = free_blocks->erase(it);
      system_.release(block->data);
      reserved_ -= size_of(block);
      ++stats_.system_frees;
      delete block;
    }
  }
}

void CachingPool::release_cached() {
  const std::lock_guard lock(mutex_);
  reuse_finished(/*wait=*/true);
  release_segments();
}

void CachingPool::set_limit(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  stats_.limit_bytes = bytes;
}

void CachingPool::reset_peak() {
  const std::lock_guard lock(mutex_);
  stats_.peak_bytes = stats_.live_bytes;
}

cuda::MemoryStats CachingPool::stats() const {
  const std::lock_guard lock(mutex_);
  cuda::MemoryStats stats = stats_;
  stats.cached_bytes = reserved_ - stats_.live_bytes;
  return stats;
}

}  // namespace ts
