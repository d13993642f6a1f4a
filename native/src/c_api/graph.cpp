// Graphs as text in the C ABI.
#include "c_api/convert.h"
#include "torchscratch/graph.h"

using namespace ts;
using namespace ts::c_api;

ts_status ts_tensor_graph(ts_tensor self, int32_t mermaid, const char* const* names, const ts_tensor* tensors,
                          int32_t count, int64_t max_nodes, char** out) {
  return guard([&] {
    const TensorList named = borrow_list(tensors, count);
    TS_CHECK(names != nullptr || count == 0, ValueError, "graph: names must not be NULL");
    GraphOptions options;
    options.max_nodes = max_nodes;
    for (std::size_t i = 0; i < named.size(); ++i) options.names.emplace_back(to_text(names[i], "name"), named[i]);
    const Borrowed tensor = require(self, "self");
    *out = copy_text(mermaid ? graph_to_mermaid(tensor, options) : graph_to_dot(tensor, options));
  });
}
