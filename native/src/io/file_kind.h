// What a file is that is not what it should be.
#pragma once

#include <string>

namespace ts {

/// For the end of a message about a file that is no safetensors file: what its first bytes look like, and what to do, as
/// in "; it looks like a zip archive ...". Empty if they look like nothing known.
std::string foreign_format(const std::string& path);

}  // namespace ts
