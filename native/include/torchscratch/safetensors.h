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

/// Writes tensors and metadata to a file. The data goes to a temporary file in the same folder, which replaces `path`
/// once it is complete and on the disk, so a failure leaves the old file as it was. If `path` is a link, the file
/// behind it is replaced. Temporary files that killed processes left are removed. Throws IOError if the file cannot be
/// written, ValueError if a name repeats, is "__metadata__" or contains a zero character, a tensor is undefined or a
/// text is not UTF-8.
TS_API void save_safetensors(const std::string& path, const NamedTensors& tensors, const Metadata& metadata = {});

/// Reads all tensors of a file, in the order of their data, and adds its metadata to `*metadata`. Throws IOError, which
/// says what is wrong, if the file is missing or truncated, if its header is not valid JSON, has a key twice, or
/// contradicts the size of the file, if tensors overlap or leave bytes unused, or if a dtype is unknown. A malformed
/// file cannot make the function allocate more memory than the file is large.
/// The tensors are on `device`, wherever they were when they were saved.
TS_API NamedTensors load_safetensors(const std::string& path, Metadata* metadata = nullptr,
                                     Device device = {});

}  // namespace ts
