// GradScaler: the scales of a training with recorded infinities, which are those that torch.amp.GradScaler gives.
#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

// A step whose gradient is 1, or infinite.
bool step(optim::GradScaler& scaler, optim::Optimizer& optimizer, bool finite) {
  optimizer.zero_grad();
  scaler.scale(sum(optimizer.parameters()[0] * (finite ? 1.0 : kInfinity))).backward();
  const bool taken = scaler.step(optimizer);
  scaler.update();
  return taken;
}

TEST(GradScaler, ScalesAreThoseOfPyTorch) {
  const Tensor parameter = ones({3}).requires_grad_();
  optim::SGD optimizer({parameter}, {0.125});
  optim::GradScaler scaler(8, 1.7, 0.3, 3);
  // Recorded with PyTorch 2.6: whether the gradients of a step are finite, and the scale after it.
  const std::vector<std::pair<bool, double>> expected = {
      {true, 8.0},
      {true, 8.0},
      {true, 13.600000381469727},
      {true, 13.600000381469727},
      {false, 4.079999923706055},
      {true, 4.079999923706055},
      {true, 4.079999923706055},
      {false, 1.2239999771118164},
      {false, 0.36719998717308044},
      {true, 0.36719998717308044},
      {true, 0.36719998717308044},
      {true, 0.624239981174469},
      {true, 0.624239981174469},
      {true, 0.624239981174469},
      {true, 1.0612080097198486},
      {true, 1.0612080097198486},
      {false, 0.31836241483688354},
      {true, 0.31836241483688354},
      {true, 0.31836241483688354},
      {true, 0.5412161350250244},
  };
  double value = 1;
  for (const auto& [finite, scale] : expected) {
    EXPECT_EQ(step(scaler, optimizer, finite), finite);
    EXPECT_EQ(scaler.get_scale(), scale);
    value -= finite ? 0.125 : 0;
    EXPECT_NEAR(parameter.detach().data<float>()[0], value, 1e-6);
  }
}

TEST(GradScaler, KeepsItsStages) {
  optim::SGD optimizer({ones({3}).requires_grad_()}, {0.1});
  optim::GradScaler scaler;
  EXPECT_THROW(scaler.step(optimizer), ValueError);  // no loss has been scaled
  scaler.scale(sum(optimizer.parameters()[0])).backward();
  EXPECT_EQ(optimizer.parameters()[0].grad().data<float>()[0], 65536);
  scaler.unscale(optimizer);
  EXPECT_EQ(optimizer.parameters()[0].grad().data<float>()[0], 1);
  EXPECT_THROW(scaler.unscale(optimizer), ValueError);
  EXPECT_TRUE(scaler.step(optimizer));
  EXPECT_EQ(optimizer.parameters()[0].grad().data<float>()[0], 1);
  EXPECT_THROW(scaler.unscale(optimizer), ValueError);
  EXPECT_THROW(scaler.step(optimizer), ValueError);
  scaler.update();
  EXPECT_THROW(scaler.update(), ValueError);
}

TEST(GradScaler, GoesBackToAState) {
  optim::SGD first({ones({3}).requires_grad_()}, {0.1}), second({ones({3}).requires_grad_()}, {0.1});
  optim::GradScaler a(1024, 2, 0.5, 3), b;
  for (const bool finite : {true, false, true, true}) step(a, first, finite);
  b.load_state_dict(a.state_dict());
  for (const bool finite : {true, true, false, true}) {
    step(a, first, finite);
    step(b, second, finite);
    EXPECT_EQ(a.get_scale(), b.get_scale());
  }
  optim::Optimizer::State damaged = a.state_dict();
  damaged.pop_back();
  EXPECT_THROW(b.load_state_dict(damaged), ValueError);
  EXPECT_EQ(a.get_scale(), b.get_scale());
}

TEST(GradScaler, DoesNothingUnlessEnabled) {
  optim::SGD optimizer({ones({3}).requires_grad_()}, {0.1});
  optim::GradScaler scaler(65536, 2, 0.5, 2000, false);
  EXPECT_TRUE(step(scaler, optimizer, true));
  EXPECT_EQ(scaler.get_scale(), 1);
  EXPECT_TRUE(scaler.state_dict().empty());
}

TEST(GradScaler, RefusesFloat16Gradients) {
  optim::SGD optimizer({to(ones({3}), DType::Float16).requires_grad_()}, {0.1});
  optim::GradScaler scaler;
  scaler.scale(sum(optimizer.parameters()[0])).backward();
  EXPECT_THROW(scaler.step(optimizer), ValueError);
}

}  // namespace
}  // namespace ts
