// Whether the file of a shared library is complete.
#pragma once

#include <string>

namespace ts {

/// Throws IOError if the file is shorter than its own header says. The system maps what the header says into memory, so
/// reading what is missing would end the process by SIGBUS. Knows ELF, Mach-O and PE; other files are left to the
/// system.
void check_library_size(const std::string& path);

}  // namespace ts
