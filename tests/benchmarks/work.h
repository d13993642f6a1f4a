// One piece of work, done by us and by a peer.
#pragma once

#include <functional>
#include <string>
#include <vector>

/// Runs a piece of work once.
using Run = std::function<void()>;

struct Work {
  std::string name;
  double amount;              // FLOP or bytes of one run; 0 where only time matters
  const char* unit;           // "GFLOP/s", "GB/s" or "us"
  std::function<Run()> ours;  // builds the operands, which live as long as what it returns
  int threads = 2;
  bool trains = false;  // its peak memory is compared too
};

/// What is measured, in the order of the table. `quick` leaves out what takes longest.
std::vector<Work> all_work(bool quick);

/// The peer's side of the work of that name; empty when there is no peer or it lacks the work.
Run peer_work(const std::string& name);
void set_peer_threads(int threads);
const char* peer_name();
