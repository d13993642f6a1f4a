// Tensors: element types and their promotion, conversions to and from 16-bit floats, shapes, strides and views
// against plain indexing, single values, external memory, text as PyTorch prints it, and errors that name the
// operator and the operands.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "gradcheck.h"

namespace ts {
namespace {

using test::elements;
using Values = std::vector<double>;

template <class E>
std::string message_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "a different error: " << error.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in: " << text;
}

// ---- Element types ----

// torch.promote_types over (bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64), printed by
// PyTorch 1.13 as indices into that list.
constexpr int kPyTorchPromotion[kDTypeCount][kDTypeCount] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 1, 3, 3, 4, 5, 6, 7, 8, 9}, {2, 3, 2, 3, 4, 5, 6, 7, 8, 9},
    {3, 3, 3, 3, 4, 5, 6, 7, 8, 9}, {4, 4, 4, 4, 4, 5, 6, 7, 8, 9}, {5, 5, 5, 5, 5, 5, 6, 7, 8, 9},
    {6, 6, 6, 6, 6, 6, 6, 8, 8, 9}, {7, 7, 7, 7, 7, 7, 8, 7, 8, 9}, {8, 8, 8, 8, 8, 8, 8, 8, 8, 9},
    {9, 9, 9, 9, 9, 9, 9, 9, 9, 9},
};

TEST(DTypes, PromotionMatchesPyTorch) {
  for (int a = 0; a < kDTypeCount; ++a) {
    for (int b = 0; b < kDTypeCount; ++b) {
      const auto first = static_cast<DType>(a), second = static_cast<DType>(b);
      const auto wanted = static_cast<DType>(kPyTorchPromotion[a][b]);
      EXPECT_EQ(promote(first, second), wanted) << dtype_name(first) << ", " << dtype_name(second);
      const Tensor x = ones({2}, first), y = ones({2}, second), number = ones({}, second);
      EXPECT_EQ((x * y).dtype(), wanted);
      // A tensor without dimensions can only raise the category: bool, integer, floating point.
      const auto class_of = [](DType dtype) { return is_floating(dtype) ? 2 : dtype == DType::Bool ? 0 : 1; };
      EXPECT_EQ((x * number).dtype(), class_of(second) > class_of(first) ? wanted : first)
          << dtype_name(first) << " by 0-d " << dtype_name(second);
    }
  }
}

TEST(DTypes, NumbersRaiseOnlyTheCategory) {
  const auto result = [](DType dtype, const Scalar& value) { return (ones({2}, dtype) * value).dtype(); };
  EXPECT_EQ(result(DType::Bool, true), DType::Bool);
  EXPECT_EQ(result(DType::Bool, 2), DType::Int64);
  EXPECT_EQ(result(DType::Bool, 2.5), DType::Float32);
  EXPECT_EQ(result(DType::UInt8, 300), DType::UInt8);
  EXPECT_EQ(result(DType::Int16, 2.5), DType::Float32);
  EXPECT_EQ(result(DType::Float16, 2.5), DType::Float16);
  EXPECT_EQ(result(DType::BFloat16, 1e30), DType::BFloat16);
  EXPECT_EQ((ones({2}, DType::Int32) * wrapped_number(2.5)).dtype(), DType::Float32);
  EXPECT_EQ(true_divide(ones({2}, DType::Int32), 2).dtype(), DType::Float32);
}

class DefaultDType : public testing::Test {
 protected:
  ~DefaultDType() override { set_default_dtype(DType::Float32); }
};

