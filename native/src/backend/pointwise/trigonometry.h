// Trigonometric and hyperbolic functions. Included by backend/pointwise.h, inside its namespace.

TS_UNARY(Sin, sin(x))
TS_UNARY(Cos, cos(x))
TS_UNARY(Tan, tan(x))
TS_UNARY(Asin, asin(x))
TS_UNARY(Acos, acos(x))
TS_UNARY(Atan, atan(x))
TS_BINARY(Atan2, atan2(a, b))

/// sin(pi x) / (pi x)
struct Sinc {
  template <class V>
  TS_HD V operator()(V x) const {
    const V angle = x * V(3.14159265358979323846);
    return select(x == V(0), V(1), sin(angle) / angle);
  }
};

/// With z = pi x, sinc(x)' = pi (cos z / z - sin z / z^2). Near 0 the two cancel, so below 1 it is the series
/// pi sum_k (-1)^k 2k / (2k + 1)! z^(2k - 1), up to where its terms fall below half an ULP of a double.
struct SincBackward {
  template <class V>
  TS_HD V operator()(V grad, V x) const {
    const V pi = V(3.14159265358979323846);
    const V z = x * pi;
    const V w = z * z;
    V series = V(-18.0 / 121645100408832000.0);
    series = series * w + V(16.0 / 355687428096000.0);
    series = series * w - V(14.0 / 1307674368000.0);
    series = series * w + V(12.0 / 6227020800.0);
    series = series * w - V(10.0 / 39916800.0);
    series = series * w + V(8.0 / 362880.0);
    series = series * w - V(6.0 / 5040.0);
    series = series * w + V(4.0 / 120.0);
    series = series * w - V(2.0 / 6.0);
    const V direct = (cos(z) - sin(z) / z) / x;
    return grad * select(abs(z) < V(1), pi * z * series, direct);
  }
};

TS_UNARY(Deg2Rad, (x * V(0.017453292519943295769)))
TS_UNARY(Rad2Deg, (x * V(57.295779513082320877)))
TS_UNARY(Sinh, sinh(x))
TS_UNARY(Cosh, cosh(x))
TS_UNARY(Tanh, tanh(x))

struct TanhBackward {
  template <class V>
  TS_HD V operator()(V grad, V result) const {
    return grad * (V(1) - result * result);
  }
};

TS_UNARY(Asinh, asinh(x))
TS_UNARY(Acosh, acosh(x))
TS_UNARY(Atanh, atanh(x))
