// The kernels for one file of pointwise functors: their inner loops for every instruction set, and the functions in the
// table of kernels. Included by generated/pointwise/<file>.g.cpp, which lists the functors as TS_POINTWISE_ROWS(X) and
// is compiled by Highway once for each instruction set.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "backend/scalar_math.h"
#include "cpu/pointwise_engine.h"
#include "cpu/pointwise_row.h"
#include "cpu/simd_target.h"
// After simd_target.h, which chooses the instruction sets.
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

// For int64_t the compiler vectorizes a loop over this many elements at a time.
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
    // A local array, because the compiler vectorizes only if it knows that the output does not overlap the inputs.
    Result results[kIntegerLanes];
    for (int64_t i = 0; i < count; i += kIntegerLanes) {
      for (int lane = 0; lane < kIntegerLanes; ++lane) {
        results[lane] = Functor()(inputs[operand][(i & input_masks[operand]) + lane]..., params[param]...);
      }
      std::memcpy(static_cast<Result*>(out) + i, results, sizeof results);
    }
  } else {
    // One extra element, because an array must not be empty.
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

// The rows of the list as types, RowSpec<Row::name>. These and everything derived from them are local to this file.
struct Floating {
  static constexpr bool floating = true, integral = false;
};
struct Numeric {
  static constexpr bool floating = true, integral = true;
};
struct Integral {
  static constexpr bool floating = false, integral = true;
};

namespace {

enum class Row : int {
#define TS_ROW_INDEX(name, functor, operand_count, param_count, type_class) name,
  TS_POINTWISE_ROWS(TS_ROW_INDEX)
#undef TS_ROW_INDEX
};

template <Row row>
struct RowSpec;
#define TS_ROW_SPEC(name, functor, operand_count, param_count, type_class) \
  template <>                                                              \
  struct RowSpec<Row::name> {                                              \
    using Functor = functors::functor;                                     \
    using Class = type_class;                                              \
    static constexpr int operands = operand_count, params = param_count;   \
  };
TS_POINTWISE_ROWS(TS_ROW_SPEC)
#undef TS_ROW_SPEC

}  // namespace

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

#define TS_MAKE_ROW(name, functor, operands, params, type_class) make_row<RowSpec<Row::name>>(),
static constexpr PointwiseRow kRows[] = {TS_POINTWISE_ROWS(TS_MAKE_ROW)};
#undef TS_MAKE_ROW

static const PointwiseRow* pointwise_rows() { return kRows; }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ts::cpu {

HWY_EXPORT(pointwise_rows);

#define TS_DEFINE_KERNEL(name, functor, operands, params, type_class)    \
  void name(const PointwiseArgs& args) {                                 \
    constexpr auto row = static_cast<int>(HWY_NAMESPACE::Row::name);     \
    run_pointwise(#name, TS_SIMD_DISPATCH(pointwise_rows)()[row], args); \
  }
TS_POINTWISE_ROWS(TS_DEFINE_KERNEL)
#undef TS_DEFINE_KERNEL

}  // namespace ts::cpu
#endif
