// Errors, settings, memory and random numbers in the C ABI.
#include <cstdlib>
#include <cstring>

#include "c_api/convert.h"
#include "tensor/error_name.h"
#include "torchscratch/random.h"
#include "torchscratch/reclaim.h"
#include "torchscratch/threads.h"

namespace ts::c_api {

namespace {

// The last error message of a thread. Its memory is allocated at the first error; if that fails, get() returns
// a constant.
class Message {
 public:
  ~Message() { std::free(text_); }

  void set(const char* message) {
    std::size_t length = std::strlen(message);
    if (length >= kBytes) {
      length = kBytes - 1;
      // Do not cut a UTF-8 character in two.
      while (length > 0 && (static_cast<unsigned char>(message[length]) & 0xC0u) == 0x80u) --length;
    }
    if (!text_) text_ = static_cast<char*>(std::malloc(kBytes));
    if (!text_) return;
    std::memmove(text_, message, length);
    text_[length] = '\0';
  }
  const char* get() const { return text_ ? text_ : was_set_ ? "out of memory" : ""; }
  void mark() { was_set_ = true; }

 private:
  static constexpr std::size_t kBytes = 4096;
  char* text_ = nullptr;
  bool was_set_ = false;
};

thread_local Message last_error;
thread_local Message callback_error;

}  // namespace

ts_status fail(ErrorKind kind, const char* message) noexcept {
  last_error.mark();
  last_error.set(message);
  return static_cast<ts_status>(kind);
}

ts_status fail_with_current_exception(const char* function) noexcept {
  const bool is_named = std::exchange(detail::error_is_named, false);
  const auto named = [&](const char* message) -> std::string {
    if (is_named || !function || std::string(message).rfind(format(function, ": "), 0) == 0) return message;
    return format(function, ": ", message);
  };
  try {
    try {
      throw;
    } catch (const Error& error) {
      return fail(error.kind(), error.kind() == ErrorKind::Callback ? error.what() : named(error.what()).c_str());
    } catch (const std::bad_alloc&) {
      return fail(ErrorKind::OutOfMemory, named("out of memory").c_str());
    } catch (const std::exception& error) {
      return fail(ErrorKind::Generic, named(error.what()).c_str());
    }
  } catch (...) {
    return fail(ErrorKind::Generic, "an unknown error occurred");
  }
}

char* copy_text(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (!copy) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void check_callback(ts_status status) {
  if (status == TS_OK) return;
  const std::string message = *callback_error.get() ? callback_error.get() : "a callback failed without a message";
  callback_error.set("");
  throw CallbackError(message);
}

}  // namespace ts::c_api

using namespace ts;
using namespace ts::c_api;

const char* ts_last_error_message(void) { return last_error.get(); }

const char* ts_version(void) { return TORCHSCRATCH_VERSION; }

const char* ts_simd_target(void) { return simd_target(); }

void ts_set_callback_error(const char* message) { callback_error.set(message ? message : ""); }

int32_t ts_num_threads(void) { return num_threads(); }

ts_status ts_set_num_threads(int32_t threads) {
  return guard("set_num_threads", [&] { set_num_threads(threads); });
}

int32_t ts_default_dtype(void) { return static_cast<int32_t>(default_dtype()); }

ts_status ts_set_default_dtype(int32_t dtype) {
  return guard("set_default_dtype", [&] { set_default_dtype(to_dtype(dtype)); });
}

ts_status ts_promote(int32_t a, int32_t b, int32_t* out) {
  return guard("promote", [&] { *out = static_cast<int32_t>(promote(to_dtype(a), to_dtype(b))); });
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

// ts_allocator_hook and allocator::Hook differ only in their integer types, but casting one to the other and calling it
// would be undefined behaviour.
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

void ts_allocator_set_reclaim(ts_allocator_reclaim reclaim, void* user) { allocator::set_reclaim(reclaim, user); }

void ts_manual_seed(uint64_t seed) { manual_seed(seed); }

void ts_random_get_state(uint64_t* seed, uint64_t* offset) {
  const PhiloxState state = default_generator().state();
  *seed = state.seed;
  *offset = state.offset;
}

void ts_random_set_state(uint64_t seed, uint64_t offset) { default_generator().set_state({seed, offset}); }

namespace {
ts::Generator* to_generator(ts_generator handle) { return reinterpret_cast<ts::Generator*>(handle); }
}  // namespace

ts_generator ts_generator_create(uint64_t seed) {
  try {
    return reinterpret_cast<ts_generator>(make_ref<Generator>(seed).detach());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void ts_generator_release(ts_generator generator) {
  if (generator) to_generator(generator)->release();
}

void ts_generator_get_state(ts_generator generator, uint64_t* seed, uint64_t* offset) {
  const PhiloxState state = to_generator(generator)->state();
  *seed = state.seed;
  *offset = state.offset;
}

void ts_generator_set_state(ts_generator generator, uint64_t seed, uint64_t offset) {
  to_generator(generator)->set_state({seed, offset});
}

ts_generator ts_generator_use(ts_generator generator) {
  return reinterpret_cast<ts_generator>(set_current_generator(Ref<Generator>::share(to_generator(generator))).detach());
}

void ts_generator_restore(ts_generator former) { set_current_generator(Ref<Generator>::adopt(to_generator(former))); }
