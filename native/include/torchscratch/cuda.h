// CUDA devices: which there are, their memory, and the order of their work. The backend is a shared library of its own,
// libtorchscratch_cuda, which is loaded when a CUDA device is first asked for; this library needs nothing of CUDA.
//
// Work on a device is asynchronous: an operator returns when its kernel is queued. Whatever reads values on the host
// (item(), copies to the CPU, printing) waits for them. An error in data, such as an index out of range, shows at such
// a point, with the operator's name; with TORCHSCRATCH_CUDA_SYNC=1 in the environment it shows at the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "torchscratch/device.h"
#include "torchscratch/tensor.h"

namespace ts::cuda {

/// Whether there is a CUDA device that can be used.
TS_API bool is_available();
/// Why there is none: the library, the driver or a device that is missing. Empty if there is one.
TS_API std::string why_not();
/// The number of devices; 0 if CUDA is not available.
TS_API int device_count();

struct Properties {
  std::string name;
  std::int64_t total_memory = 0;  ///< in bytes
  int major = 0, minor = 0;       ///< compute capability
  int multiprocessors = 0;
  int warp_size = 32;
  std::int64_t shared_memory_per_block = 0;  ///< in bytes
};
/// Throws DeviceError if there is no device of this number, as do all functions with an `index`.
TS_API Properties properties(int index);

/// The device that "cuda" stands for on this thread; 0 at first.
TS_API int current_device();
TS_API void set_current_device(int index);

// ---- Memory ----

/// Bytes and counts of one device.
struct MemoryStats {
  std::int64_t live_bytes = 0;          ///< of tensors
  std::int64_t peak_bytes = 0;          ///< highest live_bytes since reset_peak()
  std::int64_t cached_bytes = 0;        ///< kept for reuse
  std::int64_t limit_bytes = 0;         ///< of live_bytes + cached_bytes; 0 if there is none
  std::int64_t free_bytes = 0;          ///< of the whole device, which other programs use too
  std::int64_t total_bytes = 0;         ///< of the whole device
  std::int64_t allocations = 0;         ///< number of blocks allocated
  std::int64_t frees = 0;               ///< number of blocks freed
  std::int64_t system_allocations = 0;  ///< number of allocations from the system
  std::int64_t system_frees = 0;        ///< number of allocations given back to the system
};
TS_API MemoryStats memory_stats(int index);
/// live_bytes of all devices; one load.
TS_API std::int64_t live_bytes();
TS_API void reset_peak(int index);
/// Limits live and cached bytes; 0 removes the limit. Throws ValueError if it is negative.
TS_API void set_memory_limit(int index, std::int64_t bytes);
/// Gives cached memory of all devices, and cached pinned memory, back to the system.
TS_API void empty_cache();

// ---- Streams and events ----

/// A queue of work on a device. Streams come from a pool and are never destroyed, so a Stream is a plain value.
struct Stream {
  void* native = nullptr;  ///< the CUDA runtime's stream
  int device = 0;
  int id = 0;  ///< 0 is the default stream

  bool operator==(const Stream& other) const { return device == other.device && id == other.id; }
  bool operator!=(const Stream& other) const { return !(*this == other); }
  /// Waits until its work is done. Throws the error in data that occurred, if any.
  TS_API void synchronize() const;
  /// Whether its work is done.
  TS_API bool is_idle() const;
};

/// One of the 32 streams of the device's pool, in turns.
TS_API Stream new_stream(int index, bool high_priority = false);
/// The stream to which this thread's work on the device goes; the default stream at first.
TS_API Stream current_stream(int index);
TS_API void set_current_stream(const Stream& stream);

/// Makes this thread's work on the stream's device go there until the end of a scope.
class StreamScope {
 public:
  explicit StreamScope(const Stream& stream) : previous_(current_stream(stream.device)) { set_current_stream(stream); }
  ~StreamScope() { set_current_stream(previous_); }
  StreamScope(const StreamScope&) = delete;
  StreamScope& operator=(const StreamScope&) = delete;

 private:
  Stream previous_;
};

/// A point in the work of a stream.
class TS_API Event {
 public:
  /// With `timing`, elapsed() can be asked.
  explicit Event(int device, bool timing = false);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Marks the present end of the stream's work.
  void record(const Stream& stream);
  /// Makes later work of the stream wait for the event.
  void wait(const Stream& stream) const;
  /// Waits on this thread.
  void synchronize() const;
  /// Whether the work before it is done; also before it is recorded.
  bool is_done() const;
  /// Milliseconds from `begin` to this event. Throws ValueError unless both were created with timing, recorded and
  /// done.
  double elapsed(const Event& begin) const;
  int device() const { return device_; }

 private:
  void* native_;
  int device_;
  bool timing_;
  bool recorded_ = false;
};

/// Waits until all work of the device is done. Throws the error in data that occurred, if any.
TS_API void synchronize(int index);

/// Says that a stream other than the one where the tensor was made uses its memory, which is not reused before that
/// stream has come to the point where it is when the tensor is freed.
TS_API void record_stream(const Tensor& tensor, const Stream& stream);

}  // namespace ts::cuda
