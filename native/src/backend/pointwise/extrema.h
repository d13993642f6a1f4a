// Maximum, minimum, clamping and selection. Included by backend/pointwise.h, inside its namespace.

TS_BINARY(Maximum, maximum(a, b))
TS_BINARY(Minimum, minimum(a, b))
TS_BINARY(Fmax, select(a > b || isnan(b), a, b))  // NaN only if both are
TS_BINARY(Fmin, select(a < b || isnan(b), a, b))

/// Also hardtanh. NaN stays NaN; for min > max the result is max.
struct Clamp {
  template <class V>
  TS_HD V operator()(V x, V min, V max) const {
    return minimum(maximum(x, min), max);
  }
};

using Hardtanh = Clamp;

struct ClampMin {
  template <class V>
  TS_HD V operator()(V x, V min) const {
    return maximum(x, min);
  }
};

struct ClampMax {
  template <class V>
  TS_HD V operator()(V x, V max) const {
    return minimum(x, max);
  }
};

struct Where {
  template <class V>
  TS_HD V operator()(V condition, V a, V b) const {
    return select(condition != V(0), a, b);
  }
};

TS_BINARY(Heaviside, select(a == V(0), b, select(a > V(0), V(1), V(0))))

struct NanToNum {
  template <class V>
  TS_HD V operator()(V x, V nan, V posinf, V neginf) const {
    const V infinity = V(std::numeric_limits<double>::infinity());
    return select(isnan(x), nan, select(x == infinity, posinf, select(x == -infinity, neginf, x)));
  }
};

TS_BINARY(CopySign, copysign(a, b))
TS_BINARY(NextAfter, nextafter(a, b))
