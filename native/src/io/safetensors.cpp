// The safetensors format: the length of the header in 8 bytes, the header in JSON, and raw little-endian data.
//
// Files come from untrusted sources, so everything in them is checked: lengths against the size of the file before any
// memory is allocated, and the byte ranges of the tensors, which must follow one another and cover the data exactly, as
// the format demands.
#include "torchscratch/safetensors.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "io/file_kind.h"
#include "io/whole_file.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/tensor.h"

namespace ts {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

namespace {

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the reference implementation's limit

struct TypeName {
  const char* name;
  DType dtype;
};
constexpr TypeName type_names[] = {{"BOOL", DType::Bool},   {"U8", DType::UInt8},   {"I8", DType::Int8},
                                   {"I16", DType::Int16},   {"I32", DType::Int32},  {"I64", DType::Int64},
                                   {"F16", DType::Float16}, {"BF16", DType::BFloat16}, {"F32", DType::Float32},
                                   {"F64", DType::Float64}};

const char* name_of(DType dtype) {
  for (const TypeName& entry : type_names) {
    if (entry.dtype == dtype) return entry.name;
  }
  throw DTypeError("save: unknown dtype");
}

struct Entry {
  std::string name;
  DType dtype;
  Dims shape;
  std::uint64_t begin;
  std::uint64_t end;
};

Entry parse_entry(const std::string& path, const std::string& name, const nlohmann::json& json,
                  std::uint64_t data_bytes) {
  const auto bad = [&](const auto&... what) {
    return IOError(format("load: ", path, ": tensor \"", name, "\": ", what...));
  };
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") || !json.contains("data_offsets")) {
    throw bad("dtype, shape or data_offsets is missing");
  }
  const auto& dtype = json["dtype"];
  const auto& shape = json["shape"];
  const auto& offsets = json["data_offsets"];
  Entry entry;
  entry.name = name;
  const auto type = std::find_if(std::begin(type_names), std::end(type_names), [&](const TypeName& candidate) {
    return dtype.is_string() && dtype.get_ref<const std::string&>() == candidate.name;
  });
  if (type == std::end(type_names)) throw bad("unknown dtype ", dtype.dump());
  entry.dtype = type->dtype;
  if (!shape.is_array() || shape.size() > kMaxDims) throw bad("shape must be a list of at most ", kMaxDims, " sizes");
  std::uint64_t count = 1;
  std::uint64_t extent = 1;  // product of the sizes that are not 0: strides must not overflow either
  for (const auto& size : shape) {
    if (!size.is_number_unsigned()) throw bad("size ", size.dump(), " is not a non-negative integer");
    const auto value = size.get<std::uint64_t>();
    if (value > INT64_MAX / 16 || __builtin_mul_overflow(extent, std::max<std::uint64_t>(value, 1), &extent) ||
        extent > INT64_MAX / 16) {
      throw bad("shape ", shape.dump(), " overflows");
    }
    count *= value;
    entry.shape.push_back(static_cast<std::int64_t>(value));
  }
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    throw bad("data_offsets must be two offsets");
  }
  entry.begin = offsets[0].get<std::uint64_t>();
  entry.end = offsets[1].get<std::uint64_t>();
  if (entry.begin > entry.end || entry.end > data_bytes) {
    throw bad("data_offsets ", offsets.dump(), " lie outside the ", data_bytes, " bytes of data");
  }
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(item_size(entry.dtype)), &bytes) ||
      bytes != entry.end - entry.begin) {
    throw bad("shape ", shape.dump(), " of ", dtype.dump(), " does not fill data_offsets ", offsets.dump());
  }
  return entry;
}

// Refuses what nlohmann's parser accepts: a byte order mark before the JSON, and a zero byte, which ends it early.
void check_text(const std::string& path, const std::string& text) {
  TS_CHECK(text.starts_with('{'), IOError, "load: ", path,
           ": the header does not begin with {; this is no safetensors file");
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  TS_CHECK(text[end] == '}' && text.find('\0') == std::string::npos, IOError, "load: ", path,
           ": bytes follow the JSON of the header");
}

// The JSON of a header. Its objects must not use a key twice, and it must not be nested deeply: a malicious one could
// overflow the stack, so deep levels are discarded while parsing.
nlohmann::json parse_header(const std::string& path, const std::string& text) {
  check_text(path, text);
  constexpr int kMaxDepth = 8;
  int depth = 0;
  std::string tensor;
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto inspect = [&](int current, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    depth = std::max(depth, current);
    if (depth >= kMaxDepth) return false;
    if (event == nlohmann::json::parse_event_t::object_start) keys.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == nlohmann::json::parse_event_t::key && !keys.empty()) {
      const auto& key = value.get_ref<const std::string&>();
      if (keys.size() == 1) {
        TS_CHECK(keys[0].insert(key).second, IOError, "load: ", path, ": the name \"", key, "\" is used twice");
        TS_CHECK(key.find('\0') == std::string::npos, IOError, "load: ", path, ": the name \"", key.c_str(),
                 "\" goes on after a zero character");
        tensor = key;
      } else {
        TS_CHECK(keys.back().insert(key).second, IOError, "load: ", path, ": \"", tensor, "\" has \"", key, "\" twice");
      }
    }
    return true;
  };
  nlohmann::json header = nlohmann::json::parse(text, inspect, false);
  TS_CHECK(header.is_object() && depth < kMaxDepth, IOError, "load: ", path, ": the header is not a JSON object",
           foreign_format(path));
  return header;
}

}  // namespace

