// One layer and direction of an LSTM (long short-term memory), and its backward pass. With the activated gates i, f,
// g, o,
//
//   c = f c_before + i g,   h = o tanh(c)
//
// and, going backward in time with the gradients dh and dc of a step's results,
//
//   dc += dh o (1 - tanh(c)^2)
//   d(sum i) = dc g i (1 - i),  d(sum f) = dc c_before f (1 - f),  d(sum g) = dc i (1 - g^2),  d(sum o) = dh tanh(c) o
//   (1 - o) dc_before = dc f,  dh_before = d(sums) W
//
// A step is one product with the weight and one pass over the gates, which are kept for the backward pass.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/lstm.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/vec_math-inl.h"
#include "cpu/vec_tail-inl.h"

#ifndef TS_CPU_RECURRENT_KERNELS
#define TS_CPU_RECURRENT_KERNELS
namespace ts::cpu {

// The functions of one instruction set, for the n elements of one sample's state; gates holds 4 n numbers.
template <class T>
struct LstmKernels {
  /// Turns the gates' sums into activated gates, in place.
  void (*step)(T* gates, const T* cell_before, T* cell, T* hidden, std::int64_t n);
  /// Replaces dc of this step by dc of the previous step.
  void (*step_backward)(const T* gates, const T* cell_before, const T* cell, const T* grad_hidden, T* grad_cell,
                        T* grad_sums, std::int64_t n);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// Calls body(load, store) with functions for whole vectors, then once for the remaining elements.
template <class T, class Body>
HWY_INLINE void for_state(int64_t n, Body body) {
  for_each_vector<T>(
      n,
      [&](int64_t i) HWY_ATTR {
        body([&](const T* from) HWY_ATTR { return Vec<T>::load(from + i); },
             [&](Vec<T> value, T* to) HWY_ATTR { value.store(to + i); });
      },
      [&](int64_t i, int64_t left) HWY_ATTR {
        body([&](const T* from) HWY_ATTR { return load_first(from + i, left, Vec<T>(0)); },
             [&](Vec<T> value, T* to) HWY_ATTR { store_first(value, to + i, left); });
      });
}

template <class T>
HWY_INLINE Vec<T> logistic_of(Vec<T> x) {
  return Vec<T>(1) / (Vec<T>(1) + exp(-x));
}

template <class T>
void lstm_step(T* gates, const T* cell_before, T* cell, T* hidden, int64_t n) {
  for_state<T>(n, [&](auto load, auto store) HWY_ATTR {
    const Vec<T> i = logistic_of(load(gates)), f = logistic_of(load(gates + n));
    const Vec<T> g = tanh(load(gates + 2 * n)), o = logistic_of(load(gates + 3 * n));
    const Vec<T> c = f * load(cell_before) + i * g;
    store(i, gates);
    store(f, gates + n);
    store(g, gates + 2 * n);
    store(o, gates + 3 * n);
    store(c, cell);
    store(o * tanh(c), hidden);
  });
}

template <class T>
void lstm_step_backward(const T* gates, const T* cell_before, const T* cell, const T* grad_hidden, T* grad_cell,
                        T* grad_sums, int64_t n) {
  for_state<T>(n, [&](auto load, auto store) HWY_ATTR {
    const Vec<T> one(1);
    const Vec<T> i = load(gates), f = load(gates + n), g = load(gates + 2 * n), o = load(gates + 3 * n);
    const Vec<T> dh = load(grad_hidden), bent = tanh(load(cell));
    const Vec<T> dc = load(grad_cell) + dh * o * (one - bent * bent);
    store(dc * g * i * (one - i), grad_sums);
    store(dc * load(cell_before) * f * (one - f), grad_sums + n);
    store(dc * i * (one - g * g), grad_sums + 2 * n);
    store(dh * bent * o * (one - o), grad_sums + 3 * n);
    store(dc * f, grad_cell);
  });
}

LstmKernels<float> float_lstm() { return {&lstm_step<float>, &lstm_step_backward<float>}; }
LstmKernels<double> double_lstm() { return {&lstm_step<double>, &lstm_step_backward<double>}; }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <type_traits>

#include "backend/dispatch.h"
#include "cpu/gemm.h"
#include "cpu/gemm_kernel_set.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu/recurrent_networks.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_lstm);
HWY_EXPORT(double_lstm);

template <class T>
LstmKernels<T> kernels() {
  if constexpr (std::is_same_v<T, float>) return TS_SIMD_DISPATCH(float_lstm)();
  else return TS_SIMD_DISPATCH(double_lstm)();
}

// Number of samples in a chunk: an element of the state costs about a hundred operations.
std::int64_t grain(std::int64_t n) {
  return std::max<std::int64_t>(1, kMinParallelFlops / 100 / std::max<std::int64_t>(1, n));
}

// W^T, row by row with one cache line of padding between rows, so that the products of all steps read it directly.
template <class T>
struct TransposedWeight {
  explicit TransposedWeight(const Tensor& weight) : row(weight.size(0) + 16) {
    static Workspace workspace;
    const std::int64_t rows = weight.size(0), columns = weight.size(1);
    data = static_cast<T*>(workspace.reserve(static_cast<std::size_t>(columns * row) * sizeof(T)));
    gemm_kernels<T>().pack(rows, columns, weight.data<T>(), columns, 1, data, row);
  }
  T* data;
  std::int64_t row;  // distance between rows, in elements
};

}  // namespace

void lstm_steps(const Tensor& output, const Tensor& cells, const Tensor& gates, const Tensor& sums,
                const Tensor& hidden, const Tensor& cell, const Tensor& weight, bool reverse) {
  const std::int64_t steps = sums.size(0), batch = sums.size(1), n = hidden.size(1), state = batch * n;
  dispatch_float_double(sums.dtype(), [&]<class T>() {
    const LstmKernels<T> kernel = kernels<T>();
    std::copy_n(sums.data<T>(), sums.numel(), gates.data<T>());
    const TransposedWeight<T> transposed(weight);
    const T *h = hidden.data<T>(), *c = cell.data<T>();
    for (std::int64_t k = 0; k < steps; ++k) {
      const std::int64_t t = reverse ? steps - 1 - k : k;
      T* const now = gates.data<T>() + t * 4 * state;
      T *const next_h = output.data<T>() + t * state, *const next_c = cells.data<T>() + t * state;
      GemmEpilogue<T> add;
      add.beta = 1;
      gemm<T>(batch, 4 * n, n, {h, n, 1}, {transposed.data, transposed.row, 1}, now, 4 * n, add);
      parallel_for(batch, grain(n), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b)
          kernel.step(now + b * 4 * n, c + b * n, next_c + b * n, next_h + b * n, n);
      });
      h = next_h;
      c = next_c;
    }
  });
}

