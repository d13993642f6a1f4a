// The event buffers of threads.
#include "profiler/recorder.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_set>

#include "torchscratch/allocator.h"
#include "torchscratch/cuda.h"

namespace ts::profiler {

void ThreadRecord::begin(const char* name, ProfileKind kind, std::int64_t now, std::int64_t allocated) {
  open_.push_back({name, kind, now, allocated});
}

bool ThreadRecord::end(ProfileKind kind, std::int64_t now, std::int64_t allocated) {
  if (open_.empty() || open_.back().kind != kind) return false;
  const Open call = open_.back();
  open_.pop_back();
  ProfileEvent event;
  event.name = call.name;
  event.begin = call.begin - origin_;
  event.end = now - origin_;
  event.inner_time = call.inner_time;
  event.bytes = allocated - call.allocated;
  event.inner_bytes = call.inner_bytes;
  event.live_bytes = allocator::live_bytes() + cuda::live_bytes();
  event.thread = number_;
  event.depth = static_cast<std::int32_t>(open_.size());
  event.kind = kind;
  if (!open_.empty()) {
    open_.back().inner_time += event.end - event.begin;
    open_.back().inner_bytes += event.bytes;
  }
  append(event);
  return true;
}

void ThreadRecord::append(const ProfileEvent& event) {
  const std::size_t count = published_.load(std::memory_order_relaxed);
  if (count % kChunkEvents == 0) {
    chunks_.push_back(std::make_unique<Chunk>());
    Chunk* const fresh = chunks_.back().get();
    (last_ ? last_->next : first_) = fresh;
    last_ = fresh;
  }
  last_->events[count % kChunkEvents] = event;
  published_.store(count + 1, std::memory_order_release);
}

void ThreadRecord::restart(std::uint64_t session, std::int32_t number, std::int64_t origin) {
  clear();
  session_ = session;
  number_ = number;
  origin_ = origin;
}

void ThreadRecord::clear() {
  published_.store(0, std::memory_order_relaxed);
  first_ = last_ = nullptr;
  chunks_.clear();
  open_.clear();
}

void ThreadRecord::collect(std::vector<ProfileEvent>& into) const {
  std::size_t left = published_.load(std::memory_order_acquire);
  if (left == 0) return;
  into.reserve(into.size() + left);
  for (const Chunk* chunk = first_;; chunk = chunk->next) {
    const std::size_t count = std::min(left, kChunkEvents);
    into.insert(into.end(), chunk->events, chunk->events + count);
    if ((left -= count) == 0) return;
  }
}

const char* ThreadRecord::intern(const char* name) {
  const auto found = names_.find(name);
  if (found != names_.end()) return found->second;
  const char* const kept = permanent(name);
  names_.emplace(kept, kept);
  return kept;
}

const char* permanent(const char* name) {
  static std::mutex mutex;
  static auto* const names = new std::unordered_set<std::string>;  // never destroyed, since a thread may outlive main
  const std::lock_guard lock(mutex);
  return names->emplace(name).first->c_str();
}

}  // namespace ts::profiler
