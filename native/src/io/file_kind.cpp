// See file_kind.h.
#include "io/file_kind.h"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "torchscratch/error.h"

namespace ts {

namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view start;
  const char* kind;
  const char* remedy;
};

constexpr const char* kConvert =
    "in Python, safetensors.torch.save_file(model.state_dict(), \"model.safetensors\") writes a safetensors file";
constexpr const char* kUnpack = "unpack it first";

// Longer beginnings stand before shorter ones.
constexpr Signature kSignatures[] = {
    {"version https://git-lfs"sv, "a Git LFS pointer, a text that stands for a file that was not downloaded",
     "`git lfs pull` fetches the file"},
    {"PK\x03\x04"sv, "a zip archive, such as torch.save writes (.pt, .pth)", kConvert},
    {"PK\x05\x06"sv, "an empty zip archive", kConvert},
    {"\x80\x02\x8a\x0al\xfc"sv, "a file of torch.save before PyTorch 1.6 (pickle)", kConvert},
    {"\x80\x02"sv, "a pickle file of Python", kConvert},
    {"\x80\x03"sv, "a pickle file of Python", kConvert},
    {"\x80\x04"sv, "a pickle file of Python", kConvert},
    {"\x80\x05"sv, "a pickle file of Python", kConvert},
    {"\x1f\x8b"sv, "compressed with gzip", kUnpack},
    {"BZh"sv, "compressed with bzip2", kUnpack},
    {"\xfd"
     "7zXZ"sv,
     "compressed with xz", kUnpack},
    {"\x28\xb5\x2f\xfd"sv, "compressed with zstd", kUnpack},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive", kUnpack},
    {"\x89HDF\r\n"sv, "an HDF5 file, such as Keras writes", kConvert},
    {"\x93NUMPY"sv, "a NumPy array (.npy)", kConvert},
    {"GGUF"sv, "a GGUF file, such as llama.cpp reads", kConvert},
    {"\x7f"
     "ELF"sv,
     "a program or a library", nullptr},
    {"%PDF"sv, "a PDF document", nullptr},
    {"\x89PNG"sv, "a PNG image", nullptr},
    {"\xff\xd8\xff"sv, "a JPEG image", nullptr},
};

constexpr std::string_view kPage = "a web page, perhaps of a download that failed or needs a login";

bool is_text(std::string_view bytes) {
  return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : byte == '\n' || byte == '\r' || byte == '\t';
  });
}

std::string described(const char* kind, const char* remedy) {
  return remedy ? format("; it looks like ", kind, ": ", remedy) : format("; it looks like ", kind);
}

}  // namespace

std::string foreign_format(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string start(64, '\0');
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(in.gcount()));
  const std::string_view bytes = start;
  if (bytes.empty()) return "; it is empty";
  for (const Signature& signature : kSignatures) {
    if (bytes.substr(0, signature.start.size()) == signature.start) return described(signature.kind, signature.remedy);
  }
  if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; })) {
    return "; it begins with zeros, as after an interrupted download or copy";
  }
  if (!is_text(bytes)) return "";
  const std::size_t first = std::min(bytes.find_first_not_of(" \r\n\t"), bytes.size());
  const std::string_view text = bytes.substr(first);
  if (text.substr(0, 1) == "<") return described(kPage.data(), nullptr);
  if (text.substr(0, 1) == "{" || text.substr(0, 1) == "[") {
    return described("JSON, such as the index of a model in several parts",
                     "give one of the .safetensors files that it names");
  }
  return described("a text", nullptr);
}

}  // namespace ts
