// The core alone, by Google Benchmark: what an operator costs at 8x8, and the kernels that training leans on.
#include <benchmark/benchmark.h>

#include "torchscratch/torchscratch.h"

namespace {

void AddSmall(benchmark::State& state) {
  const ts::Tensor a = ts::randn({8, 8});
  const ts::Tensor b = ts::randn({8, 8});
  for (auto _ : state) benchmark::DoNotOptimize(ts::add(a, b));
}
BENCHMARK(AddSmall);

void AddSmallRecorded(benchmark::State& state) {
  const ts::Tensor a = ts::randn({8, 8}).requires_grad_();
  const ts::Tensor b = ts::randn({8, 8});
  for (auto _ : state) benchmark::DoNotOptimize(ts::add(a, b));
}
BENCHMARK(AddSmallRecorded);

void ChainOfTenWithBackward(benchmark::State& state) {
  const ts::Tensor a = ts::randn({8, 8}).requires_grad_();
  const ts::Tensor b = ts::randn({8, 8});
  for (auto _ : state) {
    ts::Tensor x = a;
    for (int i = 0; i < 5; ++i) x = ts::tanh(x * b);
    ts::sum(x).backward();
  }
}
BENCHMARK(ChainOfTenWithBackward);

void Matmul(benchmark::State& state) {
  const ts::Tensor a = ts::randn({state.range(0), state.range(0)});
  const ts::Tensor b = ts::randn({state.range(0), state.range(0)});
  for (auto _ : state) benchmark::DoNotOptimize(ts::matmul(a, b));
  const double n = static_cast<double>(state.range(0));
  state.counters["FLOP/s"] = benchmark::Counter(2 * n * n * n, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(Matmul)->RangeMultiplier(2)->Range(64, 1024)->UseRealTime();

void Softmax(benchmark::State& state) {
  const ts::Tensor x = ts::randn({4096, 1024});
  for (auto _ : state) benchmark::DoNotOptimize(ts::softmax(x, 1));
  state.SetBytesProcessed(state.iterations() * x.numel() * 8);
}
BENCHMARK(Softmax)->UseRealTime();

}  // namespace
