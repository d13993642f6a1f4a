// Every piece of work, done by us.
#include <memory>

#include "torchscratch/torchscratch.h"
#include "work.h"

namespace {

using std::int64_t;
using ts::Tensor;

Run with_backward(const ts::TensorList& leaves, const Tensor& gradient, const std::function<Tensor()>& forward) {
  return [=] {
    forward().backward(gradient);
    for (const Tensor& leaf : leaves) leaf.set_grad({});
  };
}

Work matmul(int64_t m, int64_t k, int64_t n) {
  return {ts::format("matmul ", m, "x", k, "x", n), 2.0 * static_cast<double>(m * k * n), "GFLOP/s", [=]() -> Run {
            const Tensor a = ts::randn({m, k}), b = ts::randn({k, n});
            return [=] { ts::matmul(a, b); };
          }};
}

Work bmm(int64_t batch, int64_t n) {
  return {ts::format("bmm ", batch, " of ", n, "x", n, "x", n), 2.0 * static_cast<double>(batch * n * n * n), "GFLOP/s",
          [=]() -> Run {
            const Tensor a = ts::randn({batch, n, n}), b = ts::randn({batch, n, n});
            return [=] { ts::bmm(a, b); };
          }};
}

constexpr int64_t kLarge = 16 << 20;

// `bytes` an element that a run reads and writes.
Work large(const char* name, double bytes, Tensor (*function)(const Tensor&)) {
  return {name, bytes * kLarge, "GB/s", [=]() -> Run {
            const Tensor x = ts::randn({kLarge});
            return [=] { function(x); };
          }};
}

Work conv(int64_t n, int64_t c, int64_t h, int64_t o, int64_t k, int64_t s, bool both) {
  const int64_t padding = k / 2, out = (h + 2 * padding - k) / s + 1;
  Work work;
  work.name = ts::format("conv2d ", n, "x", c, "x", h, "x", h, " to ", o, ", ", k, "x", k, " stride ", s, ", ",
                         both ? "both" : "forward");
  work.amount = (both ? 3 : 1) * 2.0 * static_cast<double>(n * o * out * out * c * k * k);
  work.unit = "GFLOP/s";
  work.trains = both;
  work.ours = [=]() -> Run {
    const Tensor x = ts::randn({n, c, h, h}).requires_grad_(both);
    const Tensor w = (ts::randn({o, c, k, k}) * 0.05).requires_grad_(both);
    const auto forward = [=] { return ts::conv2d(x, w, {}, {s, s}, {padding, padding}); };
    if (both) return with_backward({x, w}, ts::ones({n, o, out, out}), forward);
    return [=] { forward(); };
  };
  return work;
}

Run cross_entropy() {
  const Tensor logits = ts::randn({4096, 1000}).requires_grad_(), classes = ts::randint(0, 1000, {4096});
  return with_backward({logits}, {}, [=] { return ts::cross_entropy(logits, classes); });
}

Run batch_norm() {
  const Tensor x = ts::randn({32, 64, 32, 32}).requires_grad_();
  const Tensor w = ts::ones({64}).requires_grad_(), b = ts::zeros({64}).requires_grad_();
  const Tensor mean = ts::zeros({64}), variance = ts::ones({64});
  return with_backward({x, w, b}, ts::ones({32, 64, 32, 32}),
                       [=] { return ts::batch_norm(x, mean, variance, w, b, true); });
}

Run embedding() {
  const Tensor w = ts::randn({50000, 256}).requires_grad_(), places = ts::randint(0, 50000, {4096});
  return with_backward({w}, ts::ones({4096, 256}), [=] { return ts::embedding(places, w); });
}

// 784-256-128-32-10, batch 64, Adam.
Run mlp() {
  struct Network {
    ts::TensorList parameters, averages, squares;
    std::vector<std::int64_t> steps;
  };
  const auto net = std::make_shared<Network>();
  const int64_t sizes[] = {784, 256, 128, 32, 10};
  for (int i = 0; i < 4; ++i) {
    net->parameters.push_back((ts::randn({sizes[i + 1], sizes[i]}) * 0.05).requires_grad_());
    net->parameters.push_back(ts::zeros({sizes[i + 1]}).requires_grad_());
  }
  for (const Tensor& parameter : net->parameters) {
    net->averages.push_back(ts::zeros_like(parameter));
    net->squares.push_back(ts::zeros_like(parameter));
    net->steps.push_back(0);
  }
  const Tensor images = ts::randn({64, 784}), labels = ts::randint(0, 10, {64});
  return [=] {
    Tensor h = images;
    for (std::size_t i = 0; i < 4; ++i) {
      h = ts::linear(h, net->parameters[2 * i], net->parameters[2 * i + 1]);
      if (i < 3) h = ts::relu(h);
    }
    ts::cross_entropy(h, labels).backward();
    ts::TensorList grads;
    for (const Tensor& parameter : net->parameters) {
      grads.push_back(parameter.grad());
      parameter.set_grad({});
    }
    ts::adam_step(net->parameters, grads, net->averages, net->squares, {}, net->steps);
  };
}

}  // namespace

