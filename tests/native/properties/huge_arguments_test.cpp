// Calls every function of the operator table with huge numbers, and with tensors that have huge sizes but no element.
// Each call ends within seconds, with a result or with a typed error, and takes no memory beside the allocator's:
// whatever grows with an argument is asked of the allocator, after all checks, and what has no elements costs nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

#include "samples.h"
#include "torchscratch/allocator.h"

namespace ts::test {
namespace {

constexpr double kMostSeconds = 5;
constexpr double kHangSeconds = 60;  // the machine may be busy, so a slow call is not yet a hang
constexpr std::int64_t kMostGrowth = std::int64_t{1} << 28;  // bytes beside those that the allocator counts

using Ints = std::vector<std::int64_t>;

// The bytes of the process that are in memory; 0 where the system does not say.
std::int64_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::int64_t pages = 0, resident = 0;
  status >> pages >> resident;
  return resident * 4096;
}

std::int64_t bytes_elsewhere() {
  const AllocatorStats stats = allocator::stats();
  return resident_bytes() - stats.live_bytes - stats.cached_bytes;
}

// Ends the process, naming the call, if one does not return or fills the memory: the test would take others along.
class Watchdog {
 public:
  Watchdog() : thread_([this] { watch(); }) {}
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void begin(const OpCall& op, const Values& values) {
    const std::lock_guard lock(mutex_);
    op_ = &op;
    values_ = &values;
    since_ = std::chrono::steady_clock::now();
  }
  double end() {
    const std::lock_guard lock(mutex_);
    op_ = nullptr;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count();
  }

 private:
  void watch() {
    const std::int64_t before = resident_bytes();
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::milliseconds(50), [this] { return ended_; })) {
      if (!op_) continue;
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count();
      const bool fills = resident_bytes() - before > 8 * kMostGrowth;
      if (seconds < kHangSeconds && !fills) continue;
      std::fprintf(stderr, "%s %s\n", describe_call(*op_, *values_).c_str(),
                   fills ? "fills the memory" : "does not return");
      std::abort();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  const OpCall* op_ = nullptr;
  const Values* values_ = nullptr;
  std::chrono::steady_clock::time_point since_;
  std::thread thread_;
};

void check(Watchdog& watchdog, const OpCall& op, const Values& values) {
  const std::int64_t before = bytes_elsewhere();
  std::string complaint;
  watchdog.begin(op, values);
  failure_of(op, values, nullptr, &complaint);
  const double seconds = watchdog.end();
  EXPECT_EQ(complaint, "");
  EXPECT_LT(seconds, kMostSeconds) << describe_call(op, values);
  EXPECT_LT(bytes_elsewhere() - before, kMostGrowth) << describe_call(op, values);
}

// The same call, and the gradients of its results.
void check_backward(Watchdog& watchdog, const OpCall& op, const Values& values) {
  const auto run = [&] {
    TensorList leaves;
    const Values tracked = with_tensors(values, [&](const Tensor& tensor) {
      if (!is_floating(tensor.dtype())) return tensor;
      leaves.push_back(tensor.detach().requires_grad_());
      return op.in_place ? leaves.back() * 1 : leaves.back();
    });
    TensorList roots, vectors;
    for (const Tensor& result : op.call(tracked)) {
      if (!result.defined() || !result.requires_grad()) continue;
      roots.push_back(result);
      vectors.push_back(ones_like(result));
    }
    if (!roots.empty()) grad(roots, leaves, vectors, false, false, true);
  };
  allocator::set_limit(std::int64_t{1} << 25);
  watchdog.begin(op, values);
  try {
    run();
  } catch (const Error& e) {
    EXPECT_NE(e.kind(), ErrorKind::Generic) << describe_call(op, values) << ": " << e.what();
  } catch (const std::exception& e) {
    ADD_FAILURE() << describe_call(op, values) << " raised an exception of another type: " << e.what();
  }
  EXPECT_LT(watchdog.end(), kMostSeconds) << "gradients of " << describe_call(op, values);
  allocator::set_limit(0);
}

Values fresh(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) { return clone(tensor); });
}

const std::int64_t kHuge[] = {2147483647,
                              2147483648,
                              std::int64_t{1} << 32,
                              std::int64_t{1} << 40,
                              (std::int64_t{1} << 62) + 1,
                              std::numeric_limits<std::int64_t>::max()};

