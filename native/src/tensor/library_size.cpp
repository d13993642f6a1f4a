#include "tensor/library_size.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "torchscratch/error.h"

namespace ts {

namespace {

// A file of which parts are read by their offsets. What a header says is not trusted.
class LibraryFile {
 public:
  explicit LibraryFile(const std::string& path)
      : path_(path), in_(std::filesystem::u8path(path), std::ios::binary) {
    std::error_code error;
    size_ = std::filesystem::file_size(std::filesystem::u8path(path), error);
    TS_CHECK(!error && in_, IOError, path, ": cannot be read");
  }

  std::uint64_t size() const { return size_; }

  // An unsigned integer of `bytes` bytes.
  std::uint64_t number(std::uint64_t offset, int bytes, bool big_endian = false) {
    need(offset, static_cast<std::uint64_t>(bytes));
    unsigned char data[8] = {};
    in_.seekg(static_cast<std::streamoff>(offset));
    TS_CHECK(in_.read(reinterpret_cast<char*>(data), bytes), IOError, path_, ": cannot be read");
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | data[big_endian ? i : bytes - 1 - i];
    return value;
  }

  // Throws unless the file has these bytes.
  void need(std::uint64_t offset, std::uint64_t bytes) const {
    TS_CHECK(bytes <= size_ && offset <= size_ - bytes, IOError, path_, ": the file is truncated: it has ",
             size_, " bytes, and its header describes more; copy or build it again");
  }

 private:
  std::string path_;
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

// https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html: the segments, and the table of sections at the end.
void check_elf(LibraryFile& file) {
  const bool wide = file.number(4, 1) == 2;
  const bool big = file.number(5, 1) == 2;
  const int word = wide ? 8 : 4;
  const std::uint64_t segments = file.number(wide ? 32 : 28, word, big);
  const std::uint64_t sections = file.number(wide ? 40 : 32, word, big);
  const std::uint64_t sizes = wide ? 54 : 42;  // of an entry and the number of entries, of both tables
  const std::uint64_t segment_bytes = file.number(sizes, 2, big), segment_count = file.number(sizes + 2, 2, big);
  file.need(segments, segment_bytes * segment_count);
  if (sections != 0) file.need(sections, file.number(sizes + 4, 2, big) * file.number(sizes + 6, 2, big));
  for (std::uint64_t i = 0; i < segment_count; ++i) {
    const std::uint64_t entry = segments + i * segment_bytes;
    file.need(file.number(entry + (wide ? 8 : 4), word, big), file.number(entry + (wide ? 32 : 16), word, big));
  }
}

// https://learn.microsoft.com/windows/win32/debug/pe-format: the raw data of the sections.
void check_pe(LibraryFile& file) {
  const std::uint64_t header = file.number(60, 4);
  if (file.number(header, 4) != 0x4550) return;  // "PE"
  const std::uint64_t count = file.number(header + 6, 2);
  const std::uint64_t table = header + 24 + file.number(header + 20, 2);
  for (std::uint64_t i = 0; i < count; ++i) {
    file.need(file.number(table + 40 * i + 20, 4), file.number(table + 40 * i + 16, 4));
  }
}

// The segments of a 64-bit Mach-O file; libraries for several processors are left to the system.
void check_mach_o(LibraryFile& file) {
  constexpr std::uint64_t kHeader = 32, kSegment64 = 0x19;
  const std::uint64_t count = file.number(16, 4);
  file.need(kHeader, file.number(20, 4));
  std::uint64_t command = kHeader;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t bytes = file.number(command + 4, 4);
    if (file.number(command, 4) == kSegment64) {
      file.need(file.number(command + 40, 8), file.number(command + 48, 8));
    }
    command += std::max<std::uint64_t>(bytes, 8);
  }
}

}  // namespace

void check_library_size(const std::string& path) {
  LibraryFile file(path);
  const std::uint64_t magic = file.size() < 4 ? 0 : file.number(0, 4);
  if (magic == 0x464C457F) {  // 7F, "ELF"
    check_elf(file);
  } else if ((magic & 0xFFFF) == 0x5A4D) {  // "MZ"
    check_pe(file);
  } else if (magic == 0xFEEDFACF) {
    check_mach_o(file);
  }
}

}  // namespace ts
