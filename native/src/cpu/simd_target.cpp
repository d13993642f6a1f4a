// Highway keeps the chosen target in a process-wide mask, so forcing one target means disabling all others.
#include "cpu/simd_target.h"

#include <hwy/targets.h>

#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>

#include "torchscratch/error.h"

namespace ts::cpu {
namespace {

struct NamedTarget {
  const char* name;
  int64_t bit;
};

// Best first, in Highway's order of preference. Older versions of Highway lack some of these targets, hence
// the #ifdefs.
constexpr NamedTarget kTargets[] = {
#ifdef HWY_AVX3_SPR
    {"avx3_spr", HWY_AVX3_SPR},
#endif
#ifdef HWY_AVX3_ZEN4
    {"avx3_zen4", HWY_AVX3_ZEN4},
#endif
    {"avx3_dl", HWY_AVX3_DL},
    {"avx3", HWY_AVX3},
    {"avx2", HWY_AVX2},
    {"sse4", HWY_SSE4},
    {"ssse3", HWY_SSSE3},
#ifdef HWY_SSE2
    {"sse2", HWY_SSE2},
#endif
    {"neon", HWY_NEON},
    {"emu128", HWY_EMU128},
    {"scalar", HWY_SCALAR},
};

// The targets that our kernels are compiled for. The file of a kernel must not add targets of its own.
int64_t usable_targets() {
  const int64_t targets = hwy::SupportedTargets();
  hwy::GetChosenTarget().Update(targets);  // the query chose among all targets, including disabled ones
  return targets & static_cast<int64_t>(HWY_TARGETS);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i]))) return false;
  }
  return true;
}

bool apply_environment() {
  const char* wanted = std::getenv("TORCHSCRATCH_SIMD");
  if (wanted == nullptr || *wanted == '\0') return true;
  const int64_t usable = usable_targets();
  std::string available;
  for (const NamedTarget& target : kTargets) {
    if ((usable & target.bit) == 0) continue;
    if (equal_ignoring_case(wanted, target.name)) {
      hwy::DisableTargets(~target.bit);
      return true;
    }
    available += available.empty() ? "" : ", ";
    available += target.name;
  }
  throw ValueError(format("TORCHSCRATCH_SIMD is \"", wanted, "\", which this build or this machine does not support; ",
                          "available are ", available));
}

}  // namespace

void select_simd_target() {
  // If this throws, the next call tries again, so every kernel reports the error and not only the first one.
  static const bool applied = apply_environment();
  static_cast<void>(applied);
}

const char* simd_target_name() {
  select_simd_target();
  const int64_t usable = usable_targets();
  for (const NamedTarget& target : kTargets) {
    if (usable & target.bit) return target.name;
  }
  return "scalar";
}

}  // namespace ts::cpu
