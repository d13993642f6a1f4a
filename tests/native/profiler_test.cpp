// The profiler: each call counted once, nesting, sums of times and bytes, threads, sessions, the table and the trace.
#include "torchscratch/profiler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

struct Session {
  Session() { profiler::start(); }
  ~Session() {
    if (profiler::running()) profiler::stop();
  }
};

ProfileRow row_of(const Profile& profile, const std::string& name, ProfileKind kind = ProfileKind::Operator) {
  for (const ProfileRow& row : profile.rows()) {
    if (row.name == name && row.kind == kind) return row;
  }
  return {};
}

const ProfileEvent& event_of(const Profile& profile, const std::string& name) {
  for (const ProfileEvent& event : profile.events) {
    if (name == event.name) return event;
  }
  static const ProfileEvent none;
  ADD_FAILURE() << "no event " << name;
  return none;
}

TEST(Profiler, CountsEveryCallOnce) {
  const Tensor x = ones({16}, DType::Float32).requires_grad_();
  const Session session;
  for (int i = 0; i < 5; ++i) sum(sin(x) * cos(x)).backward();
  const Profile profile = profiler::stop();
  EXPECT_EQ(row_of(profile, "sin", ProfileKind::Operator).calls, 5 + 5);  // including those of the derivative of cos
  EXPECT_EQ(row_of(profile, "sum").calls, 5);
  EXPECT_EQ(row_of(profile, "SinBackward", ProfileKind::Node).calls, 5);
  EXPECT_EQ(row_of(profile, "AccumulateGrad", ProfileKind::Node).calls, 5);
  exp(x);
  EXPECT_FALSE(profiler::running());
}

TEST(Profiler, NestsAndAddsUp) {
  const Tensor x = ones({1024}, DType::Float32).requires_grad_();
  const Session session;
  {
    const profiler::Range range("step");
    const profiler::Range inner("forward");
    sum(silu(x)).backward();
  }
  const Profile profile = profiler::stop();
  const ProfileEvent& step = event_of(profile, "step");
  const ProfileEvent& forward = event_of(profile, "forward");
  EXPECT_EQ(step.depth, 0);
  EXPECT_EQ(forward.depth, 1);
  EXPECT_EQ(event_of(profile, "silu").depth, 2);
  EXPECT_EQ(step.kind, ProfileKind::Range);
  EXPECT_EQ(profile.events.back().name, std::string("step"));
  std::int64_t self_time = 0, self_bytes = 0;
  std::map<std::int32_t, std::int64_t> inner_of_depth;
  for (const ProfileEvent& event : profile.events) {
    EXPECT_LE(event.begin, event.end);
    EXPECT_GE(event.begin, step.begin);
    EXPECT_LE(event.end, step.end);
    EXPECT_LE(event.inner_time, event.end - event.begin);
    self_time += event.end - event.begin - event.inner_time;
    self_bytes += event.bytes - event.inner_bytes;
  }
  EXPECT_EQ(self_time, step.end - step.begin);
  EXPECT_EQ(self_bytes, step.bytes);
  std::int64_t rows = 0;
  for (const ProfileRow& row : profile.rows()) rows += row.self_time;
  EXPECT_EQ(rows, self_time);
}

TEST(Profiler, BytesAreThoseOfTheData) {
  const Tensor x = ones({100000}, DType::Float32);  // large enough for live_bytes, which is exact to 256 KiB
  const Session session;
  exp(x);
  reshape(x, {100, 1000});
  const Profile profile = profiler::stop();
  EXPECT_EQ(event_of(profile, "exp").bytes, 400000);
  EXPECT_EQ(event_of(profile, "reshape").bytes, 0);
  EXPECT_GT(event_of(profile, "exp").live_bytes, 0);
}

TEST(Profiler, OnlyOneSessionAtATime) {
  const Session session;
  EXPECT_THROW(profiler::start(), NotSupportedError);
  profiler::stop();
  EXPECT_THROW(profiler::stop(), ValueError);
  EXPECT_THROW(profiler::snapshot(), ValueError);
  struct Other : OpObserver {
    void before(const char*) override {}
    void after(const char*) override {}
  } other;
  set_op_observer(&other);
  EXPECT_THROW(profiler::start(), NotSupportedError);
  set_op_observer(nullptr);
  profiler::start();
}

