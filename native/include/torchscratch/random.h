// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011). Element i of a draw depends only on the seed, the generator's offset and i, so a seed gives the same
// numbers on any device and with any number of threads.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include "torchscratch/export.h"
#include "torchscratch/ref.h"

namespace ts {

/// A position in a stream of random numbers.
struct PhiloxState {
  std::uint64_t seed;
  std::uint64_t offset;  ///< in blocks of four 32-bit numbers
};

/// A stream of random numbers. Thread-safe.
class TS_API Generator final : public RefCounted<Generator> {
 public:
  explicit Generator(std::uint64_t seed = 0) : state_{seed, 0} {}
  static void destroy(Generator* generator) { delete generator; }
  /// Restarts the stream with this seed.
  void seed(std::uint64_t value);
  /// Advances the stream by `blocks` blocks and returns the position before.
  PhiloxState reserve(std::uint64_t blocks);
  PhiloxState state() const;
  void set_state(PhiloxState state);

 private:
  mutable std::mutex mutex_;
  PhiloxState state_;
};

/// The generator of every thread that has not chosen another.
TS_API Generator& default_generator();
/// The generator from which operators draw on this thread.
TS_API Generator& current_generator();
/// Makes `generator` this thread's generator, or the default one if it is null. Returns the former one, null for the
/// default one.
TS_API Ref<Generator> set_current_generator(Ref<Generator> generator);

/// Makes `generator` this thread's until the end of a scope: `const GeneratorScope scope(generator);`
class GeneratorScope {
 public:
  explicit GeneratorScope(Ref<Generator> generator) : previous_(set_current_generator(std::move(generator))) {}
  ~GeneratorScope() { set_current_generator(std::move(previous_)); }
  GeneratorScope(const GeneratorScope&) = delete;
  GeneratorScope& operator=(const GeneratorScope&) = delete;

 private:
  Ref<Generator> previous_;
};

/// Seeds the default generator.
TS_API void manual_seed(std::uint64_t seed);

}  // namespace ts
