// Rounding to integers. Included by backend/pointwise.h, inside its namespace.

TS_UNARY(Floor, floor(x))
TS_UNARY(Ceil, ceil(x))
TS_UNARY(Round, round_even(x))
TS_UNARY(Trunc, trunc(x))
TS_UNARY(Frac, x - trunc(x))
