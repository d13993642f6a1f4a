// One loop runs at a time. The pool holds its description, and a single 64-bit word, the ticket, holds the loop's
// number and the number of chunks that have not begun yet:
//
//   ticket = loop number << 32 | chunks left
//
// To take a chunk, a thread reads the ticket, reads the description, and then decrements the ticket by
// compare-and-swap. If that succeeds, this chunk was not taken at any time in between, so the description belongs to
// this loop: the caller overwrites it only after every chunk has been taken and finished. A worker that arrives late,
// or is descheduled between two of these steps, finds either no chunk left or a different ticket, and no other thread
// ever waits for it.
//
// Idle workers stay awake for a while, which makes loops in quick succession cheap, and then sleep on `wake_`.
#include "cpu/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

#include "torchscratch/error.h"

namespace ts::cpu {
namespace {

// There are more chunks than threads, so that a thread that is slow or descheduled delays little work.
constexpr int64_t kChunksPerThread = 4;

// How long an idle worker, or a caller that waits for the last chunks, stays awake: it spins first, then yields its
// core between checks, and finally sleeps. Waking a sleeping thread takes tens of microseconds at best, and
// milliseconds if it wakes on the core of the thread that woke it, so workers should stay awake from one operator to
// the next. The spinning phase is short because it may take a core from another process; yielding uses only time that
// no other thread needs.
constexpr auto kSpinTime = std::chrono::microseconds(20);
constexpr auto kYieldTime = std::chrono::milliseconds(1);

constexpr int kMaxThreads = 1024;

thread_local bool in_region = false;

void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  asm volatile("yield");
#endif
}

// Returns true as soon as done() does, and false when it is time to sleep.
template <class Done>
bool wait_awake(Done done) {
  const auto start = std::chrono::steady_clock::now();
  for (auto now = start; now < start + kYieldTime; now = std::chrono::steady_clock::now()) {
    for (int i = 0; i < 16; ++i) {
      if (done()) return true;
      pause();
    }
    if (now >= start + kSpinTime) std::this_thread::yield();
  }
  return done();
}

int default_num_threads() {
  if (const char* text = std::getenv("TORCHSCRATCH_NUM_THREADS")) {
    const long count = std::strtol(text, nullptr, 10);
    if (count >= 1) return static_cast<int>(std::min<long>(count, kMaxThreads));
  }
#if defined(__linux__)
  cpu_set_t set;  // respects taskset and the cpusets of containers
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

class RegionGuard {
 public:
  RegionGuard() { in_region = true; }
  ~RegionGuard() { in_region = false; }
};

class Pool {
 public:
  int num_threads() const { return num_threads_.load(std::memory_order_relaxed); }

  void set_num_threads(int count) {
    const std::lock_guard lock(loop_mutex_);
    stop_workers();
    num_threads_.store(count, std::memory_order_relaxed);
  }

  // Called at the end of the process: stops the workers, and later loops run inline.
  void shut_down() { set_num_threads(1); }

  void run(int64_t count, int64_t grain, detail::RangeFunction function, void* context) {
    const std::unique_lock lock(loop_mutex_, std::try_to_lock);
    const int threads = num_threads();
    if (!lock.owns_lock() || threads == 1) return function(context, 0, count);
    start_workers(threads - 1);

    const int64_t chunks = std::min(count / grain, threads * kChunksPerThread);

    function_.store(function, std::memory_order_relaxed);
    context_.store(context, std::memory_order_relaxed);
    count_.store(count, std::memory_order_relaxed);
    chunks_.store(static_cast<uint32_t>(chunks), std::memory_order_relaxed);
    finished_.store(0, std::memory_order_relaxed);
    failed_.store(false, std::memory_order_relaxed);
    ++loop_number_;
    ticket_.store(static_cast<uint64_t>(loop_number_) << 32 | static_cast<uint64_t>(chunks), std::memory_order_release);
    wake(chunks - 1);

    {
      const RegionGuard region;
      take_chunks();
    }
    wait_for_workers(static_cast<uint32_t>(chunks));
    if (failed_.load(std::memory_order_relaxed)) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  // Runs chunks of the current loop until all of them have begun.
  void take_chunks() {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    while (const auto chunks_left = static_cast<uint32_t>(ticket)) {
      const auto function = function_.load(std::memory_order_relaxed);
      void* const context = context_.load(std::memory_order_relaxed);
      const int64_t count = count_.load(std::memory_order_relaxed);
      const uint32_t chunks = chunks_.load(std::memory_order_relaxed);
      if (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
        continue;
      }
      // Chunks differ in size by at most one.
      const int64_t chunk = chunks - chunks_left, size = count / chunks, longer = count % chunks;
      const int64_t begin = chunk * size + std::min(chunk, longer);
      run_chunk(function, context, begin, begin + size + (chunk < longer ? 1 : 0));
      if (finished_.fetch_add(1, std::memory_order_acq_rel) + 1 == chunks) finished_.notify_one();
      ticket = ticket_.load(std::memory_order_acquire);
    }
  }

  void run_chunk(detail::RangeFunction function, void* context, int64_t begin, int64_t end) {
    if (failed_.load(std::memory_order_relaxed)) return;
    try {
      function(context, begin, end);
    } catch (...) {
      if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::current_exception();
    }
  }

  void wait_for_workers(uint32_t chunks) {
    const auto all_finished = [&] { return finished_.load(std::memory_order_acquire) == chunks; };
    if (wait_awake(all_finished)) return;
    for (uint32_t finished; (finished = finished_.load(std::memory_order_acquire)) != chunks;) finished_.wait(finished);
  }

  void wake(int64_t helpers) {
    wake_.fetch_add(1, std::memory_order_seq_cst);
    if (helpers >= static_cast<int64_t>(workers_.size())) {
      wake_.notify_all();
    } else {
      for (int64_t i = 0; i < helpers; ++i) wake_.notify_one();
    }
  }

  void worker_main() {
    in_region = true;
    for (;;) {
      // Read before stop_ and the ticket: a thread that changes these afterwards also changes wake_, so the wait
      // below returns.
      const uint32_t seen = wake_.load(std::memory_order_acquire);
      if (stop_.load(std::memory_order_acquire)) return;
      take_chunks();
      const auto has_news = [&] { return wake_.load(std::memory_order_acquire) != seen; };
      if (!wait_awake(has_news)) wake_.wait(seen);
    }
  }

  void start_workers(int count) {
    if (static_cast<int>(workers_.size()) == count) return;
    workers_.reserve(static_cast<size_t>(count));
    try {
      while (static_cast<int>(workers_.size()) < count) workers_.emplace_back([this] { worker_main(); });
    } catch (const std::system_error&) {
      // The system refuses to start more threads. Loops run with those that exist, at worst with the caller alone.
      num_threads_.store(static_cast<int>(workers_.size()) + 1, std::memory_order_relaxed);
    }
  }

  void stop_workers() {
    stop_.store(true, std::memory_order_release);
    wake_.fetch_add(1, std::memory_order_release);
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    stop_.store(false, std::memory_order_release);
  }

  // Held by the caller of the running loop, and while workers are being started or stopped.
  std::mutex loop_mutex_;
  std::vector<std::thread> workers_;
  std::atomic<int> num_threads_{default_num_threads()};
  uint32_t loop_number_ = 0;
  std::exception_ptr error_;  // written by the thread that sets failed_

  std::atomic<detail::RangeFunction> function_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<int64_t> count_{0};
  std::atomic<uint32_t> chunks_{0};
  std::atomic<bool> failed_{false};
  std::atomic<bool> stop_{false};

  // Some threads write these while others read them, so each has its own cache line.
  alignas(64) std::atomic<uint64_t> ticket_{0};
  alignas(64) std::atomic<uint32_t> finished_{0};
  alignas(64) std::atomic<uint32_t> wake_{0};
};

// The pool itself is never destroyed, since other threads may still call into it while the process exits. The stopper
// joins the workers at exit or when the library is unloaded.
Pool& pool() {
  static Pool& instance = *new Pool;
  static const struct Stopper {
    ~Stopper() { instance.shut_down(); }
  } stopper;
  return instance;
}

}  // namespace

int num_threads() { return pool().num_threads(); }

void set_num_threads(int count) {
  TS_CHECK(count >= 1 && count <= kMaxThreads, ValueError, "set_num_threads: expected 1 to ", kMaxThreads,
           " threads, got ", count);
  TS_CHECK(!in_region, ValueError, "set_num_threads: cannot be called from inside a parallel loop");
  pool().set_num_threads(count);
}

bool in_parallel_region() { return in_region; }

void detail::parallel_for(int64_t count, int64_t grain, RangeFunction function, void* context) {
  if (count <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (count < 2 * grain || in_region) return function(context, 0, count);
  pool().run(count, grain, function, context);
}

}  // namespace ts::cpu
