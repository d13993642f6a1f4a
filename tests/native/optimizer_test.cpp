// The fused optimizer steps against the recurrences of the papers in plain doubles, for every option.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "gradcheck.h"

namespace ts {
namespace {

using test::elements;
using test::random_vector;
using Values = std::vector<double>;

constexpr int kSteps = 6;

// Sizes around the kernels' chunk sizes, and an empty one.
const Dims kShapes[] = {{3}, {16, 1024}, {16 * 1024 + 7}, {0}, {}};

// A step makes about ten roundings of numbers of order 1, and the errors of the steps add up.
double tolerance(DType dtype) { return (dtype == DType::Float32 ? 0x1p-24 : 0x1p-53) * 16 * kSteps; }

struct Problem {
  TensorList parameters;
  std::vector<Values> reference;

  explicit Problem(DType dtype) {
    unsigned seed = 1;
    for (const Dims& shape : kShapes) {
      parameters.push_back(to(random_vector(shape, seed++), dtype));
      reference.push_back(elements(parameters.back()));
    }
  }
  TensorList gradients(int step) const {
    TensorList result;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto seed = static_cast<unsigned>(100 * step) + static_cast<unsigned>(i);
      result.push_back(to(random_vector(parameters[i].sizes(), seed), parameters[i].dtype()));
    }
    return result;
  }
  void expect_equal(const std::string& what) const {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Values got = elements(parameters[i]);
      for (std::size_t k = 0; k < got.size(); ++k) {
        ASSERT_NEAR(got[k], reference[i][k], tolerance(parameters[i].dtype())) << what << ", parameter " << i;
      }
    }
  }
};

TEST(Optimizer, SgdWithEveryOption) {
  for (const DType dtype : {DType::Float32, DType::Float64}) {
    for (int options = 0; options < 32; ++options) {
      SgdOptions o;
      o.lr = 0.1;
      o.momentum = options & 1 ? 0.9 : 0;
      o.dampening = options & 2 ? 0.3 : 0;
      o.weight_decay = options & 4 ? 0.05 : 0;
      o.nesterov = (options & 8) != 0;
      o.maximize = (options & 16) != 0;
      Problem problem(dtype);
      TensorList buffers;
      for (const Tensor& p : problem.parameters) {
        if (o.momentum != 0) buffers.push_back(zeros_like(p));
      }
      std::vector<std::int64_t> steps(problem.parameters.size(), 0);
      std::vector<Values> v(problem.parameters.size());
      for (int step = 1; step <= kSteps; ++step) {
        const TensorList gradients = problem.gradients(step);
        sgd_step(problem.parameters, gradients, buffers, steps, o.lr, o.momentum, o.dampening, o.weight_decay, o.nesterov,
                 o.maximize);
        for (std::size_t i = 0; i < v.size(); ++i) {
          const Values g = elements(gradients[i]);
          const bool first = v[i].empty();
          v[i].resize(g.size());
          for (std::size_t k = 0; k < g.size(); ++k) {
            double& p = problem.reference[i][k];
            const double d = (o.maximize ? -g[k] : g[k]) + o.weight_decay * p;
            double update = d;
            if (o.momentum != 0) {
              v[i][k] = first ? d : o.momentum * v[i][k] + (1 - o.dampening) * d;
              update = o.nesterov ? d + o.momentum * v[i][k] : v[i][k];
            }
            p -= o.lr * update;
          }
        }
      }
      problem.expect_equal("options " + std::to_string(options));
    }
  }
}

TEST(Optimizer, AdamWithEveryOption) {
  for (const DType dtype : {DType::Float32, DType::Float64}) {
    for (int options = 0; options < 16; ++options) {
      AdamOptions o;
      o.lr = 0.01;
      o.beta1 = 0.8;
      o.beta2 = 0.95;
      o.eps = 1e-4;
      o.weight_decay = options & 1 ? 0.05 : 0;
      o.decoupled = (options & 2) != 0;
      o.maximize = (options & 4) != 0;
      const bool amsgrad = (options & 8) != 0;
      Problem problem(dtype);
      TensorList m, v, top;
      std::vector<Values> rm, rv, rtop;
      for (const Tensor& p : problem.parameters) {
        m.push_back(zeros_like(p));
        v.push_back(zeros_like(p));
        if (amsgrad) top.push_back(zeros_like(p));
        const Values zero(static_cast<std::size_t>(p.numel()));
        rm.push_back(zero);
        rv.push_back(zero);
        rtop.push_back(zero);
      }
      std::vector<std::int64_t> steps(problem.parameters.size(), 0);
      for (int step = 1; step <= kSteps; ++step) {
        const TensorList gradients = problem.gradients(step);
        adam_step(problem.parameters, gradients, m, v, top, steps, o.lr, o.beta1, o.beta2, o.eps, o.weight_decay, amsgrad,
                  o.decoupled, o.maximize);
        const double c1 = 1 - std::pow(o.beta1, step), c2 = 1 - std::pow(o.beta2, step);
        for (std::size_t i = 0; i < rm.size(); ++i) {
          const Values g = elements(gradients[i]);
          for (std::size_t k = 0; k < g.size(); ++k) {
            double& p = problem.reference[i][k];
            double d = o.maximize ? -g[k] : g[k];
            if (o.decoupled) p *= 1 - o.lr * o.weight_decay;
            else d += o.weight_decay * p;
            rm[i][k] = o.beta1 * rm[i][k] + (1 - o.beta1) * d;
            rv[i][k] = o.beta2 * rv[i][k] + (1 - o.beta2) * d * d;
            rtop[i][k] = std::max(rtop[i][k], rv[i][k]);
            const double second = amsgrad ? rtop[i][k] : rv[i][k];
            p -= o.lr * (rm[i][k] / c1) / (std::sqrt(second / c2) + o.eps);
          }
        }
      }
      problem.expect_equal("options " + std::to_string(options));
    }
  }
}

