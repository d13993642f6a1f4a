// Files that are written completely or not at all.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>

namespace ts {

/// A new file under a temporary name beside its target. commit() flushes it to the disk and gives it the target's name;
/// without it the destructor removes it, and the target is as it was. A link is followed, so it stays a link. The
/// temporary file is locked, so one that nobody holds was left by a process that was killed; the next writer of the
/// same target removes it. Device files and pipes are written directly.
class WholeFile {
 public:
  /// `action` begins the messages. Throws IOError if the file cannot be created.
  WholeFile(const char* action, const std::string& path);
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  /// Throws IOError, for example when the disk is full.
  void write(const void* data, std::size_t bytes);
  /// Throws IOError; the target is as it was then.
  void commit();

 private:
  void create();
  void remove_abandoned() const;
  [[noreturn]] void fail(const char* what) const;

  const char* action_;
  std::filesystem::path target_, path_;
  std::string prefix_;  // of all temporary names for the target
  std::FILE* file_ = nullptr;
  bool direct_ = false;
};

}  // namespace ts
