// Losses, before their reduction. Included by backend/pointwise.h, inside its namespace.

TS_BINARY(MseLoss, (a - b) * (a - b))

/// The logarithms are limited to at least -100, so that the loss stays finite where p is exactly 0 or 1.
struct BinaryCrossEntropy {
  template <class V>
  TS_HD V operator()(V p, V target) const {
    return (target - V(1)) * maximum(log1p(-p), V(-100)) - target * maximum(log(p), V(-100));
  }
};

struct BinaryCrossEntropyBackward {
  template <class V>
  TS_HD V operator()(V grad, V p, V target) const {
    return grad * (p - target) / maximum((V(1) - p) * p, V(1e-12));
  }
};

struct SmoothL1Loss {
  template <class V>
  TS_HD V operator()(V input, V target, V beta) const {
    const V d = abs(input - target);
    return select(d < beta, V(0.5) * d * d / beta, d - V(0.5) * beta);
  }
};

struct HuberLoss {
  template <class V>
  TS_HD V operator()(V input, V target, V delta) const {
    const V d = abs(input - target);
    return select(d <= delta, V(0.5) * d * d, delta * (d - V(0.5) * delta));
  }
};
