// The table: every piece of work by us and by the peer, in turns, medians. Ratios above 1 mean that we are faster, or
// need less memory.
//
//     torchscratch_peer [--quick] [--filter TEXT] [--json FILE]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "limits.h"
#include "memory.h"
#include "torchscratch/torchscratch.h"
#include "work.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const Run& run, long times) {
  const auto start = Clock::now();
  for (long i = 0; i < times; ++i) run();
  return std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(times);
}

// Repetitions that take about `seconds`.
long repetitions(const Run& run, double seconds) {
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

struct Row {
  double ours, peer, ratio;  // peer and ratio are 0 without a peer
};

// Seconds of a run.
Row measure(const Work& work, bool quick) {
  const Run ours = work.ours(), peer = peer_work(work.name);
  const double turn = quick ? 0.05 : 0.2;
  const int turns = quick ? 5 : 9;
  const long our_times = repetitions(ours, turn), peer_times = peer ? repetitions(peer, turn) : 0;
  std::vector<double> our_seconds, peer_seconds, ratios;
  for (int t = 0; t < turns; ++t) {
    our_seconds.push_back(seconds_of(ours, our_times));
    if (!peer) continue;
    peer_seconds.push_back(seconds_of(peer, peer_times));
    ratios.push_back(peer_seconds.back() / our_seconds.back());
  }
  if (!peer) return {median(our_seconds), 0, 0};
  return {median(our_seconds), median(peer_seconds), median(ratios)};
}

class Table {
 public:
  explicit Table(int threads) : peak_(limits::fma_peak(threads)), bandwidth_(limits::copy_bandwidth(threads)) {
    std::printf("%d threads, %s; peer: %s\n", threads, ts::simd_target(), peer_name());
    std::printf("limits: FMA %.0f GFLOP/s, copy %.1f GB/s\n\n", peak_ * 1e-9, bandwidth_ * 1e-9);
    std::printf("%-56s %10s %10s %7s %7s\n", "work", "ours", "peer", "ratio", "limit");
  }

  void add_time(const Work& work, const Row& row) {
    const auto figure = [&](double seconds) { return work.amount == 0 ? seconds * 1e6 : work.amount / seconds * 1e-9; };
    const double limit = !std::strcmp(work.unit, "GFLOP/s") ? peak_ * 1e-9 : bandwidth_ * 1e-9;
    char share[16] = "";
    if (work.amount != 0) std::snprintf(share, sizeof share, "%.2f", figure(row.ours) / limit);
    add(work.name, figure(row.ours), row.ratio == 0 ? 0 : figure(row.peer), row.ratio, share, work.unit);
  }

  void add_memory(const Work& work, double ours, double peer) {
    add(work.name + ", peak memory", ours * 1e-6, peer * 1e-6, peer / ours, "", "MB");
  }

  void write(const std::string& path) const { std::ofstream(path) << rows_.dump(1) << "\n"; }

 private:
  void add(const std::string& name, double ours, double peer, double ratio, const char* share, const char* unit) {
    nlohmann::json row = {{"name", name}, {"ours", ours}, {"unit", unit}};
    if (ratio != 0) {
      std::printf("%-56s %10.2f %10.2f %7.2f %7s %s\n", name.c_str(), ours, peer, ratio, share, unit);
      row["peer"] = peer;
      row["ratio"] = ratio;
    } else {
      std::printf("%-56s %10.2f %10s %7s %7s %s\n", name.c_str(), ours, "-", "-", share, unit);
      row["peer"] = row["ratio"] = nullptr;
    }
    std::fflush(stdout);
    rows_.push_back(row);
  }

  double peak_, bandwidth_;
  nlohmann::json rows_ = nlohmann::json::array();
};

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string filter, json_path, side, only;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--quick")) quick = true;
    else if (!std::strcmp(argv[i], "--filter") && i + 1 < argc) filter = argv[++i];
    else if (!std::strcmp(argv[i], "--json") && i + 1 < argc) json_path = argv[++i];
    else if (!std::strcmp(argv[i], "--repeat") && i + 2 < argc) side = argv[++i], only = argv[++i];  // see memory.h
    else {
      std::fprintf(stderr, "usage: torchscratch_peer [--quick] [--filter TEXT] [--json FILE]\n");
      return 2;
    }
  }
  const int threads = ts::num_threads();
  const auto use_threads = [&](const Work& work) {
    ts::set_num_threads(std::min(threads, work.threads));
    set_peer_threads(std::min(threads, work.threads));
  };
  const std::vector<Work> list = all_work(quick);
  if (!side.empty()) {
    for (const Work& work : list) {
      if (work.name != only) continue;
      use_threads(work);
      const Run run = side == "ours" ? work.ours() : peer_work(only);
      for (int i = 0; i < 20; ++i) run();
      std::printf("%.0f\n", peak_memory());
    }
    return 0;
  }

  Table table(threads);
  for (const Work& work : list) {
    if (work.name.find(filter) == std::string::npos) continue;
    use_threads(work);
    table.add_time(work, measure(work, quick));
    if (!work.trains || !peer_work(work.name)) continue;
    const double ours = peak_memory_of_child("ours", work.name);
    const double peer = peak_memory_of_child("peer", work.name);
    if (ours > 0 && peer > 0) table.add_memory(work, ours, peer);
  }
  if (!json_path.empty()) table.write(json_path);
  return 0;
}
