// Losses, before their reduction. Included by backend/pointwise.h, inside its namespace.

TS_BINARY(MseLoss, (a - b) * (a - b))

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
