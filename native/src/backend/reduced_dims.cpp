#include "backend/reduced_dims.h"

#include "torchscratch/error.h"

namespace ts {

std::uint32_t reduced_dims(const std::optional<IntList>& dim, int ndim) {
  if (!dim || dim->empty()) return ndim == 0 ? 1u : (1u << ndim) - 1u;
  std::uint32_t mask = 0;
  for (const std::int64_t entry : *dim) {
    const int d = normalize_dim(entry, ndim);
    const std::uint32_t bit = 1u << d;
    TS_CHECK((mask & bit) == 0, ValueError, "dimension ", d, " appears twice in ", Dims(*dim).to_string());
    mask |= bit;
  }
  return mask;
}

}  // namespace ts
