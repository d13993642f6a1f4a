// Activations. Included by backend/pointwise.h, inside its namespace.

TS_UNARY(Relu, select(x <= V(0), V(0), x))  // keeps NaN
TS_UNARY(Relu6, minimum(maximum(x, V(0)), V(6)))

struct LeakyRelu {
  template <class V>
  TS_HD V operator()(V x, V negative_slope) const {
    return select(x > V(0), x, x * negative_slope);
  }
};

struct Threshold {
  template <class V>
  TS_HD V operator()(V x, V threshold, V value) const {
    return select(x <= threshold, value, x);
  }
};

TS_UNARY(Hardsigmoid, minimum(maximum(x + V(3), V(0)), V(6)) / V(6))
TS_UNARY(Hardswish, (x * minimum(maximum(x + V(3), V(0)), V(6)) / V(6)))

struct Hardshrink {
  template <class V>
  TS_HD V operator()(V x, V lambda) const {
    return select(x >= -lambda && x <= lambda, V(0), x);
  }
};

struct Softshrink {
  template <class V>
  TS_HD V operator()(V x, V lambda) const {
    return select(x > lambda, x - lambda, select(x < -lambda, x + lambda, select(isnan(x), x, V(0))));
  }
};

TS_UNARY(Tanhshrink, x - tanh(x))
TS_UNARY(Softsign, x / (V(1) + abs(x)))

/// Also used for selu and celu, with other parameters.
struct Elu {
  template <class V>
  TS_HD V operator()(V x, V alpha, V scale, V input_scale) const {
    return select(x < V(0), expm1(x * input_scale) * (alpha * scale), x * scale);
  }
};

/// log(1 + exp(beta x)) / beta; x itself where beta x > threshold, since the two are then equal up to rounding.
struct Softplus {
  template <class V>
  TS_HD V operator()(V x, V beta, V threshold) const {
    return select(x * beta > threshold, x, log1p_exp(x * beta) / beta);
  }
};

TS_UNARY(LogSigmoid, minimum(V(0), x) - log1p_exp(-abs(x)))
TS_UNARY(Silu, x / (V(1) + exp(-x)))
TS_UNARY(Mish, (x * tanh(log1p_exp(x))))
TS_UNARY(Gelu, (x * normal_cdf(x)))

// Hendrycks and Gimpel's (2016) approximation of the standard normal distribution function: (1 + tanh(u)) / 2.
struct GeluTanh {
  template <class V>
  TS_HD V operator()(V x) const {
    const V u = V(0.79788456080286535588) * (x + V(0.044715) * x * x * x);  // sqrt(2/pi) (...)
    return V(0.5) * x * (V(1) + tanh(u));
  }
};
