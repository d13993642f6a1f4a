// Trains a network of modules on MNIST in C++, saves it and loads it again.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "digits.h"

namespace {

namespace nn = ts::nn;

constexpr const char* kHelp = R"(train_mnist [options]

  --data DIR    the folder with MNIST's four files, with or without .gz (default: $TORCHSCRATCH_DATA/mnist; without it,
                digits are drawn)
  --model NAME  mlp (default) or cnn
  --epochs N    passes through the data (default 2)
  --seed N      decides initial weights, order and drawn digits (default 1)
  --save FILE   where to save the weights, as .safetensors
)";

struct Options {
  std::string data, model = "mlp", save;
  int epochs = 2;
  std::uint64_t seed = 1;
};

// Throws std::invalid_argument for unknown options.
Options parse(int count, char** words) {
  Options options;
  if (const char* shared = std::getenv("TORCHSCRATCH_DATA")) {
    const std::string folder = std::string(shared) + "/mnist";
    const std::string file = folder + "/train-images-idx3-ubyte";
    if (std::ifstream(file).good() || std::ifstream(file + ".gz").good()) options.data = folder;
  }
  for (int i = 1; i < count; i += 2) {
    const std::string name = words[i];
    if (i + 1 == count) throw std::invalid_argument(name + " needs a value; --help lists the options");
    const std::string value = words[i + 1];
    const auto number = [&](long least) {
      std::size_t end = 0;
      long parsed = least - 1;
      try {
        parsed = std::stol(value, &end);
      } catch (const std::exception&) {
      }
      if (end != value.size() || parsed < least)
        throw std::invalid_argument(name + " " + value + ": expected an integer of at least " + std::to_string(least));
      return parsed;
    };
    if (name == "--data") options.data = value;
    else if (name == "--model" && (value == "mlp" || value == "cnn")) options.model = value;
    else if (name == "--epochs") options.epochs = static_cast<int>(number(1));
    else if (name == "--seed") options.seed = static_cast<std::uint64_t>(number(0));
    else if (name == "--save") options.save = value;
    else throw std::invalid_argument(name + " " + value + ": there is no such option; --help lists them");
  }
  return options;
}

// A custom module: adds its input to the output of two convolutions.
struct ResidualImpl : nn::Layer {
  explicit ResidualImpl(std::int64_t channels)
      : Layer("Residual"),
        first(register_module("first", nn::Conv2d(nn::Conv2dOptions(channels, channels, 3).padding(1).bias(false)))),
        norm(register_module("norm", nn::BatchNorm2d(channels))),
        second(register_module("second", nn::Conv2d(nn::Conv2dOptions(channels, channels, 3).padding(1)))) {}

  ts::Tensor forward(const ts::Tensor& x) override { return ts::relu(x + second(ts::relu(norm(first(x))))); }

  nn::Conv2d first;
  nn::BatchNorm2d norm;
  nn::Conv2d second;
};
using Residual = nn::Handle<ResidualImpl>;

nn::Sequential make_model(const std::string& name) {
  if (name == "mlp") {
    return nn::Sequential{nn::Flatten(),       nn::Linear(784, 256), nn::ReLU(),        nn::Dropout(0.1),
                          nn::Linear(256, 64), nn::ReLU(),           nn::Linear(64, 10)};
  }
  return nn::Sequential{nn::Conv2d(nn::Conv2dOptions(1, 16, 3).padding(1)),
                        nn::ReLU(),
                        nn::MaxPool2d(2),
                        Residual(16),
                        nn::MaxPool2d(2),
                        nn::Flatten(),
                        nn::Dropout(0.25),
                        nn::Linear(16 * 7 * 7, 10)};
}

// Scales bytes to mean 0 and standard deviation 1 over the training images of MNIST.
ts::Tensor normalized(const ts::Tensor& images) {
  return (ts::to(images, ts::DType::Float32) / 255.0 - 0.1307) / 0.3081;
}

double accuracy(const nn::Sequential& model, const Digits& digits) {
  const ts::NoGrad no_grad;
  model->eval();
  std::int64_t correct = 0;
  const std::int64_t count = digits.labels.size(0);
  for (std::int64_t start = 0; start < count; start += 1000) {
    const std::int64_t length = std::min<std::int64_t>(1000, count - start);
    const ts::Tensor answers = ts::argmax(model(normalized(ts::narrow(digits.images, 0, start, length))), 1);
    correct += ts::sum(answers == ts::narrow(digits.labels, 0, start, length)).item<std::int64_t>();
  }
  model->train();
  return static_cast<double>(correct) / static_cast<double>(count);
}

void train(const nn::Sequential& model, const Digits& digits, const Digits& test, int epochs) {
  constexpr std::int64_t kBatch = 64;
  ts::optim::AdamW optimizer(model->parameters());
  const std::int64_t batches = digits.labels.size(0) / kBatch;
  std::int64_t done = 0;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    const ts::Tensor order = ts::randperm(batches * kBatch);
    double sum = 0;
    for (std::int64_t i = 0; i < batches; ++i) {
      const ts::Tensor indices = ts::narrow(order, 0, i * kBatch, kBatch);
      // A half cosine, from 2e-3 down to 0.
      const double progress = static_cast<double>(done++) / static_cast<double>(batches * epochs);
      optimizer.set_learning_rate(1e-3 * (1 + std::cos(3.14159265358979 * progress)));
      const ts::Tensor logits = model(normalized(ts::index_select(digits.images, 0, indices)));
      const ts::Tensor loss = ts::cross_entropy(logits, ts::index_select(digits.labels, 0, indices));
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      sum += loss.item<double>();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("epoch %d  loss %.4f  test accuracy %.2f %%  %.1f s\n", epoch, sum / static_cast<double>(batches),
                100 * accuracy(model, test), seconds.count());
  }
}

int run(const Options& options) {
  ts::manual_seed(options.seed);
  const bool drawn = options.data.empty();
  std::cout << "data: " << (drawn ? "drawn digits; --data DIR trains on MNIST" : options.data) << "\n";
  const Digits digits = drawn ? draw_digits(6400) : read_mnist(options.data, true);
  const Digits test = drawn ? draw_digits(2000) : read_mnist(options.data, false);
  const nn::Sequential model = make_model(options.model);
  std::cout << *model << std::endl;
  train(model, digits, test, options.epochs);
  const double reached = accuracy(model, test);
  if (!options.save.empty()) {
    model->save(options.save, {{"model", options.model}});
    const nn::Sequential loaded = make_model(options.model);
    loaded->load(options.save);
    if (accuracy(loaded, test) != reached)
      throw std::runtime_error(options.save + ": the loaded model gives other predictions");
    std::cout << "saved: " << options.save << "\n";
  }
  return reached > 0.95 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  if (count > 1 && (std::strcmp(words[1], "--help") == 0 || std::strcmp(words[1], "-h") == 0)) {
    std::cout << kHelp;
    return 0;
  }
  try {
    return run(parse(count, words));
  } catch (const std::exception& error) {
    std::cerr << "train_mnist: " << error.what() << "\n";
    return 2;
  }
}
