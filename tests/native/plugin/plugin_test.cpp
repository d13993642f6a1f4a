// Plugins: loading, calling, gradients, errors, and files that are not plugins. Uses the shared library.
#include <gtest/gtest.h>
#include <torchscratch/plugin.h>

#include <cstring>
#include <filesystem>
#include <random>

namespace ts {
namespace {

const Plugin& plugin() { return load_plugin(TEST_PLUGIN); }

template <class E>
std::string message_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "a different error: " << error.what();
  }
  return "no error";
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in: " << text;
}

TEST(Plugin, LoadsOnceAndListsItsOperators) {
  EXPECT_EQ(plugin().name, "test");
  ASSERT_EQ(plugin().operators.size(), 5u);
  EXPECT_EQ(plugin().operators[0]->name, "test::swish");
  EXPECT_EQ(plugin().operators[0]->doc, "x * sigmoid(beta x).");
  EXPECT_EQ(plugin().operators[2]->signature(), "test::sum_and_difference(double, Tensor, Tensor, bool)");
  EXPECT_EQ(&plugin(), &load_plugin(TEST_PLUGIN));
}

TEST(Plugin, ComputesAndDifferentiates) {
  plugin();
  const Tensor x = tensor<double>({-1, 0.5, 2}).requires_grad_();
  const Tensor y = find_operator("test::swish").call({x}, {0.7})[0];
  const Tensor expected = x * sigmoid(x * 0.7);
  EXPECT_EQ(0, std::memcmp(y.raw_data(), expected.raw_data(), 24));
  const Tensor cube = find_operator("test::power").call({x}, {3})[0];
  EXPECT_STREQ(cube.grad_fn()->name(), "TestPowerBackward");
  sum(cube).backward();
  EXPECT_EQ(x.grad().data<double>()[2], 12);
  // Differentiated twice, since its backward pass consists of operators.
  const Tensor first = grad({sum(find_operator("test::power").call({x}, {3})[0])}, {x}, {}, true, true)[0];
  EXPECT_EQ(grad({sum(first)}, {x})[0].data<double>()[2], 12);
}

TEST(Plugin, TakesArgumentsInAnyOrder) {
  plugin();
  const Tensor a = tensor<double>({5}), b = tensor<double>({3});
  const TensorList out = find_operator("test::sum_and_difference").call({a, b}, {2, true});
  EXPECT_EQ(out[0].item<double>(), 16);
  EXPECT_EQ(out[1].item<double>(), -4);
}

// The system would map what the header describes, and end the process by SIGBUS when that is read.
TEST(Plugin, ATruncatedLibraryIsRefused) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("torchscratch_plugin_" + std::to_string(std::random_device()()));
  fs::create_directories(folder);
  const std::uint64_t whole = fs::file_size(TEST_PLUGIN);
  for (std::uint64_t part = 0; part < 64; ++part) {
    const fs::path copy = folder / ("cut" + std::to_string(part) + ".so");
    fs::copy_file(TEST_PLUGIN, copy);
    // Short ones, which end in the header, and all the others up to one byte less than the whole.
    const std::uint64_t bytes = part < 8 ? part * 12 : part == 63 ? whole - 1 : whole * (part - 7) / 57;
    fs::resize_file(copy, bytes);
    const std::string message = message_of<IOError>([&] { load_plugin(copy.string()); });
    expect_contains(message, copy.string());
    if (bytes >= 64) expect_contains(message, "truncated");
  }
  fs::remove_all(folder);
}

TEST(Plugin, ErrorsNameTheOperator) {
  plugin();
  const Tensor x = ones({2, 3});
  const auto call = [&](const char* name, const TensorList& tensors, const std::vector<Scalar>& numbers) {
    return message_of<Error>([&] { find_operator(name).call(tensors, numbers); });
  };
  EXPECT_EQ(call("test::swish", {x}, {}),
            "test::swish: takes 1 tensors and 1 numbers, as test::swish(Tensor, double); got 1 and 0");
  expect_contains(call("test::power", {x}, {1.5}), "test::power: number 0 must be an integer");
  expect_contains(call("test::swish", {Tensor()}, {1}), "test::swish: tensor 0 is undefined");
  expect_contains(call("test::nothing", {x}, {}), "test::nothing: the operator returned an undefined tensor");
  expect_contains(call("test::failing", {scalar_tensor(1, DType::Float32)}, {}), "test::failing (in matmul): ");
  EXPECT_EQ(message_of<std::runtime_error>([&] { find_operator("test::failing").call({x}, {}); }),
            "the plugin's own error");
  expect_contains(call("test::absent", {x}, {}), "there is no test::absent; known operators: ");
}

TEST(Plugin, IsSeenByTheProfiler) {
  plugin();
  const Tensor x = ones({2}).requires_grad_();
  profiler::start();
  sum(find_operator("test::power").call({x}, {2})[0]).backward();
  const Profile profile = profiler::stop();
  int operators = 0, nodes = 0;
  for (const ProfileEvent& event : profile.events) {
    operators += std::strcmp(event.name, "test::power") == 0;
    nodes += std::strcmp(event.name, "TestPowerBackward") == 0;
  }
  EXPECT_EQ(operators, 1);
  EXPECT_EQ(nodes, 1);
}

TEST(Plugin, IncompatibleFilesAreRejected) {
  expect_contains(message_of<NotSupportedError>([] { load_plugin(OTHER_ABI); }), "built for plugin ABI 99");
  expect_contains(message_of<IOError>([] { load_plugin(NO_PLUGIN); }), "not a plugin of TorchScratch");
  expect_contains(message_of<IOError>([] { load_plugin("/nowhere/at/all.so"); }), "no such file");
  expect_contains(message_of<IOError>([] { load_plugin(__FILE__); }), "plugin: ");
}

TEST(Plugin, OperatorsOfTheProgramItself) {
  const Plugin& own = register_operators("own", [](OperatorRegistry& registry) {
    registry.add(
        "twice", +[](const Tensor& x) { return x * 2; });
  });
  EXPECT_EQ(own.operators.size(), 1u);
  EXPECT_EQ(find_operator("own::twice").call({ones({1})}, {})[0].item<float>(), 2);
  const auto again = [] {
    register_operators("own", [](OperatorRegistry& registry) {
      registry.add(
          "thrice", +[](const Tensor& x) { return x * 3; });
      registry.add(
          "twice", +[](const Tensor& x) { return x * 2; });
    });
  };
  expect_contains(message_of<ValueError>(again), "own::twice is registered already");
  EXPECT_THROW(find_operator("own::thrice"), ValueError);  // registration is all or nothing
  const auto bad = [] { register_operators("Bad Name", [](OperatorRegistry&) {}); };
  EXPECT_THROW(bad(), ValueError);
}

TEST(Plugin, LoopsOverThreads) {
  std::vector<int> hits(100'000);
  parallel_for(100'000, 1000, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) ++hits[static_cast<std::size_t>(i)];
  });
  for (const int count : hits) ASSERT_EQ(count, 1);
  EXPECT_THROW(parallel_for(1, 0, [](std::int64_t, std::int64_t) {}), ValueError);
}

}  // namespace
}  // namespace ts