TEST_F(DefaultDType, AppliesToNewFloatingTensors) {
  EXPECT_EQ(default_dtype(), DType::Float32);
  set_default_dtype(DType::Float64);
  EXPECT_EQ(zeros({1}).dtype(), DType::Float64);
  EXPECT_EQ(rand({1}).dtype(), DType::Float64);
  EXPECT_EQ(full({1}, 0.5).dtype(), DType::Float64);
  EXPECT_EQ(full({1}, 2).dtype(), DType::Int64);
  EXPECT_EQ((ones({1}, DType::Int32) * 2.5).dtype(), DType::Float64);
  EXPECT_EQ(exp(ones({1}, DType::Int32)).dtype(), DType::Float64);
  EXPECT_EQ((ones({1}, DType::Float32) * 2.5).dtype(), DType::Float32);
  EXPECT_EQ(ones({1}).to_string(), "tensor([1.])");
  expect_contains(message_of<DTypeError>([] { set_default_dtype(DType::Int64); }), "int64");
}

// ---- 16-bit floats, every pattern ----

template <class T>
bool is_nan_pattern(std::uint16_t bits) {
  return std::is_same_v<T, Half> ? (bits & 0x7fffu) > 0x7c00u : (bits & 0x7fffu) > 0x7f80u;
}

// The value of the bit pattern, from the definition of the formats.
template <class T>
double value_of(std::uint16_t bits) {
  constexpr int fraction_bits = std::is_same_v<T, Half> ? 10 : 7;
  constexpr int bias = std::is_same_v<T, Half> ? 15 : 127;
  const int exponent = (bits & 0x7fff) >> fraction_bits;
  const int fraction = bits & ((1 << fraction_bits) - 1);
  const double magnitude = exponent == 0 ? std::ldexp(fraction, 1 - bias - fraction_bits)
                                         : std::ldexp(fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
  const bool infinite = exponent == (std::is_same_v<T, Half> ? 31 : 255);
  return (bits & 0x8000u ? -1 : 1) * (infinite ? INFINITY : magnitude);
}

Half narrow_to(float value, Half) { return to_half(value); }
BFloat16 narrow_to(float value, BFloat16) { return to_bfloat16(value); }

template <class T>
class SixteenBits : public testing::Test {};
using SixteenBitTypes = testing::Types<Half, BFloat16>;
TYPED_TEST_SUITE(SixteenBits, SixteenBitTypes);

TYPED_TEST(SixteenBits, EveryPatternWidensExactlyAndRoundTrips) {
  for (std::uint32_t pattern = 0; pattern < 65536; ++pattern) {
    const auto bits = static_cast<std::uint16_t>(pattern);
    const float wide = to_float(TypeParam{bits});
    const std::uint16_t back = narrow_to(wide, TypeParam{}).bits;
    if (is_nan_pattern<TypeParam>(bits)) {
      ASSERT_TRUE(std::isnan(wide)) << pattern;
      ASSERT_TRUE(is_nan_pattern<TypeParam>(back)) << pattern;
      ASSERT_EQ(back & 0x8000u, bits & 0x8000u);
    } else {
      ASSERT_EQ(static_cast<double>(wide), value_of<TypeParam>(bits)) << pattern;
      ASSERT_EQ(std::signbit(wide), (bits & 0x8000u) != 0);
      ASSERT_EQ(back, bits);
    }
  }
}

TYPED_TEST(SixteenBits, RoundsToNearestEven) {
  constexpr std::uint16_t infinity = std::is_same_v<TypeParam, Half> ? 0x7c00 : 0x7f80;
  for (std::uint16_t bits = 0; bits < infinity; ++bits) {
    const auto next = static_cast<std::uint16_t>(bits + 1);
    const double low = value_of<TypeParam>(bits);
    // Above the largest number, the next one would be one more step away.
    const double high = next == infinity ? 2 * low - value_of<TypeParam>(static_cast<std::uint16_t>(bits - 1))
                                         : value_of<TypeParam>(next);
    const auto middle = static_cast<float>((low + high) / 2);  // exact: one bit more
    const std::uint16_t even = bits % 2 == 0 ? bits : next;
    ASSERT_EQ(narrow_to(middle, TypeParam{}).bits, even) << bits;
    ASSERT_EQ(narrow_to(-middle, TypeParam{}).bits, even | 0x8000u) << bits;
    ASSERT_EQ(narrow_to(std::nextafter(middle, 0.0f), TypeParam{}).bits, bits) << bits;
    ASSERT_EQ(narrow_to(std::nextafter(middle, INFINITY), TypeParam{}).bits, next) << bits;
  }
  EXPECT_EQ(narrow_to(INFINITY, TypeParam{}).bits, infinity);
  EXPECT_EQ(narrow_to(3.4e38f, TypeParam{}).bits, infinity);
  EXPECT_EQ(narrow_to(1e-45f, TypeParam{}).bits, 0);
}

// The kernels convert many numbers at a time, with different code, to the same bits.
TYPED_TEST(SixteenBits, TensorsConvertLikeSingleNumbers) {
  std::vector<TypeParam> all(65536);
  for (std::uint32_t i = 0; i < 65536; ++i) all[i].bits = static_cast<std::uint16_t>(i);
  const Tensor x = tensor(all);
  const Tensor wide = to(x, DType::Float32);
  const Tensor back = to(wide, dtype_of<TypeParam>);
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    const float value = wide.template data<float>()[i];
    const std::uint16_t again = back.template data<TypeParam>()[i].bits;
    if (is_nan_pattern<TypeParam>(bits)) {
      ASSERT_TRUE(std::isnan(value)) << i;
      ASSERT_TRUE(is_nan_pattern<TypeParam>(again)) << i;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(value), std::bit_cast<std::uint32_t>(to_float(all[i]))) << i;
      ASSERT_EQ(again, bits);
    }
  }
}

