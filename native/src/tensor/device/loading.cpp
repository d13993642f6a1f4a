// Finds and loads the backend of CUDA devices. TORCHSCRATCH_CUDA chooses one: "guard" stands for the library
// libtorchscratch_cuda_guard, a path for itself, "off" for none. Otherwise it is libtorchscratch_cuda. Backends lie
// beside this library.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "tensor/device/backend.h"
#include "tensor/error_name.h"
#include "tensor/shared_library.h"

namespace ts {

std::uint32_t core_kernels_hash = 0;

namespace {

#if defined(_WIN32)
constexpr const char *kPrefix = "", *kExtension = ".dll";
#elif defined(__APPLE__)
constexpr const char *kPrefix = "lib", *kExtension = ".dylib";
#else
constexpr const char *kPrefix = "lib", *kExtension = ".so";
#endif

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

struct Loaded {
  const char* linked_name = nullptr;
  const BackendInfo* linked = nullptr;
  std::once_flag once;
  std::atomic<DeviceBackend*> backend{nullptr};
  std::string why_not;
  int count = 0;
};

// Never destroyed: tensors in static variables give their memory back after main has returned.
Loaded& loaded() {
  static Loaded* const instance = new Loaded;
  return *instance;
}

void start(Loaded& state, const BackendInfo& info) {
  DeviceBackend* const backend = info.create(&state.why_not);
  if (!backend) return;
  state.count = std::min(backend->device_count(), kMaxCudaDevices);
  if (state.count == 0) {
    state.why_not = "there is no CUDA device";
    return;
  }
  state.backend.store(backend, std::memory_order_release);
}

void load(Loaded& state) {
  const std::string choice = environment("TORCHSCRATCH_CUDA");
  if (choice == "off") {
    state.why_not = "CUDA is switched off by TORCHSCRATCH_CUDA=off";
    return;
  }
  if (state.linked && choice == state.linked_name) {
    start(state, *state.linked);
    return;
  }
  const bool is_path = choice.find_first_of("/\\") != std::string::npos;
  const std::string name =
      kPrefix + std::string("torchscratch_cuda") + (choice.empty() ? "" : "_" + choice) + kExtension;
  const std::filesystem::path path = is_path ? std::filesystem::u8path(choice) : own_library_folder() / name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    state.why_not = format(utf8_of(path.filename()), " is missing; it belongs into the folder of ", kPrefix,
                           "torchscratch", kExtension, ". In the repository, ./build.sh cuda builds it");
    return;
  }
  try {
    using Entry = const BackendInfo* (*)();
    const auto entry = reinterpret_cast<Entry>(find_symbol(open_shared_library(utf8_of(path)), "torchscratch_backend"));
    const BackendInfo* const info = entry ? entry() : nullptr;
    if (!info || info->abi != kBackendAbi || info->layout != backend_layout() || info->kernels != core_kernels_hash) {
      state.why_not =
          format(utf8_of(path.filename()), " belongs to another version of the library; build both together");
      return;
    }
    start(state, *info);
  } catch (const std::exception& error) {
    state.why_not = error.what();
  }
}

Loaded& ensure_loaded() {
  Loaded& state = loaded();
  std::call_once(state.once, [&] { load(state); });
  return state;
}

}  // namespace

void register_linked_backend(const char* name, const BackendInfo& info) {
  loaded().linked_name = name;
  loaded().linked = &info;
}

DeviceBackend* loaded_backend() { return loaded().backend.load(std::memory_order_acquire); }

DeviceBackend& device_backend(int index) {
  DeviceBackend* backend = loaded_backend();
  Loaded& state = backend ? loaded() : ensure_loaded();
  backend = loaded_backend();
  TS_CHECK(backend, DeviceError, "cuda:", index, " is not available: ", state.why_not, "; use the CPU");
  TS_CHECK(index >= 0 && index < state.count, DeviceError, "there is no device cuda:", index,
           "; the devices are cuda:0 to cuda:", state.count - 1);
  return *backend;
}

void raise_device_error(int index) {
  try {
    device_backend(index).raise_error(index);
  } catch (...) {
    detail::error_is_named = true;
    throw;
  }
}

bool cuda_is_synchronous() {
  static const bool synchronous = environment("TORCHSCRATCH_CUDA_SYNC") == "1";
  return synchronous;
}

namespace cuda {

bool is_available() {
  ensure_loaded();
  return loaded_backend() != nullptr;
}

std::string why_not() { return is_available() ? std::string() : loaded().why_not; }

int device_count() { return is_available() ? loaded().count : 0; }

Properties properties(int index) { return device_backend(index).properties(index); }

}  // namespace cuda
}  // namespace ts
