// State that few nodes have: hooks, retained gradients and the description of the forward call. It is allocated on
// demand, which keeps nodes small.
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
  std::vector<std::pair<std::uint32_t, Ref<GradSlot>>> retained;  // number of the output, where its gradient is stored
  std::int64_t next_id = 1;
  std::string forward_call;            // set in anomaly mode
  const CopySlices* splice = nullptr;  // if the operation changed a view in place: the node that owns and runs it
};

}  // namespace ts