// ---- Shapes and strides ----

TEST(Shapes, StridesAreRowMajor) {
  EXPECT_EQ(contiguous_strides({2, 3, 4}), (Dims{12, 4, 1}));
  EXPECT_EQ(contiguous_strides({2, 0, 4}), (Dims{4, 4, 1}));
  EXPECT_EQ(contiguous_strides({}), (Dims{}));
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(x.size(-1), 3);
  EXPECT_EQ(x.stride(0), 3);
  EXPECT_EQ(zeros({}).numel(), 1);
  EXPECT_EQ(zeros({2, 0}).numel(), 0);
  EXPECT_THROW(x.size(2), IndexError);
  EXPECT_THROW(zeros({-1}), ShapeError);
  EXPECT_THROW(zeros(std::vector<std::int64_t>(17, 1)), ShapeError);
  EXPECT_EQ(zeros(std::vector<std::int64_t>(16, 1)).dim(), 16);
}

TEST(Shapes, Broadcasting) {
  EXPECT_EQ(broadcast_shapes({2, 1, 3}, {4, 1}), (Dims{2, 4, 3}));
  EXPECT_EQ(broadcast_shapes({}, {2, 0}), (Dims{2, 0}));
  EXPECT_EQ(broadcast_shapes({1}, {0}), (Dims{0}));
  const std::string message = message_of<ShapeError>([] { broadcast_shapes({2, 3}, {2, 4}); });
  expect_contains(message, "[2, 3]");
  expect_contains(message, "[2, 4]");
  EXPECT_THROW(broadcast_shapes({2}, {0}), ShapeError);
}

// The element of `tensor` at `index`, by strides.
double at(const Tensor& tensor, const std::vector<std::int64_t>& index) {
  std::int64_t position = 0;
  for (std::size_t i = 0; i < index.size(); ++i) position += index[i] * tensor.strides()[static_cast<int>(i)];
  return tensor.data<double>()[position];
}

// Calls visit(index) for every index of a shape.
void for_each_index(const Dims& sizes, const std::function<void(const std::vector<std::int64_t>&)>& visit) {
  std::vector<std::int64_t> index(static_cast<std::size_t>(sizes.size()), 0);
  for (std::int64_t count = product(sizes); count > 0; --count) {
    visit(index);
    for (std::size_t d = index.size(); d-- > 0;) {
      if (++index[d] < sizes[static_cast<int>(d)]) break;
      index[d] = 0;
    }
  }
}

