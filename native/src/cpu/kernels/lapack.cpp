#include "cpu/kernels/lapack.h"

#include <cstdlib>
#include <utility>

#include "torchscratch/error.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace ts::lapack {
namespace {

using Address = void (*)();

void* open_library(const char* name) {
#if defined(_WIN32)
  return reinterpret_cast<void*>(LoadLibraryA(name));
#else
  return dlopen(name, RTLD_NOW | RTLD_LOCAL);
#endif
}

void close_library(void* library) {
#if defined(_WIN32)
  FreeLibrary(static_cast<HMODULE>(library));
#else
  dlclose(library);
#endif
}

Address find(void* library, const std::string& name) {
#if defined(_WIN32)
  return reinterpret_cast<Address>(GetProcAddress(static_cast<HMODULE>(library), name.c_str()));
#else
  return reinterpret_cast<Address>(dlsym(library, name.c_str()));
#endif
}

// Looks up routines one by one and remembers the first that is missing.
class Finder {
 public:
  explicit Finder(void* library) : library_(library) {}

  template <class Routine>
  void get(Routine& routine, const std::string& name) {
    // Fortran compilers append an underscore to names; MKL on Windows also has the plain name.
    Address address = find(library_, name + "_");
    if (address == nullptr) address = find(library_, name);
    if (address == nullptr && missing_.empty()) missing_ = name;
    routine = reinterpret_cast<Routine>(address);
  }

  template <class T>
  void all(Routines<T>& routines, const std::string& prefix) {
    get(routines.potrf, prefix + "potrf");
    get(routines.getrf, prefix + "getrf");
    get(routines.getrs, prefix + "getrs");
    get(routines.getri, prefix + "getri");
    get(routines.geqrf, prefix + "geqrf");
    get(routines.orgqr, prefix + "orgqr");
    get(routines.syevd, prefix + "syevd");
    get(routines.gesdd, prefix + "gesdd");
  }

  const std::string& missing() const { return missing_; }

 private:
  void* library_;
  std::string missing_;
};

// A multithreaded routine would sum in an order that depends on the number of threads.
void use_one_thread(void* library) {
  for (const char* name : {"openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"}) {
    if (const Address address = find(library, name)) reinterpret_cast<void (*)(int)>(address)(1);
  }
}

std::vector<std::string> usual_names() {
#if defined(_WIN32)
  return {"libopenblas.dll", "openblas.dll", "mkl_rt.2.dll", "liblapack.dll", "lapack.dll"};
#elif defined(__APPLE__)
  return {"/System/Library/Frameworks/Accelerate.framework/Accelerate", "liblapack.dylib", "libopenblas.dylib"};
#else
  return {"liblapack.so.3", "libopenblas.so.0", "liblapack.so", "libopenblas.so", "libmkl_rt.so.2"};
#endif
}

}  // namespace

Library load(const std::vector<std::string>& names) {
  std::string tried;
  for (const std::string& name : names) {
    tried += (tried.empty() ? "" : ", ") + name;
    void* const handle = open_library(name.c_str());
    if (handle == nullptr) continue;
    Library result;
    Finder finder(handle);
    finder.all(result.single, "s");
    finder.all(result.wide, "d");
    if (finder.missing().empty()) {
      use_one_thread(handle);
      result.set_threads = reinterpret_cast<void (*)(int)>(find(handle, "omp_set_num_threads"));
      result.threads = reinterpret_cast<int (*)()>(find(handle, "omp_get_max_threads"));
      return result;
    }
    tried += " (does not have " + finder.missing() + ")";
    close_library(handle);
  }
  throw DeviceError(detail::in_operator(
      "needs LAPACK, which is not installed; tried " + tried +
      ". Install it (apt-get install liblapack3, dnf install lapack, brew install openblas; on Windows put OpenBLAS's "
      "libopenblas.dll beside the program), or name the library in TORCHSCRATCH_LAPACK"));
}

OneThread::OneThread() {
  const Library& loaded = library();
  if (loaded.set_threads == nullptr || loaded.threads == nullptr) return;
  before_ = loaded.threads();
  loaded.set_threads(1);
}

OneThread::~OneThread() {
  if (before_ > 0) library().set_threads(before_);
}

const Library& library() {
  static const Library loaded = [] {
    const char* const chosen = std::getenv("TORCHSCRATCH_LAPACK");
    return load(chosen != nullptr && *chosen != '\0' ? std::vector<std::string>{chosen} : usual_names());
  }();
  return loaded;
}

}  // namespace ts::lapack
