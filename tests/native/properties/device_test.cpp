// Properties of every function of the operator table, and of every gradient sample, on the guard device: no touch of
// its memory outside a kernel, results and gradients on the operands' device, and the values of the CPU.
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "gradient_samples.h"
#include "guard.h"
#include "samples.h"
#include "torchscratch/cuda.h"

namespace ts::test {
namespace {

// Rows whose result's values depend on where the operands lie in memory: LAPACK's results for nearly singular matrices,
// and distances computed by a matrix product, which cancel.
bool amplifies_rounding(const OpCall& op) {
  static const std::set<std::string> rows = {"cdist",    "det",     "inverse", "logdet",
                                             "pinverse", "slogdet", "svd",     "matrix_power"};
  return rows.count(op.row) > 0 || std::strncmp(op.row, "linalg_", 7) == 0;
}

// Rows that say themselves where their result is.
bool chooses_device(const OpCall& op) {
  for (const Argument& argument : op.arguments) {
    if (argument.kind == ArgumentKind::Device) return true;
  }
  return std::strcmp(op.row, "pin_memory") == 0;
}

::testing::AssertionResult same_values(const Tensor& actual, const Tensor& expected) {
  if (!actual.defined() || !expected.defined()) {
    if (actual.defined() == expected.defined()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "one is undefined";
  }
  if (same(actual, expected, 1e-6)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << actual.to_string() << "\ninstead of\n" << expected.to_string();
}

TEST(DeviceProperties, EveryFunctionComputesOnItsOperandsDevice) {
  TS_NEEDS_GUARD();
  int compared = 0;
  for (const PropertySample& sample : property_samples()) {
    if (chooses_device(*sample.op)) continue;
    const std::string call = describe_call(*sample.op, sample.values);
    const auto copies = [](Device device) {
      return [device](const Tensor& t) { return device.is_cpu() ? clone(t.detach()) : on_device(t.detach(), device); };
    };
    manual_seed(7);
    const Values host_values = with_tensors(sample.values, copies(Device()));
    const TensorList expected = sample.op->call(host_values);
    const bool has_operands = [&] {
      for (const Value& value : sample.values) {
        if (std::holds_alternative<Tensor>(value) || std::holds_alternative<TensorList>(value)) return true;
      }
      return false;
    }();
    if (!has_operands) continue;
    manual_seed(7);
    TensorList results;
    try {
      const std::string touched = touched_by([&] {
        const Values values = with_tensors(sample.values, copies(kGuard));
        results = sample.op->call(values);
        cuda::synchronize(0);
      });
      EXPECT_EQ(touched, "") << call;
      if (!touched.empty()) continue;
    } catch (const std::exception& error) {
      ADD_FAILURE() << call << " fails on the device: " << error.what();
      continue;
    }
    ASSERT_EQ(results.size(), expected.size()) << call;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i].defined() || !expected[i].defined()) continue;
      EXPECT_EQ(results[i].device(), kGuard) << call << ", result " << i;
      if (is_uninitialized(*sample.op) || amplifies_rounding(*sample.op)) continue;
      EXPECT_TRUE(same_values(results[i], expected[i])) << call << ", result " << i;
    }
    ++compared;
  }
  EXPECT_GT(compared, 1500);
}

TEST(DeviceProperties, EveryGradientSampleComputesOnItsOperandsDevice) {
  TS_NEEDS_GUARD();
  // Samples hold tensors of their own besides their inputs, such as indices, which the scope makes on the device.
  const auto samples_on = [](Device device) {
    const DeviceScope scope(device);
    Samples samples;
    elementwise_samples(samples);
    shape_samples(samples);
    reduction_samples(samples);
    network_samples(samples);
    linalg_samples(samples);
    sampling_samples(samples);
    return samples.all;
  };
  std::vector<Sample> samples, device_samples;
  samples = samples_on(Device());
  ASSERT_EQ(touched_by([&] { device_samples = samples_on(kGuard); }), "");
  ASSERT_EQ(samples.size(), device_samples.size());

  // The outputs and the gradients of the inputs for gradients of ones.
  const auto run = [](const Sample& sample, Device device, TensorList* outputs, TensorList* gradients) {
    manual_seed(7);
    TensorList inputs;
    for (const Tensor& input : sample.inputs) {
      Tensor copy = clone(input.detach());
      if (input.requires_grad()) copy.requires_grad_();
      inputs.push_back(copy);
    }
    {
      // Some samples make their indices in the function. What operators make without being told a device is tested
      // above.
      const DeviceScope scope(device);
      *outputs = sample.fn(inputs);
    }
    for (const Tensor& output : *outputs) {
      if (output.defined() && output.requires_grad()) output.backward(ones_like(output), /*retain_graph=*/true);
    }
    for (const Tensor& input : inputs) gradients->push_back(input.requires_grad() ? input.grad() : Tensor());
    if (device.is_cuda()) cuda::synchronize(device.index);
  };
  int passed = 0;
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const Sample& sample = samples[n];
    const std::string name = sample.op + ", " + sample.variant;
    TensorList expected, expected_gradients, outputs, gradients;
    run(sample, Device(), &expected, &expected_gradients);
    try {
      const std::string touched = touched_by([&] { run(device_samples[n], kGuard, &outputs, &gradients); });
      EXPECT_EQ(touched, "") << name;
      if (!touched.empty()) continue;
    } catch (const std::exception& error) {
      ADD_FAILURE() << name << " fails on the device: " << error.what();
      continue;
    }
    bool same = outputs.size() == expected.size();
    const auto compare = [&](const TensorList& actual, const TensorList& wanted, const char* what) {
      for (std::size_t i = 0; i < actual.size(); ++i) {
        EXPECT_TRUE(!actual[i].defined() || actual[i].device() == kGuard) << name << ", " << what << " " << i;
        EXPECT_TRUE(same_values(actual[i], wanted[i])) << name << ", " << what << " " << i;
      }
    };
    EXPECT_TRUE(same) << name;
    compare(outputs, expected, "output");
    compare(gradients, expected_gradients, "gradient");
    ++passed;
  }
  EXPECT_EQ(passed, static_cast<int>(samples.size()));
  EXPECT_GT(passed, 1300);
}

