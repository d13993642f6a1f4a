// The profiler: how much time and memory each operator takes, forward and backward.
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

/// What an event of a profile stands for.
enum class ProfileKind : std::int32_t {
  Operator = 0,  ///< a call of an operator, including those that a composite operator makes
  Node = 1,      ///< a node of the autograd graph, run by a backward pass
  Range = 2,     ///< a part of the program that the user named
};

/// One call. Times are in nanoseconds since the profiler was started.
struct ProfileEvent {
  const char* name = "";  ///< lives as long as the process
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t inner_time = 0;   ///< the part of end - begin that events directly inside this one took
  std::int64_t bytes = 0;        ///< bytes of tensor data that the thread allocated between begin and end
  std::int64_t inner_bytes = 0;  ///< the part of `bytes` that events directly inside this one allocated
  std::int64_t live_bytes = 0;   ///< live bytes of the host, to within 256 KiB per thread, and of all devices, at the end
  std::int32_t thread = 0;       ///< threads are numbered from 0 in the order of their first events
  std::int32_t depth = 0;        ///< number of events of the thread that enclose this one
  ProfileKind kind = ProfileKind::Operator;
};

/// All calls of the same name and kind together. Times are in nanoseconds.
struct ProfileRow {
  std::string name;
  ProfileKind kind = ProfileKind::Operator;
  std::int64_t calls = 0;
  std::int64_t total_time = 0;  ///< including events inside; a recursive call is not counted twice
  std::int64_t self_time = 0;   ///< without the events inside
  std::int64_t self_bytes = 0;  ///< bytes allocated without those of the events inside
};

/// The events that a profiler recorded.
struct TS_API Profile {
  /// Thread by thread, each thread's in the order in which they ended.
  std::vector<ProfileEvent> events;

  /// The events grouped by name and kind, in descending order of self_time.
  std::vector<ProfileRow> rows() const;
  /// The first `limit` rows as a table of calls, total and self time, average time, share and bytes; all rows for 0.
  std::string table(std::int64_t limit = 0) const;
  /// The events as JSON in the Trace Event Format: nested slices for each thread, and live bytes as a counter.
  std::string trace() const;
};

/// Work on a device is asynchronous, so its operators show the time that queuing it took, unless TORCHSCRATCH_CUDA_SYNC=1 is
/// set. While the profiler runs, events are NVTX ranges too, by which NVIDIA's tools attribute the device's work.
///
/// There is one profiler for the process, which records all threads. It costs nothing while it is off; while it runs,
/// an operator takes about 0.1 microseconds longer, and an event takes 80 bytes.
namespace profiler {

/// Throws NotSupportedError if the profiler is running already or if another OpObserver is set.
TS_API void start();
/// Stops the profiler and returns the events. Calls that are still running are left out. Throws ValueError if the
/// profiler is not running.
TS_API Profile stop();
/// Returns the events recorded so far and continues. Throws ValueError if the profiler is not running.
TS_API Profile snapshot();
TS_API bool running();

/// Begins a named range on this thread. Does nothing while the profiler is not running.
TS_API void push_range(const char* name);
/// Ends the range that this thread began last.
TS_API void pop_range();

/// A range that lasts until the end of a scope.
class Range {
 public:
  explicit Range(const char* name) { push_range(name); }
  ~Range() { pop_range(); }
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;
};

}  // namespace profiler
}  // namespace ts
