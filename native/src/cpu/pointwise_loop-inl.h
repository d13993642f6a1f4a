// The inner loops of one part of the pointwise rows, for every instruction set. Included by pointwise_rows_<part>.cpp,
// which defines TS_POINTWISE_PART and is what Highway compiles over and over.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "backend/scalar_math.h"
#include "cpu/pointwise_row.h"
#include "cpu/simd_target.h"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
// Everything below is compiled once per instruction set.
#include <hwy/highway.h>

#include "cpu/vec_math-inl.h"

HWY_BEFORE_NAMESPACE();
#undef TS_POINTWISE_TARGET
#define TS_POINTWISE_TARGET HWY_NAMESPACE
#include "backend/pointwise.h"

namespace ts::cpu {
namespace HWY_NAMESPACE {

namespace functors = ::ts::pointwise::HWY_NAMESPACE;

// int64_t takes the compiler's own vectorization, over this many at a time.
constexpr int kIntegerLanes = 8;

template <class T>
HWY_INLINE void store_result(Vec<T> result, T* out, int64_t i) {
  result.store(out + i);
}
template <class T>
HWY_INLINE void store_result(Mask<T> result, uint8_t* out, int64_t i) {
  const BitsTag<T> d;
  [[maybe_unused]] const hn::Rebind<uint8_t, BitsTag<T>> bytes;
  const auto ones = hn::IfThenElseZero(hn::RebindMask(d, result.raw), hn::Set(d, 1));
#if HWY_TARGET == HWY_SCALAR
  out[i] = static_cast<uint8_t>(hn::GetLane(ones));
#else
  hn::StoreU(hn::TruncateTo(bytes, ones), bytes, out + i);
#endif
}

template <class Functor, class T, size_t... operand, size_t... param>
HWY_INLINE void span_loop(std::index_sequence<operand...>, std::index_sequence<param...>, void* out,
                          const void* const* in, const int64_t* masks, int64_t count, const T* params) {
  const T* const inputs[] = {static_cast<const T*>(in[operand])...};
  const int64_t input_masks[] = {masks[operand]...};
  if constexpr (std::is_same_v<T, int64_t>) {
    using Result = decltype(Functor()((static_cast<void>(operand), T())..., (static_cast<void>(param), T())...));
    // A local array cannot overlap the inputs, which is what the compiler must know to vectorize.
    Result results[kIntegerLanes];
    for (int64_t i = 0; i < count; i += kIntegerLanes) {
      for (int lane = 0; lane < kIntegerLanes; ++lane) {
        results[lane] = Functor()(inputs[operand][(i & input_masks[operand]) + lane]..., params[param]...);
      }
      std::memcpy(static_cast<Result*>(out) + i, results, sizeof results);
    }
  } else {
    // One more than there are, since there may be none.
    const Vec<T> constants[] = {Vec<T>(params[param])..., Vec<T>(0)};
    using Result =
        decltype(Functor()((static_cast<void>(operand), Vec<T>())..., (static_cast<void>(param), Vec<T>())...));
    using Stored = std::conditional_t<std::is_same_v<Result, Mask<T>>, uint8_t, T>;
    for (int64_t i = 0; i < count; i += static_cast<int64_t>(Vec<T>::kLanes)) {
      const Result result =
          Functor()(Vec<T>::load(inputs[operand] + (i & input_masks[operand]))..., constants[param]...);
      store_result(result, static_cast<Stored*>(out), i);
    }
    static_cast<void>(constants);
  }
}

template <class Functor, class T, int operands, int params>
void span(void* out, const void* const* in, const int64_t* masks, int64_t count, const void* parameters) {
  span_loop<Functor, T>(std::make_index_sequence<operands>(), std::make_index_sequence<params>(), out, in, masks, count,
                        static_cast<const T*>(parameters));
}

// The list's rows as types: RowSpec<index>.
struct Floating {
  static constexpr bool floating = true, integral = false;
};
struct Numeric {
  static constexpr bool floating = true, integral = true;
};
struct Integral {
  static constexpr bool floating = false, integral = true;
};

template <int index>
struct RowSpec;
#define TS_ROW_SPEC(name, functor, operand_count, param_count, type_class) \
  template <>                                                              \
  struct RowSpec<static_cast<int>(PointwiseIndex::name)> {                 \
    using Functor = functors::functor;                                     \
    using Class = type_class;                                              \
    static constexpr int operands = operand_count, params = param_count;   \
  };
TS_POINTWISE_OPS(TS_ROW_SPEC)
#undef TS_ROW_SPEC

template <class Functor, class = void>
constexpr bool kChecksDivisor = false;
template <class Functor>
constexpr bool kChecksDivisor<Functor, std::void_t<decltype(Functor::checks_divisor)>> = true;

template <class Functor, class = void>
struct BoolFunctor {
  using Type = void;
};
template <class Functor>
struct BoolFunctor<Functor, std::void_t<typename Functor::ForBool>> {
  using Type = typename Functor::ForBool;
};

template <class Functor, class V, size_t... i>
constexpr bool makes_truth(std::index_sequence<i...>) {
  return !std::is_same_v<decltype(Functor()((static_cast<void>(i), V())...)), V>;
}

template <class Spec>
constexpr PointwiseRow make_row() {
  using Functor = typename Spec::Functor;
  using ForBool = typename BoolFunctor<Functor>::Type;
  constexpr int operands = Spec::operands, params = Spec::params;
  using Arguments = std::make_index_sequence<operands + params>;
  PointwiseRow row = {};
  if constexpr (Spec::Class::floating) {
    row.float32 = &span<Functor, float, operands, params>;
    row.float64 = &span<Functor, double, operands, params>;
    row.makes_truth = makes_truth<Functor, Vec<float>>(Arguments());
  }
  if constexpr (Spec::Class::integral) {
    row.int64 = &span<Functor, int64_t, operands, params>;
    row.makes_truth = makes_truth<Functor, int64_t>(Arguments());
  }
  if constexpr (!std::is_void_v<ForBool>) {
    row.boolean = &span<ForBool, int64_t, operands, params>;
    row.boolean_makes_truth = makes_truth<ForBool, int64_t>(Arguments());
  }
  row.float32_lanes = Vec<float>::kLanes;
  row.float64_lanes = Vec<double>::kLanes;
  row.int64_lanes = kIntegerLanes;
  row.operands = operands;
  row.params = params;
  row.checks_divisor = kChecksDivisor<Functor>;
  static_assert(Vec<float>::kLanes <= kMaxLanes && kIntegerLanes <= kMaxLanes);
  return row;
}

template <int part, size_t... i>
const PointwiseRow* make_rows(std::index_sequence<i...>) {
  static constexpr PointwiseRow rows[] = {make_row<RowSpec<static_cast<int>(i) * kPointwiseParts + part>>()...};
  return rows;
}

static const PointwiseRow* rows_of_part() {
  constexpr int rows = (kPointwiseRowCount - TS_POINTWISE_PART + kPointwiseParts - 1) / kPointwiseParts;
  return make_rows<TS_POINTWISE_PART>(std::make_index_sequence<rows>());
}

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ts::cpu {

HWY_EXPORT(rows_of_part);

template <>
const PointwiseRow* pointwise_rows<TS_POINTWISE_PART>() {
  return TS_SIMD_DISPATCH(rows_of_part)();
}

}  // namespace ts::cpu
#endif
