// Checkpointed calls. While the function runs for the first time, the tensors that its nodes save are numbered instead
// of kept. When the backward pass needs the first of them, the function runs again on detached inputs. The tensors that
// nodes save during the second run, in the same order, are the values that belong to the numbers; the graph of the
// second run is discarded. A value is freed as soon as its node releases it.
//
// If checkpoints are nested, the inputs of the inner call are tensors saved during the outer call, so the inner call
// keeps nothing either, and the values are recomputed from the outside in.
#include "autograd/checkpoint.h"

#include <atomic>
#include <mutex>
#include <optional>

#include "autograd/variable.h"
#include "torchscratch/autocast.h"
#include "torchscratch/checkpoint.h"
#include "torchscratch/random.h"

namespace ts {

namespace {

thread_local CheckpointFrame* innermost = nullptr;

class FrameScope {
 public:
  explicit FrameScope(CheckpointFrame* frame) : previous_(std::exchange(innermost, frame)) {}
  ~FrameScope() { innermost = previous_; }
  FrameScope(const FrameScope&) = delete;
  FrameScope& operator=(const FrameScope&) = delete;

 private:
  CheckpointFrame* previous_;
};

class CheckpointCall final : public CheckpointFrame, public std::enable_shared_from_this<CheckpointCall> {
 public:
  CheckpointCall(CheckpointedFunction function, Span<const Tensor> inputs)
      : function_(std::move(function)), random_(current_generator().state()), autocast_(autocast_dtype()) {
    for (const Tensor& input : inputs) {
      inputs_.emplace_back(input, false);
      requires_grad_.push_back(input.defined() && input.requires_grad());
    }
  }

  TensorList run(Span<const Tensor> inputs) {
    const FrameScope scope(this);
    TensorList outputs = function_(TensorList(inputs.begin(), inputs.end()));
    running_ = false;
    return outputs;
  }

  std::unique_ptr<DeferredTensor> defer(const Tensor& tensor, bool is_output) override {
    auto value = std::make_unique<Value>(shared_from_this(), tensor);
    if (!is_output && tensor.requires_grad()) {
      value->edge = autograd::gradient_edge(tensor);
      // A leaf is kept: it takes no memory, since it lives elsewhere too, and an in-place change of it is noticed.
      if (tensor.is_leaf()) value->leaf = tensor;
    }
    const std::lock_guard lock(mutex_);
    value->index = count_++;
    return value;
  }

 private:
  // A tensor that the second run saved.
  struct Kept {
    explicit Kept(Tensor value) : tensor(std::move(value)), version(tensor.version()) {}
    Tensor tensor;
    std::uint32_t version;
  };

  // The number of a tensor that the first run saved, and the properties that its value must have.
  struct Value final : DeferredTensor {
    Value(std::shared_ptr<CheckpointCall> made_by, const Tensor& tensor)
        : call(std::move(made_by)), meta(tensor), version(tensor.version()) {}
    ~Value() override { call->forget(index); }

    Tensor compute(const char* owner) override {
      if (leaf.defined()) {
        TS_CHECK(leaf.version() == version, AutogradError, owner, ": ", describe(leaf),
                 ", which a checkpointed function used, was changed in place after the forward call (version ",
                 leaf.version(), " instead of ", version, "); run the backward pass before changing it");
        return leaf;
      }
      const Kept kept = call->value(index);
      TS_CHECK(kept.tensor.sizes() == meta.sizes && kept.tensor.dtype() == meta.dtype, AutogradError, owner,
               ": a checkpointed function saved ", dtype_name(meta.dtype), meta.sizes.to_string(),
               " in the forward pass and ", describe(kept.tensor),
               " when it ran again for the backward pass; it must do the same in both runs");
      TS_CHECK(kept.tensor.version() == kept.version, AutogradError, owner, ": ", describe(kept.tensor),
               " was changed in place by the checkpointed function after it was saved; change a clone instead");
      return kept.tensor;
    }

    std::shared_ptr<CheckpointCall> call;
    std::size_t index = 0;
    TensorMeta meta;
    std::uint32_t version;
    Tensor leaf;
  };

  // Collects the tensors that the second run saves. Its nodes keep them too, since the function itself may run a
  // backward pass.
  class Recomputation final : public CheckpointFrame {
   public:
    std::unique_ptr<DeferredTensor> defer(const Tensor& tensor, bool) override {
      values.emplace_back(tensor.detach());
      return nullptr;
    }
    std::vector<Kept> values;
  };

  Kept value(std::size_t index) {
    // The function runs without holding mutex_, because freeing tensors in it may call forget().
    const std::lock_guard computing(computing_);
    {
      const std::lock_guard lock(mutex_);
      if (index < values_.size()) return values_[index];
    }
    std::vector<Kept> values = run_again();
    const std::lock_guard lock(mutex_);
    TS_CHECK(running_ ? values.size() >= count_ : values.size() == count_, AutogradError,
             "a checkpointed function saved ", count_, " tensors in the forward pass and ", values.size(),
             " when it ran again for the backward pass; it must do the same in both runs");
    for (const std::size_t gone : forgotten_) values[gone].tensor = Tensor();
    values_ = std::move(values);
    return values_[index];
  }

  void forget(std::size_t index) {
    Tensor dropped;  // freed outside the lock
    const std::lock_guard lock(mutex_);
    if (index < values_.size()) dropped = std::move(values_[index].tensor);
    else forgotten_.push_back(index);
  }

  std::vector<Kept> run_again() {
    TensorList inputs;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      Tensor input = inputs_[i].unpack("checkpoint");
      if (input.defined()) {
        input = input.detach();
        if (requires_grad_[i]) input.requires_grad_();
      }
      inputs.push_back(std::move(input));
    }
    // A separate generator, which starts at the position where the first run started.
    const auto generator = make_ref<Generator>();
    generator->set_state(random_);
    const GeneratorScope random(generator);
    const AutocastScope autocast(autocast_);
    const EnableGrad recording;
    Recomputation recomputation;
    const FrameScope scope(&recomputation);
    function_(inputs);
    return std::move(recomputation.values);
  }

  const CheckpointedFunction function_;
  const PhiloxState random_;
  const std::optional<DType> autocast_;
  std::vector<SavedTensor> inputs_;
  std::vector<bool> requires_grad_;
  std::atomic<bool> running_{true};
  std::mutex computing_;  // held while the function runs again
  std::mutex mutex_;      // guards the members below
  std::size_t count_ = 0;
  std::vector<Kept> values_;
  std::vector<std::size_t> forgotten_;  // numbers whose nodes were released before values_ was computed
};

}  // namespace

CheckpointFrame* current_checkpoint() { return innermost; }

TensorList checkpoint(CheckpointedFunction function, Span<const Tensor> inputs) {
  TS_CHECK(function, ValueError, "checkpoint: the function is empty");
  if (!grad_enabled()) return function(TensorList(inputs.begin(), inputs.end()));
  const auto call = std::make_shared<CheckpointCall>(std::move(function), inputs);
  return call->run(inputs);
}

}  // namespace ts