// The other optimizers: a formula for one element, whose state x[1], x[2], x[3] starts at 0.
struct Formula {
  std::function<void(Problem&, const TensorList&, std::vector<std::int64_t>&, std::vector<TensorList>&)> step;
  std::function<void(double g, double* x, int t)> reference;
};

void follow(const std::string& what, const Formula& formula) {
  for (const DType dtype : {DType::Float32, DType::Float64}) {
    Problem problem(dtype);
    std::vector<TensorList> states(3);
    std::vector<std::int64_t> steps(problem.parameters.size(), 0);
    std::vector<std::vector<std::array<double, 4>>> x;
    for (std::size_t i = 0; i < problem.parameters.size(); ++i) {
      for (TensorList& state : states) state.push_back(zeros_like(problem.parameters[i]));
      x.emplace_back(problem.reference[i].size());
    }
    for (int step = 1; step <= kSteps; ++step) {
      const TensorList gradients = problem.gradients(step);
      formula.step(problem, gradients, steps, states);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const Values g = elements(gradients[i]);
        for (std::size_t k = 0; k < g.size(); ++k) {
          x[i][k][0] = problem.reference[i][k];
          formula.reference(g[k], x[i][k].data(), step);
          problem.reference[i][k] = x[i][k][0];
        }
      }
    }
    problem.expect_equal(what);
    EXPECT_EQ(steps, std::vector<std::int64_t>(steps.size(), kSteps)) << what;
  }
}

using Counts = std::vector<std::int64_t>;
using StateLists = std::vector<TensorList>;

TEST(Optimizer, AdagradFollowsItsFormula) {
  follow("adagrad", {[&](Problem& problem, const TensorList& g, Counts& steps, StateLists& s) {
                       adagrad_step(problem.parameters, g, s[0], steps, 0.1, 0.02, 0.05, 1e-4, true);
                     },
                     [&](double g, double* x, int t) {
                       g = -g + 0.05 * x[0];
                       x[1] += g * g;
                       x[0] -= 0.1 / (1 + (t - 1) * 0.02) * g / (std::sqrt(x[1]) + 1e-4);
                     }});
}

TEST(Optimizer, RmsPropWithEveryOption) {
  for (int options = 0; options < 4; ++options) {
    const bool centered = options & 1;
    const double momentum = options & 2 ? 0.7 : 0;
    follow("rmsprop " + std::to_string(options),
           {[&](Problem& problem, const TensorList& g, Counts& steps, StateLists& s) {
              rmsprop_step(problem.parameters, g, s[0], centered ? s[1] : TensorList(),
                           momentum != 0 ? s[2] : TensorList(), steps, 0.02, 0.9, 1e-2, 0.05, momentum, centered);
            },
            [&](double g, double* x, int) {
              g += 0.05 * x[0];
              x[1] = 0.9 * x[1] + 0.1 * g * g;
              x[2] = 0.9 * x[2] + 0.1 * g;
              const double square = centered ? x[1] - x[2] * x[2] : x[1];
              x[3] = momentum * x[3] + g / (std::sqrt(square) + 1e-2);
              x[0] -= 0.02 * x[3];
            }});
  }
}

TEST(Optimizer, AdadeltaFollowsItsFormula) {
  follow("adadelta", {[&](Problem& problem, const TensorList& g, Counts& steps, StateLists& s) {
                        adadelta_step(problem.parameters, g, s[0], s[1], steps, 0.5, 0.85, 1e-3, 0.05, true);
                      },
                      [&](double g, double* x, int) {
                        g = -g + 0.05 * x[0];
                        x[1] = 0.85 * x[1] + 0.15 * g * g;
                        const double move = std::sqrt(x[2] + 1e-3) / std::sqrt(x[1] + 1e-3) * g;
                        x[2] = 0.85 * x[2] + 0.15 * move * move;
                        x[0] -= 0.5 * move;
                      }});
}

