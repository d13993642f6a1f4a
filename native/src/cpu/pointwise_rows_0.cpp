// Part 0 of the pointwise inner loops; see pointwise_row.h for how the rows are dealt out.
#define TS_POINTWISE_PART 0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pointwise_rows_0.cpp"
#include "cpu/pointwise_loop-inl.h"
