// Values as Python's repr() writes them.
#include "nn/python_repr.h"

#include <charconv>

namespace ts::nn {

std::string python_repr(double value) {
  if (value != value) return "nan";  // to_chars writes its sign
  char buffer[32];
  // The shortest text that reads back as the number.
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const std::string text(buffer, end);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string python_repr(const Dims& values) {
  std::string text = "(";
  for (int i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(values[i]);
  return text + (values.size() == 1 ? ",)" : ")");
}

std::string python_number_or_tuple(const Dims& values) {
  for (const std::int64_t value : values) {
    if (value != values[0]) return python_repr(values);
  }
  return std::to_string(values[0]);
}

}  // namespace ts::nn
