// Errors, settings, memory and random numbers of the C ABI.
#include <cstdlib>
#include <cstring>

#include "c_api/convert.h"
#include "torchscratch/random.h"
#include "torchscratch/threads.h"

namespace ts::c_api {

namespace {

// A fixed buffer, so that reporting "out of memory" needs none.
constexpr std::size_t kMessageBytes = 4096;
thread_local char last_error[kMessageBytes] = "";
thread_local char callback_error[kMessageBytes] = "";

void store(char* buffer, const char* message) {
  std::size_t length = std::strlen(message);
  if (length >= kMessageBytes) {
    length = kMessageBytes - 1;
    while (length > 0 && (static_cast<unsigned char>(message[length]) & 0xC0u) == 0x80u) --length;  // whole characters
  }
  std::memmove(buffer, message, length);
  buffer[length] = '\0';
}

}  // namespace

ts_status fail(ErrorKind kind, const char* message) noexcept {
  store(last_error, message);
  return static_cast<ts_status>(kind);
}

char* copy_text(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (!copy) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void check_callback(ts_status status) {
  if (status == TS_OK) return;
  std::string message = callback_error[0] ? callback_error : "a callback failed without a message";
  callback_error[0] = '\0';
  throw CallbackError(message);
}

}  // namespace ts::c_api

using namespace ts;
using namespace ts::c_api;

const char* ts_last_error_message(void) { return last_error; }

const char* ts_version(void) { return TORCHSCRATCH_VERSION; }

const char* ts_simd_target(void) { return simd_target(); }

void ts_set_callback_error(const char* message) { store(callback_error, message ? message : ""); }

int32_t ts_num_threads(void) { return num_threads(); }

ts_status ts_set_num_threads(int32_t threads) {
  return guard([&] { set_num_threads(threads); });
}

int32_t ts_default_dtype(void) { return static_cast<int32_t>(default_dtype()); }

ts_status ts_set_default_dtype(int32_t dtype) {
  return guard([&] { set_default_dtype(to_dtype(dtype)); });
}

ts_status ts_promote(int32_t a, int32_t b, int32_t* out) {
  return guard([&] { *out = static_cast<int32_t>(promote(to_dtype(a), to_dtype(b))); });
}

void ts_allocator_get_stats(ts_allocator_stats* out) {
  const AllocatorStats stats = allocator::stats();
  *out = {stats.live_bytes,   stats.cached_bytes, stats.peak_bytes, stats.system_allocations,
          stats.system_frees, stats.allocations,  stats.frees,      stats.limit_bytes};
}

int64_t ts_allocator_live_bytes(void) { return allocator::live_bytes(); }

void ts_allocator_reset_peak(void) { allocator::reset_peak(); }

void ts_allocator_set_limit(int64_t bytes) { allocator::set_limit(bytes); }

void ts_allocator_release_cached(void) { allocator::release_cached(); }

namespace {

// The two hook types differ in their integer types alone, which a cast would not excuse.
struct HookState {
  std::atomic<ts_allocator_hook> hook{nullptr};
  std::atomic<void*> user{nullptr};
} hook_state;

void forward_hook(void*, allocator::Event event, void* data, std::size_t bytes) {
  if (const ts_allocator_hook hook = hook_state.hook.load()) {
    hook(hook_state.user.load(), static_cast<int32_t>(event), data, static_cast<int64_t>(bytes));
  }
}

}  // namespace

void ts_allocator_set_hook(ts_allocator_hook hook, void* user) {
  allocator::set_hook(nullptr, nullptr);
  hook_state.hook.store(nullptr);
  hook_state.user.store(user);
  hook_state.hook.store(hook);
  if (hook) allocator::set_hook(&forward_hook, nullptr);
}

void ts_manual_seed(uint64_t seed) { manual_seed(seed); }

void ts_random_get_state(uint64_t* seed, uint64_t* offset) {
  const PhiloxState state = default_generator().state();
  *seed = state.seed;
  *offset = state.offset;
}

void ts_random_set_state(uint64_t seed, uint64_t offset) { default_generator().set_state({seed, offset}); }
