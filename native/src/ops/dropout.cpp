// Dropout of elements and of channels: during training, each is kept with probability 1 - p and divided by it, so that
// the expected value stays the same (Srivastava et al., "Dropout", JMLR 2014).
#include "generated/functions/activations.g.h"
#include "generated/functions/creation.g.h"
#include "ops/random_stream.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/fill_dropout_mask.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor dropout_composite(const Tensor& input, double p, bool training) {
  TS_CHECK(p >= 0 && p <= 1, ValueError, "p must lie in [0, 1], got ", p);
  if (!training || p == 0) return input;
  TS_CHECK(is_floating(input.dtype()), DTypeError, "expected floating tensors, got ", describe(input));
  if (p == 1) return input * 0;
  const Tensor mask = empty_like(input);
  const RandomRollback rollback;
  const auto [seed, offset] = draw_random(mask.numel());
  return input * fill_dropout_mask_(mask, 1 - p, 1 / (1 - p), seed, offset);
}

Tensor dropout2d_composite(const Tensor& input, double p, bool training) {
  TS_CHECK(input.dim() >= 2, ShapeError, "input must be (N, C, ...), got ", describe(input));
  TS_CHECK(p >= 0 && p <= 1, ValueError, "p must lie in [0, 1], got ", p);
  if (!training || p == 0) return input;
  const RandomRollback rollback;
  Dims shape = Dims::filled(static_cast<std::size_t>(input.dim()), 1);
  shape[0] = input.size(0);
  shape[1] = input.size(1);
  return input * dropout_composite(full_composite(shape, 1, input.dtype(), input.device()), p, true);
}

}  // namespace ts
