// Whether the message of the error that is thrown names an operator, for the C ABI, which names its function otherwise.
#pragma once

namespace ts::detail {

/// Set by in_operator(): whether an operator was running.
extern thread_local bool error_is_named;

}  // namespace ts::detail