TEST(Optimizer, AdamaxFollowsItsFormula) {
  follow("adamax", {[&](Problem& problem, const TensorList& g, Counts& steps, StateLists& s) {
                      adamax_step(problem.parameters, g, s[0], s[1], steps, 0.02, 0.8, 0.9, 1e-3, 0.05);
                    },
                    [&](double g, double* x, int t) {
                      g += 0.05 * x[0];
                      x[1] = 0.8 * x[1] + 0.2 * g;
                      x[2] = std::max(0.9 * x[2], std::abs(g) + 1e-3);
                      x[0] -= 0.02 / (1 - std::pow(0.8, t)) * x[1] / x[2];
                    }});
}

TEST(Optimizer, NAdamFollowsItsFormula) {
  const auto mu = [](int t) { return 0.8 * (1 - 0.5 * std::pow(0.96, t * 0.1)); };
  std::vector<double> products(std::size(kShapes));
  follow("nadam", {[&](Problem& problem, const TensorList& g, Counts& steps, StateLists& s) {
                     if (steps[0] == 0) products.assign(std::size(kShapes), 1);
                     nadam_step(problem.parameters, g, s[0], s[1], steps, products, 0.02, 0.8, 0.9, 1e-2, 0.05, 0.1);
                   },
                   [&](double g, double* x, int t) {
                     g += 0.05 * x[0];
                     double product = 1;
                     for (int k = 1; k <= t; ++k) product *= mu(k);
                     x[1] = 0.8 * x[1] + 0.2 * g;
                     x[2] = 0.9 * x[2] + 0.1 * g * g;
                     const double root = std::sqrt(x[2] / (1 - std::pow(0.9, t))) + 1e-2;
                     x[0] -= 0.02 * (1 - mu(t)) / (1 - product) * g / root;
                     x[0] -= 0.02 * mu(t + 1) / (1 - product * mu(t) * mu(t + 1)) * x[1] / root;
                   }});
}

TEST(Optimizer, RAdamFollowsItsFormula) {
  // A memory of 2 / (1 - 0.9) - 1 = 19 steps is short enough that both phases of the algorithm occur.
  int rectified = 0;
  follow("radam", {[&](Problem& problem, const TensorList& g, Counts& steps, StateLists& s) {
                     radam_step(problem.parameters, g, s[0], s[1], steps, 0.02, 0.8, 0.9, 1e-2, 0.05);
                   },
                   [&](double g, double* x, int t) {
                     g += 0.05 * x[0];
                     x[1] = 0.8 * x[1] + 0.2 * g;
                     x[2] = 0.9 * x[2] + 0.1 * g * g;
                     const double mean = x[1] / (1 - std::pow(0.8, t)), power = std::pow(0.9, t);
                     const double rho = 19 - 2 * t * power / (1 - power);
                     if (rho <= 5) {
                       x[0] -= 0.02 * mean;
                       return;
                     }
                     ++rectified;
                     const double r = std::sqrt((rho - 4) * (rho - 2) * 19 / (15.0 * 17 * rho));
                     x[0] -= 0.02 * mean * r * std::sqrt(1 - power) / (std::sqrt(x[2]) + 1e-2);
                   }});
  EXPECT_GT(rectified, 0) << "both phases ran";
}

TEST(Optimizer, LionFollowsItsFormula) {
  follow("lion", {[&](Problem& problem, const TensorList& g, Counts& steps, StateLists& s) {
                    lion_step(problem.parameters, g, s[0], steps, 0.02, 0.9, 0.8, 0.05, true);
                  },
                  [&](double g, double* x, int) {
                    const double direction = 0.9 * x[1] - 0.1 * g;
                    x[0] *= 1 - 0.02 * 0.05;
                    x[0] -= 0.02 * ((direction > 0) - (direction < 0));
                    x[1] = 0.8 * x[1] - 0.2 * g;
                  }});
}

