#include "memory.h"

#include <cstdio>
#include <fstream>

#if defined(__linux__)
#include <unistd.h>
#endif

double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    double kilobytes = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %lf kB", &kilobytes) == 1) return kilobytes * 1024;
  }
  return 0;
}

double peak_memory_of_child(const char* side, const std::string& name) {
#if defined(__linux__)
  char program[4096];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length < 0) return 0;
  program[length] = '\0';
  std::string command = "'";
  command.append(program).append("' --repeat ").append(side).append(" '").append(name).append("'");
  FILE* const child = popen(command.c_str(), "r");
  if (child == nullptr) return 0;
  double bytes = 0;
  const int read = std::fscanf(child, "%lf", &bytes);
  return pclose(child) == 0 && read == 1 ? bytes : 0;
#else
  static_cast<void>(side);
  static_cast<void>(name);
  return 0;
#endif
}
