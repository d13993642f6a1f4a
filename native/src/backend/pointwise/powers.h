// Powers, exponentials and logarithms. Included by backend/pointwise.h, inside its namespace.

TS_BINARY(Pow, pow(a, b))
TS_UNARY(Sqrt, sqrt(x))
TS_UNARY(Rsqrt, V(1) / sqrt(x))
TS_BINARY(Hypot, hypot(a, b))
TS_UNARY(Exp, exp(x))
TS_UNARY(Exp2, exp2(x))
TS_UNARY(Expm1, expm1(x))
TS_UNARY(Log, log(x))
TS_UNARY(Log1p, log1p(x))
TS_UNARY(Log2, log2(x))
TS_UNARY(Log10, log10(x))
TS_BINARY(Xlogy, select(isnan(b), b, select(a == V(0), V(0), (a * log(b)))))

/// log(exp(a) + exp(b)) = larger + log(1 + exp(-abs(a - b))). Equal infinities are returned, since a - b would be NaN.
struct LogAddExp {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    const V larger = maximum(a, b);
    return select(a == b && !(a - a == V(0)), a, larger + log1p_exp(-abs(a - b)));
  }
};

struct LogAddExp2 {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    const V larger = maximum(a, b);
    const V log2_e = V(1.44269504088896340736);
    return select(a == b && !(a - a == V(0)), a, larger + log2_e * log1p(exp2(-abs(a - b))));
  }
};
