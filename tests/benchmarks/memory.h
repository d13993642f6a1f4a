// Peak memory of one side's work, measured in a process of its own: the same program, told to repeat that work alone.
#pragma once

#include <string>

/// The largest resident size this process has reached, in bytes; 0 where the system does not tell.
double peak_memory();

/// Runs this program as `--repeat side name`, which prints its peak memory, and returns that; 0 if it fails.
double peak_memory_of_child(const char* side, const std::string& name);
