// Comparisons, tests, and logical and bitwise functions. Included by backend/pointwise.h, inside its namespace.

TS_BINARY(Eq, a == b)
TS_BINARY(Ne, a != b)
TS_BINARY(Lt, a < b)
TS_BINARY(Le, a <= b)
TS_BINARY(Gt, a > b)
TS_BINARY(Ge, a >= b)
TS_UNARY(IsNan, isnan(x))
TS_UNARY(IsInf, !(x - x == V(0) || isnan(x)))

// x - x == 0 holds for finite floating-point numbers only, and for every integer.
TS_UNARY(IsFinite, x - x == V(0))
TS_UNARY(SignBit, signbit(x))
TS_UNARY(LogicalNot, x == V(0))
TS_BINARY(LogicalAnd, a != V(0) && b != V(0))
TS_BINARY(LogicalOr, a != V(0) || b != V(0))
TS_BINARY(LogicalXor, (a != V(0)) != (b != V(0)))

struct BitwiseNot {
  using ForBool = LogicalNot;  // used for bool tensors, where ~1 would be non-zero, that is, true
  template <class V>
  TS_HD V operator()(V x) const {
    return ~x;
  }
};

TS_BINARY(BitwiseAnd, (a & b))
TS_BINARY(BitwiseOr, a | b)
TS_BINARY(BitwiseXor, a ^ b)

// A shift by a negative count, or by at least the number of bits, gives 0 (left) or 0 or -1, by the sign (right). For
// narrower types the result is correct after truncation to their width.
struct BitwiseLeftShift {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return b < V(0) || b > V(63) ? V(0) : static_cast<V>(static_cast<std::uint64_t>(a) << (b & V(63)));
  }
};

struct BitwiseRightShift {
  template <class V>
  TS_HD V operator()(V a, V b) const {
    return a >> (b < V(0) || b > V(63) ? V(63) : b);
  }
};
