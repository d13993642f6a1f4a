// Graphs as DOT and Mermaid: exact text, names, escapes, the limit, depth.
#include "torchscratch/graph.h"

#include <gtest/gtest.h>

#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

TEST(Graph, DotIsExact) {
  const Tensor x = ones({2, 3}, DType::Float32);
  const Tensor weight = ones({3, 1}, DType::Float32).requires_grad_();
  const Tensor y = sum(mm(x, weight));
  EXPECT_EQ(graph_to_dot(y, {{{"linear.weight", weight}}}),
            "digraph autograd {\n"
            "  rankdir=TB;\n"
            "  node [shape=box, fontname=\"monospace\"];\n"
            "  n0 [label=\"SumBackward\"];\n"
            "  n1 [label=\"MmBackward\"];\n"
            "  n2 [label=\"linear.weight\\nfloat32[3, 1]\", style=filled, fillcolor=lightblue];\n"
            "  n3 [label=\"float32[]\", style=filled, fillcolor=lightgray];\n"
            "  n1 -> n0 [label=\"float32[2, 1]\"];\n"
            "  n2 -> n1 [label=\"float32[3, 1]\"];\n"
            "  n0 -> n3;\n"
            "}\n");
}

TEST(Graph, MermaidIsExact) {
  const Tensor x = ones({2}, DType::Float64).requires_grad_();
  EXPECT_EQ(graph_to_mermaid(x * x),
            "flowchart TD\n"
            "  n0[\"MulBackward\"]\n"
            "  n1([\"float64[2]\"])\n"
            "  n2([\"float64[2]\"])\n"
            "  n1 -->|\"float64[2]\"| n0\n"
            "  n1 -->|\"float64[2]\"| n0\n"
            "  n0 --> n2\n");
}

TEST(Graph, NamesAreEscaped) {
  const Tensor x = ones({1}, DType::Float32).requires_grad_();
  const GraphOptions options{{{"a\"b\\<c>", x}}, 10};
  EXPECT_NE(graph_to_dot(x * 2, options).find("a\\\"b\\\\<c>\\nfloat32[1]"), std::string::npos);
  EXPECT_NE(graph_to_mermaid(x * 2, options).find("a#34;b#92;#60;c#62;<br/>float32[1]"), std::string::npos);
}

TEST(Graph, ALimitedGraphSaysSo) {
  const Tensor x = ones({1}, DType::Float32).requires_grad_();
  const Tensor y = ones({1}, DType::Float32).requires_grad_();
  const std::string text = graph_to_dot(sin(x * y), {{}, 2});
  EXPECT_NE(text.find("MulBackward"), std::string::npos);
  EXPECT_EQ(text.find("lightblue"), std::string::npos);
  EXPECT_NE(text.find("2 arrows from further nodes are left out: the graph has more than 2 nodes"), std::string::npos)
      << text;
}

TEST(Graph, AMillionNodes) {
  Tensor x = ones({1}, DType::Float32).requires_grad_();
  for (int i = 0; i < 1'000'000; ++i) x = x + 1;
  const std::string text = graph_to_dot(x, {{}, 2'000'000});
  EXPECT_NE(text.find("n1000000 [label=\"float32[1]\", style=filled, fillcolor=lightblue"), std::string::npos);
  EXPECT_LT(graph_to_mermaid(x).size(), 100'000u);
}

TEST(Graph, WithoutAGraphIsAnError) {
  EXPECT_THROW(graph_to_dot(ones({1}, DType::Float32)), AutogradError);
  const Tensor x = ones({1}, DType::Float32).requires_grad_();
  EXPECT_THROW(graph_to_mermaid(x, {{}, 0}), ValueError);
}

}  // namespace
}  // namespace ts
