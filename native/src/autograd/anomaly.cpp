// Anomaly mode: its settings, the description of forward calls and the check for NaN.
#include "autograd/anomaly.h"

#include <atomic>
#include <mutex>

#include "autograd/node_extras.h"
#include "torchscratch/observer.h"

namespace ts {

namespace {
std::atomic<bool> enabled_now{false};
std::atomic<bool> nan_check{false};
std::mutex trace_mutex;
TraceCallback trace_callback;
}  // namespace

void set_anomaly_mode(bool enabled, bool check_nan, TraceCallback trace) {
  const std::lock_guard lock(trace_mutex);
  trace_callback = std::move(trace);
  nan_check.store(check_nan);
  enabled_now.store(enabled);
}

bool anomaly_enabled() { return enabled_now.load(std::memory_order_relaxed); }

bool anomaly_checks_nan() { return anomaly_enabled() && nan_check.load(std::memory_order_relaxed); }

std::string describe_forward_call() {
  std::string call;
  for (const detail::OpScope* scope = detail::OpScope::current(); scope; scope = scope->parent()) {
    call = call.empty() ? scope->op() : format(scope->op(), " > ", call);
  }
  TraceCallback trace;
  {
    const std::lock_guard lock(trace_mutex);
    trace = trace_callback;
  }
  if (trace) {
    const std::string text = trace();
    if (!text.empty()) call += "\n" + text;
  }
  return call;
}

void check_for_nan(const Node& node, Span<const Tensor> grad_inputs) {
  for (std::size_t i = 0; i < grad_inputs.size(); ++i) {
    if (!grad_inputs[i].defined() || !engine_operators.has_nan(grad_inputs[i])) continue;
    throw AutogradError(format(node.name(), " returned NaN in the gradient of input ", i, ", ",
                               describe(grad_inputs[i]), " (detected by anomaly mode)"));
  }
}

}  // namespace ts
