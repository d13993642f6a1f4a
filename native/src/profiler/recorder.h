// The events of a thread. Appending takes no lock, and the events may be read at any time.
//
// Events are stored in chunks that never move. Only the thread itself appends, and it publishes an event by increasing
// a counter. A reader copies the events that were published when it began, and no later ones, so that it ends even if
// threads append as fast as it copies. Whatever is rare (the first event of a thread, a new session, reading) is
// guarded by one mutex.
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

  // Called by the thread itself:
  void begin(const char* name, ProfileKind kind, std::int64_t now, std::int64_t allocated);
  /// Ends the innermost event if it is of this kind. If it is not, the call that ends began before the session did.
  /// False if no call of this kind is open.
  bool end(ProfileKind kind, std::int64_t now, std::int64_t allocated);
  /// A copy of the name that lives as long as the process, the same pointer each time.
  const char* intern(const char* name);
  std::uint64_t session() const { return session_; }

  // Called with the mutex of the sessions held:
  void restart(std::uint64_t session, std::int32_t number, std::int64_t origin);
  void collect(std::vector<ProfileEvent>& into) const;
  bool ended = false;  // whether the thread has ended

 private:
  static constexpr std::size_t kChunkEvents = 1024;
  struct Chunk {
    ProfileEvent events[kChunkEvents];
    Chunk* next = nullptr;
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
  std::vector<std::unique_ptr<Chunk>> chunks_;  // owns the chunks; readers follow first_
  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
  std::atomic<std::size_t> published_{0};  // number of events, written after the event and the chunk that holds it
};

/// A copy of the text that lives as long as the process.
const char* permanent(const char* name);

}  // namespace ts::profiler
