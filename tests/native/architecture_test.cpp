// Checks the source tree against docs/architecture.md: which folder of native/src may include which, and where code
// outside the kernels reads or writes the elements of a tensor.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace ts::test {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TORCHSCRATCH_SOURCE_DIR;
const fs::path kSources = kRoot / "native" / "src";
const fs::path kHeaders = kRoot / "native" / "include";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  EXPECT_TRUE(in) << file;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".h" || extension == ".cpp") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// ---- The plan ----

struct Layer {
  std::set<std::string> below;    // layers that this one may include
  std::vector<std::regex> files;  // generated files and public headers that belong to it, besides its own folder
};

std::regex pattern_of(std::string glob) {
  glob = std::regex_replace(glob, std::regex(R"(\.)"), R"(\.)");
  return std::regex(std::regex_replace(glob, std::regex(R"(\*)"), ".*"));
}

// Reads the fenced block ```layers of docs/architecture.md: one layer per line, `name < layers it may include : files`.
std::map<std::string, Layer> plan() {
  const std::string page = text_of(kRoot / "docs" / "architecture.md");
  const std::string fence = "```layers\n";
  const std::size_t begin = page.find(fence), end = page.find("```", begin + fence.size());
  EXPECT_NE(begin, std::string::npos) << "docs/architecture.md has no block ```layers";
  std::map<std::string, Layer> layers;
  if (begin == std::string::npos) return layers;
  std::istringstream lines(page.substr(begin + fence.size(), end - begin - fence.size()));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, word;
    words >> name;
    Layer& layer = layers[name];
    bool in_files = false;
    while (words >> word) {
      if (word == "<") continue;
      if (word == ":") in_files = true;
      else if (in_files) layer.files.push_back(pattern_of(word));
      else layer.below.insert(word);
    }
  }
  return layers;
}

// The layer of a file, named as in #include: "ops/infer.h", "generated/kernels/bits.g.h", "torchscratch/tensor.h".
std::string layer_of(const std::map<std::string, Layer>& layers, const std::string& file) {
  for (const auto& [name, layer] : layers) {
    for (const std::regex& pattern : layer.files) {
      if (std::regex_match(file, pattern)) return name;
    }
  }
  const std::string folder = file.substr(0, file.find('/'));
  return layers.count(folder) ? folder : "";
}