std::vector<Work> all_work(bool quick) {
  std::vector<Work> list;
  for (const int64_t n : {128, 256, 512, 1024, 2048}) list.push_back(matmul(n, n, n));
  if (!quick) list.push_back(matmul(4096, 4096, 4096));
  list.push_back(matmul(64, 784, 256));
  list.push_back(matmul(1024, 256, 1024));
  list.push_back(matmul(1024, 1024, 256));
  list.push_back(bmm(256, 64));
  list.push_back(bmm(1024, 32));

  list.push_back({"a + b, 16M", 12.0 * kLarge, "GB/s", []() -> Run {
                    const Tensor x = ts::randn({kLarge}), y = ts::randn({kLarge});
                    return [=] { ts::add(x, y); };
                  }});
  list.push_back(large("exp, 16M", 8, [](const Tensor& t) { return ts::exp(t); }));
  list.push_back(large("tanh, 16M", 8, [](const Tensor& t) { return ts::tanh(t); }));
  list.push_back(large("sigmoid, 16M", 8, [](const Tensor& t) { return ts::sigmoid(t); }));
  list.push_back(large("gelu, 16M", 8, [](const Tensor& t) { return ts::gelu(t); }));
  list.push_back(large("sum, 16M", 4, [](const Tensor& t) { return ts::sum(t); }));
  list.push_back({"softmax 16384x1024", 8.0 * kLarge, "GB/s", []() -> Run {
                    const Tensor x = ts::randn({16384, 1024});
                    return [=] { ts::softmax(x, 1); };
                  }});
  list.push_back({"layer_norm 16384x1024", 8.0 * kLarge, "GB/s", []() -> Run {
                    const Tensor x = ts::randn({16384, 1024}), w = ts::ones({1024}), b = ts::zeros({1024});
                    return [=] { ts::layer_norm(x, {1024}, w, b); };
                  }});
  list.push_back({"cross_entropy 4096x1000, both", 0, "us", cross_entropy});
  list.push_back({"batch_norm 32x64x32x32, both", 0, "us", batch_norm, 2, true});
  list.push_back({"embedding 50000x256, 4096 indices, both", 0, "us", embedding, 2, true});

  for (const bool both : {false, true}) {
    list.push_back(conv(32, 64, 32, 64, 3, 1, both));
    list.push_back(conv(32, 128, 16, 128, 3, 1, both));
    list.push_back(conv(32, 256, 8, 256, 3, 1, both));
    list.push_back(conv(32, 64, 32, 128, 1, 2, both));
    list.push_back(conv(32, 3, 32, 64, 3, 1, both));
  }

  list.push_back({"add 8x8", 0, "us",
                  []() -> Run {
                    const Tensor x = ts::randn({8, 8});
                    return [=] { ts::add(x, x); };
                  },
                  1});
  list.push_back({"add 8x8, recorded", 0, "us",
                  []() -> Run {
                    const Tensor leaf = ts::randn({8, 8}).requires_grad_(), x = ts::randn({8, 8});
                    return [=] { ts::add(leaf, x); };
                  },
                  1});
  list.push_back({"chain of ten 8x8, forward and backward", 0, "us",
                  []() -> Run {
                    const Tensor leaf = ts::randn({8, 8}).requires_grad_(), x = ts::randn({8, 8});
                    return with_backward({leaf}, {}, [=] {
                      Tensor t = leaf;
                      for (int i = 0; i < 5; ++i) t = ts::tanh(t * x);
                      return ts::sum(t);
                    });
                  },
                  1});
  list.push_back({"MLP training step", 0, "us", mlp, 2, true});
  return list;
}
