// Reads files of the safetensors format. The first byte of an input says whether the rest is the file, or a header up to a
// byte 1 and then the data, to which the right length is added: otherwise nearly every input would end at the length.
//
// Beside crashes, what must hold: a file that is read is written and read again with the same names, types, shapes and bytes,
// and reading takes no more native memory than the file is large.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "fuzz_input.h"

namespace {

// A file of this process, in memory where the system has such a folder.
std::string path_of(const char* name) {
  static const std::string folder =
      std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path().string();
  return folder + "/torchscratch-fuzz-" + std::to_string(getpid()) + name;
}

struct File {
  ts_tensor_list tensors = nullptr;
  char* names = nullptr;
  char* metadata = nullptr;

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (tensors) ts_tensor_list_free(tensors);
    ts_string_free(names);
    ts_string_free(metadata);
  }
  bool load(const std::string& path) {
    return fuzz::succeeded(ts_safetensors_load(path.c_str(), 0, &tensors, &names, &metadata));
  }
};

// Names, types, shapes and bytes as one text.
std::string content(const File& file) {
  std::string text;
  const char* name = file.names;
  for (std::int32_t i = 0; i < ts_tensor_list_size(file.tensors); ++i) {
    ts_tensor tensor = ts_tensor_list_get(file.tensors, i);
    ts_tensor_info info;
    ts_tensor_get_info(tensor, &info);
    text += name + (':' + std::to_string(info.dtype));
    for (std::int32_t d = 0; d < info.ndim; ++d) text += ',' + std::to_string(info.sizes[d]);
    const std::int64_t sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
    std::vector<char> bytes(static_cast<std::size_t>(info.numel * sizes[info.dtype]));
    if (!fuzz::succeeded(ts_tensor_copy_to(tensor, bytes.data(), static_cast<std::int64_t>(bytes.size())))) {
      fuzz::fail("a tensor that was read cannot be copied");
    }
    text.append(bytes.data(), bytes.size());
    ts_tensor_release(tensor);
    name += std::strlen(name) + 1;
  }
  return text;
}

void check_round_trip(const File& first) {
  std::vector<ts_tensor> tensors;
  std::vector<const char*> names;
  const char* name = first.names;
  for (std::int32_t i = 0; i < ts_tensor_list_size(first.tensors); ++i) {
    tensors.push_back(ts_tensor_list_get(first.tensors, i));
    names.push_back(name);
    name += std::strlen(name) + 1;
  }
  const std::string path = path_of(".again");
  const bool saved = fuzz::succeeded(ts_safetensors_save(path.c_str(), names.data(), tensors.data(),
                                                         static_cast<std::int32_t>(tensors.size()), first.metadata));
  for (ts_tensor tensor : tensors) ts_tensor_release(tensor);
  if (!saved) fuzz::fail("what was read cannot be written:", ts_last_error_message());
  File second;
  if (!second.load(path)) fuzz::fail("what was written cannot be read:", ts_last_error_message());
  if (content(first) != content(second)) fuzz::fail("another content after writing and reading");
  if (std::strcmp(first.metadata, second.metadata) != 0) fuzz::fail("other metadata:", first.metadata);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::limit_memory();
  fuzz::Input input(data, size);
  const bool is_whole = input.below(4) == 0;
  std::string bytes;
  if (is_whole) {
    bytes = input.rest();
  } else {
    const std::string header = input.text('\1');
    const std::uint64_t length = header.size();
    bytes.assign(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += header + input.rest();
  }
  const std::string path = path_of("");
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));

  ts_allocator_stats before, after;
  ts_allocator_reset_peak();
  ts_allocator_get_stats(&before);
  File file;
  const bool loaded = file.load(path);
  ts_allocator_get_stats(&after);
  // Blocks are rounded up by a quarter, and each tensor has a header and a handle.
  const auto slack = static_cast<std::int64_t>(bytes.size() + bytes.size() / 2) + 4096;
  const std::int64_t entries = loaded ? ts_tensor_list_size(file.tensors) : 0;
  if (after.peak_bytes - before.live_bytes > slack + 1024 * entries) {
    fuzz::fail("memory:", std::to_string(after.peak_bytes - before.live_bytes));
  }
  if (loaded) check_round_trip(file);
  return 0;
}
