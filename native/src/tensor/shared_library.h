// Loading shared libraries, which are never unloaded.
#pragma once

#include <filesystem>
#include <string>

namespace ts {

/// Loads a library and returns its handle, which is the same each time for the same file. Throws IOError if there is no
/// such file or the system cannot load it.
void* open_shared_library(const std::string& path);
/// The folder of the file that contains this code: of this library or, where it is linked statically, of the program.
std::filesystem::path own_library_folder();
/// A path as UTF-8.
inline std::string utf8_of(const std::filesystem::path& path) {
  const auto text = path.u8string();
  return {text.begin(), text.end()};
}
/// The address of an exported function; null if there is none of this name.
void* find_symbol(void* library, const char* name);

}  // namespace ts
