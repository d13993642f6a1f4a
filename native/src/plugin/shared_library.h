// Shared libraries of the system, loaded for good.
#pragma once

#include <string>

namespace ts {

/// The library's handle, the same for the same file. Throws IOError with the system's reason.
void* open_shared_library(const std::string& path);
/// Address of an exported function; null if there is none.
void* find_symbol(void* library, const char* name);

}  // namespace ts