using Index = std::vector<std::int64_t>;

// `view` shows, at each index, the element of `base` at source(index), and shares its memory.
void expect_view(const Tensor& view, const Tensor& base, const Dims& sizes, const std::function<Index(Index)>& source) {
  ASSERT_EQ(view.sizes(), sizes);
  EXPECT_TRUE(view.is_view());
  EXPECT_EQ(view.impl()->storage, base.impl()->storage);
  for_each_index(sizes, [&](const Index& index) { EXPECT_EQ(at(view, index), at(base, source(index))); });
}

TEST(Views, EqualElementWiseIndexing) {
  const Tensor dense = arange(0, 24, 1, DType::Float64);
  // The same values in four memory layouts.
  for (const Tensor& x : {view(dense, {2, 3, 4}), permute(view(clone(dense), {4, 2, 3}), {1, 2, 0}),
                          slice(view(arange(0, 48, 1, DType::Float64), {2, 3, 8}), 2, 1, 8, 2),
                          transpose(view(clone(dense), {3, 2, 4}), 0, 1)}) {
    ASSERT_EQ(x.sizes(), (Dims{2, 3, 4}));
    expect_view(transpose(x, 0, -1), x, {4, 3, 2}, [](Index i) { return Index{i[2], i[1], i[0]}; });
    expect_view(permute(x, {1, -1, 0}), x, {3, 4, 2}, [](Index i) { return Index{i[2], i[0], i[1]}; });
    expect_view(select(x, 1, -1), x, {2, 4}, [](Index i) { return Index{i[0], 2, i[1]}; });
    expect_view(slice(x, 2, 1, -1), x, {2, 3, 2}, [](Index i) { return Index{i[0], i[1], i[2] + 1}; });
    expect_view(slice(x, 2, std::nullopt, std::nullopt, 3), x, {2, 3, 2}, [](Index i) { return Index{i[0], i[1], 3 * i[2]}; });
    expect_view(slice(x, 1, -100, 100), x, {2, 3, 4}, [](Index i) { return i; });
    expect_view(slice(x, 0, 1, 2, INT64_MAX), x, {1, 3, 4}, [](Index i) { return Index{1, i[1], i[2]}; });
    expect_view(slice(x, 0, 5, 2), x, {0, 3, 4}, [](Index i) { return i; });
    expect_view(narrow(x, 1, 1, 2), x, {2, 2, 4}, [](Index i) { return Index{i[0], i[1] + 1, i[2]}; });
    expect_view(unsqueeze(x, -1), x, {2, 3, 4, 1}, [](Index i) { return Index{i[0], i[1], i[2]}; });
    expect_view(squeeze(unsqueeze(x, 1), 1), x, {2, 3, 4}, [](Index i) { return i; });
    expect_view(squeeze(x, 0), x, {2, 3, 4}, [](Index i) { return i; });
    expect_view(squeeze(unsqueeze(unsqueeze(x, 0), 2)), x, {2, 3, 4}, [](Index i) { return i; });
    expect_view(expand(unsqueeze(x, 0), {5, -1, 3, 4}), x, {5, 2, 3, 4}, [](Index i) { return Index{i[1], i[2], i[3]}; });
    expect_view(alias(x), x, {2, 3, 4}, [](Index i) { return i; });
    expect_view(t(select(x, 0, 1)), x, {4, 3}, [](Index i) { return Index{1, i[1], i[0]}; });
    const TensorList parts = split(x, 3, 2), slices = unbind(x, 1);
    ASSERT_EQ(parts.size(), 2u);
    expect_view(parts[1], x, {2, 3, 1}, [](Index i) { return Index{i[0], i[1], 3}; });
    ASSERT_EQ(slices.size(), 3u);
    expect_view(slices[2], x, {2, 4}, [](Index i) { return Index{i[0], 2, i[1]}; });
    // The elements of the view in row-major order, whatever the memory layout.
    Values in_order;
    for_each_index(x.sizes(), [&](const Index& i) { in_order.push_back(at(x, i)); });
    EXPECT_EQ(elements(x), in_order);
    EXPECT_EQ(elements(reshape(x, {4, -1})), in_order);
    EXPECT_EQ(elements(flatten(x)), in_order);
    EXPECT_EQ(elements(clone(x)), in_order);
    EXPECT_TRUE(contiguous(x).is_contiguous());
  }
}

