// The profiler: where a program spends its time and its memory, operator by operator, forward and backward.
//
//     ts::profiler::start();
//     { ts::profiler::Range step("step"); loss(x).backward(); }
//     const ts::Profile profile = ts::profiler::stop();
//     std::cout << profile.table();
//     std::ofstream("trace.json") << profile.trace();  // for chrome://tracing and ui.perfetto.dev
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "torchscratch/export.h"

namespace ts {

/// What an event of a profile is.
enum class ProfileKind : std::int32_t {
  Operator = 0,  ///< a call of an operator, composites and the operators inside them alike
  Node = 1,      ///< a node of the graph, run by a backward pass
  Range = 2,     ///< a part that the user named
};

/// One call. Times are in nanoseconds since the profiler was started.
struct ProfileEvent {
  const char* name = "";  ///< lives as long as the process
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t inner_time = 0;   ///< of `end - begin`, what the events directly inside took
  std::int64_t bytes = 0;        ///< data of tensors allocated meanwhile, by the thread of the call
  std::int64_t inner_bytes = 0;  ///< of `bytes`, what the events directly inside allocated
  std::int64_t live_bytes = 0;   ///< of all threads, at the end, to within 256 KiB a thread
  std::int32_t thread = 0;       ///< numbered from 0, in the order in which they first met the profiler
  std::int32_t depth = 0;        ///< events of the thread around this one
  ProfileKind kind = ProfileKind::Operator;
};

/// All calls of one name and kind together. Times in nanoseconds.
struct ProfileRow {
  std::string name;
  ProfileKind kind = ProfileKind::Operator;
  std::int64_t calls = 0;
  std::int64_t total_time = 0;  ///< with what ran inside; a call inside one of the same name counts once
  std::int64_t self_time = 0;   ///< without
  std::int64_t self_bytes = 0;  ///< allocated by the calls themselves
};

/// What a profiler saw.
struct TS_API Profile {
  /// In the order of their ends on each thread, threads one after the other.
  std::vector<ProfileEvent> events;

  /// By name, those with most time of their own first.
  std::vector<ProfileRow> rows() const;
  /// The first `limit` rows as text: calls, total and own time, average, share, bytes. All of them for 0.
  std::string table(std::int64_t limit = 0) const;
  /// JSON of the Trace Event Format: slices nested by thread, and live bytes as a counter.
  std::string trace() const;
};

/// One profiler for the process, which sees all threads. Off, it costs nothing; on, about a tenth of a microsecond an
/// operator and 80 bytes an event.
namespace profiler {

/// NotSupportedError if it runs already, or if another OpObserver is set.
TS_API void start();
/// Ends it. Calls still running are not in the result. ValueError if it does not run.
TS_API Profile stop();
/// What it saw so far; it runs on. ValueError if it does not run.
TS_API Profile snapshot();
TS_API bool running();

/// Begins a part of this thread's work, and ends the one begun last. Nothing happens while no profiler runs.
TS_API void push_range(const char* name);
TS_API void pop_range();

/// A range that ends with its scope.
class Range {
 public:
  explicit Range(const char* name) { push_range(name); }
  ~Range() { pop_range(); }
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;
};

}  // namespace profiler
}  // namespace ts
