// Gradients of activations: the first operand is the gradient of the output, the others were saved by the forward pass.
// Included by backend/pointwise.h, inside its namespace.

struct ThresholdBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V threshold) const {
    return select(x <= threshold, V(0), grad);
  }
};

struct LeakyReluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V negative_slope) const {
    return select(x > V(0), grad, grad * negative_slope);
  }
};

/// Where x is NaN, it is not between the bounds.
struct HardtanhBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V min, V max) const {
    return select(x > min && x < max, grad, V(0));
  }
};

/// Of hardshrink and softshrink.
struct ShrinkBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V lambda) const {
    return select(x > lambda || x < -lambda, grad, V(0));
  }
};

struct HardsigmoidBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    return select(x > V(-3) && x < V(3), grad / V(6), V(0));
  }
};

struct HardswishBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    return select(x < V(-3), V(0), select(x <= V(3), grad * (x / V(3) + V(0.5)), grad));
  }
};

struct EluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V alpha, V scale, V input_scale) const {
    return grad * select(x <= V(0), input_scale * alpha * scale * exp(x * input_scale), scale);
  }
};

struct SoftplusBackward {
  template <class V>
  TS_HD V operator()(V grad, V x, V beta, V threshold) const {
    const V z = exp(x * beta);
    return select(x * beta > threshold, grad, grad * z / (z + V(1)));
  }
};

/// d/dx log s(x) = s(-x), from exp(-|x|) <= 1 so that nothing overflows.
struct LogSigmoidBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V z = exp(-abs(x));
    return grad * select(x < V(0), V(1), z) / (V(1) + z);
  }
};

struct SiluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V s = logistic(x);
    return grad * s * (V(1) + x * (V(1) - s));
  }
};

struct MishBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V t = tanh(log1p_exp(x));
    return grad * (t + x * logistic(x) * (V(1) - t * t));
  }
};

/// d/dx x cdf(x) = cdf(x) + x pdf(x)
struct GeluBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V pdf = V(0.39894228040143267794) * exp(V(-0.5) * x * x);  // 1/sqrt(2 pi)
    return grad * (normal_cdf(x) + x * pdf);
  }
};

struct GeluTanhBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V sqrt_2_pi = V(0.79788456080286535588);
    const V cubic = V(0.044715);
    const V t = tanh(sqrt_2_pi * (x + cubic * x * x * x));
    const V inner = sqrt_2_pi * (V(1) + V(3) * cubic * x * x);
    return grad * (V(0.5) * (V(1) + t) + V(0.5) * x * (V(1) - t * t) * inner);
  }
};
