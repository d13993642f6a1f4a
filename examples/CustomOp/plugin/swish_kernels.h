// The loops of swish, y = x s with s = 1 / (1 + exp(-beta x)), each in one pass over memory.
//
//     dy/dx = s (1 + beta x (1 - s))
//
// Written without branches, so that the compiler turns them into vector instructions; GCC compiles them for several
// instruction sets and chooses when the plugin is loaded.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
#define SWISH_TARGETS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SWISH_TARGETS
#endif

namespace swish {

// exp(x) = 2^n exp(r), |r| <= ln(2) / 2, with the Taylor polynomial of degree 7 for exp(r): the remainder, r^8 / 8!, is
// below 6e-9, a tenth of the rounding error of float. Arguments are clamped so that exp stays a normal number.
inline float exponential(float x) {
  constexpr float kLog2E = 1.44269504f;
  constexpr float kLn2High = 0.693359375f;  // has trailing zero bits, so n * kLn2High is exact
  constexpr float kLn2Low = -2.12194440e-4f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < 87.0f ? x : 87.0f;
  x = x > -87.0f ? x : -87.0f;
  const float shifted = x * kLog2E + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const std::int32_t bits = (static_cast<std::int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}
inline double exponential(double x) { return std::exp(x); }

template <class T>
inline void forward_range(const T* x, T* y, T beta, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) y[i] = x[i] / (T(1) + exponential(-beta * x[i]));
}

template <class T>
inline void backward_range(const T* grad, const T* x, T* out, T beta, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) {
    const T s = T(1) / (T(1) + exponential(-beta * x[i]));
    out[i] = grad[i] * s * (T(1) + beta * x[i] * (T(1) - s));
  }
}

SWISH_TARGETS inline void forward(const float* x, float* y, float beta, std::int64_t begin, std::int64_t end) {
  forward_range(x, y, beta, begin, end);
}
inline void forward(const double* x, double* y, double beta, std::int64_t begin, std::int64_t end) {
  forward_range(x, y, beta, begin, end);
}
SWISH_TARGETS inline void backward(const float* grad, const float* x, float* out, float beta, std::int64_t begin,
                                   std::int64_t end) {
  backward_range(grad, x, out, beta, begin, end);
}
inline void backward(const double* grad, const double* x, double* out, double beta, std::int64_t begin,
                     std::int64_t end) {
  backward_range(grad, x, out, beta, begin, end);
}

}  // namespace swish
