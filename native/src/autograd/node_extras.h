// What few nodes have: hooks, retained gradients and the text of the forward call. Kept apart so that a node is small.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "autograd/variable.h"

namespace ts {

class CopySlices;

struct NodeExtras {
  std::vector<std::pair<std::int64_t, NodePreHook>> pre_hooks;
  std::vector<std::pair<std::int64_t, NodePostHook>> post_hooks;
  std::vector<std::pair<std::uint32_t, Ref<GradSlot>>> retained;  // output number, where its gradient goes
  std::int64_t next_id = 1;
  std::string forward_call;  // anomaly mode
  const CopySlices* splice = nullptr;  // of an operation that changed a view: the node that owns and runs it
};

}  // namespace ts
