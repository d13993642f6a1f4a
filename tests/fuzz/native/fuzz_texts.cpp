// Texts that cross the C ABI: names of ranges in a trace, names in a drawn graph, metadata of a file, names of operators and
// of custom functions. What is written as JSON must be JSON, whatever the names are.
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz_input.h"

namespace {

void take_profile(const std::string& name) {
  if (!fuzz::succeeded(ts_profiler_start())) fuzz::fail("the profiler does not start");
  if (fuzz::succeeded(ts_profiler_push_range(name.c_str()))) ts_profiler_pop_range();
  ts_profile profile = nullptr;
  if (!fuzz::succeeded(ts_profiler_stop(&profile))) fuzz::fail("the profiler does not stop");
  char* text = nullptr;
  if (fuzz::succeeded(ts_profile_trace(profile, &text))) {
    if (!nlohmann::json::accept(text)) fuzz::fail("a trace that is no JSON:", text);
    ts_string_free(text);
  }
  text = nullptr;
  if (fuzz::succeeded(ts_profile_table(profile, 3, &text))) ts_string_free(text);
  ts_profile_release(profile);
}

void draw_graph(const std::string& name, bool mermaid, std::int64_t nodes) {
  const std::int64_t sizes[] = {2};
  ts_tensor leaf = nullptr, result = nullptr;
  if (ts_ones(sizes, 1, TS_FLOAT32, 0, &leaf) != TS_OK || ts_tensor_set_requires_grad(leaf, 1) != TS_OK ||
      ts_sum(leaf, nullptr, -1, 0, -1, &result) != TS_OK) {
    fuzz::fail("no graph:", ts_last_error_message());
  }
  const char* const names[] = {name.c_str()};
  char* text = nullptr;
  if (fuzz::succeeded(ts_tensor_graph(result, mermaid, names, &leaf, 1, nodes, &text))) ts_string_free(text);
  ts_tensor_release(result);
  ts_tensor_release(leaf);
}

void save_metadata(const std::string& name, const std::string& metadata) {
  const std::int64_t sizes[] = {1};
  ts_tensor tensor = nullptr;
  if (ts_zeros(sizes, 1, TS_UINT8, 0, &tensor) != TS_OK) fuzz::fail("zeros:", ts_last_error_message());
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("torchscratch-fuzz-text-" + std::to_string(getpid()))).string();
  const char* const names[] = {name.c_str()};
  const bool saved = fuzz::succeeded(ts_safetensors_save(path.c_str(), names, &tensor, 1, metadata.c_str()));
  ts_tensor_release(tensor);
  if (!saved) return;
  ts_tensor_list tensors = nullptr;
  char *loaded_names = nullptr, *loaded = nullptr;
  if (!fuzz::succeeded(ts_safetensors_load(path.c_str(), 0, &tensors, &loaded_names, &loaded))) {
    fuzz::fail("what was written cannot be read:", ts_last_error_message());
  }
  if (name != loaded_names) fuzz::fail("another name:", loaded_names);
  if (nlohmann::json::parse(metadata) != nlohmann::json::parse(loaded)) fuzz::fail("other metadata:", loaded);
  ts_tensor_list_free(tensors);
  ts_string_free(loaded_names);
  ts_string_free(loaded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::limit_memory();
  fuzz::Input input(data, size);
  const int kind = input.below(4);
  const std::int64_t nodes = input.take<std::int8_t>();
  const std::string name = input.text('\0'), rest = input.text('\0');
  ts_operator found = nullptr;
  switch (kind) {
    case 0: take_profile(name); break;
    case 1: draw_graph(name, nodes % 2 == 0, nodes); break;
    case 2: save_metadata(name, rest); break;
    default:
      if (fuzz::succeeded(ts_operator_find(name.c_str(), &found))) fuzz::fail("an operator that nobody registered");
      ts_set_callback_error(name.c_str());
      std::int32_t device = 0;
      fuzz::succeeded(ts_device_parse(name.c_str(), &device));
  }
  return 0;
}
