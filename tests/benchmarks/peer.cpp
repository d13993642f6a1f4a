// The table: every piece of work by us and by the peer, in turns, medians. Ratios above 1 mean that we are faster.
//
//     torchscratch_peer [--quick] [--filter TEXT] [--json FILE]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "limits.h"
#include "torchscratch/torchscratch.h"
#include "work.h"

namespace {

using Clock = std::chrono::steady_clock;
using ts::Tensor;

double seconds_of(const std::function<void()>& run, long times) {
  const auto start = Clock::now();
  for (long i = 0; i < times; ++i) run();
  return std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(times);
}

// Repetitions that take about `seconds`.
long repetitions(const std::function<void()>& run, double seconds) {
  run();
  long times = 1;
  while (true) {
    const double each = seconds_of(run, times);
    if (each * static_cast<double>(times) > seconds / 4 || times > 1'000'000) {
      return std::max(1L, static_cast<long>(seconds / each));
    }
    times *= 4;
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::function<void()> with_backward(const ts::TensorList& leaves, const Tensor& gradient,
                                    const std::function<Tensor()>& forward) {
  return [=] {
    forward().backward(gradient);
    for (const Tensor& leaf : leaves) leaf.set_grad({});
  };
}

std::vector<Work> all_work(bool quick) {
  std::vector<Work> list;
  const auto matmul = [&](std::int64_t m, std::int64_t k, std::int64_t n) {
    const Tensor a = ts::randn({m, k});
    const Tensor b = ts::randn({k, n});
    list.push_back({ts::format("matmul ", m, "x", k, "x", n), 2.0 * static_cast<double>(m * k * n), "GFLOP/s",
                    [=] { ts::matmul(a, b); }, {}});
  };
  for (const std::int64_t n : {128, 256, 512, 1024, 2048}) matmul(n, n, n);
  if (!quick) matmul(4096, 4096, 4096);
  matmul(64, 784, 256);
  matmul(1024, 256, 1024);
  matmul(1024, 1024, 256);
  const auto bmm = [&](std::int64_t batch, std::int64_t n) {
    const Tensor a = ts::randn({batch, n, n});
    const Tensor b = ts::randn({batch, n, n});
    list.push_back({ts::format("bmm ", batch, " of ", n, "x", n, "x", n), 2.0 * static_cast<double>(batch * n * n * n),
                    "GFLOP/s", [=] { ts::bmm(a, b); }, {}});
  };
  bmm(256, 64);
  bmm(1024, 32);

  constexpr std::int64_t kLarge = 16 << 20;
  const Tensor x = ts::randn({kLarge});
  const Tensor y = ts::randn({kLarge});
  list.push_back({"a + b, 16M", 12.0 * kLarge, "GB/s", [=] { ts::add(x, y); }, {}});
  const auto unary = [&](const char* name, Tensor (*function)(const Tensor&)) {
    list.push_back({name, 8.0 * kLarge, "GB/s", [=] { function(x); }, {}});
  };
  unary("exp, 16M", [](const Tensor& t) { return ts::exp(t); });
  unary("tanh, 16M", [](const Tensor& t) { return ts::tanh(t); });
  unary("sigmoid, 16M", [](const Tensor& t) { return ts::sigmoid(t); });
  unary("gelu, 16M", [](const Tensor& t) { return ts::gelu(t); });
  list.push_back({"sum, 16M", 4.0 * kLarge, "GB/s", [=] { ts::sum(x); }, {}});
  const Tensor rows = ts::randn({16384, 1024});
  list.push_back({"softmax 16384x1024", 8.0 * kLarge, "GB/s", [=] { ts::softmax(rows, 1); }, {}});
  const Tensor logits = ts::randn({4096, 1000}).requires_grad_();
  const Tensor classes = ts::randint(0, 1000, {4096});
  list.push_back({"cross_entropy 4096x1000, both", 0, "us",
                  with_backward({logits}, {}, [=] { return ts::cross_entropy(logits, classes); }), {}});

  const auto conv = [&](std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t o, std::int64_t k, std::int64_t s,
                        bool both) {
    const Tensor input = ts::randn({n, c, h, h}).requires_grad_(both);
    Tensor weight = (ts::randn({o, c, k, k}) * 0.05).requires_grad_(both);
    const std::int64_t padding = k / 2;
    const std::int64_t out = (h + 2 * padding - k) / s + 1;
    const auto forward = [=] { return ts::conv2d(input, weight, {}, {s, s}, {padding, padding}); };
    Work work;
    work.name = ts::format("conv2d ", n, "x", c, "x", h, "x", h, " to ", o, ", ", k, "x", k, " stride ", s, ", ",
                           both ? "both" : "forward");
    work.amount = (both ? 3 : 1) * 2.0 * static_cast<double>(n * o * out * out * c * k * k);
    work.unit = "GFLOP/s";
    if (both) work.ours = with_backward({input, weight}, ts::ones({n, o, out, out}), forward);
    else work.ours = [=] { forward(); };
    list.push_back(work);
  };
  for (const bool both : {false, true}) {
    conv(32, 64, 32, 64, 3, 1, both);
    conv(32, 128, 16, 128, 3, 1, both);
    conv(32, 256, 8, 256, 3, 1, both);
    conv(32, 64, 32, 128, 1, 2, both);
    conv(32, 3, 32, 64, 3, 1, both);
  }

  const Tensor small = ts::randn({8, 8});
  const Tensor leaf = ts::randn({8, 8}).requires_grad_();
  list.push_back({"add 8x8", 0, "us", [=] { ts::add(small, small); }, {}, 1});
  list.push_back({"add 8x8, recorded", 0, "us", [=] { ts::add(leaf, small); }, {}, 1});
  list.push_back({"chain of ten 8x8, forward and backward", 0, "us", with_backward({leaf}, {}, [=] {
                    Tensor t = leaf;
                    for (int i = 0; i < 5; ++i) t = ts::tanh(t * small);
                    return ts::sum(t);
                  }), {}, 1});

  // 784-256-128-32-10, batch 64, Adam.
  struct Network {
    ts::TensorList parameters, averages, squares;
    std::int64_t step = 0;
  };
  const auto net = std::make_shared<Network>();
  const std::int64_t sizes[] = {784, 256, 128, 32, 10};
  for (int i = 0; i < 4; ++i) {
    net->parameters.push_back((ts::randn({sizes[i + 1], sizes[i]}) * 0.05).requires_grad_());
    net->parameters.push_back(ts::zeros({sizes[i + 1]}).requires_grad_());
  }
  for (const Tensor& parameter : net->parameters) {
    net->averages.push_back(ts::zeros_like(parameter));
    net->squares.push_back(ts::zeros_like(parameter));
  }
  const Tensor images = ts::randn({64, 784});
  const Tensor labels = ts::randint(0, 10, {64});
  list.push_back({"MLP training step", 0, "us", [=] {
                    Tensor h = images;
                    for (std::size_t i = 0; i < 4; ++i) {
                      h = ts::linear(h, net->parameters[2 * i], net->parameters[2 * i + 1]);
                      if (i < 3) h = ts::relu(h);
                    }
                    ts::cross_entropy(h, labels).backward();
                    ts::TensorList grads;
                    for (const Tensor& parameter : net->parameters) {
                      grads.push_back(parameter.grad());
                      parameter.set_grad({});
                    }
                    ts::adam_step(net->parameters, grads, net->averages, net->squares, {}, ++net->step, {});
                  }, {}, 2});
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string filter;
  std::string json_path;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--quick")) quick = true;
    else if (!std::strcmp(argv[i], "--filter") && i + 1 < argc) filter = argv[++i];
    else if (!std::strcmp(argv[i], "--json") && i + 1 < argc) json_path = argv[++i];
    else {
      std::fprintf(stderr, "usage: torchscratch_peer [--quick] [--filter TEXT] [--json FILE]\n");
      return 2;
    }
  }
  const int threads = ts::num_threads();
  const double peak = limits::fma_peak(threads);
  const double bandwidth = limits::copy_bandwidth(threads);
  std::printf("%d threads, %s; peer: %s\n", threads, ts::simd_target(), peer_name());
  std::printf("limits: FMA %.0f GFLOP/s, copy %.1f GB/s\n\n", peak * 1e-9, bandwidth * 1e-9);
  std::printf("%-48s %10s %10s %7s %7s\n", "work", "ours", "peer", "ratio", "limit");
  nlohmann::json rows = nlohmann::json::array();
  for (Work& work : all_work(quick)) {
    if (work.name.find(filter) == std::string::npos) continue;
    work.peer = peer_work(work.name);
    ts::set_num_threads(std::min(threads, work.threads));
    set_peer_threads(std::min(threads, work.threads));
    const double turn = quick ? 0.05 : 0.2;
    const int turns = quick ? 5 : 9;
    const long our_times = repetitions(work.ours, turn);
    const long peer_times = work.peer ? repetitions(work.peer, turn) : 0;
    std::vector<double> ours;
    std::vector<double> peers;
    std::vector<double> ratios;
    for (int t = 0; t < turns; ++t) {
      ours.push_back(seconds_of(work.ours, our_times));
      if (!work.peer) continue;
      peers.push_back(seconds_of(work.peer, peer_times));
      ratios.push_back(peers.back() / ours.back());
    }
    const bool is_time = work.amount == 0;
    const auto figure = [&](double seconds) { return is_time ? seconds * 1e6 : work.amount / seconds * 1e-9; };
    const double our_figure = figure(median(ours));
    const double limit = !std::strcmp(work.unit, "GFLOP/s") ? peak * 1e-9 : bandwidth * 1e-9;
    char share[16] = "";
    if (!is_time) std::snprintf(share, sizeof share, "%.2f", our_figure / limit);
    if (work.peer) {
      std::printf("%-48s %10.2f %10.2f %7.2f %7s %s\n", work.name.c_str(), our_figure, figure(median(peers)),
                  median(ratios), share, work.unit);
    } else {
      std::printf("%-48s %10.2f %10s %7s %7s %s\n", work.name.c_str(), our_figure, "-", "-", share, work.unit);
    }
    std::fflush(stdout);
    nlohmann::json row = {{"name", work.name}, {"ours", our_figure}, {"unit", work.unit}};
    row["peer"] = work.peer ? nlohmann::json(figure(median(peers))) : nlohmann::json();
    row["ratio"] = work.peer ? nlohmann::json(median(ratios)) : nlohmann::json();
    rows.push_back(row);
  }
  if (!json_path.empty()) std::ofstream(json_path) << rows.dump(1) << "\n";
  return 0;
}
