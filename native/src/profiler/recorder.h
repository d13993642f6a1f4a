// Collects the events of each thread: appending takes no lock, reading may happen at any time.
//
// Events lie in chunks that never move. Their thread alone appends, and publishes each by raising the chunk's count; a
// reader takes what is published. What is rare (a thread's first event, a new session, reading) goes under one mutex.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "torchscratch/profiler.h"

namespace ts::profiler {

class ThreadRecord {
 public:
  ThreadRecord() = default;
  ThreadRecord(const ThreadRecord&) = delete;
  ThreadRecord& operator=(const ThreadRecord&) = delete;

  // Of the thread itself:
  void begin(const char* name, ProfileKind kind, std::int64_t now, std::int64_t allocated);
  /// Closes the innermost event, if it is of this kind; others were begun before the session.
  void end(ProfileKind kind, std::int64_t now, std::int64_t allocated);
  /// The same text each time, which outlives the thread's nodes.
  const char* intern(const char* name);
  std::uint64_t session() const { return session_; }

  // Under the mutex of the sessions:
  void restart(std::uint64_t session, std::int32_t number, std::int64_t origin);
  void collect(std::vector<ProfileEvent>& into) const;
  bool ended = false;  // the thread is gone

 private:
  static constexpr std::size_t kChunkEvents = 1024;
  struct Chunk {
    ProfileEvent events[kChunkEvents];
    std::atomic<std::size_t> count{0};
    std::atomic<Chunk*> next{nullptr};
  };
  struct Open {
    const char* name;
    ProfileKind kind;
    std::int64_t begin;
    std::int64_t allocated;
    std::int64_t inner_time = 0;
    std::int64_t inner_bytes = 0;
  };

  void append(const ProfileEvent& event);
  void clear();

  std::uint64_t session_ = 0;
  std::int32_t number_ = 0;
  std::int64_t origin_ = 0;
  std::vector<Open> open_;
  std::unordered_map<std::string_view, const char*> names_;
  std::vector<std::unique_ptr<Chunk>> chunks_;  // owns; readers follow `first_`
  std::atomic<Chunk*> first_{nullptr};
  Chunk* last_ = nullptr;
};

/// A text of the same content that lives as long as the process.
const char* permanent(const char* name);

}  // namespace ts::profiler
