// The caching allocator: reuse, statistics, limits, hooks, frees from other threads, and training steps that allocate
// no system memory once training is under way.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "gradcheck.h"
#include "torchscratch/reclaim.h"

#if defined(__SANITIZE_ADDRESS__)
#define TS_TEST_CACHES 0  // without caching every block goes to the system, so the sanitizer sees it
#else
#define TS_TEST_CACHES 1
#endif

namespace ts {
namespace {

using allocator::Event;

TEST(Allocator, BlocksAreAlignedLargeEnoughAndApart) {
  std::vector<Block> blocks;
  for (std::size_t bytes = 0; bytes < 5'000'000; bytes = bytes * 5 / 4 + 1) {
    const Block block = allocator::allocate(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.data) % 64, 0u) << bytes;
    EXPECT_GE(block.capacity, bytes);
    // As documented: at most half again as much, after rounding up to a cache line.
    EXPECT_LE(block.capacity, std::max<std::size_t>(64, (bytes + 63) / 64 * 64 * 3 / 2)) << bytes;
    std::memset(block.data, static_cast<int>(blocks.size() % 251), block.capacity);
    blocks.push_back(block);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto* data = static_cast<const unsigned char*>(blocks[i].data);
    for (std::size_t k = 0; k < blocks[i].capacity; k += 61) ASSERT_EQ(data[k], i % 251);
    allocator::deallocate(blocks[i]);
  }
  allocator::deallocate({nullptr, 0});
}

// The first backward pass of a thread creates what the engine then keeps for that thread.
void use_engine_once() {
  const Tensor x = ones({4, 4}).requires_grad_();
  sum(matmul(x, transpose(x, 0, 1))).backward();
}

TEST(Allocator, LiveBytesReturnToTheStart) {
  use_engine_once();
  const AllocatorStats before = allocator::stats();
  {
    const Tensor x = randn({100, 100}).requires_grad_();
    const Tensor loss = sum(exp(matmul(x, x)));
    const AllocatorStats during = allocator::stats();
    EXPECT_GE(during.live_bytes - before.live_bytes, 2 * 40'000);
    EXPECT_GE(during.peak_bytes, during.live_bytes);
    (loss * 0).backward();
  }
  const AllocatorStats after = allocator::stats();
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_EQ(after.allocations - before.allocations, after.frees - before.frees);
}

#if TS_TEST_CACHES
TEST(Allocator, FreedBlocksAreReused) {
  for (const std::size_t bytes : {100u, 5'000u, 50'000u, 1'000'000u}) {
    const Block first = allocator::allocate(bytes);
    allocator::deallocate(first);
    const std::int64_t asked = allocator::stats().system_allocations;
    const Block second = allocator::allocate(bytes);
    EXPECT_EQ(second.data, first.data) << bytes;
    EXPECT_EQ(allocator::stats().system_allocations, asked);
    allocator::deallocate(second);
  }
}

TEST(Allocator, ReleaseCachedReturnsMemory) {
  allocator::release_cached();
  constexpr std::size_t kBytes = 8 << 20;
  const std::int64_t cached = allocator::stats().cached_bytes;
  allocator::deallocate(allocator::allocate(kBytes));
  const AllocatorStats full = allocator::stats();
  EXPECT_GE(full.cached_bytes - cached, static_cast<std::int64_t>(kBytes));
  allocator::release_cached();
  const AllocatorStats released = allocator::stats();
  EXPECT_EQ(released.cached_bytes, cached);
  EXPECT_EQ(released.system_frees, full.system_frees + 1);
}

TEST(Allocator, ALargeBlockFreedByAnotherThreadIsReused) {
  const Block block = allocator::allocate(300'000);
  std::thread([&] { allocator::deallocate(block); }).join();
  const Block again = allocator::allocate(300'000);
  EXPECT_EQ(again.data, block.data);
  allocator::deallocate(again);
}

// One thread keeps allocating what another one frees: memory must be reused instead of growing.
TEST(Allocator, ProducerAndConsumerReachASteadyState) {
  constexpr int kBatch = 200, kRounds = 50;
  std::int64_t after_warmup = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Block> blocks;
    for (int i = 0; i < kBatch; ++i) blocks.push_back(allocator::allocate(4096 + static_cast<std::size_t>(i) * 64));
    std::thread([&] {
      for (const Block& block : blocks) allocator::deallocate(block);
    }).join();
    if (round == kRounds / 2) after_warmup = allocator::stats().system_allocations;
  }
  EXPECT_EQ(allocator::stats().system_allocations, after_warmup);
}
#endif

TEST(Allocator, PeakIsTheHighestLiveBytes) {
  allocator::reset_peak();
  const std::int64_t start = allocator::stats().live_bytes;
  constexpr std::int64_t kBytes = 4 << 20;
  allocator::deallocate(allocator::allocate(kBytes));
  const std::int64_t peak = allocator::stats().peak_bytes;
  EXPECT_GE(peak, start + kBytes);
  // As documented: accurate to within 256 KiB per thread, and a block is at most half again as large as requested.
  EXPECT_LE(peak, start + kBytes * 3 / 2 + 2 * 256 * 1024);
  allocator::reset_peak();
  EXPECT_LE(allocator::stats().peak_bytes, start + 256 * 1024);
}

TEST(Allocator, ThePeakOfSmallBlocksOnOneThreadIsExact) {
  allocator::reset_peak();
  const std::int64_t start = allocator::stats().live_bytes;
  const Block first = allocator::allocate(256);
  const Block second = allocator::allocate(1000);
  const std::int64_t high = allocator::stats().live_bytes;
  allocator::deallocate(second);
  allocator::reset_peak();
  EXPECT_EQ(allocator::stats().peak_bytes, allocator::stats().live_bytes);
  const std::int64_t before = allocator::stats().live_bytes;
  allocator::deallocate(allocator::allocate(1000));
  EXPECT_EQ(allocator::stats().live_bytes, before);
  EXPECT_EQ(allocator::stats().peak_bytes, high);
  allocator::deallocate(first);
  EXPECT_EQ(allocator::stats().live_bytes, start);
  EXPECT_EQ(allocator::stats().peak_bytes, high);
  // Many small blocks at once, more than a thread keeps to itself.
  allocator::reset_peak();
  std::vector<Block> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(allocator::allocate(1000));
  const std::int64_t all = allocator::stats().live_bytes;
  for (const Block& block : blocks) allocator::deallocate(block);
  EXPECT_EQ(allocator::stats().peak_bytes, all);
}

class AllocatorLimit : public testing::Test {
 protected:
  ~AllocatorLimit() override { allocator::set_limit(0); }
};

TEST_F(AllocatorLimit, IsEnforcedAndRecoverable) {
  const std::int64_t live = allocator::stats().live_bytes;
  const std::int64_t limit = live + (2 << 20);
  allocator::set_limit(limit);
  EXPECT_EQ(allocator::stats().limit_bytes, limit);
  {
    TensorList held;
    std::string message;
    try {
      for (int i = 0; i < 1000; ++i) held.push_back(empty({10'000}));
    } catch (const OutOfMemoryError& error) {
      message = error.what();
    }
    EXPECT_NE(message.find("40064"), std::string::npos) << message;  // the data and the storage's header
    EXPECT_NE(message.find(std::to_string(limit)), std::string::npos) << message;
    EXPECT_LE(allocator::stats().live_bytes, limit);
    EXPECT_GT(held.size(), 30u);
    EXPECT_THROW(matmul(ones({1000, 1}), ones({1, 1000})), OutOfMemoryError);
  }
  EXPECT_EQ(allocator::stats().live_bytes, live) << "a failed call leaves no memory allocated";
  EXPECT_EQ(matmul(ones({100, 1}), ones({1, 100})).numel(), 10'000);
  allocator::set_limit(0);
  EXPECT_EQ(empty({10'000'000}).numel(), 10'000'000);
}

TEST_F(AllocatorLimit, WhatCanBeReclaimedIsBeforeARefusal) {
  struct Garbage {
    TensorList tensors;
    int calls = 0;
  } garbage;
  for (int i = 0; i < 3; ++i) garbage.tensors.push_back(empty({1 << 18}));
  const auto reclaim = [](void* user) {
    auto& dropped = *static_cast<Garbage*>(user);
    dropped.tensors.clear();
    ++dropped.calls;
  };
  allocator::set_limit(allocator::stats().live_bytes + (1 << 20));
  allocator::set_reclaim(reclaim, &garbage);
  EXPECT_EQ(empty({1 << 17}).numel(), 1 << 17);
  EXPECT_EQ(garbage.calls, 0) << "there was room";
  EXPECT_EQ(empty({3 << 17}).numel(), 3 << 17);
  EXPECT_EQ(garbage.calls, 1);
  EXPECT_THROW(empty({1 << 22}), OutOfMemoryError);
  EXPECT_EQ(garbage.calls, 2);
  allocator::set_reclaim(nullptr, nullptr);
  EXPECT_THROW(empty({1 << 22}), OutOfMemoryError);
  EXPECT_EQ(garbage.calls, 2);
}

TEST_F(AllocatorLimit, AFailingBackwardPassLeavesTheEngineUsable) {
  const Tensor x = ones({10'000}).requires_grad_();
  const Tensor loss = sum(exp(sin(x) * cos(x)));
  allocator::set_limit(allocator::stats().live_bytes + 50'000);
  EXPECT_THROW(loss.backward(), OutOfMemoryError);
  allocator::set_limit(0);
  sum(x * 2).backward();
  EXPECT_EQ(x.grad().data<float>()[9'999], 2);
}

TEST(Allocator, ImpossibleSizesAreRejected) {
  EXPECT_THROW(allocator::allocate(SIZE_MAX), OutOfMemoryError);
  EXPECT_THROW(allocator::allocate(std::size_t{1} << 60), OutOfMemoryError);
  EXPECT_THROW(empty({INT64_MAX, INT64_MAX}), OutOfMemoryError);
  EXPECT_THROW(empty({INT64_MAX / 16}, DType::Float64), OutOfMemoryError);
}

struct Ledger {
  std::mutex mutex;
  std::map<void*, std::size_t> live, system;
  int mistakes = 0;

  static void record(void* user, Event event, void* data, std::size_t bytes) {
    auto& self = *static_cast<Ledger*>(user);
    const std::lock_guard lock(self.mutex);
    auto& book = event == Event::Allocate || event == Event::Free ? self.live : self.system;
    if (event == Event::Allocate || event == Event::SystemAllocate) {
      self.mistakes += !book.emplace(data, bytes).second;
    } else {
      const auto found = book.find(data);
      if (found == book.end()) return;  // allocated before the hook was installed
      self.mistakes += found->second != bytes;
      book.erase(found);
    }
  }
};

TEST(Allocator, HookEventsBalance) {
  use_engine_once();
  Ledger ledger;
  allocator::set_hook(&Ledger::record, &ledger);
  {
    const Tensor x = randn({300, 30}).requires_grad_();
    sum(matmul(x, transpose(x, 0, 1))).backward();
    EXPECT_FALSE(ledger.live.empty());
    std::thread([] { exp(ones({1000})); }).join();
  }
  allocator::release_cached();
  allocator::set_hook(nullptr, nullptr);
  EXPECT_TRUE(ledger.live.empty()) << ledger.live.size() << " blocks were not reported free";
  EXPECT_EQ(ledger.mistakes, 0);
}

TEST(Allocator, ManyThreadsAtOnce) {
  const std::int64_t before = allocator::stats().live_bytes;
  std::mutex mutex;
  std::vector<Block> exchange;
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < 4; ++id) {
    threads.emplace_back([&, id] {
      std::mt19937 engine(id);
      for (int i = 0; i < 5'000; ++i) {
        Block block = allocator::allocate(std::size_t{1} << engine() % 19);
        std::memset(block.data, static_cast<int>(id), 64);
        const std::lock_guard lock(mutex);
        exchange.push_back(block);
        if (exchange.size() > 50) {
          const std::size_t at = engine() % exchange.size();
          std::swap(exchange[at], exchange.back());
          allocator::deallocate(exchange.back());
          exchange.pop_back();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Block& block : exchange) allocator::deallocate(block);
  EXPECT_EQ(allocator::stats().live_bytes, before);
}

// ---- Training ----

class SmallNetwork {
 public:
  SmallNetwork() {
    manual_seed(1);
    for (const Dims& shape : {Dims{20, 16}, Dims{16}, Dims{16, 5}, Dims{5}}) {
      parameters_.push_back((randn(shape) * 0.3).detach().requires_grad_());
      first_.push_back(zeros(shape));
      second_.push_back(zeros(shape));
    }
    input_ = randn({8, 20});
    target_ = randint(0, 5, {8});
  }

  double step() {
    const Tensor hidden = relu(matmul(input_, parameters_[0]) + parameters_[1]);
    const Tensor loss = cross_entropy(matmul(hidden, parameters_[2]) + parameters_[3], target_);
    for (const Tensor& p : parameters_) p.set_grad({});
    loss.backward();
    TensorList gradients;
    for (const Tensor& p : parameters_) gradients.push_back(p.grad());
    adam_step(parameters_, gradients, first_, second_, {}, steps_);
    return loss.item<double>();
  }

 private:
  TensorList parameters_, first_, second_;
  Tensor input_, target_;
  std::vector<std::int64_t> steps_ = std::vector<std::int64_t>(4);
};

TEST(Allocator, ASteadyTrainingStepAllocatesNoSystemMemory) {
  SmallNetwork network;
  const double at_first = network.step();
  for (int i = 0; i < 20; ++i) network.step();
  const AllocatorStats before = allocator::stats();
  double loss = 0;
  for (int i = 0; i < 10'000; ++i) loss = network.step();
  const AllocatorStats after = allocator::stats();
  EXPECT_LT(loss, at_first / 100) << "the network learned its eight samples";
  EXPECT_EQ(after.live_bytes, before.live_bytes) << "memory use does not grow";
#if TS_TEST_CACHES
  EXPECT_EQ(after.system_allocations, before.system_allocations);
  EXPECT_EQ(after.cached_bytes, before.cached_bytes);
#endif
}

}  // namespace
}  // namespace ts
