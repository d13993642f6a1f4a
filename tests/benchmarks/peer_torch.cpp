// The same work through libtorch, by name.
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/torch.h>

#include <array>
#include <cstdio>
#include <map>

#include "work.h"

namespace {

using torch::Tensor;

torch::Tensor leaf(Tensor tensor) { return tensor.requires_grad_(true); }

// Runs forward, backward with a gradient of ones, and drops the gradients.
template <class Forward>
Run with_backward(std::vector<Tensor> leaves, Tensor gradient, Forward forward) {
  return [=] {
    torch::autograd::backward({forward()}, gradient.defined() ? std::vector<Tensor>{gradient} : std::vector<Tensor>{});
    for (Tensor leaf_tensor : leaves) leaf_tensor.mutable_grad().reset();
  };
}

Run conv(int n, int c, int h, int o, int k, int stride, bool backward) {
  const int padding = k / 2;
  Tensor x = torch::randn({n, c, h, h});
  Tensor w = torch::randn({o, c, k, k}) * 0.05;
  const auto forward = [=] { return torch::conv2d(x, w, {}, stride, padding); };
  if (!backward) {
    return [=] {
      torch::NoGradGuard guard;
      forward();
    };
  }
  x.requires_grad_(true);
  w.requires_grad_(true);
  return with_backward({x, w}, torch::ones_like(forward()), forward);
}

}  // namespace

Run peer_work(const std::string& name) {
  int m, n, k, b, h, o, s;
  char direction[8] = "";
  if (std::sscanf(name.c_str(), "matmul %dx%dx%d", &m, &k, &n) == 3) {
    Tensor x = torch::randn({m, k}), y = torch::randn({k, n});
    return [=] { torch::matmul(x, y); };
  }
  if (std::sscanf(name.c_str(), "bmm %d of %dx%dx%d", &b, &m, &k, &n) == 4) {
    Tensor x = torch::randn({b, m, k}), y = torch::randn({b, k, n});
    return [=] { torch::bmm(x, y); };
  }
  if (std::sscanf(name.c_str(), "conv2d %dx%dx%dx%*d to %d, %dx%*d stride %d, %7s", &b, &m, &h, &o, &k, &s,
                  direction) == 7) {
    return conv(b, m, h, o, k, s, std::string(direction) == "both");
  }
  const Tensor small = torch::randn({8, 8});
  if (name == "add 8x8") return [=] { torch::add(small, small); };
  if (name == "add 8x8, recorded") {
    Tensor x = leaf(torch::randn({8, 8}));
    return [=] { torch::add(x, small); };
  }
  if (name == "chain of ten 8x8, forward and backward") {
    Tensor x = leaf(torch::randn({8, 8}));
    return with_backward({x}, {}, [=] {
      Tensor y = x;
      for (int i = 0; i < 5; ++i) y = torch::tanh(y * small);
      return y.sum();
    });
  }
  constexpr int64_t kLarge = 16 << 20;
  if (name == "a + b, 16M") {
    Tensor x = torch::randn({kLarge}), y = torch::randn({kLarge});
    return [=] { torch::add(x, y); };
  }
  const std::map<std::string, Tensor (*)(const Tensor&)> unary = {
      {"exp, 16M", [](const Tensor& x) { return torch::exp(x); }},
      {"tanh, 16M", [](const Tensor& x) { return torch::tanh(x); }},
      {"sigmoid, 16M", [](const Tensor& x) { return torch::sigmoid(x); }},
      {"gelu, 16M", [](const Tensor& x) { return torch::gelu(x); }},
      {"sum, 16M", [](const Tensor& x) { return x.sum(); }},
  };
  if (const auto found = unary.find(name); found != unary.end()) {
    Tensor x = torch::randn({kLarge});
    return [=, f = found->second] { f(x); };
  }
  if (name == "softmax 16384x1024") {
    Tensor x = torch::randn({16384, 1024});
    return [=] { torch::softmax(x, 1); };
  }
  if (name == "layer_norm 16384x1024") {
    Tensor x = torch::randn({16384, 1024}), w = torch::ones({1024}), b = torch::zeros({1024});
    return [=] { torch::layer_norm(x, {1024}, w, b); };
  }
  if (name == "batch_norm 32x64x32x32, both") {
    Tensor x = leaf(torch::randn({32, 64, 32, 32})), w = leaf(torch::ones({64})), b = leaf(torch::zeros({64}));
    Tensor mean = torch::zeros({64}), variance = torch::ones({64});
    return with_backward({x, w, b}, torch::ones_like(x),
                         [=] { return torch::batch_norm(x, w, b, mean, variance, true, 0.1, 1e-5, false); });
  }
  if (name == "embedding 50000x256, 4096 indices, both") {
    Tensor w = leaf(torch::randn({50000, 256})), places = torch::randint(50000, {4096});
    return with_backward({w}, torch::ones({4096, 256}), [=] { return torch::embedding(w, places); });
  }
  if (name == "cross_entropy 4096x1000, both") {
    Tensor x = leaf(torch::randn({4096, 1000})), y = torch::randint(1000, {4096});
    return with_backward({x}, {}, [=] { return torch::nn::functional::cross_entropy(x, y); });
  }
  if (name == "MLP training step") {
    const std::array<int, 5> sizes = {784, 256, 128, 32, 10};
    torch::nn::Sequential net;
    for (int i = 0; i < 4; ++i) {
      net->push_back(torch::nn::Linear(sizes[i], sizes[i + 1]));
      if (i < 3) net->push_back(torch::nn::ReLU());
    }
    auto adam = std::make_shared<torch::optim::Adam>(net->parameters(), torch::optim::AdamOptions(1e-3));
    Tensor x = torch::randn({64, 784}), y = torch::randint(10, {64});
    return [=]() mutable {
      adam->zero_grad();
      torch::nn::functional::cross_entropy(net->forward(x), y).backward();
      adam->step();
    };
  }
  return {};
}

void set_peer_threads(int threads) { torch::set_num_threads(threads); }
const char* peer_name() { return "libtorch " TORCH_VERSION; }
