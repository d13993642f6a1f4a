// The optimizers of the C++ API: parameters in half types, and states that restore everything.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <sstream>
#include <string>

#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

using OptimizerMaker = std::unique_ptr<optim::Optimizer> (*)(const TensorList&);

const OptimizerMaker kMakers[] = {
    [](const TensorList& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::SGD>(p, SgdOptions{1e-3, 0, 0, 0.01});
    },
    [](const TensorList& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::SGD>(p, SgdOptions{1e-3, 0.9, 0, 0, true});
    },
    [](const TensorList& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::Adam>(p, AdamOptions{1e-4}, true);
    },
    [](const TensorList& p) -> std::unique_ptr<optim::Optimizer> {
      optim::AdamWOptions options;
      options.lr = 1e-4;
      return std::make_unique<optim::AdamW>(p, options);
    },
};

Tensor start(DType dtype) { return to(tensor<double>({1.0, -2.0, 0.5, 3.0, -0.25, 100.0}), dtype).requires_grad_(); }

// Gradients that half types hold exactly.
void step(optim::Optimizer& optimizer, const Tensor& parameter, int number) {
  parameter.set_grad(to(arange(0, 6, 1, DType::Float64) - (2.5 - number % 3), parameter.dtype()));
  optimizer.step();
}

bool same(const Tensor& a, const Tensor& b) {
  return all(to(a.detach(), DType::Float64) == to(b.detach(), DType::Float64)).item().to_bool();
}

TEST(OptimizerState, HalfParametersAreRoundedFloat32Ones) {
  for (const DType dtype : {DType::BFloat16, DType::Float16}) {
    for (const OptimizerMaker make : kMakers) {
      const Tensor half = start(dtype), full = start(DType::Float32);
      const auto first = make({half}), second = make({full});
      // Each step is too small for a half type, all of them together are not.
      for (int i = 0; i < 100; ++i) {
        step(*first, half, i);
        step(*second, full, i);
      }
      EXPECT_TRUE(same(half, to(full, dtype)));
      EXPECT_FALSE(same(full, start(DType::Float32)));
      EXPECT_EQ(first->state_dict().back().first, "state.0.master");
      EXPECT_TRUE(same(first->state_dict().back().second, full));
    }
  }
}

TEST(OptimizerState, AFileRestoresEverything) {
  for (const DType dtype : {DType::Float32, DType::BFloat16, DType::Float16}) {
    for (const OptimizerMaker make : kMakers) {
      const Tensor a = start(dtype), b = start(dtype);
      const auto first = make({a});
      for (int i = 0; i < 7; ++i) step(*first, a, i);
      const std::string path = testing::TempDir() + "optimizer_state.safetensors";
      save_safetensors(path, first->state_dict());
      const auto second = make({b});
      second->set_learning_rate(0.5);
      second->load_state_dict(load_safetensors(path));
      {
        const NoGrad no_grad;
        copy_(b, a);
      }
      EXPECT_EQ(second->learning_rate(), first->learning_rate());
      for (int i = 7; i < 20; ++i) {
        step(*first, a, i);
        step(*second, b, i);
      }
      EXPECT_TRUE(same(a, b));
      const auto x = first->state_dict(), y = second->state_dict();
      ASSERT_EQ(x.size(), y.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_EQ(x[i].first, y[i].first);
        EXPECT_TRUE(same(x[i].second, y[i].second)) << x[i].first;
      }
    }
  }
}

TEST(OptimizerState, AStateThatDoesNotFitChangesNothing) {
  const Tensor a = start(DType::BFloat16);
  const auto optimizer = kMakers[2]({a});
  step(*optimizer, a, 0);
  const auto before = optimizer->state_dict();
  const auto refuses = [&](const std::function<void(optim::Optimizer::State&)>& spoil) {
    auto state = before;
    state[0].second = full({}, 0.25, DType::Float64);  // the learning rate, read first
    spoil(state);
    EXPECT_THROW(optimizer->load_state_dict(state), ValueError);
    EXPECT_EQ(optimizer->learning_rate(), 1e-4);
    EXPECT_TRUE(same(optimizer->state_dict().back().second, before.back().second));
  };
  refuses([](auto& state) { state.emplace_back("state.1.step", full({}, 1, DType::Int64)); });
  refuses([](auto& state) { state.erase(state.begin() + 2); });
  for (auto& [name, tensor] : before) {
    if (name == "state.0.step") {
      for (const double bad : {-1.0, 2.5, std::numeric_limits<double>::quiet_NaN()}) {
        refuses([&](auto& state) {
          for (auto& entry : state) {
            if (entry.first == name) entry.second = full({}, bad, DType::Float64);
          }
        });
      }
    } else {
      refuses([&](auto& state) {
        for (auto& entry : state) {
          if (entry.first == name) entry.second = zeros({7});
        }
      });
    }
  }
}

TEST(Printing, StreamsTakeTensors) {
  const Tensor values = tensor<float>({1.0f, 2.5f});
  const Dims sizes = {2, 3};
  std::ostringstream stream;
  stream << values << ' ' << sizes << ' ' << DType::BFloat16 << ' ' << Tensor();
  EXPECT_EQ(stream.str(), values.to_string() + " " + sizes.to_string() + " bfloat16 tensor(none)");
}

}  // namespace
}  // namespace ts
