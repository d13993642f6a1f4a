// Loading shared libraries, which are never unloaded.
#pragma once

#include <string>

namespace ts {

/// Loads a library and returns its handle, which is the same each time for the same file. Throws IOError if there is no
/// such file or the system cannot load it.
void* open_shared_library(const std::string& path);
/// The address of an exported function; null if there is none of this name.
void* find_symbol(void* library, const char* name);

}  // namespace ts
