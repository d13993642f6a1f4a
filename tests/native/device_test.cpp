// Devices: their names and defaults, moving tensors and modules, the caching allocator, streams, events, errors in
// data, and trainings on the guard device.
#include "torchscratch/device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "guard.h"
#include "torchscratch/cuda.h"
#include "torchscratch/torchscratch.h"

namespace ts::test {
namespace {

template <class E>
std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "no error";
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text << "\nshould contain " << part;
}

TEST(Device, NamesAreReadAndWritten) {
  EXPECT_EQ(Device().to_string(), "cpu");
  EXPECT_EQ(kOtherGuard.to_string(), "cuda:1");
  for (const char* name : {"cpu", "cuda:0", "cuda:63"}) EXPECT_EQ(Device::parse(name).to_string(), name);
  EXPECT_EQ(Device::parse("cuda"), kGuard);
  for (const char* name : {"", "gpu", "cuda:", "cuda:x", "cuda:64", "cuda:-1", "cuda:1x", "CPU"})
    expect_contains(message_of<ValueError>([&] { Device::parse(name); }), "is not a device");
}

TEST(Device, OneThatDoesNotExistIsRefused) {
  TS_NEEDS_GUARD();
  const Device missing{DeviceType::CUDA, 2};
  const std::string message = "there is no device cuda:2; the devices are cuda:0 to cuda:1";
  expect_contains(message_of<DeviceError>([&] { zeros({2}, DType::Float32, missing); }), message);
  expect_contains(message_of<DeviceError>([&] { to(ones({2}), missing); }), message);
  expect_contains(message_of<DeviceError>([&] { const DeviceScope scope(missing); }), message);
  expect_contains(message_of<DeviceError>([&] { cuda::properties(2); }), message);
  EXPECT_EQ(default_device(), Device());
}

TEST(Device, CreationFollowsTheArgumentThenTheScope) {
  TS_NEEDS_GUARD();
  EXPECT_EQ(zeros({2}).device(), Device());
  {
    const DeviceScope scope(kGuard);
    EXPECT_EQ(zeros({2}).device(), kGuard);
    EXPECT_EQ(full({2}, 1).device(), kGuard);
    EXPECT_EQ(arange(0, 3, 1).device(), kGuard);
    EXPECT_EQ(eye(2).device(), kGuard);
    EXPECT_EQ(rand({2}).device(), kGuard);
    EXPECT_EQ(randperm(4).device(), kGuard);
    EXPECT_EQ(tensor<float>({1, 2}).device(), kGuard);
    EXPECT_EQ(scalar_tensor(1, DType::Float32).device(), kGuard);
    EXPECT_EQ(zeros({2}, DType::Float32, Device()).device(), Device());
    EXPECT_EQ(nn::Linear(2, 3)->weight.device(), kGuard);
  }
  EXPECT_EQ(zeros({2}).device(), Device());
  EXPECT_EQ(zeros_like(zeros({2}, DType::Float32, kGuard)).device(), kGuard);
  EXPECT_EQ(zeros_like(zeros({2}, DType::Float32, kGuard), std::nullopt, Device()).device(), Device());
}

TEST(Device, MovesThereAndBackWithGradients) {
  TS_NEEDS_GUARD();
  Tensor x = randn({3, 4}).requires_grad_();
  const Tensor there = to(transpose(x, 0, 1), kGuard, DType::Float64);
  EXPECT_EQ(there.device(), kGuard);
  EXPECT_EQ(there.dtype(), DType::Float64);
  EXPECT_TRUE(to(there, kGuard).is_same(there));
  const Tensor other = to(there, kOtherGuard);
  EXPECT_EQ(other.device(), kOtherGuard);
  sum(to(other * other, Device())).backward();
  EXPECT_EQ(x.grad().device(), Device());
  EXPECT_TRUE(same(x.grad(), x * 2, 1e-6));
  expect_contains(there.to_string(), "device='cuda:0'");
  expect_contains(message_of<DeviceError>([&] { there.backward(zeros({4, 3}, DType::Float64)); }), "cuda:0");
  expect_contains(message_of<DeviceError>([&] { x.set_grad(zeros({3, 4}, DType::Float32, kGuard)); }), "cuda:0");
}

TEST(Device, ZeroDimensionalTensorsOfTheCpuAreNumbers) {
  TS_NEEDS_GUARD();
  Tensor x = tensor<float>({1, 2}, {2}, kGuard), factor = scalar_tensor(3.0, DType::Float64);
  factor.requires_grad_();
  x.requires_grad_();
  for (const Tensor& product : {x * factor, factor * x}) {
    EXPECT_EQ(product.device(), kGuard);
    EXPECT_EQ(product.dtype(), DType::Float32);
  }
  sum(factor * x).backward();
  EXPECT_EQ(factor.grad().device(), Device());
  EXPECT_EQ(factor.grad().item<double>(), 3);
  EXPECT_EQ(x.grad().device(), kGuard);
  EXPECT_EQ(where(x > scalar_tensor(1.5, DType::Float32), x, scalar_tensor(0, DType::Float32)).device(), kGuard);
  // The other way round it is an operand like any other.
  EXPECT_THROW(ones({2}) * scalar_tensor(3.0, DType::Float32, kGuard), DeviceError);
  Tensor number = scalar_tensor(3.0, DType::Float32);
  EXPECT_THROW(add_(number, sum(x.detach())), DeviceError);
  EXPECT_EQ(number.item<float>(), 3);
}

TEST(Device, RandomNumbersAreTheSameOnEveryDevice) {
  TS_NEEDS_GUARD();
  const auto draws = [](Device device) {
    manual_seed(11);
    return TensorList{rand({100}, DType::Float32, device), randn({100}, DType::Float32, device),
                      randint(0, 1000, {100}, DType::Int64, device), randperm(100, DType::Int64, device)};
  };
  const TensorList here = draws(Device()), there = draws(kGuard);
  for (std::size_t i = 0; i < here.size(); ++i) {
    EXPECT_EQ(there[i].device(), kGuard);
    EXPECT_TRUE(same(to(there[i], Device()), here[i])) << i;
  }
}

TEST(Device, FilesLoadToAnyDevice) {
  TS_NEEDS_GUARD();
  const auto path = (std::filesystem::temp_directory_path() / "torchscratch_device_test.safetensors").string();
  const Tensor x = randn({3, 2}, DType::Float32, kGuard);
  save_safetensors(path, {{"x", x}});
  for (const Device device : {Device(), kGuard, kOtherGuard}) {
    const NamedTensors loaded = load_safetensors(path, nullptr, device);
    EXPECT_EQ(loaded[0].second.device(), device);
    EXPECT_TRUE(same(to(loaded[0].second, Device()), to(x, Device())));
  }
  std::filesystem::remove(path);
}

TEST(Device, ModulesMoveWithTheirGradients) {
  TS_NEEDS_GUARD();
  nn::Linear layer(3, 2);
  const Tensor weight = layer->weight;
  sum(layer->forward(ones({1, 3}))).backward();
  layer->to(kGuard);
  EXPECT_TRUE(layer->weight.is_same(weight));
  EXPECT_EQ(weight.device(), kGuard);
  EXPECT_EQ(weight.grad().device(), kGuard);
  EXPECT_TRUE(same(to(weight.grad(), Device()), ones({2, 3})));
  EXPECT_EQ(layer->forward(ones({1, 3}, DType::Float32, kGuard)).device(), kGuard);
  expect_contains(message_of<DeviceError>([&] { layer->forward(ones({1, 3})); }), "cuda:0");
}

// ---- Memory ----

TEST(DeviceMemory, FreedBlocksAreReusedJoinedAndGivenBack) {
  TS_NEEDS_GUARD();
  cuda::empty_cache();
  const cuda::MemoryStats before = cuda::memory_stats(1);
  const auto bytes = [](std::int64_t count) { return empty({count}, DType::UInt8, kOtherGuard); };
  {
    const Tensor a = bytes(3 << 20), b = bytes(3 << 20), c = bytes(5000);
    const cuda::MemoryStats during = cuda::memory_stats(1);
    EXPECT_GE(during.live_bytes - before.live_bytes, (6 << 20) + 5000);
    EXPECT_EQ(during.system_allocations - before.system_allocations, 2);  // one segment of 20 MiB, one of 2 MiB
    EXPECT_EQ(cuda::live_bytes() >= during.live_bytes, true);
  }
  const cuda::MemoryStats after = cuda::memory_stats(1);
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_EQ(after.cached_bytes - before.cached_bytes, 22 << 20);
  // The two blocks and the rest of their segment are one block again.
  { const Tensor whole = bytes(9 << 20); }
  for (int i = 0; i < 100; ++i) bytes(1000 * (i + 1));
  EXPECT_EQ(cuda::memory_stats(1).system_allocations, after.system_allocations);
  cuda::empty_cache();
  EXPECT_EQ(cuda::memory_stats(1).cached_bytes, 0);
  cuda::reset_peak(1);
  EXPECT_EQ(cuda::memory_stats(1).peak_bytes, before.live_bytes);
}

TEST(DeviceMemory, AFullDeviceSaysWhatIsWhere) {
  TS_NEEDS_GUARD();
  cuda::empty_cache();
  cuda::set_memory_limit(1, 64 << 20);
  {
    const Tensor kept = empty({30 << 20}, DType::UInt8, kOtherGuard);
    // What is cached makes room for another size.
    { const Tensor cached = empty({25 << 20}, DType::UInt8, kOtherGuard); }
    { const Tensor other = empty({33 << 20}, DType::UInt8, kOtherGuard); }
    const std::string message = message_of<OutOfMemoryError>([] { empty({40 << 20}, DType::UInt8, kOtherGuard); });
    for (const char* part : {"out of memory on cuda:1: 41943040 bytes were requested", "30 MiB are in use",
                             "are cached", "are free", "the limit is 64 MiB", "raise the limit"}) {
      expect_contains(message, part);
    }
    EXPECT_EQ(sum(ones({10}, DType::Float32, kOtherGuard)).item<float>(), 10);  // and the process goes on
  }
  cuda::set_memory_limit(1, 0);
  EXPECT_THROW(cuda::set_memory_limit(1, -1), ValueError);
}

TEST(DeviceMemory, BlocksOfAnotherStreamAreNotReused) {
  TS_NEEDS_GUARD();
  cuda::empty_cache();
  const cuda::Stream side = cuda::new_stream(0);
  EXPECT_NE(side, cuda::current_stream(0));
  void* address;
  {
    const Tensor x = empty({1000}, DType::UInt8, kGuard);
    address = x.raw_data();
    cuda::record_stream(x, side);
  }
  {
    const cuda::StreamScope scope(side);
    EXPECT_EQ(cuda::current_stream(0), side);
    EXPECT_NE(empty({1000}, DType::UInt8, kGuard).raw_data(), address);
  }
  EXPECT_EQ(empty({1000}, DType::UInt8, kGuard).raw_data(), address);
  EXPECT_THROW(cuda::record_stream(ones({2}), side), DeviceError);
}

TEST(DeviceMemory, PinnedMemory) {
  TS_NEEDS_GUARD();
  const Tensor x = randn({100}), pinned = pin_memory(x);
  EXPECT_TRUE(pinned.impl()->storage->is_pinned());
  EXPECT_FALSE(x.impl()->storage->is_pinned());
  EXPECT_TRUE(pin_memory(pinned).is_same(pinned));
  EXPECT_TRUE(same(pinned, x));
  const Tensor there = to(pinned, kGuard, std::nullopt, /*non_blocking=*/true);
  const Tensor back = to(there, Device(), std::nullopt, /*non_blocking=*/true);
  cuda::synchronize(0);
  EXPECT_TRUE(back.impl()->storage->is_pinned());
  EXPECT_TRUE(same(back, x));
  EXPECT_THROW(pin_memory(there), DeviceError);
}

// ---- Streams, events and errors in data ----

TEST(DeviceWork, EventsMeasureTime) {
  TS_NEEDS_GUARD();
  cuda::Event begin(0, /*timing=*/true), end(0, /*timing=*/true), untimed(0);
  EXPECT_TRUE(begin.is_done());
  EXPECT_THROW(end.elapsed(begin), ValueError);
  begin.record(cuda::current_stream(0));
  const Tensor x = randn({256, 256}, DType::Float32, kGuard);
  matmul(x, x);
  end.record(cuda::current_stream(0));
  end.synchronize();
  EXPECT_GT(end.elapsed(begin), 0);
  untimed.record(cuda::current_stream(0));
  EXPECT_THROW(untimed.elapsed(begin), ValueError);
  EXPECT_THROW(begin.record(cuda::current_stream(1)), DeviceError);
  cuda::current_stream(0).synchronize();
  EXPECT_TRUE(cuda::current_stream(0).is_idle());
}

TEST(DeviceWork, ErrorsInDataShowAtTheNextSynchronization) {
  TS_NEEDS_GUARD();
  const Tensor table = ones({3, 2}, DType::Float32, kGuard);
  const Tensor wrong = tensor<std::int64_t>({0, 7}, {2}, kGuard);
  const Tensor rows = index_select(table, 0, wrong);  // no error yet
  EXPECT_EQ(rows.sizes(), Dims({2, 2}));
  const std::string message = message_of<IndexError>([] { cuda::synchronize(0); });
  expect_contains(message, "index_select");
  expect_contains(message, "7");
  cuda::synchronize(0);  // reported once
  index_select(table, 0, wrong);
  EXPECT_THROW(sum(table).item(), IndexError);
  EXPECT_EQ(sum(table).item<float>(), 6);
}

// ---- Training ----

// Losses of a few steps of `model_of`(), which must be the CPU's: the guard device has its kernels.
template <class Model>
void expect_equal_training(const std::function<Model()>& make, const std::function<Tensor(Model&)>& loss_of) {
  const auto losses = [&](Device device) {
    manual_seed(3);
    Model model = make();
    model->to(device);
    optim::Adam optimizer(model->parameters(), AdamOptions{0.01});
    std::vector<double> values;
    const DeviceScope scope(device);
    for (int i = 0; i < 5; ++i) {
      optimizer.zero_grad();
      const Tensor loss = loss_of(model);
      EXPECT_EQ(loss.device(), device);
      loss.backward();
      optimizer.step();
      values.push_back(loss.item<double>());
    }
    for (const auto& [name, value] : optimizer.state_dict()) {
      EXPECT_TRUE(value.dim() == 0 || value.device() == device) << name;
    }
    return values;
  };
  const auto expected = losses(Device());
  std::vector<double> actual;
  EXPECT_EQ(touched_by([&] { actual = losses(kGuard); }), "");
  EXPECT_EQ(actual, expected);
  EXPECT_LT(expected.back(), expected.front());
}

Tensor labels(std::int64_t count, std::int64_t classes) {
  return remainder(arange(0, count, 1, DType::Int64), Scalar(classes));
}

TEST(DeviceTraining, Perceptron) {
  TS_NEEDS_GUARD();
  expect_equal_training<nn::Sequential>(
      [] {
        return nn::Sequential{nn::Linear(8, 16), nn::ReLU(), nn::Dropout(0.1), nn::Linear(16, 4)};
      },
      [](nn::Sequential& model) {
        return cross_entropy(model(randn({32, 8})), labels(32, 4));
      });
}

TEST(DeviceTraining, ConvolutionalNetwork) {
  TS_NEEDS_GUARD();
  expect_equal_training<nn::Sequential>(
      [] {
        return nn::Sequential{nn::Conv2d(nn::Conv2dOptions(1, 4, 3).padding(1)),
                              nn::BatchNorm2d(4),
                              nn::ReLU(),
                              nn::MaxPool2d(2),
                              nn::Flatten(),
                              nn::Linear(64, 4)};
      },
      [](nn::Sequential& model) {
        manual_seed(5);
        return cross_entropy(model(randn({8, 1, 8, 8})), labels(8, 4));
      });
}

}  // namespace
}  // namespace ts::test
