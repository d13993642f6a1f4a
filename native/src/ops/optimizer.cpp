// Fused optimizer steps: each parameter, its gradient and its state are read and written once, and all parameters form
// one parallel loop, so that many small ones do not cost a hand-off each.
#include "torchscratch/optimizer.h"

#include <cmath>
#include <vector>

#include "cpu/thread_pool.h"
#include "torchscratch/autograd.h"
#include "torchscratch/in_place.h"
#include "torchscratch/observer.h"
#include "torchscratch/ops.g.h"

namespace ts {

namespace {

constexpr std::int64_t kChunk = 16 * 1024;  // elements: a few cache-resident arrays of it

// A piece of one parameter.
struct Piece {
  std::size_t tensor;
  std::int64_t begin;
  std::int64_t end;
};

void check_state(const char* what, const Tensor& parameter, const Tensor& state) {
  TS_CHECK(state.defined() && state.sizes() == parameter.sizes() && state.dtype() == parameter.dtype() &&
               state.is_contiguous(),
           ValueError, what, " ", describe(state), " does not fit parameter ", describe(parameter));
}

// Cuts every parameter that has a gradient into pieces, after checking that both are what a kernel can take. Parameters
// that are not contiguous are left to the caller's copies, which `dense` holds.
class Pieces {
 public:
  Pieces(Span<const Tensor> parameters, Span<const Tensor> gradients) {
    TS_CHECK(parameters.size() == gradients.size(), ValueError, parameters.size(), " parameters, ", gradients.size(),
             " gradients");
    parameters_.reserve(parameters.size());
    gradients_.reserve(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Tensor& parameter = parameters[i];
      TS_CHECK(parameter.defined(), ValueError, "parameter ", i, " is undefined");
      Tensor gradient = gradients[i];
      if (gradient.defined()) {
        TS_CHECK(parameter.dtype() == DType::Float32 || parameter.dtype() == DType::Float64, DTypeError, "parameter ",
                 i, " is ", describe(parameter), "; optimizers take float32 and float64");
        TS_CHECK(gradient.sizes() == parameter.sizes() && gradient.dtype() == parameter.dtype(), ShapeError,
                 "gradient ", i, " is ", describe(gradient), " for parameter ", describe(parameter));
        gradient = contiguous(gradient);
        for (std::int64_t at = 0; at < parameter.numel(); at += kChunk) {
          pieces_.push_back({i, at, std::min(at + kChunk, parameter.numel())});
        }
      }
      parameters_.push_back(contiguous(parameter));
      gradients_.push_back(std::move(gradient));
    }
  }

  bool has(std::size_t i) const { return gradients_[i].defined(); }

  // update(i, parameter, gradient, begin, end) on typed pointers, in parallel.
  template <class Update>
  void run(Update&& update) {
    cpu::parallel_for(static_cast<std::int64_t>(pieces_.size()), 4, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t p = first; p < last; ++p) {
        const Piece& piece = pieces_[static_cast<std::size_t>(p)];
        const Tensor& parameter = parameters_[piece.tensor];
        if (parameter.dtype() == DType::Float32) {
          update(piece.tensor, parameter.data<float>(), gradients_[piece.tensor].data<float>(), piece.begin, piece.end);
        } else {
          update(piece.tensor, parameter.data<double>(), gradients_[piece.tensor].data<double>(), piece.begin,
                 piece.end);
        }
      }
    });
  }

  void finish(Span<const Tensor> parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!has(i)) continue;
      if (!parameters_[i].is_same(parameters[i])) copy_(parameters[i], parameters_[i]);
      else autograd::bump_version(parameters[i]);
    }
  }

 private:
  std::vector<Tensor, PoolAllocator<Tensor>> parameters_, gradients_;
  std::vector<Piece, PoolAllocator<Piece>> pieces_;
};

}  // namespace