TEST(Profiler, ASessionHasOnlyItsOwnEvents) {
  const Tensor x = ones({4}, DType::Float32);
  const Session session;
  exp(x);
  EXPECT_EQ(profiler::snapshot().events.size(), 1u);
  sin(x);
  EXPECT_EQ(profiler::stop().events.size(), 2u);
  profiler::push_range("begun before");
  profiler::start();
  profiler::pop_range();
  cos(x);
  const Profile second = profiler::stop();
  ASSERT_EQ(second.events.size(), 1u);
  EXPECT_EQ(second.events[0].name, std::string("cos"));
}

TEST(Profiler, CallsThatThrowAreClosed) {
  const Session session;
  EXPECT_THROW(matmul(ones({2, 3}), ones({4, 5})), ShapeError);
  const Profile profile = profiler::stop();
  EXPECT_EQ(row_of(profile, "matmul").calls, 1);
  EXPECT_EQ(event_of(profile, "matmul").depth, 0);
}

TEST(Profiler, ThreadsAreSeparateAndStoppingDoesNotWait) {
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const Tensor x = ones({8}, DType::Float32).requires_grad_();
      while (!done) {
        const profiler::Range range("work");
        sum(exp(x)).backward();
      }
    });
  }
  for (int round = 0; round < 20; ++round) {
    const Session session;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    profiler::snapshot();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const Profile profile = profiler::stop();
    std::map<std::int32_t, std::int64_t> last_end;
    for (const ProfileEvent& event : profile.events) {
      EXPECT_GE(event.end, last_end[event.thread]);
      EXPECT_GE(event.thread, 0);
      EXPECT_LT(event.thread, 3);
      last_end[event.thread] = event.end;
    }
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  // Threads that have ended are still in the profile.
  const Session session;
  std::thread([] { exp(ones({4}, DType::Float32)); }).join();
  EXPECT_EQ(row_of(profiler::stop(), "exp").calls, 1);
}

TEST(Profiler, ManyEvents) {
  const Tensor x = ones({1}, DType::Float32);
  const Session session;
  for (int i = 0; i < 5000; ++i) sin(x);
  EXPECT_EQ(row_of(profiler::stop(), "sin").calls, 5000);
}

TEST(Profiler, RecursionCountsTimeOnce) {
  Profile profile;
  ProfileEvent outer, inner;
  outer.name = inner.name = "f";
  outer.end = 100;
  inner.begin = 20;
  inner.end = 60;
  inner.depth = 1;
  outer.inner_time = 40;
  profile.events = {inner, outer};
  const ProfileRow row = profile.rows().at(0);
  EXPECT_EQ(row.calls, 2);
  EXPECT_EQ(row.total_time, 100);
  EXPECT_EQ(row.self_time, 100);
}

TEST(Profiler, TheTraceIsJson) {
  const Tensor x = ones({1 << 20}, DType::Float32).requires_grad_();
  const Session session;
  {
    const profiler::Range range("a \"quoted\"\nrange");
    sum(exp(x)).backward();
  }
  const Profile profile = profiler::stop();
  const auto trace = nlohmann::json::parse(profile.trace());
  std::size_t slices = 0, counters = 0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] == "X") {
      ++slices;
      EXPECT_GE(event["dur"].get<double>(), 0);
      EXPECT_EQ(event["tid"], 0);
    }
    if (event["ph"] == "C") ++counters;
  }
  EXPECT_EQ(slices, profile.events.size());
  EXPECT_GE(counters, 1u);
  EXPECT_NE(profile.trace().find("a \\\"quoted\\\"\\nrange"), std::string::npos);
}

TEST(Profiler, TheTableNamesTheMostExpensiveFirst) {
  const Tensor x = ones({256, 256}, DType::Float32);
  const Session session;
  for (int i = 0; i < 3; ++i) matmul(x, x);
  const Profile profile = profiler::stop();
  const std::string table = profile.table();
  EXPECT_EQ(table.find("name"), 0u);
  EXPECT_NE(table.find("matmul"), std::string::npos) << table;
  EXPECT_NE(profile.table(1).find("events"), std::string::npos);
}

}  // namespace
}  // namespace ts
