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