TEST(Views, AsStrided) {
  const Tensor x = arange(0, 10, 1, DType::Float64);
  EXPECT_EQ(elements(as_strided(x, {3, 2}, {2, 3}, 1)), (Values{1, 4, 3, 6, 5, 8}));
  EXPECT_EQ(elements(as_strided(x, {2, 2}, {0, 1})), (Values{0, 1, 0, 1}));
  EXPECT_EQ(as_strided(x, {0, 5}, {100, 100}, 3).numel(), 0);
  expect_contains(message_of<ShapeError>([&] { as_strided(x, {3}, {5}); }), "as_strided: ");
  EXPECT_THROW(as_strided(x, {1}, {1}, 10), ShapeError);
  EXPECT_THROW(as_strided(x, {1}, {1}, -1), ValueError);
  EXPECT_THROW(as_strided(x, {2}, {-1}, 5), ValueError);
  EXPECT_THROW(as_strided(x, {INT64_MAX, 2}, {INT64_MAX, 1}), ShapeError);
  EXPECT_THROW(as_strided(x, {INT64_MAX, INT64_MAX}, {0, 0}), ShapeError);
  EXPECT_THROW(as_strided(x, {2}, {1, 1}), ShapeError);
}

TEST(Views, ReshapeCopiesOnlyWhenNecessary) {
  const Tensor x = arange(0, 24, 1, DType::Float64);
  const auto shares = [&](const Tensor& a, const Tensor& b) { return a.impl()->storage == b.impl()->storage; };
  const Tensor dense = view(x, {2, 3, 4});
  EXPECT_TRUE(shares(reshape(dense, {6, 4}), x));
  EXPECT_TRUE(reshape(dense, {2, 3, 4}).is_same(dense));
  const Tensor rows = slice(dense, 1, 0, 2);  // dimensions 1 and 2 can still be merged
  EXPECT_TRUE(shares(reshape(rows, {2, 8}), x));
  EXPECT_FALSE(shares(reshape(rows, {4, 4}), x));
  EXPECT_EQ(elements(reshape(rows, {4, 4})), elements(rows));
  EXPECT_TRUE(shares(reshape(transpose(dense, 0, 1), {3, 2, 2, 2}), x)) << "a dimension split in two";
  EXPECT_FALSE(shares(reshape(transpose(dense, 0, 1), {6, 4}), x));
  EXPECT_TRUE(shares(reshape(expand(view(x, {24, 1}), {24, 5}), {2, 12, 5}), x));
  expect_contains(message_of<ShapeError>([&] { view(rows, {4, 4}); }), "use reshape");
  EXPECT_EQ(reshape(zeros({0, 3}), {3, 0, 7}).sizes(), (Dims{3, 0, 7}));
  EXPECT_EQ(reshape(zeros({}), {1, 1}).sizes(), (Dims{1, 1}));
  EXPECT_EQ(reshape(zeros({1}), {}).dim(), 0);
}

