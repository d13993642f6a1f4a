// Equations of einsum. An input is the number of operands, the rank and the sizes of each, then the equation.
//
// Beside crashes, what must hold: the operands in reverse order, with their subscripts, give a result of the same shape.
#include <string>
#include <vector>

#include "fuzz_input.h"

namespace {

// The equation with its operands in reverse order.
std::string reversed(const std::string& equation) {
  const std::size_t arrow = equation.find("->");
  std::string inputs = equation.substr(0, arrow);
  std::string result;
  while (true) {
    const std::size_t comma = inputs.rfind(',');
    result += comma == std::string::npos ? inputs : inputs.substr(comma + 1);
    if (comma == std::string::npos) break;
    result += ',';
    inputs.resize(comma);
  }
  return arrow == std::string::npos ? result : result + equation.substr(arrow);
}

std::vector<std::int64_t> shape_of(ts_tensor tensor) {
  ts_tensor_info info;
  ts_tensor_get_info(tensor, &info);
  return {info.sizes, info.sizes + info.ndim};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::limit_memory();
  fuzz::Input input(data, size);
  std::vector<ts_tensor> operands(static_cast<std::size_t>(input.below(10)));
  for (ts_tensor& operand : operands) {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(input.below(5)));
    for (std::int64_t& one : sizes) one = input.below(4);
    if (ts_ones(sizes.data(), static_cast<std::int32_t>(sizes.size()), TS_FLOAT32, 0, &operand) != TS_OK) {
      fuzz::fail("ones:", ts_last_error_message());
    }
  }
  // A C text ends at a zero byte.
  const std::string equation = input.text('\0');
  const auto count = static_cast<std::int32_t>(operands.size());
  ts_tensor result = nullptr;
  if (fuzz::succeeded(ts_einsum(equation.c_str(), operands.data(), count, &result))) {
    const std::vector<ts_tensor> backward(operands.rbegin(), operands.rend());
    ts_tensor other = nullptr;
    if (!fuzz::succeeded(ts_einsum(reversed(equation).c_str(), backward.data(), count, &other))) {
      fuzz::fail("operands in reverse order are refused:", equation + ": " + ts_last_error_message());
    }
    if (shape_of(result) != shape_of(other)) fuzz::fail("another shape for operands in reverse order:", equation);
    ts_tensor_release(other);
    ts_tensor_release(result);
  }
  for (ts_tensor operand : operands) ts_tensor_release(operand);
  return 0;
}
