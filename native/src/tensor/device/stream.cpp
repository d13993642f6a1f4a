// Streams and events of CUDA devices, and waiting for them.
#include <mutex>
#include <vector>

#include "tensor/device/backend.h"
#include "torchscratch/cuda.h"

namespace ts::cuda {

namespace {

constexpr int kPoolSize = 32;  // streams for each device and priority, as in PyTorch

thread_local Stream current[kMaxCudaDevices];  // its default values are the default streams, except for the device

struct StreamPool {
  std::mutex mutex;
  std::vector<Stream> streams[2];  // by priority
  std::size_t next[2] = {0, 0};
};

StreamPool& pool_of(int index) {
  static StreamPool* const pools = new StreamPool[kMaxCudaDevices];
  return pools[index];
}

}  // namespace

Stream new_stream(int index, bool high_priority) {
  DeviceBackend& backend = device_backend(index);
  StreamPool& pool = pool_of(index);
  const std::lock_guard lock(pool.mutex);
  std::vector<Stream>& streams = pool.streams[high_priority];
  if (streams.size() < kPoolSize) {
    const int id = 1 + static_cast<int>(streams.size()) + (high_priority ? kPoolSize : 0);
    streams.push_back({backend.create_stream(index, high_priority), index, id});
    return streams.back();
  }
  return streams[pool.next[high_priority]++ % kPoolSize];
}

Stream current_stream(int index) {
  device_backend(index);
  Stream stream = current[index];
  stream.device = index;
  return stream;
}

void set_current_stream(const Stream& stream) {
  device_backend(stream.device);
  current[stream.device] = stream;
}

void Stream::synchronize() const {
  device_backend(device).synchronize_stream(device, native);
  raise_device_error(device);
}

bool Stream::is_idle() const { return device_backend(device).is_stream_idle(device, native); }

void synchronize(int index) {
  device_backend(index).synchronize(index);
  raise_device_error(index);
}

// ---- Events ----

Event::Event(int device, bool timing)
    : native_(device_backend(device).create_event(device, timing)), device_(device), timing_(timing) {}

Event::~Event() { device_backend(device_).destroy_event(device_, native_); }

void Event::record(const Stream& stream) {
  TS_CHECK(stream.device == device_, DeviceError, "cuda_event_record: the event is of cuda:", device_,
           ", the stream of cuda:", stream.device);
  device_backend(device_).record_event(device_, native_, stream.native);
  recorded_ = true;
}

void Event::wait(const Stream& stream) const {
  if (recorded_) device_backend(stream.device).wait_event(stream.device, native_, stream.native);
}

void Event::synchronize() const {
  if (recorded_) device_backend(device_).synchronize_event(device_, native_);
}

bool Event::is_done() const { return !recorded_ || device_backend(device_).is_event_done(device_, native_); }

double Event::elapsed(const Event& begin) const {
  TS_CHECK(timing_ && begin.timing_, ValueError, "cuda_event_elapsed: both events must have been created with timing");
  TS_CHECK(recorded_ && begin.recorded_, ValueError, "cuda_event_elapsed: both events must have been recorded");
  TS_CHECK(is_done() && begin.is_done(), ValueError, "cuda_event_elapsed: the events are not done; synchronize first");
  TS_CHECK(device_ == begin.device_, DeviceError, "cuda_event_elapsed: one event is of cuda:", begin.device_,
           ", the other of cuda:", device_);
  return device_backend(device_).milliseconds(device_, begin.native_, native_);
}

}  // namespace ts::cuda
