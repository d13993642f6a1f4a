// Arithmetic: sums, products, quotients and functions of these. Included by backend/pointwise.h, inside its namespace.

struct Add {
  template <class V>
  TS_HD V operator()(V a, V b, V alpha) const {
    return a + alpha * b;
  }
};

struct Sub {
  template <class V>
  TS_HD V operator()(V a, V b, V alpha) const {
    return a - alpha * b;
  }
};

TS_BINARY(Mul, (a * b))
TS_BINARY(Div, a / b)

// Makes the kernel throw if the second operand contains an integer zero, as in PyTorch.
struct ChecksDivisor {
  static constexpr bool checks_divisor = true;
};

struct DivFloor : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return floor_quotient(a, b);
  }
};

struct DivTrunc : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return quotient(a, b);
  }
};

struct Remainder : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return python_remainder(a, b);
  }
};

struct Fmod : ChecksDivisor {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return fmod(a, b);
  }
};

TS_BINARY(Gcd, greatest_common_divisor(a, b))
TS_BINARY(Lcm, abs(quotient(a, greatest_common_divisor(a, b)) * b))  // 0 where both are 0

struct Addcmul {
  template <class V>
  TS_HD V operator()(V x, V a, V b, V value) const {
    return x + value * a * b;
  }
};

struct Addcdiv {
  template <class V>
  TS_HD V operator()(V x, V a, V b, V value) const {
    return x + value * a / b;
  }
};

/// Weights of at least 1/2 are applied from `end`, smaller ones from the start, so that weight 1 gives `end` exactly.
struct Lerp {
  template <class V>
  TS_HD V operator()(V start, V end, V weight) const {
    const V difference = end - start;
    return select(abs(weight) < V(0.5), start + weight * difference, end - difference * (V(1) - weight));
  }
};

TS_UNARY(Neg, -x)
TS_UNARY(Abs, abs(x))
TS_UNARY(Sign, select(x > V(0), V(1), select(x < V(0), V(-1), V(0))))  // 0 for NaN
using Sgn = Sign;                                                      // the two differ only for complex numbers
TS_UNARY(Square, (x * x))
TS_UNARY(Reciprocal, V(1) / x)