TEST(Views, ImpossibleViewsAreRejected) {
  const Tensor x = zeros({2, 3});
  const std::string message = message_of<ShapeError>([&] { reshape(x, {4}); });
  expect_contains(message, "reshape: ");
  expect_contains(message, "float32[2, 3]");
  EXPECT_THROW(reshape(x, {-1, -1}), ShapeError);
  EXPECT_THROW(reshape(x, {-1, 4}), ShapeError);
  EXPECT_THROW(reshape(x, {-2, -3}), ShapeError);
  EXPECT_THROW(reshape(zeros({0}), {-1, 0}), ShapeError);
  EXPECT_THROW(reshape(zeros({0}), {std::int64_t{1} << 32, std::int64_t{1} << 32}), ShapeError) << "2^64 is not 0";
  EXPECT_THROW(expand(x, {3}), ShapeError);
  EXPECT_THROW(expand(x, {4, 3}), ShapeError);
  EXPECT_THROW(expand(x, {-1, 2, 3}), ShapeError);
  EXPECT_THROW(expand(zeros({1, 1}), {std::int64_t{1} << 40, std::int64_t{1} << 40}), ShapeError);
  EXPECT_THROW(permute(x, {0, 0}), ValueError);
  EXPECT_THROW(permute(x, {0}), ShapeError);
  EXPECT_THROW(transpose(x, 0, 2), IndexError);
  EXPECT_THROW(select(x, 0, 2), IndexError);
  EXPECT_THROW(select(x, 0, -3), IndexError);
  EXPECT_THROW(select(zeros({}), 0, 0), IndexError);
  EXPECT_THROW(slice(x, 0, 0, 1, 0), ValueError);
  EXPECT_THROW(narrow(x, 0, 1, INT64_MAX), IndexError);
  EXPECT_THROW(narrow(x, 1, 2, 2), IndexError);
  EXPECT_THROW(split(x, 0), ValueError);
  EXPECT_THROW(t(zeros({1, 1, 1})), ShapeError);
  EXPECT_THROW(flatten(zeros({1, 1}), 1, 0), ValueError);
}

// ---- Values ----

TEST(Tensors, SingleValues) {
  EXPECT_EQ(scalar_tensor(2.5, DType::Float64).item<double>(), 2.5);
  EXPECT_EQ(scalar_tensor(-3, DType::Int8).item<int>(), -3);
  EXPECT_EQ(scalar_tensor(1.5, DType::BFloat16).item<float>(), 1.5f);
  EXPECT_TRUE(scalar_tensor(7, DType::Bool).item<bool>());
  EXPECT_EQ(ones({1, 1}, DType::UInt8).item().kind(), Scalar::Kind::Int);
  EXPECT_EQ(select(arange(0, 5), 0, 3).item<std::int64_t>(), 3);
  expect_contains(message_of<ValueError>([] { zeros({2}).item(); }), "float32[2]");
  EXPECT_THROW(zeros({0}).item(), ValueError);
}

TEST(Tensors, DataIsTyped) {
  const Tensor x = ones({2});
  EXPECT_EQ(x.data<float>()[1], 1.0f);
  expect_contains(message_of<DTypeError>([&] { x.data<double>(); }), "float64");
  EXPECT_THROW(tensor<float>({1, 2, 3}, {2}), ShapeError);
}

TEST(Tensors, ForeignMemoryIsReleasedOnceAndLast) {
  float data[] = {1, 2, 3, 4};
  int released = 0;
  const ReleaseCallback release = [](void* user) { ++*static_cast<int*>(user); };
  {
    Tensor part;
    {
      const Tensor blob = from_blob(data, {2, 2}, DType::Float32, release, &released);
      EXPECT_EQ(blob.raw_data(), data);
      part = select(blob, 0, 1);
      const Tensor copy = blob;
      (void)copy;
    }
    EXPECT_EQ(released, 0);
    fill_(part, 9);
  }
  EXPECT_EQ(released, 1);
  EXPECT_EQ(data[3], 9);
  EXPECT_THROW(from_blob(nullptr, {1}, DType::Float32), ValueError);
  EXPECT_EQ(from_blob(nullptr, {0}, DType::Float32, release, &released).numel(), 0);
  EXPECT_EQ(released, 2);
}

