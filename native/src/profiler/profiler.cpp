// Sessions of the profiler, and the observer that records operators and nodes.
#include "torchscratch/profiler.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "profiler/recorder.h"
#include "tensor/device/backend.h"
#include "tensor/storage_bytes.h"
#include "torchscratch/autograd.h"
#include "torchscratch/observer.h"

namespace ts {

namespace profiler {

namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct Sessions {
  std::atomic<std::uint64_t> current{0};  // 0 while the profiler is off
  std::mutex mutex;                       // guards the members below
  std::uint64_t last = 0;
  std::int64_t origin = 0;
  std::int32_t threads = 0;
  std::vector<std::unique_ptr<ThreadRecord>> records;
};

// Never destroyed, since threads may end after main returns.
Sessions& sessions() {
  static Sessions* const instance = new Sessions;
  return *instance;
}

// A pointer, because a library that is loaded at run time has little space for thread-local data.
thread_local ThreadRecord* mine = nullptr;
thread_local bool thread_ended = false;

struct RecordOwner {
  ~RecordOwner() {
    const std::lock_guard lock(sessions().mutex);
    if (mine) mine->ended = true;
    mine = nullptr;
    thread_ended = true;
  }
};

// Called for a thread's first event in a session. Null if the session has ended, or if the thread is ending.
ThreadRecord* join(std::uint64_t session) {
  if (thread_ended) return nullptr;
  thread_local RecordOwner owner;
  (void)owner;
  Sessions& s = sessions();
  const std::lock_guard lock(s.mutex);
  if (s.current.load(std::memory_order_relaxed) != session) return nullptr;
  if (!mine) {
    s.records.push_back(std::make_unique<ThreadRecord>());
    mine = s.records.back().get();
  }
  mine->restart(session, s.threads++, s.origin);
  return mine;
}

// This thread's record in the running session; null if there is none.
ThreadRecord* record() {
  const std::uint64_t session = sessions().current.load(std::memory_order_acquire);
  if (session == 0) return nullptr;
  return mine && mine->session() == session ? mine : join(session);
}

void begin(const char* name, ProfileKind kind, bool intern) {
  ThreadRecord* const thread = record();
  if (!thread) return;
  const char* const kept = intern ? thread->intern(name) : name;
  if (DeviceBackend* const device = loaded_backend()) device->begin_range(kept);
  thread->begin(kept, kind, now(), storage_bytes_of_thread());
}

void end(ProfileKind kind) {
  const std::int64_t time = now();
  if (ThreadRecord* const thread = record(); thread && thread->end(kind, time, storage_bytes_of_thread())) {
    if (DeviceBackend* const device = loaded_backend()) device->end_range();
  }
}

// Names of operators live as long as the process, but those of nodes only as long as the node, so they are copied.
struct Observer final : OpObserver {
  void before(const char* op) override { begin(op, ProfileKind::Operator, false); }
  void after(const char*) override { end(ProfileKind::Operator); }
  void before_node(const Node& node) override { begin(node.name(), ProfileKind::Node, true); }
  void after_node(const Node&) override { end(ProfileKind::Node); }
};

Observer& observer() {
  static Observer* const instance = new Observer;
  return *instance;
}

// The caller holds the mutex.
Profile collect(Sessions& s, std::uint64_t session) {
  Profile profile;
  for (const auto& thread : s.records) {
    if (thread->session() == session) thread->collect(profile.events);
  }
  return profile;
}

std::uint64_t running_session(const Sessions& s, const char* caller) {
  const std::uint64_t session = s.current.load(std::memory_order_relaxed);
  TS_CHECK(session != 0, ValueError, caller, ": the profiler is not running; start it first");
  return session;
}

}  // namespace

void start() {
  Sessions& s = sessions();
  const std::lock_guard lock(s.mutex);
  TS_CHECK(s.current.load(std::memory_order_relaxed) == 0, NotSupportedError,
           "profiler: it is running already, and a process has only one; stop it first");
  TS_CHECK(add_op_observer(&observer()), NotSupportedError,
           "profiler: another observer of operators is set; remove it first");
  s.records.erase(std::remove_if(s.records.begin(), s.records.end(), [](const auto& thread) { return thread->ended; }),
                  s.records.end());
  s.threads = 0;
  s.origin = now();
  s.current.store(++s.last, std::memory_order_release);
}

Profile stop() {
  Sessions& s = sessions();
  const std::lock_guard lock(s.mutex);
  const std::uint64_t session = running_session(s, "stop");
  set_op_observer(nullptr);
  s.current.store(0, std::memory_order_release);
  return collect(s, session);
}

Profile snapshot() {
  Sessions& s = sessions();
  const std::lock_guard lock(s.mutex);
  return collect(s, running_session(s, "snapshot"));
}

bool running() { return sessions().current.load(std::memory_order_relaxed) != 0; }

void push_range(const char* name) { begin(name, ProfileKind::Range, true); }

void pop_range() { end(ProfileKind::Range); }

}  // namespace profiler
}  // namespace ts
