// Recurrent layers: the fused kernels of recurrent.cpp as differentiable functions. A backward pass that is itself
// recorded computes the same steps with public operators.
#include "generated/functions/recurrent_networks.g.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/chunk.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/lstm_steps.g.h"
#include "torchscratch/ops/lstm_steps_backward.g.h"
#include "torchscratch/ops/matmul.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/sigmoid.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/stack.g.h"
#include "torchscratch/ops/tanh.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

// The definition in terms of public operators: the outputs of all steps, and the last cell state.
std::tuple<Tensor, Tensor> lstm_by_steps(const Tensor& sums, Tensor hidden, Tensor cell, const Tensor& weight,
                                         bool reverse) {
  const std::int64_t steps = sums.size(0);
  TensorList outputs(static_cast<std::size_t>(steps));
  for (std::int64_t k = 0; k < steps; ++k) {
    const std::int64_t t = reverse ? steps - 1 - k : k;
    const TensorList gates = chunk(select(sums, 0, t) + matmul(hidden, transpose(weight, 0, 1)), 4, -1);
    cell = sigmoid(gates[1]) * cell + sigmoid(gates[0]) * tanh(gates[2]);
    hidden = sigmoid(gates[3]) * tanh(cell);
    outputs[static_cast<std::size_t>(t)] = hidden;
  }
  return {stack(outputs), cell};
}

// The hidden state at the beginning of each step.
Tensor states_before(const Tensor& output, const Tensor& hidden, bool reverse) {
  const std::int64_t steps = output.size(0);
  const Tensor first = unsqueeze(hidden, 0);
  return reverse ? cat(TensorList{slice(output, 0, 1, steps), first})
                 : cat(TensorList{first, slice(output, 0, 0, steps - 1)});
}

}  // namespace

std::tuple<Tensor, Tensor> lstm_layer_composite(const Tensor& sums, const Tensor& hidden, const Tensor& cell,
                                                const Tensor& weight, bool reverse) {
  TS_CHECK(sums.dim() == 3 && sums.size(2) % 4 == 0, ShapeError, "sums must be (T, N, 4 H), got ", describe(sums));
  TS_CHECK(sums.size(0) > 0, ShapeError, "there must be at least one step, got sums ", describe(sums));
  const std::int64_t batch = sums.size(1), n = sums.size(2) / 4;
  const Dims state{batch, n};
  TS_CHECK(hidden.sizes() == state && cell.sizes() == state, ShapeError, "hidden and cell must be ", state.to_string(),
           " for sums ", describe(sums), ", got ", describe(hidden), " and ", describe(cell));
  TS_CHECK((weight.sizes() == Dims{4 * n, n}), ShapeError, "weight must be (4 H, H) for sums ", describe(sums),
           ", got ", describe(weight));
  const DType dtype = sums.dtype();
  TS_CHECK(hidden.dtype() == dtype && cell.dtype() == dtype && weight.dtype() == dtype, DTypeError,
           "all operands must have the same type, got ", describe(sums), ", ", describe(hidden), ", ", describe(cell),
           " and ", describe(weight));
  if (dtype != DType::Float32 && dtype != DType::Float64) return lstm_by_steps(sums, hidden, cell, weight, reverse);

  const TensorList inputs = {sums, hidden, cell, weight};
  const auto forward = [&](FunctionContext& context) {
    const auto [output, cells, gates] =
        lstm_steps(contiguous(sums), contiguous(hidden), contiguous(cell), contiguous(weight), reverse);
    context.save_for_backward({sums, hidden, cell, weight, output, cells, gates});
    return TensorList{output, clone(select(cells, 0, reverse ? 0 : sums.size(0) - 1))};
  };
  const auto backward = [reverse](FunctionContext& context, const TensorList& grads) {
    const TensorList saved = context.saved_tensors();
    const Tensor &x = saved[0], &h = saved[1], &c = saved[2], &w = saved[3];
    TensorList all = {x, h, c, w};
    for (const Tensor& grad : grads) {
      if (grad.defined()) all.push_back(grad);
    }
    if (autograd::needs_grad(all)) {
      const auto [output, last] = lstm_by_steps(x, h, c, w, reverse);
      TensorList asked, places(4);
      for (std::size_t i = 0; i < 4; ++i) {
        if (context.needs_input_grad(i)) asked.push_back(all[i]);
      }
      const Tensor from_output = grads[0].defined() ? grads[0] : zeros_like(output);
      const Tensor from_cell = grads[1].defined() ? grads[1] : zeros_like(last);
      const TensorList found = ts::grad({output, last}, asked, {from_output, from_cell}, true, true, true);
      for (std::size_t i = 0, k = 0; i < 4; ++i) {
        if (context.needs_input_grad(i)) places[i] = found[k++];
      }
      return places;
    }
    const auto dense = [](const Tensor& grad) { return grad.defined() ? contiguous(grad) : grad; };
    auto [dx, dh, dc] = lstm_steps_backward(dense(grads[0]), dense(grads[1]), saved[6], saved[5], contiguous(c),
                                            contiguous(w), reverse);
    Tensor dw;
    if (context.needs_input_grad(3)) {
      // One matrix product for all steps.
      const std::int64_t rows = x.size(0) * x.size(1);
      dw = matmul(transpose(reshape(dx, {rows, x.size(2)}), 0, 1),
                  reshape(states_before(saved[4], h, reverse), {rows, h.size(1)}));
    }
    return TensorList{context.needs_input_grad(0) ? dx : Tensor(), context.needs_input_grad(1) ? dh : Tensor(),
                      context.needs_input_grad(2) ? dc : Tensor(), dw};
  };
  const TensorList results = apply_function("Lstm", inputs, forward, backward);
  return {results[0], results[1]};
}

}  // namespace ts
