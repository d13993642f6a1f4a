// Safetensors files: what is written is read back, a failed save leaves the old file, and loading a malicious file ends
// in an IOError or in tensors, never in a crash or with more memory than the size of the file.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gradcheck.h"
#include "io/whole_file.h"

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#endif

namespace ts {
namespace {

using test::elements;

class Safetensors : public testing::Test {
 protected:
  Safetensors() {
    const auto* const info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("torchscratch_") + info->name() + std::to_string(std::random_device()()));
    std::filesystem::create_directories(folder_);
  }
  ~Safetensors() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name = "file.safetensors") const { return (folder_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  static std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write_text(const std::string& file) { std::ofstream(file) << "text"; }
  void write(const std::string& bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }
  static std::string with_header(const std::string& header, const std::string& data = "") {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
  }

  // Loads the file at path(). An IOError is fine, and so are tensors that are no larger than the file.
  bool loads() const {
    const auto file_bytes = static_cast<std::int64_t>(std::filesystem::file_size(path()));
    try {
      std::int64_t bytes = 0;
      for (const auto& [name, tensor] : load_safetensors(path())) {
        bytes += tensor.numel() * item_size(tensor.dtype());
        if (tensor.numel() > 0) (void)elements(tensor);
      }
      EXPECT_LE(bytes, file_bytes);
      return true;
    } catch (const IOError& error) {
      EXPECT_NE(std::string(error.what()).find(path()), std::string::npos) << error.what();
      return false;
    }
  }
  void expect_refused(const std::string& header, const std::string& data = "") {
    write(with_header(header, data));
    EXPECT_FALSE(loads()) << header.substr(0, 200);
  }

  std::filesystem::path folder_;
};

TEST_F(Safetensors, EveryDTypeRoundTrips) {
  NamedTensors saved;
  for (int code = 0; code < kDTypeCount; ++code) {
    const auto dtype = static_cast<DType>(code);
    saved.emplace_back(std::string("t.") + dtype_name(dtype), to(tensor<double>({0, 1, 2, 100, 1, 0}, {2, 3}), dtype));
  }
  saved.emplace_back("scalar", scalar_tensor(2.5, DType::Float32));
  saved.emplace_back("empty", zeros({0, 3}));
  saved.emplace_back("transposed", transpose(tensor<float>({1, 2, 3, 4}, {2, 2}), 0, 1));
  saved.emplace_back("grad", ones({2}).requires_grad_());
  saved.emplace_back("na\xC3\xAFve \"quoted\"\n", ones({1}));
  save_safetensors(path(), saved, {{"format", "pt"}, {"key", "v\xC3\xA4lue \\ \"\n"}});
  Metadata metadata;
  const NamedTensors loaded = load_safetensors(path(), &metadata);
  EXPECT_EQ(metadata, (Metadata{{"format", "pt"}, {"key", "v\xC3\xA4lue \\ \"\n"}}));
  ASSERT_EQ(loaded.size(), saved.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const auto found = std::find_if(loaded.begin(), loaded.end(), [&](const auto& e) { return e.first == saved[i].first; });
    ASSERT_NE(found, loaded.end()) << saved[i].first;
    EXPECT_EQ(found->second.dtype(), saved[i].second.dtype());
    EXPECT_EQ(found->second.sizes(), saved[i].second.sizes());
    EXPECT_EQ(elements(found->second), elements(saved[i].second)) << saved[i].first;
    EXPECT_FALSE(found->second.requires_grad());
  }
}

TEST_F(Safetensors, AFileMayHoldNoTensors) {
  save_safetensors(path(), {});
  EXPECT_TRUE(load_safetensors(path()).empty());
}

TEST_F(Safetensors, TheFileLayoutFollowsTheFormat) {
  save_safetensors(path(), {{"a", tensor<std::int16_t>({1, 2})}});
  const std::string bytes = read(path());
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0u) << "data are aligned";
  EXPECT_EQ(bytes[8], '{');
  EXPECT_EQ(bytes.substr(8 + length), std::string("\1\0\2\0", 4));
}

TEST_F(Safetensors, SavingChecksNames) {
  EXPECT_THROW(save_safetensors(path(), {{"a", ones({1})}, {"a", ones({1})}}), ValueError);
  EXPECT_THROW(save_safetensors(path(), {{"__metadata__", ones({1})}}), ValueError);
  EXPECT_THROW(save_safetensors(path(), {{"a", Tensor()}}), ValueError);
  EXPECT_THROW(save_safetensors(path(), {{"\xFF", ones({1})}}), ValueError);
  EXPECT_EQ(files(), 0u);
}

TEST_F(Safetensors, AFailedSaveLeavesTheOldFile) {
  save_safetensors(path(), {{"a", ones({3})}});
  const std::string old = read(path());
  EXPECT_THROW(save_safetensors(path(), {{"b", Tensor()}}), ValueError);
  EXPECT_THROW(save_safetensors(path("no/folder"), {{"b", ones({1})}}), IOError);
  std::filesystem::create_directories(path("folder.safetensors") + "/inside");
  EXPECT_THROW(save_safetensors(path("folder.safetensors"), {{"b", ones({1})}}), IOError);
  EXPECT_EQ(read(path()), old);
  EXPECT_EQ(files(), 2u) << "no temporary file stays";
#if defined(__linux__)
  // A disk that becomes full during writing.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(save_safetensors(path(), {{"b", ones({100'000})}}), IOError);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read(path()), old);
  EXPECT_EQ(files(), 2u);
#endif
  save_safetensors(path(), {{"b", ones({5})}});
  EXPECT_EQ(load_safetensors(path())[0].first, "b");
}

#if !defined(_WIN32)
TEST_F(Safetensors, ALinkStaysALink) {
  std::filesystem::create_directories(folder_ / "below");
  save_safetensors(path("below/real"), {{"a", ones({1})}});
  std::filesystem::create_symlink("below/real", path("link"));
  std::filesystem::create_symlink("link", path("link to the link"));
  std::filesystem::create_symlink("below/new", path("link to nothing"));
  save_safetensors(path("link to the link"), {{"b", ones({1})}});
  save_safetensors(path("link to nothing"), {{"c", ones({1})}});
  for (const char* const link : {"link", "link to the link", "link to nothing"})
    EXPECT_TRUE(std::filesystem::is_symlink(path(link))) << link;
  EXPECT_EQ(load_safetensors(path("below/real"))[0].first, "b");
  EXPECT_EQ(load_safetensors(path("below/new"))[0].first, "c");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "below"), {}), 2);
}

