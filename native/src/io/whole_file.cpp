#include "io/whole_file.h"

#include <cerrno>
#include <cstring>
#include <random>
#include <system_error>

#include "torchscratch/error.h"

#if defined(_WIN32)
#include <io.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace ts {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".partial";
constexpr std::size_t kDigits = 32;
constexpr std::size_t kMaxPrefix = 200;  // file systems allow names of 255 bytes
constexpr int kMaxLinks = 40;

// The file that a path stands for: links are followed, also to a file that does not exist yet.
fs::path behind_links(fs::path path) {
  std::error_code error;
  for (int links = 0; links < kMaxLinks && fs::is_symlink(path, error); ++links) {
    const fs::path next = fs::read_symlink(path, error);
    if (error) break;
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return path;
}

std::string random_digits() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::random_device source;
  std::string digits;
  for (std::size_t i = 0; i < kDigits; ++i) digits += kHex[source() % 16];
  return digits;
}

bool is_temporary_name(const std::string& name, const std::string& prefix) {
  return name.size() == prefix.size() + kDigits + std::strlen(kSuffix) && name.starts_with(prefix) &&
         name.ends_with(kSuffix) &&
         name.find_first_not_of("0123456789abcdef", prefix.size()) == prefix.size() + kDigits;
}

#if defined(_WIN32)
// An open file cannot be removed, which is all that a lock is for.
bool lock(std::FILE*) { return true; }
bool flush_to_disk(std::FILE* file) { return _commit(_fileno(file)) == 0; }
void flush_folder(const fs::path&) {}
void remove_unless_locked(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}
#else
// False if another process took the file for an abandoned one before the lock.
bool lock(std::FILE* file) {
  struct stat status {};
  // Other failures mean a file system without locks, where nothing is taken for abandoned.
  if (flock(fileno(file), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  return fstat(fileno(file), &status) == 0 && status.st_nlink > 0;
}

bool flush_to_disk(std::FILE* file) { return fsync(fileno(file)) == 0; }

// Makes the new name survive a power cut too. Not all file systems can.
void flush_folder(const fs::path& folder) {
  const int handle = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0) return;
  (void)fsync(handle);
  close(handle);
}

void remove_unless_locked(const fs::path& path) {
  const int handle = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (handle < 0) return;
  if (flock(handle, LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
  close(handle);
}
#endif

}  // namespace

WholeFile::WholeFile(const char* action, const std::string& path) : action_(action), target_(behind_links(path)) {
  std::error_code error;
  const fs::file_status status = fs::status(target_, error);
  if (fs::is_directory(status)) {
    throw IOError(format(action_, ": ", path, " is a folder, not a file"));
  }
  direct_ = fs::exists(status) && !fs::is_regular_file(status);
  if (direct_) {
    path_ = target_;
    file_ = std::fopen(path_.string().c_str(), "wb");
    if (file_ == nullptr) fail("cannot be written");
    return;
  }
  std::string name = target_.filename().string();
  if (name.size() > kMaxPrefix) {
    std::size_t end = kMaxPrefix;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // within a UTF-8 character
    name.resize(end);
  }
  prefix_ = name + '.';
  remove_abandoned();
  create();
  // A file that only its owner may read must not become readable by all.
  if (fs::exists(status)) fs::permissions(path_, status.permissions(), error);
}

WholeFile::~WholeFile() {
  if (file_ == nullptr) return;
#if defined(_WIN32)
  std::fclose(file_);
#endif
  std::error_code ignored;
  if (!direct_) fs::remove(path_, ignored);
#if !defined(_WIN32)
  std::fclose(file_);  // only now, since the lock ends with it
#endif
}

void WholeFile::write(const void* data, std::size_t bytes) {
  if (bytes > 0 && std::fwrite(data, 1, bytes, file_) != bytes) fail("writing failed");
}

void WholeFile::commit() {
  if (std::fflush(file_) != 0 || (!direct_ && !flush_to_disk(file_))) fail("writing failed");
  if (direct_) {
    const bool closed = std::fclose(file_) == 0;
    file_ = nullptr;
    if (!closed) fail("writing failed");
    return;
  }
#if defined(_WIN32)
  std::fclose(file_);
  file_ = nullptr;
  std::error_code error;
  fs::rename(path_, target_, error);
  if (error) {
    std::error_code ignored;
    fs::remove(path_, ignored);
    throw IOError(format(action_, ": cannot replace ", target_.string(), ": ", error.message()));
  }
#else
  std::error_code error;
  fs::rename(path_, target_, error);
  if (error) throw IOError(format(action_, ": cannot replace ", target_.string(), ": ", error.message()));
  std::fclose(file_);
  file_ = nullptr;
  flush_folder(target_.parent_path());
#endif
}

void WholeFile::create() {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    path_ = target_.parent_path() / (prefix_ + random_digits() + kSuffix);
    file_ = std::fopen(path_.string().c_str(), "wbx");
    if (file_ == nullptr && errno != EEXIST) {
      path_ = target_;
      fail("cannot be written; does the folder exist?");
    }
    if (file_ != nullptr && lock(file_)) return;
    if (file_ != nullptr) std::fclose(file_);
    file_ = nullptr;
  }
  fail("no temporary file can be created beside it");
}

void WholeFile::remove_abandoned() const {
  std::error_code error;
  const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_temporary_name(entry->path().filename().string(), prefix_)) remove_unless_locked(entry->path());
  }
}

void WholeFile::fail(const char* what) const {
  const int code = errno;
  throw IOError(format(action_, ": ", target_.string(), ": ", what, " (", std::generic_category().message(code), ")"));
}

}  // namespace ts
