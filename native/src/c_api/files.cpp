// Reading and writing files in the C ABI.
#include <nlohmann/json.hpp>

#include "c_api/convert.h"
#include "torchscratch/safetensors.h"

using namespace ts;
using namespace ts::c_api;

ts_status ts_safetensors_save(const char* path, const char* const* names, const ts_tensor* tensors, int32_t count,
                              const char* metadata) {
  return guard([&] {
    const TensorList values = borrow_list(tensors, count);
    TS_CHECK(names != nullptr || count == 0, ValueError, "save: names must not be NULL");
    NamedTensors named;
    for (std::size_t i = 0; i < values.size(); ++i) named.emplace_back(to_text(names[i], "name"), values[i]);
    Metadata entries;
    if (metadata) {
      const auto json = nlohmann::json::parse(metadata, nullptr, false);
      TS_CHECK(json.is_object(), ValueError, "save: metadata must be a JSON object");
      for (const auto& [key, value] : json.items()) {
        TS_CHECK(value.is_string(), ValueError, "save: metadata \"", key, "\" must be a string");
        entries[key] = value.get<std::string>();
      }
    }
    save_safetensors(to_text(path, "path"), named, entries);
  });
}

ts_status ts_safetensors_load(const char* path, int32_t device, ts_tensor_list* tensors, char** names, char** metadata) {
  return guard("load", [&] {
    Metadata entries;
    const NamedTensors named = load_safetensors(to_text(path, "path"), &entries, to_optional_device(device).value_or(Device()));
    std::string all_names;
    TensorList values;
    for (const auto& [name, tensor] : named) {
      TS_CHECK(name.find('\0') == std::string::npos, IOError, "load: ", path, ": a name contains a zero byte");
      all_names += name;
      all_names += '\0';
      values.push_back(tensor);
    }
    const std::string json = nlohmann::json(entries).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    char* const names_text = copy_text(all_names);
    char* metadata_text;
    try {
      metadata_text = copy_text(json);
    } catch (...) {
      ts_string_free(names_text);
      throw;
    }
    *tensors = to_list_handle(std::move(values));
    *names = names_text;
    *metadata = metadata_text;
  });
}