void save_safetensors(const std::string& path, const NamedTensors& tensors, const Metadata& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    TS_CHECK(tensor.defined(), ValueError, "save: tensor \"", name, "\" is undefined");
    TS_CHECK(name != "__metadata__" && !header.contains(name), ValueError, "save: the name \"", name,
             "\" is reserved or used twice");
    TS_CHECK(name.find('\0') == std::string::npos, ValueError, "save: the name \"", name.c_str(),
             "\" goes on after a zero character");
    const auto bytes = static_cast<std::uint64_t>(tensor.numel() * item_size(tensor.dtype()));
    header[name] = {{"dtype", name_of(tensor.dtype())},
                    {"shape", std::vector<std::int64_t>(tensor.sizes().begin(), tensor.sizes().end())},
                    {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw ValueError("save: names and metadata must be valid UTF-8");
  }
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the data begins at a multiple of 8
  WholeFile file("save", path);
  const std::uint64_t length = text.size();
  file.write(&length, sizeof length);
  file.write(text.data(), text.size());
  const NoGrad no_grad;
  for (const auto& [name, tensor] : tensors) {
    const Tensor dense = contiguous(tensor);
    file.write(HostRead(dense).data(), static_cast<std::size_t>(dense.numel() * item_size(dense.dtype())));
  }
  file.commit();
}

NamedTensors load_safetensors(const std::string& path, Metadata* metadata, Device device) {
  std::error_code error;
  const std::uint64_t file_bytes = std::filesystem::file_size(path, error);
  TS_CHECK(!error, IOError, "load: cannot read ", path, ": ", error.message());
  std::ifstream in(path, std::ios::binary);
  TS_CHECK(in, IOError, "load: cannot open ", path);
  std::uint64_t length = 0;
  TS_CHECK(file_bytes >= sizeof length && in.read(reinterpret_cast<char*>(&length), sizeof length), IOError, "load: ",
           path, ": the file has ", file_bytes, " bytes, which is too short for a safetensors file",
           foreign_format(path));
  TS_CHECK(length <= kMaxHeader && length <= file_bytes - sizeof length, IOError, "load: ", path,
           ": the header is said to have ", length, " bytes, but the file has only ", file_bytes,
           foreign_format(path));
  std::string text(length, '\0');
  TS_CHECK(in.read(text.data(), static_cast<std::streamsize>(length)), IOError, "load: ", path,
           ": the header is truncated");
  const nlohmann::json header = parse_header(path, text);
  const std::uint64_t data_start = sizeof length + length;
  const std::uint64_t data_bytes = file_bytes - data_start;

  Metadata texts;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name != "__metadata__") {
      entries.push_back(parse_entry(path, name, json, data_bytes));
      continue;
    }
    TS_CHECK(json.is_object(), IOError, "load: ", path, ": __metadata__ is not an object");
    for (const auto& [key, value] : json.items()) {
      TS_CHECK(value.is_string(), IOError, "load: ", path, ": metadata \"", key, "\" is not a string");
      texts[key] = value.get<std::string>();
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    TS_CHECK(entry.begin == covered, IOError, "load: ", path, ": tensor \"", entry.name, "\" begins at ", entry.begin,
             " where ", covered, " was expected: tensors overlap or leave a gap");
    covered = entry.end;
  }
  TS_CHECK(covered == data_bytes, IOError, "load: ", path, ": ", data_bytes - covered,
           " bytes at the end belong to no tensor");

  NamedTensors tensors;
  for (const Entry& entry : entries) {
    Tensor tensor = empty(entry.shape, entry.dtype, device);
    const HostWrite host(tensor);
    in.seekg(static_cast<std::streamoff>(data_start + entry.begin));
    const auto bytes = static_cast<std::streamsize>(entry.end - entry.begin);
    TS_CHECK(bytes == 0 || in.read(static_cast<char*>(host.data()), bytes), IOError, "load: ", path,
             ": tensor \"", entry.name, "\" is truncated");
    if (entry.dtype == DType::Bool) {
      // Reading a bool that is neither 0 nor 1 is undefined behaviour.
      auto* values = static_cast<std::uint8_t*>(host.data());
      for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = values[i] != 0;
    }
    host.commit();
    tensors.emplace_back(entry.name, std::move(tensor));
  }
  if (metadata) {
    for (auto& [key, value] : texts) (*metadata)[key] = std::move(value);
  }
  return tensors;
}

}  // namespace ts