void lstm_steps_backward(const Tensor& grad_sums, const Tensor& grad_hidden, const Tensor& grad_cell,
                         const Tensor& grad_output, const Tensor& grad_last_cell, const Tensor& gates,
                         const Tensor& cells, const Tensor& cell, const Tensor& weight, bool reverse) {
  const std::int64_t steps = gates.size(0), batch = gates.size(1), n = cell.size(1), state = batch * n;
  dispatch_float_double(gates.dtype(), [&]<class T>() {
    const LstmKernels<T> kernel = kernels<T>();
    // The result tensors hold the gradients that are passed from step to step.
    T *const dh = grad_hidden.data<T>(), *const dc = grad_cell.data<T>();
    std::fill_n(dh, state, T(0));
    if (grad_last_cell.defined()) std::copy_n(grad_last_cell.data<T>(), state, dc);
    else std::fill_n(dc, state, T(0));
    for (std::int64_t k = steps - 1; k >= 0; --k) {
      const std::int64_t t = reverse ? steps - 1 - k : k, before = reverse ? t + 1 : t - 1;
      const T* const c_before = k == 0 ? cell.data<T>() : cells.data<T>() + before * state;
      const T *const c = cells.data<T>() + t * state, *const now = gates.data<T>() + t * 4 * state;
      const T* const from_output = grad_output.defined() ? grad_output.data<T>() + t * state : nullptr;
      T* const ds = grad_sums.data<T>() + t * 4 * state;
      parallel_for(batch, grain(n), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b) {
          T* const row = dh + b * n;
          for (std::int64_t j = 0; from_output && j < n; ++j) row[j] += from_output[b * n + j];
          kernel.step_backward(now + b * 4 * n, c_before + b * n, c + b * n, row, dc + b * n, ds + b * 4 * n, n);
        }
      });
      gemm<T>(batch, n, 4 * n, {ds, 4 * n, 1}, {weight.data<T>(), n, 1}, dh, n);
    }
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
