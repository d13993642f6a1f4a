// Reads the IDX files of MNIST, http://yann.lecun.com/exdb/mnist: a magic number with the element type and the number
// of dimensions, and the sizes, all big-endian, followed by the bytes.
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "digits.h"
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

namespace {

using Bytes = std::vector<unsigned char>;

[[noreturn]] void fail(const std::string& path, const std::string& why) { throw std::runtime_error(path + ": " + why); }

bool exists(const std::string& path) { return std::ifstream(path).good(); }

Bytes read_compressed(const std::string& path) {
#ifdef HAVE_ZLIB
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) fail(path, "cannot be opened");
  // No data set in this format is larger; a small file could otherwise fill the memory.
  constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
  Bytes bytes, part(1 << 20);
  int count = 0;
  while ((count = gzread(file, part.data(), static_cast<unsigned>(part.size()))) > 0 && bytes.size() <= kMaxBytes)
    bytes.insert(bytes.end(), part.begin(), part.begin() + count);
  if (bytes.size() > kMaxBytes) {
    gzclose(file);
    fail(path, "is larger than 1 GiB when it is unpacked");
  }
  const bool damaged = count < 0 || !gzeof(file);
  if (gzclose(file) != Z_OK || damaged) fail(path, "is damaged or cut off");
  return bytes;
#else
  fail(path,
       "this program was built without zlib; unpack the file with gunzip -k, or install zlib (zlib1g-dev) and build "
       "again");
#endif
}

Bytes read(const std::string& path) {
  if (!exists(path)) {
    if (exists(path + ".gz")) return read_compressed(path + ".gz");
    fail(path, "there is neither such a file nor one with .gz");
  }
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A dense uint8 tensor of `dims` dimensions.
ts::Tensor read_idx(const std::string& path, int dims) {
  const Bytes bytes = read(path);
  const auto header = static_cast<std::size_t>(4 + 4 * dims);
  if (bytes.size() < header || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8 || bytes[3] != dims)
    fail(path, "is not an IDX file of bytes with " + std::to_string(dims) + " dimensions");
  ts::Dims sizes;
  std::size_t count = 1;
  for (std::size_t at = 4; at < header; at += 4) {
    const std::size_t size = std::size_t{bytes[at]} << 24 | std::size_t{bytes[at + 1]} << 16 |
                             std::size_t{bytes[at + 2]} << 8 | bytes[at + 3];
    sizes.push_back(static_cast<std::int64_t>(size));
    // Rejects impossible sizes before the product can overflow.
    if (size > bytes.size() || count > bytes.size()) fail(path, "has sizes that its length does not allow");
    count *= size;
  }
  if (bytes.size() - header != count) {
    fail(path, "has " + std::to_string(bytes.size() - header) + " bytes of data, expected " + std::to_string(count) +
                   " for " + sizes.to_string());
  }
  return ts::from_data(bytes.data() + header, sizes, ts::DType::UInt8);
}

}  // namespace

Digits read_mnist(const std::string& folder, bool train) {
  const std::string half = folder + (train ? "/train" : "/t10k");
  const ts::Tensor images = read_idx(half + "-images-idx3-ubyte", 3);
  const ts::Tensor labels = read_idx(half + "-labels-idx1-ubyte", 1);
  if (images.size(0) != labels.size(0) || images.size(1) != 28 || images.size(2) != 28)
    fail(half + "-images-idx3-ubyte", "expected as many images of 28 by 28 as there are labels, got " +
                                          ts::describe(images) + " for " + ts::describe(labels));
  return {ts::unsqueeze(images, 1), ts::to(labels, ts::DType::Int64)};
}