std::vector<Value> huge_values(const Argument& argument, const Value& right) {
  std::vector<Value> all;
  for (const std::int64_t number : kHuge) {
    for (const std::int64_t signed_number : {number, -number}) {
      switch (argument.kind) {
        case ArgumentKind::Int:
          all.emplace_back(signed_number);
          break;
        case ArgumentKind::Float:
          all.emplace_back(static_cast<double>(signed_number));
          break;
        case ArgumentKind::Scalar:
          all.emplace_back(Scalar(signed_number));
          all.emplace_back(Scalar(static_cast<double>(signed_number)));
          break;
        case ArgumentKind::IntList: {
          all.emplace_back(Ints{signed_number});
          all.emplace_back(Ints{signed_number, signed_number});
          const Ints* list = std::get_if<Ints>(&right);
          for (std::size_t i = 0; list && i < list->size(); ++i) {
            Ints changed = *list;
            changed[i] = signed_number;
            all.emplace_back(changed);
          }
          break;
        }
        default:
          break;
      }
    }
  }
  return all;
}

TEST(Properties, HugeNumbersEndQuickly) {
  Watchdog watchdog;
  for (const PropertySample& sample : property_samples()) {
    for (std::size_t i = 0; i < sample.values.size(); ++i) {
      for (const Value& huge : huge_values(sample.op->arguments[i], sample.values[i])) {
        Values values = fresh(sample.values);
        values[i] = huge;
        check(watchdog, *sample.op, values);
      }
    }
  }
}

// Every number at once, so that checks that look at one of them only do not end the call early.
TEST(Properties, HugeNumbersTogetherEndQuickly) {
  Watchdog watchdog;
  for (const PropertySample& sample : property_samples()) {
    for (const std::int64_t number : kHuge) {
      Values values = fresh(sample.values);
      for (Value& value : values) {
        if (auto* integer = std::get_if<std::int64_t>(&value); integer && *integer > 2) *integer = number;
        if (auto* list = std::get_if<Ints>(&value)) {
          for (std::int64_t& element : *list) element = element > 0 ? number : element;
        }
      }
      check(watchdog, *sample.op, values);
    }
  }
}

// ---- Huge sizes without elements ----

using Sizes = std::map<std::int64_t, std::int64_t>;

Values resized(const Values& values, const Sizes& sizes, bool numbers_too) {
  const auto renew = [&](std::int64_t size) { return sizes.count(size) ? sizes.at(size) : size; };
  Values changed = with_tensors(values, [&](const Tensor& tensor) {
    Dims renewed;
    bool is_empty = false;
    for (const std::int64_t size : tensor.sizes()) {
      renewed.push_back(renew(size));
      is_empty |= renewed.back() == 0;
    }
    double count = 1;  // of the sizes that are not 0
    for (const std::int64_t size : renewed) count *= static_cast<double>(std::max<std::int64_t>(size, 1));
    return count > (is_empty ? 0x1p58 : 1e4) ? clone(tensor) : zeros(renewed, tensor.dtype());
  });
  for (Value& value : changed) {
    auto* list = numbers_too ? std::get_if<Ints>(&value) : nullptr;
    if (!list) continue;
    for (std::int64_t& number : *list) number = number > 2 ? renew(number) : number;
  }
  return changed;
}

TEST(Properties, HugeEmptyTensorsEndQuickly) {
  constexpr std::int64_t kSize = std::int64_t{1} << 40;
  Watchdog watchdog;
  for (const PropertySample& sample : property_samples()) {
    for (const Sizes& sizes :
         {Sizes{{3, kSize}, {4, 0}}, Sizes{{3, 0}, {4, kSize}}, Sizes{{2, kSize}, {3, 0}}, Sizes{{2, kSize}, {4, 0}},
          Sizes{{2, 0}, {3, kSize}}, Sizes{{2, 0}, {4, kSize / 1024}}, Sizes{{2, 0}, {3, kSize / 1024}, {4, 1024}}}) {
      for (const bool numbers_too : {false, true}) {
        const Values values = resized(sample.values, sizes, numbers_too);
        check(watchdog, *sample.op, fresh(values));
        check_backward(watchdog, *sample.op, values);
      }
    }
  }
}

TEST(Properties, HugeEmptyTensorsPrintQuickly) {
  constexpr std::int64_t kSize = std::int64_t{1} << 40;
  EXPECT_EQ(zeros({kSize, 0}).to_string(), "tensor([], size=(1099511627776, 0))");
  EXPECT_EQ(zeros({0, kSize}).to_string(), "tensor([], size=(0, 1099511627776))");
  EXPECT_EQ(expand(zeros({1}), {kSize}).to_string(), "tensor([0., 0., 0.,  ..., 0., 0., 0.])");
  Dims sizes;
  for (int i = 0; i < 15; ++i) sizes.push_back(7);
  EXPECT_LT(expand(zeros({}), sizes).to_string().size(), 10'000'000u);
}

}  // namespace
}  // namespace ts::test
