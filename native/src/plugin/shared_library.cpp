// Loading shared libraries: dlopen and LoadLibrary.
#include "plugin/shared_library.h"

#include <filesystem>

#include "plugin/library_size.h"
#include <system_error>

#include "torchscratch/error.h"

#if defined(_WIN32)
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace ts {

void* open_shared_library(const std::string& path) {
  std::error_code ignored;
  TS_CHECK(std::filesystem::is_regular_file(std::filesystem::u8path(path), ignored), IOError, "plugin: ", path,
           ": no such file");
  check_library_size(path);
#if defined(_WIN32)
  void* const library = reinterpret_cast<void*>(LoadLibraryW(std::filesystem::u8path(path).wstring().c_str()));
  TS_CHECK(library, IOError, "plugin: ", path, ": the system refused to load it (error ", GetLastError(), ")");
#else
  // dlopen searches the system's folders for a name without a path, so it is given an absolute one.
  const std::string file = std::filesystem::absolute(path).string();
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* const reason = dlerror();
    throw IOError(format("plugin: ", reason ? reason : file));
  }
#endif
  return library;
}

void* find_symbol(void* library, const char* name) {
#if defined(_WIN32)
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
#else
  return dlsym(library, name);
#endif
}

}  // namespace ts