TEST_F(Safetensors, TheRightsOfAFileStay) {
  save_safetensors(path(), {{"a", ones({1})}});
  std::filesystem::permissions(path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  save_safetensors(path(), {{"b", ones({1})}});
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Safetensors, ADeviceIsWrittenDirectly) {
  save_safetensors("/dev/null", {{"a", ones({1})}});
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

// A process is killed while it writes; the next save removes what it left, but not what a living process is writing.
TEST_F(Safetensors, WhatAKilledProcessLeftIsRemoved) {
  save_safetensors(path(), {{"a", ones({1})}});
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    WholeFile file("save", path());
    file.write("half", 4);
    if (::write(ready[1], "x", 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  close(ready[0]);
  close(ready[1]);
  EXPECT_EQ(files(), 2u);
  save_safetensors(path(), {{"b", ones({1})}});
  EXPECT_EQ(files(), 2u) << "the other process is alive and keeps its file";
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(files(), 2u);
  // Neither of these was made by a save of this file.
  write_text(path() + ".partial");
  write_text(path("other.safetensors.0123456789abcdef0123456789abcdef.partial"));
  save_safetensors(path(), {{"c", ones({1})}});
  EXPECT_EQ(files(), 3u);
  EXPECT_EQ(load_safetensors(path())[0].first, "c");
}
#endif

TEST_F(Safetensors, ANameMayBeAsLongAsTheFileSystemAllows) {
  const std::string name(255, 'n');
  save_safetensors(path(name), {{"a", ones({1})}});
  save_safetensors(path(name), {{"b", ones({1})}});
  EXPECT_EQ(load_safetensors(path(name))[0].first, "b");
  EXPECT_EQ(files(), 1u);
}

TEST_F(Safetensors, MissingFilesAndFolders) {
  EXPECT_THROW(load_safetensors(path("missing")), IOError);
  EXPECT_THROW(load_safetensors(folder_.string()), IOError);
}

TEST_F(Safetensors, TruncatedAtEveryLength) {
  save_safetensors(path(), {{"a", ones({3})}, {"b", zeros({2, 2}, DType::Int64)}}, {{"k", "v"}});
  const std::string whole = read(path());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write(whole.substr(0, length));
    EXPECT_FALSE(loads()) << length << " bytes";
  }
  write(whole + "x");
  EXPECT_FALSE(loads()) << "one byte too many";
  write(whole);
  EXPECT_TRUE(loads());
}

TEST_F(Safetensors, ForgedHeaderLengths) {
  save_safetensors(path(), {{"a", ones({3})}});
  const std::string whole = read(path());
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{whole.size()},
                                     std::uint64_t{whole.size() - 7}, std::uint64_t{100'000'000},
                                     std::uint64_t{1} << 40, UINT64_MAX, UINT64_MAX - 7}) {
    std::string forged = whole;
    std::memcpy(forged.data(), &length, sizeof length);
    write(forged);
    EXPECT_FALSE(loads()) << length;
  }
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

TEST_F(Safetensors, EntriesThatContradictTheData) {
  const std::string data(8, '\0');
  const auto refused = [&](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    expect_refused("{\"a\":" + entry(dtype, shape, offsets) + "}", data);
  };
  write(with_header("{\"a\":" + entry("\"F32\"", "[2]", "[0,8]") + "}", data));
  EXPECT_TRUE(loads()) << "the valid entry that the cases below modify";
  for (const char* const shape :
       {"[3]", "[-2]", "[2.0]", "[\"2\"]", "2", "[1e9]", "[4294967296,4294967296]", "[9223372036854775807]",
        "[18446744073709551615]", "[18446744073709551616]", "[0,4611686018427387904,4611686018427387904]",
        "[4611686018427387904,4611686018427387904,0]", "[2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "null", "{}"}) {
    refused("\"F32\"", shape, "[0,8]");
  }
  for (const char* const offsets : {"[0,4]", "[0,12]", "[4,8]", "[8,0]", "[-8,0]", "[0]", "[0,8,8]", "[0.0,8.0]", "8",
                                    "[0,18446744073709551615]", "[18446744073709551608,18446744073709551615]", "null"}) {
    refused("\"F32\"", "[2]", offsets);
  }
  for (const char* const dtype : {"\"F64\"", "\"F31\"", "\"\"", "7", "null", "[\"F32\"]", "\"f32\""}) {
    refused(dtype, "[2]", "[0,8]");
  }
  expect_refused("{\"a\":{}}", data);
  expect_refused("{\"a\":[]}", data);
  expect_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", data);
}

TEST_F(Safetensors, OverlapsGapsAndRepeatedNames) {
  const std::string data(16, '\1');
  const std::string first = entry("\"F32\"", "[2]", "[0,8]"), second = entry("\"F32\"", "[2]", "[8,16]");
  write(with_header("{\"a\":" + first + ",\"b\":" + second + "}", data));
  EXPECT_TRUE(loads());
  expect_refused("{\"a\":" + first + ",\"b\":" + first + "}", data);
  expect_refused("{\"a\":" + first + ",\"b\":" + entry("\"F32\"", "[3]", "[4,16]") + "}", data);
  expect_refused("{\"a\":" + first + ",\"b\":" + entry("\"F32\"", "[1]", "[12,16]") + "}", data);
  expect_refused("{\"a\":" + second + "}", data);
  expect_refused("{\"a\":" + first + "}", data);
  expect_refused("{\"a\":" + first + ",\"a\":" + second + "}", data);
  expect_refused("{\"a\":" + second + ",\"a\":" + first + ",\"b\":" + second + "}", data);
}

// Two readers of such a file could see different tensors.
TEST_F(Safetensors, WhatReadersUnderstandDifferentlyIsRefusedByName) {
  const std::string data(8, '\0');
  const std::string good = entry("\"F32\"", "[2]", "[0,8]");
  const auto refused = [&](const std::string& header, const std::string& name) {
    write(with_header(header, data));
    Metadata metadata = {{"before", "1"}};
    try {
      load_safetensors(path(), &metadata);
      ADD_FAILURE() << header;
    } catch (const IOError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
    EXPECT_EQ(metadata, (Metadata{{"before", "1"}}));
  };
  const std::string open = good.substr(0, good.size() - 1);
  for (const char* const key : {"\"shape\":[1,2]", "\"dtype\":\"F32\"", "\"data_offsets\":[0,8]",
                                "\"extra\":1,\"extra\":1", "\"sh\\u0061pe\":[2]"}) {
    refused("{\"weight\":" + open + "," + key + "}}", "\"weight\"");
  }
  refused("{\"__metadata__\":{\"key\":\"1\",\"key\":\"2\"},\"a\":" + good + "}", "\"key\"");
  refused("{\"__metadata__\":{},\"a\":" + good + ",\"__metadata__\":{}}", "\"__metadata__\"");
  refused("{\"weight\\u0000more\":" + good + "}", "\"weight\"");
  const std::string header = "{\"a\":" + good + "}";
  refused("\xEF\xBB\xBF" + header, "{");
  refused(" " + header, "{");
  refused(header + std::string("\0 ", 2), "bytes follow");
  refused(header + std::string("\0x", 2), "bytes follow");
  refused(header + "x", "bytes follow");
  refused(header + "{}", "header");
  // White space after it is what the format pads with.
  write(with_header(header + " \n\t ", data));
  EXPECT_TRUE(loads());
  EXPECT_THROW(save_safetensors(path(), {{std::string("a\0b", 3), ones({1})}}), ValueError);
}

TEST_F(Safetensors, BadJson) {
  for (const char* const header : {"", "{", "}", "[]", "null", "7", "\"text\"", "{\"a\"}", "{\"a\":}", "{} {}", "{}x", "nul",
                                   "{\"__metadata__\":7}", "{\"__metadata__\":{\"k\":7}}", "{\"\xFF\":{}}",
                                   "{\"__metadata__\":{\"k\":\"\xC3\"}}", "{\"\\ud800\":{}}"}) {
    expect_refused(header);
  }
  expect_refused(std::string("{\0}", 3));
}

TEST_F(Safetensors, DeepNesting) {
  constexpr std::size_t kDepth = 2'000'000;
  expect_refused(std::string(kDepth, '['));
  expect_refused(std::string(kDepth, '[') + std::string(kDepth, ']'));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  expect_refused(objects);
  expect_refused("{\"a\":" + std::string(20, '[') + std::string(20, ']') + "}");
}

TEST_F(Safetensors, BoolsAreZeroOrOne) {
  write(with_header("{\"a\":" + entry("\"BOOL\"", "[3]", "[0,3]") + "}", std::string("\0\2\377", 3)));
  const Tensor loaded = load_safetensors(path())[0].second;
  EXPECT_EQ(std::memcmp(loaded.raw_data(), "\0\1\1", 3), 0);
}

TEST_F(Safetensors, FlippedBytes) {
  save_safetensors(path(), {{"a", ones({3})}, {"b.c", zeros({2, 2}, DType::Int64)}, {"e", zeros({0})}}, {{"k", "v"}});
  const std::string whole = read(path());
  std::mt19937 engine(1);
  int survived = 0;
  for (int i = 0; i < 4'000; ++i) {
    std::string bytes = whole;
    for (unsigned flips = 1 + engine() % 3; flips > 0; --flips) {
      char& byte = bytes[engine() % bytes.size()];
      byte = engine() % 2 ? static_cast<char>(engine()) : static_cast<char>(byte ^ (1 << engine() % 8));
    }
    write(bytes);
    survived += loads();
  }
  EXPECT_GT(survived, 0) << "flipped bits in the data are not detected, so some files load";
}

}  // namespace
}  // namespace ts
