/* The C header is C99: this file includes nothing else, and is compiled with every warning an error. */
#include "torchscratch/c_api.h"

/* A translation unit needs a declaration of its own; this one uses a type and a constant of the header. */
ts_status ts_test_c99_header(ts_scalar value);
ts_status ts_test_c99_header(ts_scalar value) { return value.kind == TS_SCALAR_INT ? TS_OK : TS_ERROR_VALUE; }
