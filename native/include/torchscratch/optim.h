// Optimizers of the C++ API: which parameters they update, and the state that they keep between steps. The formulas stand
// with the optimizer steps of the op table.
//
//     ts::optim::SGD optimizer(model->parameters(), {0.1, 0.9});  // learning rate, momentum
//     optimizer.zero_grad();
//     loss.backward();
//     optimizer.step();
#pragma once

#include <vector>

#include "torchscratch/tensor.h"

namespace ts {

/// See sgd_step.
struct SgdOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
};

/// See adam_step.
struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool decoupled = false;  // weight decay of AdamW: p *= 1 - lr weight_decay, and none in the gradient
  bool maximize = false;
};

namespace optim {

/// Moves parameters along their gradients. Parameters without a gradient stay where they are.
class TS_API Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One step with the gradients that the parameters have.
  virtual void step() = 0;
  virtual double learning_rate() const = 0;
  /// Throws ValueError unless it is a number >= 0.
  virtual void set_learning_rate(double value) = 0;
  const TensorList& parameters() const { return parameters_; }
  /// Drops the gradients, or sets them to 0.
  void zero_grad(bool set_to_none = true);

 protected:
  /// Throws ValueError for no parameter, or one that comes twice or requires no gradient.
  explicit Optimizer(TensorList parameters);
  TensorList gradients() const;
  /// Zeros like each parameter.
  TensorList zeros() const;

 private:
  TensorList parameters_;
};

/// Stochastic gradient descent with momentum: see sgd_step.
class TS_API SGD final : public Optimizer {
 public:
  explicit SGD(TensorList parameters, const SgdOptions& options = {});
  void step() override;
  double learning_rate() const override { return options_.lr; }
  void set_learning_rate(double value) override;

 private:
  SgdOptions options_;
  TensorList momentum_buffers_;
  std::vector<std::int64_t> steps_;
};

/// Adam: see adam_step.
class TS_API Adam : public Optimizer {
 public:
  explicit Adam(TensorList parameters, const AdamOptions& options = {}, bool amsgrad = false);
  void step() override;
  double learning_rate() const override { return options_.lr; }
  void set_learning_rate(double value) override;

 private:
  AdamOptions options_;
  TensorList exp_avgs_, exp_avg_sqs_, max_exp_avg_sqs_;
  std::vector<std::int64_t> steps_;
};

/// Adam's options with AdamW's defaults: a weight decay of 0.01, apart from the gradient.
struct AdamWOptions : AdamOptions {
  AdamWOptions() {
    weight_decay = 1e-2;
    decoupled = true;
  }
};

/// Adam with decoupled weight decay: see adam_step.
class TS_API AdamW final : public Adam {
 public:
  explicit AdamW(TensorList parameters, const AdamWOptions& options = {}, bool amsgrad = false)
      : Adam(std::move(parameters), options, amsgrad) {}
};

}  // namespace optim
}  // namespace ts