std::vector<std::string> includes_of(const std::string& text) {
  static const std::regex directive(R"re(#include "([^"]+)")re");
  std::vector<std::string> includes;
  for (std::sregex_iterator it(text.begin(), text.end(), directive), none; it != none; ++it) includes.push_back((*it)[1]);
  return includes;
}

TEST(Architecture, FoldersIncludeOnlyWhatThePlanAllows) {
  const auto layers = plan();
  ASSERT_GT(layers.size(), 8u);
  int checked = 0;
  for (const fs::path& base : {kSources, kHeaders}) {
    for (const fs::path& path : files_below(base)) {
      const std::string file = path.lexically_relative(base).generic_string();
      const std::string own = layer_of(layers, file);
      EXPECT_NE(own, "") << file << " belongs to no layer of docs/architecture.md";
      for (const std::string& include : includes_of(text_of(path))) {
        const std::string other = layer_of(layers, include);
        EXPECT_NE(other, "") << file << " includes " << include << ", which belongs to no layer of docs/architecture.md";
        EXPECT_TRUE(other == own || layers.at(own).below.count(other))
            << file << " (" << own << ") includes " << include << " (" << other << "); " << own
            << " may include only what docs/architecture.md allows";
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 500);
}

TEST(Architecture, LayersHaveNoCycle) {
  const auto layers = plan();
  std::set<std::string> done;
  for (std::size_t round = 0; round < layers.size(); ++round) {
    for (const auto& [name, layer] : layers) {
      bool ready = true;
      for (const std::string& below : layer.below) {
        EXPECT_TRUE(layers.count(below)) << name << " names the layer " << below << ", which the plan does not contain";
        ready = ready && done.count(below);
      }
      if (ready) done.insert(name);
    }
  }
  for (const auto& [name, layer] : layers) EXPECT_TRUE(done.count(name)) << name << " is part of a cycle";
}

// ---- Values on the host ----

// Comments may mention these functions.
std::string without_comments(const std::string& text) {
  return std::regex_replace(text, std::regex(R"(//[^\n]*)"), "");
}

int occurrences(const std::string& text, const std::regex& pattern) {
  return static_cast<int>(std::distance(std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()));
}

// Where device-free code reads values through tensor/host_access.h, and how often. Each call may make the host wait for
// a device, so a new one must be added to this table with its reason.
const std::map<std::string, int>& host_reads() {
  static const std::map<std::string, int> places = {
      {"c_api/tensor.cpp", 1},          // ts_tensor_copy_to
      {"io/safetensors.cpp", 2},        // the host reads and writes files
      {"nn/batch_norm.cpp", 1},         // the number of batches seen, which determines the momentum
      {"nn/module_state.cpp", 1},       // whether what becomes a count is whole
      {"optim/grad_scaler.cpp", 2},     // whether all gradients are finite; the numbers of a state that is loaded
      {"optim/optim.cpp", 1},           // the steps and options of a state that is loaded
      {"ops/advanced_index.cpp", 2},    // the number of elements that a mask selects; an index that is a 0-d tensor
      {"ops/element_losses.cpp", 2},    // whether probabilities and variances are valid
      {"ops/embedding.cpp", 7},         // whether the offsets of bags are valid, and the number of indices that count
      {"ops/engine_operators.cpp", 1},  // anomaly mode: whether a gradient is NaN
      {"ops/linalg.cpp", 1},            // whether a least squares problem has full rank
      {"ops/ordering.cpp", 2},          // whether quantiles are valid; whether a product has a zero
      {"ops/random.cpp", 6},            // whether probabilities and weights are valid
      {"ops/rearrange.cpp", 5},         // the length of repeat_interleave's result, where tensor_split cuts
      {"ops/scatter.cpp", 2},           // one_hot: the smallest and the largest class
      {"ops/unique.cpp", 6},            // the number of distinct elements and of bins, and their range
      {"ops/views.cpp", 1},             // narrow with a tensor as its start
  };
  return places;
}

// Folders that are independent of the device. Kernels (cpu) and the tensor itself access memory; these folders do not.
const std::vector<std::string> kDeviceFree = {"autograd", "c_api", "io", "nn", "ops", "optim", "plugin", "profiler"};

TEST(Architecture, ValuesReachTheHostThroughOneDoor) {
  const std::regex door(R"(\b(host_values?<|copy_to_host\(|copy_from_host\(|HostRead\(|HostWrite ))");
  std::map<std::string, int> found;
  for (const std::string& folder : kDeviceFree) {
    for (const fs::path& path : files_below(kSources / folder)) {
      const int count = occurrences(without_comments(text_of(path)), door);
      if (count > 0) found[path.lexically_relative(kSources).generic_string()] = count;
    }
  }
  for (const auto& [file, count] : found) {
    const auto listed = host_reads().find(file);
    EXPECT_EQ(listed == host_reads().end() ? 0 : listed->second, count)
        << file << " asks " << count << " times for values on the host; update the table in architecture_test.cpp";
  }
  for (const auto& [file, count] : host_reads()) {
    EXPECT_TRUE(found.count(file)) << file << " no longer asks for values on the host; remove it from the table";
  }
}

TEST(Architecture, DeviceFreeCodeTouchesNoElements) {
  // These pass pointers to kernels or across the C ABI without dereferencing them.
  const std::set<std::string> passes_pointers = {"ops/pointwise_call.cpp", "c_api/tensor.cpp"};
  const std::regex touch(R"(raw_data\(|\bdata<|\.item<|\.item\(\))");
  for (const std::string& folder : kDeviceFree) {
    for (const fs::path& path : files_below(kSources / folder)) {
      const std::string file = path.lexically_relative(kSources).generic_string();
      if (passes_pointers.count(file)) continue;
      EXPECT_EQ(occurrences(without_comments(text_of(path)), touch), 0)
          << file << " reads a tensor's elements; read them through tensor/host_access.h";
    }
  }
}

}  // namespace
}  // namespace ts::test
