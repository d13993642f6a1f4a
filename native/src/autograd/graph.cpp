// Drawings of the autograd graph. Nodes are visited breadth-first from the tensor, so no recursion is needed.
#include "torchscratch/graph.h"

#include <cstdio>
#include <unordered_map>

#include "torchscratch/autograd.h"

namespace ts {

namespace {

struct Arrow {
  std::size_t from;  // the operand's node
  std::size_t to;
  std::string label;
};

// A drawing that is not yet written in a language. The tensor itself is the last of its boxes.
struct Drawing {
  struct Box {
    std::string text;
    bool is_leaf;
  };
  std::vector<Box> boxes;
  std::vector<Arrow> arrows;
  std::int64_t left_out = 0;  // arrows to nodes beyond the limit
};

std::string shape_text(const TensorMeta& meta) { return format(dtype_name(meta.dtype), meta.sizes.to_string()); }

Drawing draw(const Tensor& tensor, const GraphOptions& options) {
  TS_CHECK(tensor.defined() && tensor.requires_grad(), AutogradError, "graph: ", describe(tensor),
           " has no graph: it does not require a gradient");
  TS_CHECK(options.max_nodes >= 1, ValueError, "graph: at least one node must be allowed, got ", options.max_nodes);
  std::unordered_map<const Node*, std::string> names;
  for (const auto& [name, named] : options.names) {
    if (const Edge edge = autograd::gradient_edge(named)) {
      std::string& text = names[edge.node.get()];
      text += text.empty() ? name : ", " + name;
    }
  }
  Drawing drawing;
  std::unordered_map<const Node*, std::size_t> indices;
  std::vector<const Node*> queue;  // the tensor keeps all nodes of its graph alive
  const auto index_of = [&](const Node* node) {
    const auto found = indices.find(node);
    if (found != indices.end()) return found->second;
    if (static_cast<std::int64_t>(queue.size()) >= options.max_nodes) return SIZE_MAX;
    indices.emplace(node, queue.size());
    queue.push_back(node);
    return queue.size() - 1;
  };
  const Edge root = autograd::gradient_edge(tensor);
  index_of(root.node.get());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const Node& node = *queue[i];
    const bool leaf = node.edges.empty();
    const auto name = names.find(&node);
    std::string text = name == names.end() ? std::string() : name->second + "\n";
    text += leaf ? "" : node.name();
    // Other nodes have the shapes of their results written at their arrows.
    if (leaf && !node.outputs.empty()) text += shape_text(node.outputs[0]);
    drawing.boxes.push_back({std::move(text), leaf});
    for (const Edge& edge : node.edges) {
      if (!edge) continue;
      const std::size_t from = index_of(edge.node.get());
      if (from == SIZE_MAX) {
        ++drawing.left_out;
        continue;
      }
      std::string label = shape_text(edge.node->outputs[edge.index]);
      if (edge.node->output_count() > 1) label = format("output ", edge.index, ": ", label);
      drawing.arrows.push_back({from, i, std::move(label)});
    }
  }
  drawing.arrows.push_back({0, drawing.boxes.size(), ""});
  drawing.boxes.push_back({describe(tensor), false});
  return drawing;
}

std::string note(const Drawing& drawing, const GraphOptions& options) {
  return format(drawing.left_out, " arrows from further nodes are left out: the graph has more than ",
                options.max_nodes, " nodes");
}

// Escapes text for a quoted string of DOT.
std::string dot_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

// Escapes text for a quoted string of Mermaid, which is HTML except that entities begin with # instead of &#.
std::string mermaid_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "<br/>";
    } else if (std::string("\"#<>&\\`").find(c) != std::string::npos) {
      result += format("#", static_cast<int>(static_cast<unsigned char>(c)), ";");
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string graph_to_dot(const Tensor& tensor, const GraphOptions& options) {
  const Drawing drawing = draw(tensor, options);
  std::string text = "digraph autograd {\n  rankdir=TB;\n  node [shape=box, fontname=\"monospace\"];\n";
  for (std::size_t i = 0; i < drawing.boxes.size(); ++i) {
    const bool end = i + 1 == drawing.boxes.size();
    const char* const style = drawing.boxes[i].is_leaf ? ", style=filled, fillcolor=lightblue"
                              : end                    ? ", style=filled, fillcolor=lightgray"
                                                       : "";
    text += format("  n", i, " [label=\"", dot_text(drawing.boxes[i].text), "\"", style, "];\n");
  }
  for (const Arrow& arrow : drawing.arrows) {
    text += format("  n", arrow.from, " -> n", arrow.to);
    text += arrow.label.empty() ? ";\n" : format(" [label=\"", dot_text(arrow.label), "\"];\n");
  }
  if (drawing.left_out > 0) {
    text += format("  note [shape=note, label=\"", dot_text(note(drawing, options)), "\"];\n");
  }
  return text + "}\n";
}

std::string graph_to_mermaid(const Tensor& tensor, const GraphOptions& options) {
  const Drawing drawing = draw(tensor, options);
  std::string text = "flowchart TD\n";
  for (std::size_t i = 0; i < drawing.boxes.size(); ++i) {
    const bool rounded = drawing.boxes[i].is_leaf || i + 1 == drawing.boxes.size();
    text +=
        format("  n", i, rounded ? "([\"" : "[\"", mermaid_text(drawing.boxes[i].text), rounded ? "\"])\n" : "\"]\n");
  }
  for (const Arrow& arrow : drawing.arrows) {
    text += format("  n", arrow.from, " -->");
    if (!arrow.label.empty()) text += format("|\"", mermaid_text(arrow.label), "\"|");
    text += format(" n", arrow.to, "\n");
  }
  if (drawing.left_out > 0) text += format("  note[\"", mermaid_text(note(drawing, options)), "\"]\n");
  return text;
}

}  // namespace ts
