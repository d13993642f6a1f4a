// Optimizers of the C++ API: which parameters they update, and the state that they keep between steps. The formulas stand
// with the optimizer steps of the op table.
//
//     ts::optim::SGD optimizer(model->parameters(), {0.1, 0.9});  // learning rate, momentum
//     optimizer.zero_grad();
//     loss.backward();
//     optimizer.step();
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
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

/// Moves parameters along their gradients. Parameters without a gradient stay where they are. Parameters in bfloat16 and
/// float16 are moved by way of float32 copies, since a step is often smaller than what rounding to a half type keeps; the
/// copies and all else that is remembered of such a parameter are float32.
class TS_API Optimizer {
 public:
  /// Tensors by name.
  using State = std::vector<std::pair<std::string, Tensor>>;

  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One step with the gradients that the parameters have.
  void step();
  virtual double learning_rate() const = 0;
  /// Throws ValueError unless it is a number >= 0.
  virtual void set_learning_rate(double value) = 0;
  /// What the optimizer remembers, options included, under the names that the C# optimizers use: state.3.exp_avg,
  /// state.3.step, state.3.master (the float32 copy of parameter 3), param_groups.0.lr. save_safetensors writes it. The
  /// tensors share memory with the optimizer's.
  State state_dict() const;
  /// Goes back to a state, exactly. Throws ValueError, and changes nothing, unless it is one of the same optimizer over
  /// parameters of the same number and shapes.
  void load_state_dict(const State& state);
  const TensorList& parameters() const { return parameters_; }
  /// Drops the gradients, or sets them to 0.
  void zero_grad(bool set_to_none = true);

 protected:
  /// Throws ValueError for no parameter, or one that comes twice or requires no gradient.
  explicit Optimizer(TensorList parameters);

  /// One step of `parameters`, which stand for those of the optimizer.
  virtual void update(Span<const Tensor> parameters, Span<const Tensor> gradients) = 0;
  /// What is remembered: a name and a tensor per parameter; an empty list for what the options do not need.
  using Slot = std::pair<const char*, TensorList*>;
  virtual std::vector<Slot> slots() { return {}; }
  /// The options, by name, each of which may be changed.
  using Visit = std::function<void(const char* name, double& value)>;
  virtual void visit_options(const Visit&) {}
  static void visit_flag(const Visit& visit, const char* name, bool& flag);

  /// Zeros like each parameter, in the type in which it is moved.
  TensorList zeros() const;
  std::vector<std::int64_t>& steps() { return steps_; }

 private:
  TensorList parameters_;
  TensorList masters_;                   // undefined for a parameter that is moved itself
  std::vector<std::int64_t> versions_;  // of the parameters when their masters were rounded into them
  std::vector<std::int64_t> steps_;
};

/// Stochastic gradient descent with momentum: see sgd_step.
class TS_API SGD final : public Optimizer {
 public:
  explicit SGD(TensorList parameters, const SgdOptions& options = {});
  double learning_rate() const override { return options_.lr; }
  void set_learning_rate(double value) override;

 protected:
  void update(Span<const Tensor> parameters, Span<const Tensor> gradients) override;
  std::vector<Slot> slots() override;
  void visit_options(const Visit& visit) override;

 private:
  SgdOptions options_;
  TensorList momentum_buffers_;
};

/// Adam: see adam_step.
class TS_API Adam : public Optimizer {
 public:
  explicit Adam(TensorList parameters, const AdamOptions& options = {}, bool amsgrad = false);
  double learning_rate() const override { return options_.lr; }
  void set_learning_rate(double value) override;

 protected:
  void update(Span<const Tensor> parameters, Span<const Tensor> gradients) override;
  std::vector<Slot> slots() override;
  void visit_options(const Visit& visit) override;

 private:
  AdamOptions options_;
  TensorList exp_avgs_, exp_avg_sqs_, max_exp_avg_sqs_;
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

/// Scales the loss, so that gradients in float16 do not vanish, and leaves out steps whose gradients are infinite or
/// NaN. The rules are those of torch.amp.GradScaler; bfloat16 needs none of this.
///
///     scaler.scale(loss).backward();
///     scaler.step(optimizer);
///     scaler.update();
class TS_API GradScaler {
 public:
  /// The scale grows by `growth_factor` after `growth_interval` good steps in a row, and gets smaller by
  /// `backoff_factor` after a bad one. Throws ValueError for numbers that do not fit.
  explicit GradScaler(double init_scale = 65536, double growth_factor = 2, double backoff_factor = 0.5,
                      std::int64_t growth_interval = 2000, bool enabled = true);

  /// A loss times the scale, for the backward pass.
  Tensor scale(const Tensor& loss);
  /// Divides the gradients by the scale, for code that clips them before step(). Throws ValueError if it was called
  /// since the last update(), if the optimizer has had its step, or if a gradient is float16.
  void unscale(Optimizer& optimizer);
  /// A step, with gradients divided by the scale; returns false, without one, if a gradient is infinite or NaN. Throws
  /// ValueError if the optimizer has had its step since the last update().
  bool step(Optimizer& optimizer);
  /// Adjusts the scale, after the steps of all optimizers.
  void update();
  /// The scale; 1 if the scaler is not enabled.
  double get_scale() const { return enabled_ ? scale_ : 1; }
  /// Sets the scale, from the next step on.
  void set_scale(double scale);
  bool enabled() const { return enabled_; }
  /// Everything that a later scaler needs, under PyTorch's names.
  Optimizer::State state_dict() const;
  /// Goes back to a state. Throws ValueError, and changes nothing, unless it has all of its numbers.
  void load_state_dict(const Optimizer::State& state);

 private:
  struct Stage {
    const Optimizer* optimizer;
    bool finite, stepped;
  };
  Stage* find(const Optimizer& optimizer);

  float scale_;
  double growth_factor_, backoff_factor_;
  std::int64_t growth_interval_, growth_tracker_ = 0;
  bool enabled_;
  bool has_scaled_ = false;
  std::vector<Stage> stages_;  // of the optimizers since the last update
};

}  // namespace optim
}  // namespace ts
