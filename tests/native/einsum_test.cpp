// The contraction order of einsum, and that the result does not depend on it.
#include "ops/einsum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "gradient_samples.h"

namespace ts {
namespace {

using namespace test;
using contraction::Contraction;
using contraction::LabelSet;

// The labels are lower-case letters.
LabelSet labels(const std::string& text) {
  LabelSet set;
  for (const char c : text) set.set(static_cast<std::size_t>(c - 'a' + 26));
  return set;
}

double work_of(const LabelSet& set, const std::vector<double>& sizes) {
  double work = 1;
  for (std::size_t i = 0; i < set.size(); ++i) work *= set[i] ? sizes[i] : 1;
  return work;
}

// The number of multiplications of an order, in which each term and product is used exactly once.
double work_of(const std::vector<Contraction>& order, std::vector<LabelSet> terms, const LabelSet& wanted,
               const std::vector<double>& sizes) {
  std::set<std::size_t> alive;
  for (std::size_t i = 0; i < terms.size(); ++i) alive.insert(i);
  double work = 0;
  for (const auto& [first, second] : order) {
    EXPECT_EQ(alive.erase(first) + alive.erase(second), 2u);
    LabelSet outside = wanted;
    for (const std::size_t i : alive) outside |= terms[i];
    const LabelSet both = terms[first] | terms[second];
    work += work_of(both, sizes);
    alive.insert(terms.size());
    terms.push_back(both & outside);
  }
  EXPECT_EQ(alive.size(), 1u);
  return work;
}

// The minimum over all orders, by exhaustive search.
double least_work(const std::vector<LabelSet>& terms, const LabelSet& wanted, const std::vector<double>& sizes) {
  if (terms.size() < 2) return 0;
  double least = HUGE_VAL;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    for (std::size_t j = i + 1; j < terms.size(); ++j) {
      std::vector<LabelSet> rest;
      LabelSet outside = wanted;
      for (std::size_t k = 0; k < terms.size(); ++k) {
        if (k == i || k == j) continue;
        rest.push_back(terms[k]);
        outside |= terms[k];
      }
      const LabelSet both = terms[i] | terms[j];
      rest.push_back(both & outside);
      least = std::min(least, work_of(both, sizes) + least_work(rest, wanted, sizes));
    }
  }
  return least;
}

TEST(Einsum, TakesTheFewestMultiplications) {
  std::mt19937 engine(5);
  for (int round = 0; round < 60; ++round) {
    std::vector<double> sizes(contraction::kLabels, 1);
    for (int i = 26; i < 33; ++i) sizes[static_cast<std::size_t>(i)] = static_cast<double>(1 + engine() % 9);
    std::vector<LabelSet> terms;
    for (std::size_t k = 2 + engine() % 4; k > 0; --k) {
      LabelSet term;
      for (std::size_t i = 26; i < 33; ++i) term[i] = engine() % 3 == 0;
      terms.push_back(term);
    }
    const LabelSet wanted = labels("a");
    // Labels that occur in a single operand only do not count, since they are summed first.
    const std::vector<LabelSet> whole = terms;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      LabelSet outside = wanted;
      for (std::size_t j = 0; j < whole.size(); ++j) outside |= j == i ? LabelSet() : whole[j];
      terms[i] = whole[i] & outside;
    }
    const auto order = contraction::contraction_order(whole, wanted, sizes);
    EXPECT_EQ(work_of(order, terms, wanted, sizes), least_work(terms, wanted, sizes)) << "round " << round;
  }
}

// A row times two matrices: 2 n^2 multiplications from the left, n^3 + n^2 from the right.
TEST(Einsum, StartsAtTheCheaperEnd) {
  std::vector<double> sizes(contraction::kLabels, 100);
  const std::vector<LabelSet> forward = {labels("a"), labels("ab"), labels("bc")};
  EXPECT_EQ(work_of(contraction::contraction_order(forward, labels("c"), sizes), forward, labels("c"), sizes), 2e4);
  const std::vector<LabelSet> backward = {labels("ab"), labels("bc"), labels("c")};
  EXPECT_EQ(work_of(contraction::contraction_order(backward, labels("a"), sizes), backward, labels("a"), sizes), 2e4);
}

TEST(Einsum, ManyOperandsAreContractedGreedily) {
  std::vector<double> sizes(contraction::kLabels, 3);
  std::vector<LabelSet> chain;
  for (char c = 'a'; c < 'l'; ++c) chain.push_back(labels({c, static_cast<char>(c + 1)}));
  const LabelSet ends = labels("al");
  // Each product of two matrices takes 27 multiplications in any sensible order.
  EXPECT_EQ(work_of(contraction::contraction_order(chain, ends, sizes), chain, ends, sizes), 27 * 10);
}

// The operands multiplied one after another over all labels, and summed at the end.
TEST(Einsum, IsTheSumOfProducts) {
  const Tensor a = spread({2, 3}, -1, 1), b = spread({3, 4, 2}, -1, 1, 2), c = spread({4, 5}, -1, 1, 3),
               d = spread({5, 2}, -1, 1, 4), e = spread({4}, -1, 1, 5);
  const Tensor got = einsum("ij,jki,kl,lm,k->im", {a, b, c, d, e});
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t m = 0; m < 2; ++m) {
      double sum = 0;
      for (std::int64_t j = 0; j < 3; ++j) {
        for (std::int64_t k = 0; k < 4; ++k) {
          for (std::int64_t l = 0; l < 5; ++l) {
            const auto at = [](const Tensor& x, std::int64_t place) { return x.data<double>()[place]; };
            sum += at(a, i * 3 + j) * at(b, (j * 4 + k) * 2 + i) * at(c, k * 5 + l) * at(d, l * 2 + m) * at(e, k);
          }
        }
      }
      // 60 products of five numbers below 1.
      EXPECT_NEAR(got.data<double>()[i * got.stride(0) + m * got.stride(1)], sum, 60 * 8 * 0x1p-53);
    }
  }
}

// Spaces part subscripts, as in PyTorch, but not the characters of one symbol.
TEST(Einsum, SpacesMayNotPartSymbols) {
  const Tensor a = spread({2, 3}, -1, 1), b = spread({3, 2}, -1, 1, 2);
  EXPECT_EQ(einsum(" i j , j k -> i k ", {a, b}).sizes(), Dims({2, 2}));
  EXPECT_EQ(einsum("... j -> j ...", {a}).sizes(), Dims({3, 2}));
  for (const char* const equation : {"ij,jk- >ik", "ij,jk-   >", "i. ..,jk", "i.. .,jk", "ij,jk->. . ."}) {
    EXPECT_THROW(einsum(equation, {a, b}), ValueError) << equation;
  }
  EXPECT_THROW(einsum("......", {a}), ValueError);
  EXPECT_THROW(einsum("...i...", {a}), ValueError);
}

}  // namespace
}  // namespace ts
