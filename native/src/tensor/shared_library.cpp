// Loading shared libraries: dlopen and LoadLibrary.
#include "tensor/shared_library.h"

#include <filesystem>

#include "tensor/library_size.h"
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
  TS_CHECK(std::filesystem::is_regular_file(std::filesystem::u8path(path), ignored), IOError, path,
           ": no such file");
  check_library_size(path);
#if defined(_WIN32)
  void* const library = reinterpret_cast<void*>(LoadLibraryW(std::filesystem::u8path(path).wstring().c_str()));
  TS_CHECK(library, IOError, path, ": the system refused to load it (error ", GetLastError(), ")");
#else
  // dlopen searches the system's folders for a name without a path, so it is given an absolute one.
  const std::string file = std::filesystem::absolute(path).string();
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* const reason = dlerror();
    throw IOError(reason ? reason : file);
  }
#endif
  return library;
}

std::filesystem::path own_library_folder() {
  std::filesystem::path file;
#if defined(_WIN32)
  HMODULE self = nullptr;
  wchar_t name[32768];
  if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                          reinterpret_cast<LPCWSTR>(&own_library_folder), &self) ||
      GetModuleFileNameW(self, name, 32768) == 0) {
    return ".";
  }
  file = name;
#else
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&own_library_folder), &info) == 0 || !info.dli_fname) return ".";
  file = info.dli_fname;
#endif
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::canonical(file, error);
  return (error ? file : whole).parent_path();
}

void* find_symbol(void* library, const char* name) {
#if defined(_WIN32)
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
#else
  return dlsym(library, name);
#endif
}

}  // namespace ts
