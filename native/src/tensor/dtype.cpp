// Promotion of element types and the default dtype.
#include "torchscratch/dtype.h"

#include <atomic>

#include "torchscratch/error.h"

namespace ts {

namespace {

std::atomic<DType> current_default{DType::Float32};

constexpr DType B = DType::Bool, U1 = DType::UInt8, I1 = DType::Int8, I2 = DType::Int16, I4 = DType::Int32,
                I8 = DType::Int64, F2 = DType::Float16, BF = DType::BFloat16, F4 = DType::Float32, F8 = DType::Float64;

// PyTorch's promotion table: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
constexpr DType promotion[kDTypeCount][kDTypeCount] = {
    // B   U1  I1  I2  I4  I8  F2  BF  F4  F8
    {B, U1, I1, I2, I4, I8, F2, BF, F4, F8},   // bool
    {U1, U1, I2, I2, I4, I8, F2, BF, F4, F8},  // uint8
    {I1, I2, I1, I2, I4, I8, F2, BF, F4, F8},  // int8
    {I2, I2, I2, I2, I4, I8, F2, BF, F4, F8},  // int16
    {I4, I4, I4, I4, I4, I8, F2, BF, F4, F8},  // int32
    {I8, I8, I8, I8, I8, I8, F2, BF, F4, F8},  // int64
    {F2, F2, F2, F2, F2, F2, F2, F4, F4, F8},  // float16
    {BF, BF, BF, BF, BF, BF, F4, BF, F4, F8},  // bfloat16
    {F4, F4, F4, F4, F4, F4, F4, F4, F4, F8},  // float32
    {F8, F8, F8, F8, F8, F8, F8, F8, F8, F8},  // float64
};

}  // namespace

DType promote(DType a, DType b) { return promotion[static_cast<int>(a)][static_cast<int>(b)]; }

DType floating_result(DType dtype) { return is_floating(dtype) ? dtype : default_dtype(); }

DType default_dtype() { return current_default.load(std::memory_order_relaxed); }

void set_default_dtype(DType dtype) {
  TS_CHECK(is_floating(dtype), DTypeError, "set_default_dtype: the default dtype must be floating, got ",
           dtype_name(dtype));
  current_default.store(dtype, std::memory_order_relaxed);
}

}  // namespace ts
