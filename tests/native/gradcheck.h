// Checks gradients against central differences in float64, as torch.autograd.gradcheck does: the outputs of a function
// are multiplied by a random vector, and each element of each input is changed by kStep in both directions.
//
// The tolerance follows from the accuracy of a difference. With u = 2^-53, s the product with the random vector
// and M the sum of the magnitudes of its terms, rounding changes (s(x + h) - s(x - h)) / 2h by up to (ulps of
// the evaluation) * u * M / h, and the truncation error is h^2 / 6 times the third derivative. The functions
// under test have intermediate values of order 1, which M includes along with the outputs, and third derivatives
// below kThirdDerivative.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "torchscratch/torchscratch.h"

namespace ts::test {

using CheckedFunction = std::function<TensorList(const TensorList&)>;

inline constexpr double kStep = 1e-6;
inline constexpr double kThirdDerivative = 6e3;
inline constexpr double kEvaluationUlps = 16;  // a few functions of a few ULP each, chained

/// The elements in row-major order, as doubles.
inline std::vector<double> elements(const Tensor& tensor) {
  const NoGrad no_grad;
  const Tensor dense = contiguous(to(tensor, DType::Float64));
  return {dense.data<double>(), dense.data<double>() + dense.numel()};
}

/// Uniform in [-1, 1), the same in every run.
inline Tensor random_vector(const Dims& sizes, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> draw(-1, 1);
  std::vector<double> values(static_cast<std::size_t>(product(sizes)));
  for (double& value : values) value = draw(engine);
  return tensor(values, sizes);
}

namespace detail {

/// A copy with the same strides (except for overlapping elements), outside the graph.
inline Tensor copy_with_strides(const Tensor& source) {
  const NoGrad no_grad;
  if (source.is_contiguous()) return clone(source.detach());
  // A dense tensor with its dimensions in the order of their strides, permuted back.
  std::vector<std::int64_t> order(static_cast<std::size_t>(source.dim()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return source.stride(a) > source.stride(b); });
  std::vector<std::int64_t> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return permute(clone(permute(source.detach(), order)), back).detach();
}

inline TensorList fresh(const TensorList& inputs) {
  TensorList copies;
  for (const Tensor& input : inputs) {
    Tensor copy = is_floating(input.dtype()) ? copy_with_strides(input) : input;
    if (input.requires_grad()) copy.requires_grad_();
    copies.push_back(std::move(copy));
  }
  return copies;
}

inline TensorList floating_outputs(const TensorList& outputs) {
  TensorList kept;
  for (const Tensor& output : outputs) {
    if (is_floating(output.dtype())) kept.push_back(output);
  }
  return kept;
}

/// The element at row-major position `i`.
inline double& element_at(const Tensor& tensor, std::int64_t i) {
  std::int64_t at = 0;
  for (int d = tensor.dim() - 1; d >= 0; --d) {
    at += i % tensor.sizes()[d] * tensor.strides()[d];
    i /= tensor.sizes()[d];
  }
  return tensor.data<double>()[at];
}

}  // namespace detail

/// Whether the gradients of `fn` with respect to those float64 `inputs` that require a gradient are correct.
inline testing::AssertionResult gradcheck(const CheckedFunction& fn, const TensorList& inputs) {
  const TensorList tracked = detail::fresh(inputs);
  const TensorList outputs = detail::floating_outputs(fn(tracked));
  TensorList vectors, roots, root_vectors;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (outputs[k].dtype() != DType::Float64) {
      return testing::AssertionFailure() << "output " << k << " is " << describe(outputs[k]) << ", not float64";
    }
    vectors.push_back(random_vector(outputs[k].sizes(), 1000 + static_cast<unsigned>(k)));
    if (!outputs[k].requires_grad()) continue;
    roots.push_back(outputs[k]);
    root_vectors.push_back(vectors.back());
  }
  TensorList wanted;
  for (const Tensor& input : tracked) {
    if (input.requires_grad()) wanted.push_back(input);
  }
  TensorList analytic(wanted.size());
  if (!roots.empty()) analytic = grad(roots, wanted, root_vectors, false, false, true);

  // s and M of the comment above. A function may draw random numbers and change its inputs, so each call gets copies.
  double magnitude = 0;
  const auto product_at = [&](std::size_t which, std::int64_t i, double step) {
    const TensorList moved = detail::fresh(inputs);
    detail::element_at(moved[which], i) += step;
    const TensorList results = detail::floating_outputs(fn(moved));
    long double sum = 0;
    magnitude = 0;
    for (std::size_t k = 0; k < results.size(); ++k) {
      const std::vector<double> values = elements(results[k]);
      const std::vector<double> weights = elements(vectors[k]);
      for (std::size_t j = 0; j < values.size(); ++j) {
        sum += static_cast<long double>(values[j]) * weights[j];
        magnitude += std::fabs(weights[j]) * (std::fabs(values[j]) + 1);
      }
    }
    return sum;
  };

  std::size_t at = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) continue;
    const Tensor& gradient = analytic[at++];
    if (gradient.defined() && (gradient.sizes() != inputs[i].sizes() || gradient.dtype() != DType::Float64)) {
      return testing::AssertionFailure() << "the gradient of input " << i << ", " << describe(inputs[i]) << ", is "
                                         << describe(gradient);
    }
    const std::vector<double> got =
        gradient.defined() ? elements(gradient) : std::vector<double>(static_cast<std::size_t>(inputs[i].numel()), 0.0);
    for (std::int64_t j = 0; j < inputs[i].numel(); ++j) {
      const long double above = product_at(i, j, kStep);
      const long double below = product_at(i, j, -kStep);
      const auto numeric = static_cast<double>((above - below) / (2 * kStep));
      const double tolerance = kEvaluationUlps * 0x1p-53 * magnitude / kStep + kStep * kStep / 6 * kThirdDerivative;
      const double difference = std::fabs(got[static_cast<std::size_t>(j)] - numeric);
      if (!(difference <= tolerance)) {
        return testing::AssertionFailure() << "the gradient of input " << i << ", " << describe(inputs[i])
                                           << ", element " << j << " is " << got[static_cast<std::size_t>(j)]
                                           << ", finite differences give " << numeric << "; tolerance " << tolerance;
      }
    }
  }
  return testing::AssertionSuccess();
}

/// The same for the gradients of the gradients, with respect to the inputs and to the random vectors.
inline testing::AssertionResult gradgradcheck(const CheckedFunction& fn, const TensorList& inputs) {
  TensorList with_vectors = inputs;
  for (const Tensor& output : detail::floating_outputs(fn(detail::fresh(inputs)))) {
    with_vectors.push_back(random_vector(output.sizes(), 2000 + static_cast<unsigned>(with_vectors.size())));
    with_vectors.back().requires_grad_();
  }
  const std::size_t count = inputs.size();
  const CheckedFunction first_order = [&fn, count](const TensorList& arguments) {
    const TensorList points(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(count));
    const TensorList outputs = detail::floating_outputs(fn(points));
    TensorList roots, vectors, wanted;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (!outputs[k].requires_grad()) continue;
      roots.push_back(outputs[k]);
      vectors.push_back(arguments[count + k]);
    }
    for (const Tensor& point : points) {
      if (point.requires_grad()) wanted.push_back(point);
    }
    TensorList results;
    if (roots.empty()) return results;
    const TensorList gradients = grad(roots, wanted, vectors, true, true, true);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      results.push_back(gradients[i].defined() ? gradients[i] : zeros_like(wanted[i]));
    }
    return results;
  };
  return gradcheck(first_order, with_vectors);
}

}  // namespace ts::test