void sgd_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<Tensor> momentum_buffers,
              const SgdOptions& options) {
  const detail::OpScope scope("sgd_step");
  const NoGrad no_grad;
  Pieces pieces(parameters, gradients);
  const bool has_momentum = options.momentum != 0;
  TS_CHECK(!has_momentum || momentum_buffers.size() == parameters.size(), ValueError,
           "momentum needs a buffer for each of ", parameters.size(), " parameters, got ", momentum_buffers.size());
  std::vector<char, PoolAllocator<char>> fresh(parameters.size(), 0);
  for (std::size_t i = 0; has_momentum && i < parameters.size(); ++i) {
    if (!pieces.has(i)) continue;
    if (!momentum_buffers[i].defined()) {
      momentum_buffers[i] = empty(parameters[i].sizes(), parameters[i].dtype());
      fresh[i] = 1;
    }
    check_state("momentum buffer", parameters[i], momentum_buffers[i]);
  }
  pieces.run([&]<class T>(std::size_t i, T* p, const T* g, std::int64_t begin, std::int64_t end) {
    const T sign = options.maximize ? T(-1) : T(1);
    const T lr = static_cast<T>(options.lr);
    const T decay = static_cast<T>(options.weight_decay);
    if (!has_momentum) {
      for (std::int64_t k = begin; k < end; ++k) p[k] -= lr * (sign * g[k] + decay * p[k]);
      return;
    }
    T* const v = momentum_buffers[i].data<T>();
    const T momentum = static_cast<T>(options.momentum);
    const T keep = fresh[i] ? T(0) : momentum;
    const T take = fresh[i] ? T(1) : static_cast<T>(1 - options.dampening);
    if (fresh[i]) std::fill(v + begin, v + end, T(0));  // uninitialized memory times 0 may be NaN
    for (std::int64_t k = begin; k < end; ++k) {
      const T d = sign * g[k] + decay * p[k];
      v[k] = keep * v[k] + take * d;
      p[k] -= lr * (options.nesterov ? d + momentum * v[k] : v[k]);
    }
  });
  pieces.finish(parameters);
}

// m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  p -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps)
void adam_step(Span<const Tensor> parameters, Span<const Tensor> gradients, Span<const Tensor> exp_avgs,
               Span<const Tensor> exp_avg_sqs, Span<const Tensor> max_exp_avg_sqs, std::int64_t step,
               const AdamOptions& options) {
  const detail::OpScope scope("adam_step");
  const NoGrad no_grad;
  Pieces pieces(parameters, gradients);
  const bool amsgrad = !max_exp_avg_sqs.empty();
  const std::size_t count = parameters.size();
  TS_CHECK(exp_avgs.size() == count && exp_avg_sqs.size() == count && (!amsgrad || max_exp_avg_sqs.size() == count),
           ValueError, "every one of ", count, " parameters needs its state");
  TS_CHECK(step >= 1, ValueError, "step counts from 1, got ", step);
  for (std::size_t i = 0; i < count; ++i) {
    if (!pieces.has(i)) continue;
    check_state("exp_avg", parameters[i], exp_avgs[i]);
    check_state("exp_avg_sq", parameters[i], exp_avg_sqs[i]);
    if (amsgrad) check_state("max_exp_avg_sq", parameters[i], max_exp_avg_sqs[i]);
  }
  const double correction1 = 1 - std::pow(options.beta1, static_cast<double>(step));
  const double correction2 = 1 - std::pow(options.beta2, static_cast<double>(step));
  pieces.run([&]<class T>(std::size_t i, T* __restrict p, const T* __restrict g, std::int64_t begin, std::int64_t end) {
    T* const __restrict m = exp_avgs[i].data<T>();
    T* const __restrict v = exp_avg_sqs[i].data<T>();
    const T b1 = static_cast<T>(options.beta1);
    const T b2 = static_cast<T>(options.beta2);
    const T c1 = static_cast<T>(1 - options.beta1);
    const T c2 = static_cast<T>(1 - options.beta2);
    const T step_size = static_cast<T>(options.lr / correction1);
    const T root_scale = static_cast<T>(1 / std::sqrt(correction2));
    const T eps = static_cast<T>(options.eps);
    const T sign = options.maximize ? T(-1) : T(1);
    const T shrink = options.decoupled ? static_cast<T>(1 - options.lr * options.weight_decay) : T(1);
    const T decay = options.decoupled ? T(0) : static_cast<T>(options.weight_decay);
    if (amsgrad) {
      T* const __restrict top = max_exp_avg_sqs[i].data<T>();
      for (std::int64_t k = begin; k < end; ++k) {
        const T kept = p[k] * shrink;
        const T d = sign * g[k] + decay * p[k];
        m[k] = b1 * m[k] + c1 * d;
        v[k] = b2 * v[k] + c2 * d * d;
        top[k] = std::max(top[k], v[k]);
        p[k] = kept - step_size * m[k] / (std::sqrt(top[k]) * root_scale + eps);
      }
      return;
    }
    for (std::int64_t k = begin; k < end; ++k) {
      const T kept = p[k] * shrink;
      const T d = sign * g[k] + decay * p[k];
      m[k] = b1 * m[k] + c1 * d;
      v[k] = b2 * v[k] + c2 * d * d;
      p[k] = kept - step_size * m[k] / (std::sqrt(v[k]) * root_scale + eps);
    }
  });
  pieces.finish(parameters);
}

}  // namespace ts
