// Autocast in the C ABI: its scopes, which a language's own scopes begin and end.
#include "torchscratch/autocast.h"

#include "c_api/convert.h"

using namespace ts;
using namespace ts::c_api;

namespace {

/// -1 where autocast is off, as where a C function takes no type.
std::int32_t to_code(std::optional<DType> dtype) { return dtype ? static_cast<std::int32_t>(*dtype) : -1; }

}  // namespace

int32_t ts_autocast_enabled(void) { return autocast_enabled(); }
int32_t ts_autocast_dtype(void) { return to_code(autocast_dtype()); }

ts_status ts_autocast_begin(int32_t dtype, int32_t* former) {
  return guard([&] { *former = to_code(begin_autocast(to_optional_dtype(dtype))); });
}

void ts_autocast_end(int32_t former) {
  end_autocast(former == -1 ? std::nullopt : std::optional(static_cast<DType>(former)));
}