TEST(Tensors, Ranges) {
  EXPECT_EQ(elements(arange(5, 0, -2)), (Values{5, 3, 1}));
  EXPECT_EQ(elements(arange(0, 1, 0.25)), (Values{0, 0.25, 0.5, 0.75}));
  EXPECT_EQ(arange(0, 3).dtype(), DType::Int64);
  EXPECT_EQ(arange(0, 3.0).dtype(), DType::Float32);
  EXPECT_EQ(arange(2, 2).numel(), 0);
  EXPECT_THROW(arange(0, 3, 0), ValueError);
  EXPECT_THROW(arange(0, 3, -1), ValueError);
  EXPECT_THROW(arange(0, INFINITY), ValueError);
  EXPECT_THROW(arange(0, -1, std::nan("")), ValueError);
  EXPECT_THROW(arange(0, 1e300), ValueError);
  EXPECT_THROW(arange(INT64_MIN, INT64_MAX), ValueError);
  EXPECT_EQ(elements(eye(2, 3)), (Values{1, 0, 0, 0, 1, 0}));
}

// ---- Text ----

// What PyTorch 1.13 prints, except for "torch." before a dtype and the names of nodes.
TEST(Printing, MatchesPyTorch) {
  const auto expect = [](const Tensor& x, const std::string& text) { EXPECT_EQ(x.to_string(), text); };
  const float inf = INFINITY, nan = NAN;
  expect(tensor<float>({1, 2}), "tensor([1., 2.])");
  expect(tensor<float>({0, 0.5}), "tensor([0.0000, 0.5000])");
  expect(tensor<float>({1, 2000}), "tensor([1.0000e+00, 2.0000e+03])");
  expect(tensor<float>({1e-5f, 1}), "tensor([1.0000e-05, 1.0000e+00])");
  expect(tensor<float>({1e8f, 1}), "tensor([1.0000e+08, 1.0000e+00])");
  expect(tensor<float>({1e8f}), "tensor([100000000.])");
  expect(tensor<float>({2e8f}), "tensor([2.0000e+08])");
  expect(tensor<float>({99999}), "tensor([99999.])");
  expect(tensor<float>({nan, 1}), "tensor([nan, 1.])");
  expect(tensor<float>({inf, nan}), "tensor([inf, nan])");
  expect(tensor<float>({-inf, 1.5}), "tensor([  -inf, 1.5000])");
  expect(tensor<float>({-0.0f, 0}), "tensor([-0., 0.])");
  expect(scalar_tensor(3.14159, DType::Float32), "tensor(3.1416)");
  expect(scalar_tensor(5, DType::Int64), "tensor(5)");
  expect(scalar_tensor(NAN, DType::Float32), "tensor(nan)");
  expect(tensor<float>({1, 2}) > 1, "tensor([False,  True])");
  expect(tensor<std::uint8_t>({0, 255}), "tensor([  0, 255], dtype=uint8)");
  expect(tensor<std::int64_t>({1, -20, 300, 4}, {2, 2}), "tensor([[  1, -20],\n        [300,   4]])");
  expect(to(tensor<float>({1.5, 1000.5}), DType::Float16), "tensor([   1.5000, 1000.5000], dtype=float16)");
  expect(tensor<double>({1.5, 2.5}), "tensor([1.5000, 2.5000], dtype=float64)");
  expect(zeros({12}) == 100,
         "tensor([False, False, False, False, False, False, False, False, False, False,\n        False, False])");
  expect(reshape(arange(0, 12.0), {2, 2, 3}),
         "tensor([[[ 0.,  1.,  2.],\n         [ 3.,  4.,  5.]],\n\n        [[ 6.,  7.,  8.],\n         [ 9., 10., 11.]]])");
  expect(tensor<float>({1, 10000}, {2, 1}), "tensor([[1.0000e+00],\n        [1.0000e+04]])");
  expect(arange(0, 30.0),
         "tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,\n"
         "        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,\n        28., 29.])");
  expect(arange(0, 1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])");
  expect(reshape(arange(0, 3000.0), {50, 60}) / 7,
         "tensor([[0.0000e+00, 1.4286e-01, 2.8571e-01,  ..., 8.1429e+00, 8.2857e+00,\n         8.4286e+00],\n"
         "        [8.5714e+00, 8.7143e+00, 8.8571e+00,  ..., 1.6714e+01, 1.6857e+01,\n         1.7000e+01],\n"
         "        [1.7143e+01, 1.7286e+01, 1.7429e+01,  ..., 2.5286e+01, 2.5429e+01,\n         2.5571e+01],\n"
         "        ...,\n"
         "        [4.0286e+02, 4.0300e+02, 4.0314e+02,  ..., 4.1100e+02, 4.1114e+02,\n         4.1129e+02],\n"
         "        [4.1143e+02, 4.1157e+02, 4.1171e+02,  ..., 4.1957e+02, 4.1971e+02,\n         4.1986e+02],\n"
         "        [4.2000e+02, 4.2014e+02, 4.2029e+02,  ..., 4.2814e+02, 4.2829e+02,\n         4.2843e+02]])");
  expect(zeros({0}), "tensor([])");
  expect(zeros({2, 0}), "tensor([], size=(2, 0))");
  expect(zeros({0, 3}, DType::Bool), "tensor([], size=(0, 3), dtype=bool)");
  expect(zeros({0}, DType::Int64), "tensor([], dtype=int64)");
  Tensor x = tensor<float>({1, 2}).requires_grad_();
  expect(x, "tensor([1., 2.], requires_grad=True)");
  expect(x * 2, "tensor([2., 4.], grad_fn=<MulBackward>)");
  // A line that is too long is continued on the next one.
  expect(full({9}, 1.5, DType::Float64).requires_grad_() * 1,
         "tensor([1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000],\n"
         "       dtype=float64, grad_fn=<MulBackward>)");
  EXPECT_EQ(Tensor().to_string(), "tensor(none)");
}

