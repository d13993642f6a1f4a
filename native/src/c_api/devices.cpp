// Devices in the C ABI: which there are, their memory, streams and events.
#include <algorithm>
#include <cstring>

#include "c_api/convert.h"
#include "torchscratch/cuda.h"

using namespace ts;
using namespace ts::c_api;

namespace {

cuda::Stream to_stream(ts_cuda_stream stream) { return {stream.native, stream.device, stream.id}; }
ts_cuda_stream from_stream(const cuda::Stream& stream) { return {stream.native, stream.device, stream.id}; }

cuda::Event& to_event(ts_cuda_event event) {
  TS_CHECK(event != nullptr, ValueError, "`event` must not be NULL");
  return *reinterpret_cast<cuda::Event*>(event);
}

}  // namespace

ts_status ts_device_parse(const char* text, int32_t* out) {
  return guard("parse_device", [&] { *out = device_code(Device::parse(to_text(text, "text"))); });
}

int32_t ts_default_device(void) { return device_code(default_device()); }
ts_status ts_set_default_device(int32_t device) {
  return guard("set_default_device", [&] { set_default_device(to_device(device)); });
}

int32_t ts_cuda_is_available(void) { return cuda::is_available(); }
ts_status ts_cuda_why_not(char** out) {
  return guard("cuda_why_not", [&] { *out = copy_text(cuda::why_not()); });
}
int32_t ts_cuda_device_count(void) { return cuda::device_count(); }

ts_status ts_cuda_get_properties(int32_t index, ts_cuda_properties* out) {
  return guard("cuda_properties", [&] {
    const cuda::Properties properties = cuda::properties(index);
    ts_cuda_properties result = {};
    const std::size_t length = std::min(properties.name.size(), sizeof result.name - 1);
    std::memcpy(result.name, properties.name.data(), length);
    result.total_memory = properties.total_memory;
    result.major = properties.major;
    result.minor = properties.minor;
    result.multiprocessors = properties.multiprocessors;
    result.warp_size = properties.warp_size;
    result.shared_memory_per_block = properties.shared_memory_per_block;
    *out = result;
  });
}

ts_status ts_cuda_get_memory(int32_t index, ts_cuda_memory* out) {
  return guard("cuda_memory", [&] {
    const cuda::MemoryStats stats = cuda::memory_stats(index);
    *out = {stats.live_bytes,  stats.peak_bytes,  stats.cached_bytes, stats.limit_bytes,        stats.free_bytes,
            stats.total_bytes, stats.allocations, stats.frees,        stats.system_allocations, stats.system_frees};
  });
}

int64_t ts_cuda_live_bytes(void) { return cuda::live_bytes(); }
ts_status ts_cuda_reset_peak(int32_t index) {
  return guard("cuda_reset_peak", [&] { cuda::reset_peak(index); });
}
ts_status ts_cuda_set_memory_limit(int32_t index, int64_t bytes) {
  return guard("cuda_set_memory_limit", [&] { cuda::set_memory_limit(index, bytes); });
}
ts_status ts_cuda_empty_cache(void) {
  return guard("cuda_empty_cache", [&] { cuda::empty_cache(); });
}
ts_status ts_cuda_synchronize(int32_t index) {
  return guard("cuda_synchronize", [&] { cuda::synchronize(index); });
}
int32_t ts_cuda_current_device(void) { return cuda::current_device(); }
ts_status ts_cuda_set_current_device(int32_t index) {
  return guard("cuda_set_current_device", [&] { cuda::set_current_device(index); });
}

ts_status ts_cuda_stream_create(int32_t index, int32_t high_priority, ts_cuda_stream* out) {
  return guard("cuda_stream", [&] { *out = from_stream(cuda::new_stream(index, high_priority != 0)); });
}
ts_status ts_cuda_stream_current(int32_t index, ts_cuda_stream* out) {
  return guard("cuda_stream_current", [&] { *out = from_stream(cuda::current_stream(index)); });
}
ts_status ts_cuda_stream_set_current(ts_cuda_stream stream) {
  return guard("cuda_stream_set_current", [&] { cuda::set_current_stream(to_stream(stream)); });
}
ts_status ts_cuda_stream_synchronize(ts_cuda_stream stream) {
  return guard("cuda_stream_synchronize", [&] { to_stream(stream).synchronize(); });
}
ts_status ts_cuda_stream_is_idle(ts_cuda_stream stream, int32_t* out) {
  return guard("cuda_stream_is_idle", [&] { *out = to_stream(stream).is_idle(); });
}

ts_status ts_cuda_event_create(int32_t index, int32_t timing, ts_cuda_event* out) {
  return guard("cuda_event", [&] { *out = reinterpret_cast<ts_cuda_event>(new cuda::Event(index, timing != 0)); });
}
void ts_cuda_event_free(ts_cuda_event event) { delete reinterpret_cast<cuda::Event*>(event); }
ts_status ts_cuda_event_record(ts_cuda_event event, ts_cuda_stream stream) {
  return guard("cuda_event_record", [&] { to_event(event).record(to_stream(stream)); });
}
ts_status ts_cuda_event_wait(ts_cuda_event event, ts_cuda_stream stream) {
  return guard("cuda_event_wait", [&] { to_event(event).wait(to_stream(stream)); });
}
ts_status ts_cuda_event_synchronize(ts_cuda_event event) {
  return guard("cuda_event_synchronize", [&] { to_event(event).synchronize(); });
}
ts_status ts_cuda_event_is_done(ts_cuda_event event, int32_t* out) {
  return guard("cuda_event_is_done", [&] { *out = to_event(event).is_done(); });
}
ts_status ts_cuda_event_elapsed(ts_cuda_event begin, ts_cuda_event end, double* milliseconds) {
  return guard("cuda_event_elapsed", [&] { *milliseconds = to_event(end).elapsed(to_event(begin)); });
}

ts_status ts_tensor_record_stream(ts_tensor self, ts_cuda_stream stream) {
  return guard("record_stream", [&] { cuda::record_stream(require(self, "self"), to_stream(stream)); });
}
