#include "cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "torchscratch/error.h"

namespace ts::cpu {
namespace {

class ThreadPool : public testing::Test {
 protected:
  void SetUp() override { before_ = num_threads(); }
  void TearDown() override { set_num_threads(before_); }

 private:
  int before_ = 1;
};

TEST_F(ThreadPool, CoversEveryIndexOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    set_num_threads(threads);
    ASSERT_EQ(num_threads(), threads);
    for (const int64_t count : {0, 1, 2, 3, 7, 31, 32, 33, 1000}) {
      for (const int64_t grain : {0, 1, 2, 5, 100, 10000}) {
        std::vector<std::atomic<int>> seen(static_cast<size_t>(count));
        parallel_for(count, grain, [&](int64_t begin, int64_t end) {
          ASSERT_LT(begin, end);
          ASSERT_GE(end - begin, std::min(grain, count)) << count << " by " << grain << ", " << threads << " threads";
          for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
        });
        for (const auto& times : seen) ASSERT_EQ(times, 1) << count << " by " << grain << ", " << threads << " threads";
      }
    }
  }
}

TEST_F(ThreadPool, SmallLoopsRunInline) {
  set_num_threads(4);
  for (const int64_t count : {1, 10, 19}) {
    int calls = 0;
    parallel_for(count, 10, [&](int64_t begin, int64_t end) {
      ++calls;
      EXPECT_EQ(begin, 0);
      EXPECT_EQ(end, count);
      EXPECT_FALSE(in_parallel_region());
    });
    EXPECT_EQ(calls, 1);
  }
  // Loops of twice the grain and longer are split.
  std::atomic<int> calls{0};
  parallel_for(20, 10, [&](int64_t begin, int64_t end) {
    ++calls;
    EXPECT_EQ(end - begin, 10);
    EXPECT_TRUE(in_parallel_region());
  });
  EXPECT_EQ(calls, 2);
}

TEST_F(ThreadPool, AWorkerTakesPart) {
  set_num_threads(2);
  // Each of the two chunks waits for the other to begin, so they can only finish if two threads run at once.
  std::atomic<int> begun{0};
  parallel_for(2, 1, [&](int64_t, int64_t) {
    ++begun;
    while (begun < 2) std::this_thread::yield();
  });
  EXPECT_EQ(begun, 2);
}

TEST_F(ThreadPool, CallerFinishesAloneWhenWorkersAreBusy) {
  set_num_threads(2);
  const auto caller = std::this_thread::get_id();
  // The worker is held in its first chunk until the caller has done all others.
  std::atomic<int64_t> done_by_caller{0};
  std::atomic<bool> stuck{false};
  parallel_for(8, 1, [&](int64_t begin, int64_t end) {
    if (std::this_thread::get_id() == caller) {
      while (!stuck) std::this_thread::yield();
      done_by_caller += end - begin;
    } else {
      stuck = true;
      while (done_by_caller < 7) std::this_thread::yield();
    }
  });
  EXPECT_EQ(done_by_caller, 7);
}

TEST_F(ThreadPool, NestedLoopsRunInline) {
  set_num_threads(4);
  std::atomic<int64_t> sum{0};
  parallel_for(16, 1, [&](int64_t begin, int64_t end) {
    EXPECT_TRUE(in_parallel_region());
    const auto outer = std::this_thread::get_id();
    for (int64_t i = begin; i < end; ++i) {
      parallel_for(100, 1, [&](int64_t inner_begin, int64_t inner_end) {
        EXPECT_EQ(std::this_thread::get_id(), outer);
        sum += inner_end - inner_begin;
      });
    }
  });
  EXPECT_EQ(sum, 1600);
  EXPECT_FALSE(in_parallel_region());
}

TEST_F(ThreadPool, ExceptionsReachTheCaller) {
  for (const int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (int64_t thrower = 0; thrower < 16; ++thrower) {
      try {
        parallel_for(16, 1, [&](int64_t begin, int64_t end) {
          if (begin <= thrower && thrower < end) throw std::runtime_error(std::to_string(thrower));
        });
        FAIL() << "no exception with " << threads << " threads";
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), std::to_string(thrower));
      }
      EXPECT_FALSE(in_parallel_region());
    }
    const auto always = [](int64_t, int64_t) { throw std::logic_error("every chunk"); };
    EXPECT_THROW(parallel_for(16, 1, always), std::logic_error);
    std::atomic<int64_t> after{0};
    parallel_for(16, 1, [&](int64_t begin, int64_t end) { after += end - begin; });
    EXPECT_EQ(after, 16);
  }
}

TEST_F(ThreadPool, ManyCallersAtOnce) {
  set_num_threads(3);
  std::vector<std::thread> callers;
  std::vector<int64_t> sums(6);
  for (size_t caller = 0; caller < sums.size(); ++caller) {
    callers.emplace_back([&sums, caller] {
      for (int round = 0; round < 300; ++round) {
        std::atomic<int64_t> sum{0};
        parallel_for(64, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
        sums[caller] += sum;
      }
    });
  }
  for (auto& caller : callers) caller.join();
  for (const int64_t sum : sums) EXPECT_EQ(sum, 300 * 64);
}

TEST_F(ThreadPool, ThreadCountChangesWhileLoopsRun) {
  std::atomic<bool> stop{false};
  std::thread changer([&] {
    for (int i = 0; i < 100; ++i) set_num_threads(1 + i % 5);
    stop = true;
  });
  int64_t loops = 0, sum = 0;
  while (!stop) {
    std::atomic<int64_t> part{0};
    parallel_for(40, 1, [&](int64_t begin, int64_t end) { part += end - begin; });
    sum += part;
    ++loops;
  }
  changer.join();
  EXPECT_EQ(sum, 40 * loops);
}

TEST_F(ThreadPool, ThreadCountIsChecked) {
  EXPECT_THROW(set_num_threads(0), ValueError);
  EXPECT_THROW(set_num_threads(-3), ValueError);
  EXPECT_THROW(set_num_threads(1025), ValueError);
  set_num_threads(2);
  EXPECT_THROW(parallel_for(2, 1, [](int64_t, int64_t) { set_num_threads(1); }), ValueError);
  EXPECT_EQ(num_threads(), 2);
}

// Loops of all lengths, back to back and with pauses, so that workers are spinning, sleeping and in between when a
// loop starts.
TEST_F(ThreadPool, Stress) {
  set_num_threads(4);
  std::vector<int64_t> values(257);
  for (int round = 0; round < 20000; ++round) {
    const int64_t count = round % 257;
    parallel_for(count, 1 + round % 3, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) values[static_cast<size_t>(i)] += i;  // plain: each index has one owner
    });
    if (round % 1000 == 999) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (int64_t i = 0; i < 257; ++i) {
    int64_t loops = 0;
    for (int round = 0; round < 20000; ++round) loops += round % 257 > i;
    ASSERT_EQ(values[static_cast<size_t>(i)], i * loops);
  }
}

TEST_F(ThreadPool, AcceptsAnyCallable) {
  set_num_threads(2);
  struct Counter {
    std::atomic<int64_t>* sum;
    void operator()(int64_t begin, int64_t end) const { *sum += end - begin; }
  };
  std::atomic<int64_t> sum{0};
  const Counter counter{&sum};
  parallel_for(10, 1, counter);
  parallel_for(10, 1, Counter{&sum});
  EXPECT_EQ(sum, 20);
}

}  // namespace
}  // namespace ts::cpu