// ---- Errors ----

TEST(Errors, NameTheOperatorAndItsOperands) {
  const Tensor a = zeros({2, 3}), b = zeros({4, 5}, DType::Float64);
  const std::string product = message_of<ShapeError>([&] { matmul(a, b); });
  expect_contains(product, "matmul: ");
  expect_contains(product, "float32[2, 3]");
  expect_contains(product, "float64[4, 5]");
  const std::string sum_message = message_of<ShapeError>([&] { a + b; });
  expect_contains(sum_message, "add: ");
  expect_contains(sum_message, "[2, 3]");
  expect_contains(sum_message, "[4, 5]");
  expect_contains(message_of<ShapeError>([&] { linear(a, zeros({4, 5})); }), "linear: ");
  expect_contains(message_of<IndexError>([&] { cross_entropy(a, tensor<std::int64_t>({0, 7})); }),
                  "cross_entropy: ");
  expect_contains(message_of<ValueError>([&] { a + Tensor(); }), "add: ");
  expect_contains(message_of<ShapeError>([&] { add_(a, zeros({2, 2, 3})); }), "add_: ");
  expect_contains(message_of<DTypeError>([&] { add_(zeros({2}, DType::Int32), 0.5); }), "int32[2]");
  expect_contains(message_of<DTypeError>([&] { neg(zeros({2}, DType::Bool)); }), "neg: ");
  expect_contains(message_of<DTypeError>([&] { mean(zeros({2}, DType::Int64)); }), "int64[2]");
  expect_contains(message_of<ShapeError>([&] { copy_(a, b); }), "copy_: ");
}

struct CountingObserver : OpObserver {
  std::string log;
  void before(const char* op) override { log += std::string("(") + op; }
  void after(const char*) override { log += ")"; }
};

TEST(Errors, ObserversSeeEveryCallEvenOneThatThrows) {
  CountingObserver observer;
  const Tensor a = ones({2}), b = ones({3});
  set_op_observer(&observer);
  narrow(a, 0, 0, 1);
  EXPECT_THROW(a + b, ShapeError);
  set_op_observer(nullptr);
  a + a;
  EXPECT_EQ(observer.log, "(narrow(slice))(add)");
}

}  // namespace
}  // namespace ts
