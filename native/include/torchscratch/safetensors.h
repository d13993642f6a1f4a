// Tensors in files of the safetensors format: a JSON header with names, dtypes, shapes and offsets, then raw bytes.
// https://github.com/huggingface/safetensors#format
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "torchscratch/tensor.h"

namespace ts {

using Metadata = std::map<std::string, std::string>;
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Writes a complete file or changes nothing: the data goes to a temporary file beside it, which then takes its name.
/// Throws IOError, or ValueError for names that repeat.
TS_API void save_safetensors(const std::string& path, const NamedTensors& tensors, const Metadata& metadata = {});

/// Throws IOError naming the file and what is wrong with it: missing, truncated, a header that is no JSON or lies about
/// sizes, overlapping or uncovered bytes, an unknown dtype. Nothing is allocated beyond the file's own size.
TS_API NamedTensors load_safetensors(const std::string& path, Metadata* metadata = nullptr);

}  // namespace ts
