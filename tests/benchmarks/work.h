// One piece of work, done by us and by a peer.
#pragma once

#include <functional>
#include <string>
#include <vector>

/// `name` and `size` say what it is; both sides build their own operands and return a closure that does it once.
struct Work {
  std::string name;
  double amount;                   // FLOP or bytes of one run; 0 where only time matters
  const char* unit;                // "GFLOP/s", "GB/s" or "us"
  std::function<void()> ours;
  std::function<void()> peer;      // empty without a peer
  int threads = 2;
};

/// The peer's side of work `name`; empty when there is no peer or it lacks the work. Operands as ours, by name.
std::function<void()> peer_work(const std::string& name);
void set_peer_threads(int threads);
const char* peer_name();
