// Calls every function of the operator table with each argument wrong in turn. Some of these values happen to be valid,
// so a call may succeed; but it must never crash, or fail with anything other than a typed error that names the
// operator. If an argument cannot be valid, the error must occur and name the argument as well.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>

#include "wrong_values.h"

namespace ts::test {
namespace {

Values fresh(const Values& values) {
  return with_tensors(values, [](const Tensor& tensor) { return tensor.defined() ? clone(tensor) : tensor; });
}

bool is_dimension(const Argument& argument) {
  static const std::set<std::string> names = {"dim", "dim0", "dim1", "dim2", "start_dim", "end_dim", "axis0", "axis1"};
  return argument.kind == ArgumentKind::Int && names.count(argument.name) > 0;
}

TEST(Properties, WrongArgumentsRaiseTypedErrors) {
  for (const PropertySample& sample : property_samples()) {
    const OpCall& op = *sample.op;
    for (std::size_t i = 0; i < op.arguments.size(); ++i) {
      const Argument& argument = op.arguments[i];
      for (const Value& wrong : wrong_values(argument, sample.values[i])) {
        Values values = fresh(sample.values);
        values[i] = wrong;
        std::string complaint;
        const std::string failure = failure_of(op, fresh(values), nullptr, &complaint);
        EXPECT_EQ(complaint, "");
        const std::string call = describe_call(op, values);
        const bool undefined = std::holds_alternative<std::monostate>(wrong) && !argument.optional;
        const auto* number = std::get_if<std::int64_t>(&wrong);
        if (undefined) {
          EXPECT_NE(failure.find(argument.name), std::string::npos)
              << call << ": the error does not name " << argument.name << ": " << failure;
        }
        if (is_dimension(argument) && number && (*number > 100 || *number < -100)) {
          EXPECT_NE(failure.find("dim"), std::string::npos)
              << call << ": the error does not mention the dimension: " << failure;
        }
      }
    }
  }
}

}  // namespace
}  // namespace ts::test
