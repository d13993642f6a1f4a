// A last chance before the allocator refuses: languages with a garbage collector free what their programs have dropped.
#pragma once

#include "torchscratch/export.h"

namespace ts::allocator {

/// Frees blocks that nothing uses any more. It may be called on any thread, in the middle of an operator.
using Reclaim = void (*)(void* user);
/// Sets the process's only such function; null removes it. It is called before an allocation is refused because of the
/// limit, or because a device has no memory left; the allocation is then tried again. It must not create tensors.
TS_API void set_reclaim(Reclaim reclaim, void* user);
/// Calls that function. False if there is none.
bool reclaim_memory();

}  // namespace ts::allocator