TEST(DeviceProperties, OperandsOnTwoDevicesAreRefusedByName) {
  TS_NEEDS_GUARD();
  int refused = 0;
  for (const PropertySample& sample : property_samples()) {
    // Rows that copy_ their operand into the result, which crosses devices; that read its values on the host, as where
    // to split; and those that need only its shape.
    static const std::set<std::string> allowed = {"copy",          "bernoulli.tensor", "select_scatter",
                                                  "slice_scatter", "diagonal_scatter", "tensor_split.tensor",
                                                  "expand_as",     "view_as",          "reshape_as"};
    if (chooses_device(*sample.op) || allowed.count(sample.op->row)) continue;
    int tensors = 0;
    for (const Value& value : sample.values) {
      if (const auto* tensor = std::get_if<Tensor>(&value)) tensors += tensor->defined() && tensor->dim() > 0;
    }
    if (tensors < 2) continue;
    // All tensors but the first one move.
    bool first = true;
    const Values values = with_tensors(sample.values, [&](const Tensor& t) {
      if (t.dim() == 0 || std::exchange(first, false)) return clone(t.detach());
      return on_device(t.detach());
    });
    const std::string call = describe_call(*sample.op, sample.values);
    try {
      const std::string touched = touched_by([&] { sample.op->call(values); });
      ADD_FAILURE() << call << (touched.empty() ? " accepts operands on two devices" : " " + touched);
    } catch (const DeviceError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("cpu"), std::string::npos) << message;
      EXPECT_NE(message.find("cuda:0"), std::string::npos) << message;
      ++refused;
    } catch (const std::exception& error) {
      ADD_FAILURE() << call << ": " << error.what();
    }
  }
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace ts::test
