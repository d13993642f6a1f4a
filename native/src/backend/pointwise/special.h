// The error function, the gamma function and related functions, the logistic function and its inverse. Included by
// backend/pointwise.h, inside its namespace.

TS_UNARY(Erf, erf(x))
TS_UNARY(Erfc, erfc(x))
TS_UNARY(Erfinv, erfinv(x))
TS_UNARY(Lgamma, lgamma(x))
TS_UNARY(Digamma, digamma(x))

struct Polygamma {
  template <class V>
  TS_HD V operator()(V x, V n) const {
    return polygamma(n, x);
  }
};

/// log(x / (1 - x)), with x first clamped to [eps, 1 - eps]; a negative eps means no clamping.
struct Logit {
  template <class V>
  TS_HD V operator()(V x, V eps) const {
    const V clamped = select(x < eps, eps, select(x > V(1) - eps, V(1) - eps, x));
    const V p = select(eps < V(0), x, clamped);
    return log(p / (V(1) - p));
  }
};

TS_UNARY(Sigmoid, logistic(x))

struct SigmoidBackward {
  template <class V>
  TS_HD V operator()(V grad, V result) const {
    return grad * result * (V(1) - result);
  }
};
