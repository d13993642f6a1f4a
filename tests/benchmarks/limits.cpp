// Loops that reach the limits: independent FMA chains, and memcpy.
#include "limits.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

namespace limits {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Runs `work` on every thread at once and returns the slowest time.
template <class Work>
double on_threads(int threads, Work work) {
  std::vector<std::thread> others;
  const auto start = Clock::now();
  for (int t = 1; t < threads; ++t) others.emplace_back([&work, t] { work(t); });
  work(0);
  for (std::thread& other : others) other.join();
  return seconds_since(start);
}

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float Vector __attribute__((vector_size(kLanes * 4)));

}  // namespace

double fma_peak(int threads) {
  constexpr long kRounds = 4'000'000;
  constexpr int kChains = 12;  // enough independent chains to hide the latency of either unit
  double best = 0;
  for (int turn = 0; turn < 5; ++turn) {
    const double seconds = on_threads(threads, [](int) {
      Vector sums[kChains];
      for (int i = 0; i < kChains; ++i) sums[i] = Vector{} + static_cast<float>(i);
      Vector a = Vector{} + 0.999f;
      Vector b = Vector{} + 0.001f;
      for (long round = 0; round < kRounds; ++round) {
        for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * a + b;
        asm volatile("" : "+x"(a), "+x"(b));
      }
      for (int i = 0; i < kChains; ++i) asm volatile("" : : "x"(sums[i]));
    });
    best = std::max(best, 2.0 * kRounds * kChains * kLanes * threads / seconds);
  }
  return best;
}

double copy_bandwidth(int threads) {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  std::vector<char> from(kBytes, 1);
  std::vector<char> to(kBytes, 2);
  double best = 0;
  for (int turn = 0; turn < 7; ++turn) {
    const double seconds = on_threads(threads, [&](int t) {
      const std::size_t part = kBytes / static_cast<std::size_t>(threads);
      const std::size_t at = part * static_cast<std::size_t>(t);
      std::memcpy(to.data() + at, from.data() + at, part);
    });
    best = std::max(best, 2.0 * kBytes / seconds);
  }
  return best;
}

}  // namespace limits
