// The autograd members of Tensor (requires_grad, grad, hooks), histories and the rules for in-place changes.
#include "autograd/variable.h"

#include <algorithm>
#include <utility>

#include "autograd/node_extras.h"
#include "autograd/view_nodes.h"
#include "tensor/autograd_state.h"

namespace ts {

EngineOperators engine_operators{};

void destroy_autograd_meta(AutogradMeta* meta) { delete meta; }

std::string describe_history(const Tensor& tensor) {
  if (const Ref<Node> node = tensor.grad_fn()) return format("grad_fn=<", node->name(), ">");
  return tensor.requires_grad() ? "requires_grad=True" : "";
}

AutogradMeta& autograd_meta(const Tensor& tensor) {
  TensorImpl* const impl = tensor.impl();
  if (!impl->autograd) impl->autograd = new AutogradMeta;
  return *impl->autograd;
}

namespace {

AccumulateGrad& accumulator_of(const Tensor& leaf) {
  AutogradMeta& meta = autograd_meta(leaf);
  if (!meta.accumulator) {
    if (!meta.slot) meta.slot = make_ref<GradSlot>();
    meta.accumulator = make_ref<AccumulateGrad>(leaf, meta.slot);
  }
  return *meta.accumulator;
}

Tensor base_of(const Tensor& view) { return Tensor(Ref<TensorImpl>::share(view.impl()->view_base)); }

// Gives a tensor a new history. If the tensor retains its gradient, the new node stores it from now on, since it is the
// gradient of the present value.
void rebase(AutogradMeta& meta, Ref<Node> node, std::uint32_t output_nr) {
  if (meta.grad_fn && meta.slot && meta.grad_fn->extras()) {
    auto& retained = meta.grad_fn->extras()->retained;
    const auto entry =
        std::find_if(retained.begin(), retained.end(), [&](const auto& r) { return r.second == meta.slot; });
    if (entry != retained.end()) {
      retained.erase(entry);
      node->make_extras().retained.push_back({output_nr, meta.slot});
    }
  }
  meta.grad_fn = std::move(node);
  meta.output_nr = output_nr;
}

}  // namespace

bool take_over(const Tensor& tensor) {
  TensorImpl* const impl = tensor.impl();
  if (impl->use_count() != 1 || impl->autograd || !tensor.is_contiguous()) return false;
  TensorImpl* const base = impl->view_base;
  if (!base) return impl->storage->use_count() == 1;
  if (base->use_count() != 1 || impl->storage->use_count() != 2) return false;
  if (product(base->sizes) != tensor.numel()) return false;
  impl->view_base = nullptr;
  base->release();
  return true;
}

void synchronize_view(const Tensor& view) {
  TensorImpl* const impl = view.impl();
  if (impl->seen_version == view.version()) return;
  impl->seen_version = view.version();
  const Tensor base = base_of(view);
  const AutogradMeta* const meta = base.impl()->autograd;
  if (!meta || !meta->grad_fn) return;
  rebase(autograd_meta(view), make_ref<AsStridedBackward>(base, view), 0);
}

bool Tensor::requires_grad() const {
  if (impl_->view_base) synchronize_view(*this);
  const AutogradMeta* const meta = impl_->autograd;
  return meta && (meta->grad_fn || meta->requires_grad);
}

Tensor& Tensor::requires_grad_(bool value) {
  TS_CHECK(is_leaf() || value, AutogradError,
           "requires_grad_: `requires_grad` can only be switched off for leaf tensors; use `detach()` for ",
           describe(*this));
  TS_CHECK(!value || is_floating(dtype()), DTypeError,
           "requires_grad_: only floating tensors can require gradients, this one is ", describe(*this));
  TS_CHECK(
      !value || !impl_->inference || inference_enabled(), AutogradError,
      "requires_grad_: a tensor created in inference mode cannot require a gradient; clone it outside inference mode");
  if (!is_leaf() || requires_grad() == value) return *this;
  autograd_meta(*this).requires_grad = value;
  // Created now, so that it is older than every node that will lead to it.
  if (value) accumulator_of(*this);
  return *this;
}

bool Tensor::is_leaf() const {
  if (impl_->view_base) synchronize_view(*this);
  return !impl_->autograd || !impl_->autograd->grad_fn;
}

Ref<Node> Tensor::grad_fn() const {
  if (impl_->view_base) synchronize_view(*this);
  return impl_->autograd ? impl_->autograd->grad_fn : Ref<Node>();
}

std::int64_t Tensor::output_nr() const { return impl_->autograd ? impl_->autograd->output_nr : 0; }

Tensor Tensor::grad() const {
  if (!impl_->autograd || !impl_->autograd->slot) return {};
  GradSlot& slot = *impl_->autograd->slot;
  const std::lock_guard lock(slot.mutex);
  return slot.grad;
}

void Tensor::set_grad(Tensor grad) const {
  if (!grad.defined() && (!impl_->autograd || !impl_->autograd->slot)) return;
  if (grad.defined()) {
    TS_CHECK(grad.sizes() == sizes(), ShapeError, "grad: the gradient of ", describe(*this),
             " must have its shape, got ", describe(grad));
    TS_CHECK(grad.device() == device(), DeviceError, "grad: the gradient of ", describe(*this), " on ",
             device().to_string(), " cannot be on ", grad.device().to_string(), "; move it with `to`");
    TS_CHECK(grad.dtype() == dtype(), DTypeError, "grad: the gradient of ", describe(*this),
             " must have its dtype, got ", describe(grad));
  }
  AutogradMeta& meta = autograd_meta(*this);
  if (!meta.slot) meta.slot = make_ref<GradSlot>();
  Tensor old;  // freed outside the lock
  const std::lock_guard lock(meta.slot->mutex);
  old = std::move(meta.slot->grad);
  meta.slot->grad = std::move(grad);
}

void set_data(const Tensor& tensor, const Tensor& source) {
  TS_CHECK(tensor.defined() && source.defined(), ValueError, "set_data: expected two tensors, got ", describe(tensor),
           " and ", describe(source));
  TS_CHECK(tensor.is_leaf(), AutogradError, "set_data: ", describe(tensor),
           " is the result of a recorded operation; only a leaf can be given other data");
  TS_CHECK(!tensor.requires_grad() || is_floating(source.dtype()), DTypeError, "set_data: ", describe(tensor),
           " requires a gradient, so its new data must be floating, got ", describe(source));
  const bool keeps_state =
      tensor.sizes() == source.sizes() && tensor.dtype() == source.dtype() && tensor.device() == source.device();
  const bool requires_grad = tensor.requires_grad();
  TensorImpl& impl = *tensor.impl();
  const TensorImpl& from = *source.impl();
  from.storage->raise_version(impl.storage->version() + 1);
  impl.storage = from.storage;
  impl.data = from.data;
  impl.numel = from.numel;
  impl.dtype = from.dtype;
  impl.contiguous = from.contiguous;
  impl.offset = from.offset;
  impl.sizes = from.sizes;
  impl.strides = from.strides;
  if (TensorImpl* const base = std::exchange(impl.view_base, nullptr)) base->release();
  if (keeps_state) return;
  // The gradient, and the node that accumulates it, have the former shape and dtype.
  delete std::exchange(impl.autograd, nullptr);
  Tensor(tensor).requires_grad_(requires_grad);
}

void Tensor::retain_grad() const {
  TS_CHECK(requires_grad(), AutogradError, "retain_grad: the tensor does not require a gradient");
  if (is_leaf()) return;
  AutogradMeta& meta = autograd_meta(*this);
  if (meta.slot) return;
  meta.slot = make_ref<GradSlot>();
  meta.grad_fn->make_extras().retained.push_back({meta.output_nr, meta.slot});
}

Tensor Tensor::detach() const { return view_of(*this, sizes(), strides(), storage_offset(), false); }

std::int64_t Tensor::register_hook(std::function<Tensor(const Tensor&)> hook) const {
  TS_CHECK(hook, ValueError, "register_hook: the hook is an empty function");
  TS_CHECK(requires_grad(), AutogradError, "register_hook: the tensor does not require a gradient");
  const Edge edge = autograd::gradient_edge(*this);
  return edge.node->add_pre_hook([index = edge.index, hook = std::move(hook)](GradList& grads) {
    Tensor& grad = grads[index];
    if (!grad.defined()) return;
    Tensor replacement = hook(grad);
    if (!replacement.defined()) return;
    TS_CHECK(replacement.sizes() == grad.sizes(), ShapeError, "hook: the gradient is ", describe(grad),
             ", but the hook returned ", describe(replacement), " to replace it");
    grad = std::move(replacement);
  });
}

void Tensor::remove_hook(std::int64_t id) const {
  if (const Edge edge = autograd::gradient_edge(*this)) edge.node->remove_hook(id);
}

void Tensor::backward(const Tensor& gradient, bool retain_graph, bool create_graph) const {
  ts::backward(Span<const Tensor>(this, 1), Span<const Tensor>(&gradient, 1), retain_graph, create_graph);
}

namespace autograd {

bool needs_grad(Span<const Tensor> tensors) {
  if (!grad_enabled()) return false;
  for (const Tensor& tensor : tensors) {
    if (tensor.defined() && tensor.requires_grad()) return true;
  }
  return false;
}

Edge gradient_edge(const Tensor& tensor) {
  if (!tensor.defined() || !tensor.requires_grad()) return {};
  const AutogradMeta& meta = *tensor.impl()->autograd;
  if (meta.grad_fn) return {meta.grad_fn, meta.output_nr};
  return {Ref<Node>::share(&accumulator_of(tensor)), 0};
}

void set_history(const Tensor& tensor, const Ref<Node>& node) {
  rebase(autograd_meta(tensor), node, static_cast<std::uint32_t>(node->outputs.size()));
  node->outputs.emplace_back(tensor);
}

void set_history_in_place(const Tensor& tensor, const Ref<Node>& node) {
  if (!tensor.is_view()) {
    set_history(tensor, node);
    return;
  }
  // A change of the view is a change of the base. So the history of the base becomes a node that sends the part of the
  // gradient that lies in the view through the operation, and the view gets the history of a view of the changed base.
  const Tensor base = base_of(tensor);
  node->outputs.emplace_back(tensor);
  auto splice = make_ref<CopySlices>(base, tensor, node);
  node->make_extras().splice = splice.get();
  splice->outputs.emplace_back(base);
  rebase(autograd_meta(base), std::move(splice), 0);
  rebase(autograd_meta(tensor), make_ref<AsStridedBackward>(base, tensor), 0);
  tensor.impl()->seen_version = tensor.version();
}

void check_in_place(const Tensor& tensor, bool recording) {
  for (int i = 0; i < tensor.dim(); ++i) {
    TS_CHECK(tensor.strides()[i] != 0 || tensor.sizes()[i] <= 1, ValueError, "cannot change ", describe(tensor),
             " in place: several of its elements share the same memory (it was expanded); clone it first");
  }
  if (!recording) return;
  TS_CHECK(!tensor.is_leaf() || !tensor.requires_grad(), AutogradError, "cannot change ", describe(tensor),
           " in place: it is a leaf that requires a gradient; change it under NoGrad, or change a copy");
  if (tensor.is_view()) {
    const Tensor base = base_of(tensor);
    TS_CHECK(!base.is_leaf() || !base.requires_grad(), AutogradError, "cannot change ", describe(tensor),
             " in place: it is a view of a leaf that requires a gradient; change it under NoGrad, or change a copy");
    check_recordable(base, tensor);  // now, since the nodes are made when the view has changed already
  }
  TS_CHECK(!tensor.impl()->inference, AutogradError, "cannot record an in-place change of ", describe(tensor),
           ", which was created in inference mode; clone it first");
}

void bump_version(const Tensor& tensor) {
  if (!tensor.impl()->inference) tensor.impl()->storage->bump_version();
}

}  // namespace autograd
}  // namespace ts
