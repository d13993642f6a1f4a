// Files and optimizer steps of the C ABI.
#include <nlohmann/json.hpp>

#include "c_api/convert.h"
#include "torchscratch/optimizer.h"
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

ts_status ts_safetensors_load(const char* path, ts_tensor_list* tensors, char** names, char** metadata) {
  return guard([&] {
    Metadata entries;
    const NamedTensors named = load_safetensors(to_text(path, "path"), &entries);
    std::string all_names;
    TensorList values;
    for (const auto& [name, tensor] : named) {
      TS_CHECK(name.find('\0') == std::string::npos, IOError, "load: ", path, ": a name holds a zero byte");
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

ts_status ts_sgd_step(const ts_tensor* parameters, const ts_tensor* gradients, ts_tensor* momentum_buffers,
                      int32_t count, double lr, double momentum, double dampening, double weight_decay,
                      int32_t nesterov, int32_t maximize) {
  return guard([&] {
    TensorList buffers = momentum_buffers ? borrow_list(momentum_buffers, count) : TensorList();
    sgd_step(borrow_list(parameters, count), borrow_list(gradients, count), buffers,
             {lr, momentum, dampening, weight_decay, nesterov != 0, maximize != 0});
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      if (!momentum_buffers[i] && buffers[i].defined()) momentum_buffers[i] = to_handle(std::move(buffers[i]));
    }
  });
}

ts_status ts_adam_step(const ts_tensor* parameters, const ts_tensor* gradients, const ts_tensor* exp_avgs,
                       const ts_tensor* exp_avg_sqs, const ts_tensor* max_exp_avg_sqs, int32_t count, double lr,
                       double beta1, double beta2, double eps, double weight_decay, int32_t decoupled,
                       int32_t maximize, int64_t step) {
  return guard([&] {
    adam_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(exp_avgs, count),
              borrow_list(exp_avg_sqs, count), max_exp_avg_sqs ? borrow_list(max_exp_avg_sqs, count) : TensorList(),
              step, {lr, beta1, beta2, eps, weight_decay, decoupled != 0, maximize != 0});
  });
}