TEST(Optimizer, ParametersCountTheirOwnSteps) {
  const Tensor a = ones({3}), b = ones({3}), g = ones({3});
  const Tensor am = zeros({3}), av = zeros({3}), bm = zeros({3}), bv = zeros({3});
  std::vector<std::int64_t> steps = {0, 0};
  adam_step({a, b}, {g, Tensor()}, {am, bm}, {av, bv}, {}, steps);
  const Values first = elements(a);
  adam_step({a, b}, {g, g}, {am, bm}, {av, bv}, {}, steps);
  EXPECT_EQ(steps, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(elements(b), first) << "its first step equals the other parameter's first step";
}

TEST(Optimizer, ParametersWithoutGradientAreLeftAlone) {
  const Tensor with = ones({2}), without = ones({2});
  const std::uint32_t version = with.version();
  std::vector<std::int64_t> steps = {0, 0};
  sgd_step({with, without}, {ones({2}), Tensor()}, {zeros({2}), Tensor()}, steps, 1, 0.9);
  EXPECT_EQ(elements(with), (Values{0, 0}));
  EXPECT_EQ(elements(without), (Values{1, 1}));
  EXPECT_EQ(steps, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(without.version(), version);
  EXPECT_EQ(with.version(), version + 1) << "a step is an in-place change";
}

TEST(Optimizer, StridedParametersAndGradients) {
  const Tensor storage = ones({2, 3});
  const Tensor parameter = transpose(storage, 0, 1);
  std::vector<std::int64_t> steps = {0};
  sgd_step({parameter}, {reshape(arange(0, 6, 1, DType::Float32), {3, 2})}, {}, steps, 1);
  EXPECT_EQ(elements(storage), (Values{1, -1, -3, 0, -2, -4}));
  sgd_step({parameter}, {expand(ones({1}), {3, 2})}, {}, steps, 1);
  EXPECT_EQ(elements(storage), (Values{0, -2, -4, -1, -3, -5}));
}

TEST(Optimizer, StepsAreNotRecorded) {
  const Tensor p = ones({2}).requires_grad_();
  const Tensor m = zeros({2}), v = zeros({2});
  std::vector<std::int64_t> steps = {0};
  adam_step({p}, {ones({2})}, {m}, {v}, {}, steps);
  EXPECT_TRUE(p.is_leaf());
  EXPECT_TRUE(p.requires_grad());
}

TEST(Optimizer, ErrorsNameTheMistake) {
  const Tensor p = ones({2}), g = ones({2});
  std::vector<std::int64_t> steps = {0}, negative = {-1}, no_steps;
  EXPECT_THROW(sgd_step({p}, {ones({3})}, {}, steps), ShapeError);
  EXPECT_THROW(sgd_step({p}, {to(g, DType::Float64)}, {}, steps), ShapeError);
  EXPECT_THROW(sgd_step({p}, {}, {}, steps), ValueError);
  EXPECT_THROW(sgd_step({p}, {g}, {}, steps, 1, /*momentum=*/0.5), ValueError);
  EXPECT_THROW(sgd_step({Tensor()}, {g}, {}, steps), ValueError);
  EXPECT_THROW(sgd_step({to(p, DType::Int64)}, {to(g, DType::Int64)}, {}, steps), DTypeError);
  EXPECT_THROW(adam_step({p}, {g}, {zeros({2})}, {zeros({2})}, {}, negative), ValueError);
  EXPECT_THROW(adam_step({p}, {g}, {zeros({2})}, {zeros({2})}, {}, no_steps), ValueError);
  EXPECT_THROW(adam_step({p}, {g}, {zeros({3})}, {zeros({2})}, {}, steps), ValueError);
  EXPECT_THROW(adam_step({p}, {g}, {}, {zeros({2})}, {}, steps), ValueError);
  EXPECT_THROW(adam_step({p}, {g}, {zeros({2})}, {zeros({2})}, {}, steps, 1e-3, 0.9, 0.999, 1e-8, 0, /*amsgrad=*/true),
               ValueError);
  EXPECT_THROW(rmsprop_step({p}, {g}, {zeros({2})}, {zeros({3})}, {}, steps, 0.01, 0.99, 1e-8, 0, 0, /*centered=*/true),
               ValueError);
  EXPECT_THROW(lion_step({p}, {g}, {to(zeros({2}), DType::Float64)}, steps), ValueError);
  EXPECT_EQ(steps[0], 0);
  EXPECT_EQ(elements(p), (Values{1, 1})) << "a failed step changes nothing";
}

TEST(Optimizer, ResultsDoNotDependOnThreads) {
  const int before = num_threads();
  std::vector<Values> results;
  for (const int threads : {1, 2, 3}) {
    set_num_threads(threads);
    Problem problem(DType::Float32);
    TensorList m, v;
    for (const Tensor& p : problem.parameters) {
      m.push_back(zeros_like(p));
      v.push_back(zeros_like(p));
    }
    std::vector<std::int64_t> steps(problem.parameters.size(), 0);
    for (int step = 1; step <= 3; ++step) adam_step(problem.parameters, problem.gradients(step), m, v, {}, steps);
    results.push_back(elements(problem.parameters[2]));
  }
  set_num_threads(before);
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

}  // namespace
}  // namespace ts
