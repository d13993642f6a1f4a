// See optimizer_step.h.
#include "ops/optimizer_step.h"

#include "torchscratch/autograd.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/tensor.h"

namespace ts {

OptimizerStep::OptimizerStep(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<std::int64_t> steps)
    : originals_(parameters), steps_(steps) {
  TS_CHECK(parameters.size() == gradients.size(), ValueError, parameters.size(), " parameters, ", gradients.size(),
           " gradients");
  TS_CHECK(steps.size() == parameters.size(), ValueError, "steps: expected one number for each parameter, got ",
           steps.size(), " for ", parameters.size(), " parameters");
  for (std::size_t i = parameters.size(); i-- > 0;) {
    if (parameters[i].defined() && gradients[i].defined()) device_ = parameters[i].device();
  }
  parameters_.reserve(parameters.size());
  gradients_.reserve(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Tensor& parameter = parameters[i];
    TS_CHECK(parameter.defined(), ValueError, "parameter ", i, " is undefined");
    TS_CHECK(steps[i] >= 0, ValueError, "steps: parameter ", i, " has taken ", steps[i],
             " steps; the count must not be negative");
    const Tensor& gradient = gradients[i];
    if (gradient.defined()) {
      TS_CHECK(parameter.dtype() == DType::Float32 || parameter.dtype() == DType::Float64, DTypeError, "parameter ", i,
               " is ", describe(parameter), "; optimizers support float32 and float64");
      TS_CHECK(parameter.device() == device(), DeviceError, "parameter ", i, " is on ", parameter.device().to_string(),
               ", others are on ", device().to_string(), "; step those of each device by themselves");
      TS_CHECK(gradient.device() == parameter.device(), DeviceError, "gradient ", i, " is on ",
               gradient.device().to_string(), ", its parameter on ", parameter.device().to_string());
      TS_CHECK(gradient.sizes() == parameter.sizes() && gradient.dtype() == parameter.dtype(), ShapeError, "gradient ",
               i, " is ", describe(gradient), " for parameter ", describe(parameter));
    }
    gradients_.push_back(gradient.defined() ? contiguous(gradient) : gradient);
    parameters_.push_back(gradient.defined() ? contiguous(parameter) : parameter);
  }
}

void OptimizerStep::check_state(const char* name, Span<const Tensor> states, bool needed) const {
  if (!needed && states.empty()) return;
  TS_CHECK(states.size() == count(), ValueError, "`", name, "`: every one of ", count(),
           " parameters needs its state, got ", states.size());
  for (std::size_t i = 0; i < count(); ++i) {
    if (!needed || !has_gradient(i)) continue;
    const Tensor &state = states[i], &parameter = originals_[i];
    TS_CHECK(state.defined() && state.sizes() == parameter.sizes() && state.dtype() == parameter.dtype() &&
                 state.is_contiguous(),
             ValueError, "`", name, "`: ", describe(state), " does not fit parameter ", describe(parameter));
    TS_CHECK(state.device() == parameter.device(), DeviceError, "`", name, "`: ", describe(state), " is on ",
             state.device().to_string(), ", its parameter on ", parameter.device().to_string());
  }
}

void OptimizerStep::check_numbers(const char* name, Span<const double> numbers) const {
  TS_CHECK(numbers.size() == count(), ValueError, "`", name, "`: ", numbers.size(), " numbers for ", count(),
           " parameters");
}

void OptimizerStep::finish() {
  for (std::size_t i = 0; i < count(); ++i) {
    if (!has_gradient(i)) continue;
    if (parameters_[i].is_same(originals_[i])) autograd::bump_version(originals_[i]);
    else copy_(originals_[i], parameters_[i]);
    ++steps_[i];
  }
}

}  // namespace ts
