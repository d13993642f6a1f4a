// Einstein summation: an equation is parsed, and its operands are contracted in pairs, each by one batched matrix
// product, in the order that takes the fewest multiplications.
#include "ops/einsum.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "generated/functions/linear_algebra.g.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/bmm.g.h"
#include "torchscratch/ops/diagonal.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/permute.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

// Labels are letters, or dimensions of the ellipsis counted from its end, so that operands broadcast there.
constexpr int kLetters = 52;
constexpr int kLabels = contraction::kLabels;
static_assert(kLabels == kLetters + kMaxDims);
using contraction::LabelSet;
using Labels = std::vector<int>;

int label_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  throw ValueError(std::string("einsum: a subscript must be a letter, got '") + c + "'");
}

Labels parse_subscripts(const std::string& text, int ellipsis_dims) {
  Labels labels;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '.') {
      labels.push_back(label_of(text[i]));
      continue;
    }
    TS_CHECK(text.compare(i, 3, "...") == 0, ValueError, "an ellipsis must have three dots, got \"", text, "\"");
    TS_CHECK(text.find('.', i + 3) == std::string::npos, ValueError, "the subscripts \"", text,
             "\" have more than one ellipsis");
    for (int d = ellipsis_dims - 1; d >= 0; --d) labels.push_back(kLetters + d);
    i += 2;
  }
  return labels;
}

int letters_in(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return c != '.'; }));
}

bool has(const Labels& labels, int label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }

struct Term {
  Tensor tensor;
  Labels labels;
};

// Replaces the dimensions of a repeated label by their diagonal.
Term without_repeats(Term term) {
  for (std::size_t i = 0; i < term.labels.size(); ++i) {
    for (std::size_t j = i + 1; j < term.labels.size();) {
      if (term.labels[i] != term.labels[j]) {
        ++j;
        continue;
      }
      TS_CHECK(term.tensor.size(static_cast<std::int64_t>(i)) == term.tensor.size(static_cast<std::int64_t>(j)),
               ShapeError, "a repeated subscript refers to dimensions of different sizes in ", describe(term.tensor));
      const int label = term.labels[i];
      term.tensor = diagonal(term.tensor, 0, static_cast<std::int64_t>(i), static_cast<std::int64_t>(j));
      term.labels.erase(term.labels.begin() + static_cast<std::ptrdiff_t>(j));
      term.labels.erase(term.labels.begin() + static_cast<std::ptrdiff_t>(i));
      term.labels.push_back(label);  // the diagonal is the last dimension
      i = 0;
      j = 1;
    }
  }
  return term;
}

Term sum_out(Term term, const std::array<bool, kLabels>& kept) {
  Dims summed;
  Labels labels;
  for (std::size_t i = 0; i < term.labels.size(); ++i) {
    if (kept[static_cast<std::size_t>(term.labels[i])]) labels.push_back(term.labels[i]);
    else summed.push_back(static_cast<std::int64_t>(i));
  }
  if (!summed.empty()) term.tensor = sum(term.tensor, summed, false, term.tensor.dtype());
  return {term.tensor, labels};
}

std::int64_t size_of(const Term& term, int label) {
  const auto at = std::find(term.labels.begin(), term.labels.end(), label);
  return at == term.labels.end() ? 1 : term.tensor.sizes()[static_cast<int>(at - term.labels.begin())];
}

// The dimensions in the order of `labels`, merged into three groups of the given sizes; a missing label has size 1.
Tensor grouped(const Term& term, const Labels& labels, const Dims& stretched, const Dims& merged) {
  Dims order, split;
  for (const int label : labels) {
    const auto at = std::find(term.labels.begin(), term.labels.end(), label);
    if (at != term.labels.end()) order.push_back(at - term.labels.begin());
    split.push_back(size_of(term, label));
  }
  const Tensor ordered = order.empty() ? term.tensor : permute(term.tensor, order);
  return reshape(expand(reshape(ordered, split), stretched), merged);
}

// Contracts two terms by one batched matrix product. Labels in `kept` are not summed.
Term contract(const Term& a, const Term& b, const std::array<bool, kLabels>& kept) {
  Labels batch, left, right, summed;
  for (const int label : a.labels) {
    if (!has(b.labels, label)) left.push_back(label);
    else if (kept[static_cast<std::size_t>(label)]) batch.push_back(label);
    else summed.push_back(label);
  }
  for (const int label : b.labels) {
    if (!has(a.labels, label)) right.push_back(label);
  }
  Labels result = batch;
  std::int64_t batches = 1, rows = 1, columns = 1, common = 1;
  Dims shape, left_sizes, right_sizes;
  const auto size = [&](int label) {
    const std::int64_t one = size_of(a, label), other = size_of(b, label);
    TS_CHECK(one == other || one == 1 || other == 1, ShapeError, "a subscript refers to sizes ", one, " and ", other,
             " in ", describe(a.tensor), " and ", describe(b.tensor));
    return one == 1 ? other : one;
  };
  for (const int label : batch) {
    batches = wrapping_product(batches, size(label));
    shape.push_back(size(label));
    left_sizes.push_back(size(label));
    right_sizes.push_back(size(label));
  }
  Labels order_a = batch, order_b = batch;
  for (const int label : left) {
    rows = wrapping_product(rows, size(label));
    shape.push_back(size(label));
    left_sizes.push_back(size(label));
    order_a.push_back(label);
    result.push_back(label);
  }
  for (const int label : summed) {
    common = wrapping_product(common, size(label));
    left_sizes.push_back(size(label));
    right_sizes.push_back(size(label));
    order_a.push_back(label);
    order_b.push_back(label);
  }
  for (const int label : right) {
    columns = wrapping_product(columns, size(label));
    shape.push_back(size(label));
    right_sizes.push_back(size(label));
    order_b.push_back(label);
    result.push_back(label);
  }
  const Tensor product = bmm(grouped(a, order_a, left_sizes, {batches, rows, common}),
                             grouped(b, order_b, right_sizes, {batches, common, columns}));
  return {reshape(product, shape), result};
}

LabelSet set_of(const Labels& labels) {
  LabelSet set;
  for (const int label : labels) set.set(static_cast<std::size_t>(label));
  return set;
}

// The labels that occur in `terms` or in the result.
std::array<bool, kLabels> needed(const std::vector<Term>& terms, const Labels& wanted) {
  std::array<bool, kLabels> kept{};
  for (const int label : wanted) kept[static_cast<std::size_t>(label)] = true;
  for (const Term& term : terms) {
    for (const int label : term.labels) kept[static_cast<std::size_t>(label)] = true;
  }
  return kept;
}

// The product of two terms, summed over the labels that neither the other terms nor the result need.
Term joined(const Term& a, const Term& b, const std::array<bool, kLabels>& kept) {
  // Labels that occur on one side only are summed before the product.
  std::array<bool, kLabels> for_left = kept, for_right = kept;
  for (const int label : b.labels) for_left[static_cast<std::size_t>(label)] = true;
  for (const int label : a.labels) for_right[static_cast<std::size_t>(label)] = true;
  return contract(sum_out(a, for_left), sum_out(b, for_right), kept);
}

}  // namespace

namespace contraction {
namespace {

// Multiplications of a product whose loops run over `labels`.
double work_of(const LabelSet& labels, const std::vector<double>& sizes) {
  double work = 1;
  for (std::size_t label = 0; label < labels.size(); ++label) {
    if (labels[label]) work *= sizes[label];
  }
  return work;
}

// Dynamic programming over subsets: every split of every subset in two is tried, 3^n splits in all.
std::vector<Contraction> best_order(const std::vector<LabelSet>& operands, const LabelSet& wanted,
                                    const std::vector<double>& sizes) {
  const std::size_t count = operands.size(), subsets = std::size_t{1} << count;
  // The labels that remain in the product of a subset: those that occur outside it or in the result.
  std::vector<LabelSet> left(subsets);
  std::vector<double> work(subsets, 0);
  std::vector<std::size_t> cut(subsets, 0);
  for (std::size_t subset = 1; subset < subsets; ++subset) {
    LabelSet inside, outside = wanted;
    for (std::size_t i = 0; i < count; ++i) (subset >> i & 1u ? inside : outside) |= operands[i];
    left[subset] = inside & outside;
    if ((subset & (subset - 1)) == 0) continue;  // a single operand
    work[subset] = std::numeric_limits<double>::infinity();
    for (std::size_t part = (subset - 1) & subset; part > 0; part = (part - 1) & subset) {
      const std::size_t rest = subset & ~part;
      if (part < rest) continue;  // tries each split once
      const double total = work[part] + work[rest] + work_of(left[part] | left[rest], sizes);
      if (total >= work[subset]) continue;
      work[subset] = total;
      cut[subset] = part;
    }
  }
  std::vector<Contraction> order;
  const auto emit = [&](const auto& self, std::size_t subset) -> std::size_t {
    if ((subset & (subset - 1)) == 0) {
      std::size_t operand = 0;
      while (subset >> operand != 1) ++operand;
      return operand;
    }
    const std::size_t a = self(self, subset & ~cut[subset]), b = self(self, cut[subset]);
    order.push_back({std::min(a, b), std::max(a, b)});
    return count + order.size() - 1;
  };
  emit(emit, subsets - 1);
  return order;
}

// Repeatedly contracts the cheapest pair.
std::vector<Contraction> greedy_order(const std::vector<LabelSet>& operands, const LabelSet& wanted,
                                      const std::vector<double>& sizes) {
  std::vector<LabelSet> terms = operands;
  std::vector<std::size_t> alive(terms.size());
  std::iota(alive.begin(), alive.end(), std::size_t{0});
  std::vector<Contraction> order;
  while (alive.size() > 1) {
    double least = std::numeric_limits<double>::infinity();
    std::size_t first = 0, second = 1;
    for (std::size_t i = 0; i < alive.size(); ++i) {
      for (std::size_t j = i + 1; j < alive.size(); ++j) {
        const double work = work_of(terms[alive[i]] | terms[alive[j]], sizes);
        if (work >= least) continue;
        least = work;
        first = i;
        second = j;
      }
    }
    LabelSet outside = wanted;
    for (std::size_t i = 0; i < alive.size(); ++i) {
      if (i != first && i != second) outside |= terms[alive[i]];
    }
    order.push_back({alive[first], alive[second]});
    terms.push_back((terms[alive[first]] | terms[alive[second]]) & outside);
    alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(second));
    alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(first));
    alive.push_back(terms.size() - 1);
  }
  return order;
}

}  // namespace

std::vector<Contraction> contraction_order(const std::vector<LabelSet>& operands, const LabelSet& wanted,
                                           const std::vector<double>& sizes) {
  constexpr std::size_t kMostForBest = 8;
  if (operands.size() < 2) return {};
  // Labels that occur in one operand only are summed before any product, at little cost.
  std::vector<LabelSet> reduced = operands;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    LabelSet outside = wanted;
    for (std::size_t j = 0; j < operands.size(); ++j) {
      if (j != i) outside |= operands[j];
    }
    reduced[i] &= outside;
  }
  return operands.size() <= kMostForBest ? best_order(reduced, wanted, sizes) : greedy_order(reduced, wanted, sizes);
}

}  // namespace contraction

// Contracts two operands at a time, in the cheapest order.
Tensor einsum_composite(const std::string& equation, Span<const Tensor> operands) {
  TS_CHECK(!operands.empty(), ValueError, "expected at least one operand");
  std::string text;
  for (std::size_t i = 0; i < equation.size(); ++i) {
    if (equation[i] != ' ') {
      text += equation[i];
      continue;
    }
    const std::size_t next = equation.find_first_not_of(' ', i);
    if (text.empty() || next == std::string::npos) continue;
    const bool in_arrow = text.back() == '-' && equation[next] == '>';
    const bool in_ellipsis = text.back() == '.' && equation[next] == '.';
    TS_CHECK(!in_arrow && !in_ellipsis, ValueError, "the equation \"", equation, "\" has a space inside of ",
             in_arrow ? "\"->\"" : "\"...\"");
  }
  const std::size_t arrow = text.find("->");
  std::string inputs = text.substr(0, arrow);
  std::vector<std::string> subscripts(1);
  for (const char c : inputs) {
    if (c == ',') subscripts.emplace_back();
    else subscripts.back() += c;
  }
  TS_CHECK(subscripts.size() == operands.size(), ValueError, "the equation \"", equation, "\" has ", subscripts.size(),
           " operands, but ", operands.size(), " were given");

  int ellipsis_dims = 0;
  std::vector<Term> terms;
  std::array<int, kLabels> uses{};
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const std::string& subscript = subscripts[i];
    const bool ellipsis = subscript.find('.') != std::string::npos;
    const int own = operands[i].dim() - letters_in(subscript);
    TS_CHECK(own == 0 || (ellipsis && own > 0), ShapeError, "the subscripts \"", subscript, "\" do not fit ",
             describe(operands[i]));
    ellipsis_dims = std::max(ellipsis_dims, own);
    terms.push_back(without_repeats({operands[i], parse_subscripts(subscript, own)}));
    for (const int label : terms.back().labels) ++uses[static_cast<std::size_t>(label)];
  }

  Labels wanted;
  if (arrow != std::string::npos) {
    wanted = parse_subscripts(text.substr(arrow + 2), ellipsis_dims);
    for (const int label : wanted) {
      TS_CHECK(uses[static_cast<std::size_t>(label)] > 0, ValueError, "the output of \"", equation,
               "\" has a subscript that does not occur in any operand");
    }
  } else {
    // The subscripts that occur once, in alphabetical order, after the ellipsis.
    for (int d = ellipsis_dims - 1; d >= 0; --d) wanted.push_back(kLetters + d);
    for (int label = 0; label < kLetters; ++label) {
      const auto occurrences = std::count_if(inputs.begin(), inputs.end(),
                                             [&](char c) { return c != '.' && c != ',' && label_of(c) == label; });
      if (occurrences == 1) wanted.push_back(label);
    }
  }

  std::vector<LabelSet> sets;
  std::vector<double> sizes(kLabels, 1);
  for (const Term& term : terms) {
    sets.push_back(set_of(term.labels));
    for (std::size_t d = 0; d < term.labels.size(); ++d) {
      double& size = sizes[static_cast<std::size_t>(term.labels[d])];
      size = std::max(size, static_cast<double>(term.tensor.sizes()[static_cast<int>(d)]));
    }
  }
  // Terms keep their numbers; a product is appended, and its two factors are emptied.
  for (const auto& [first, second] : contraction::contraction_order(sets, set_of(wanted), sizes)) {
    const Term a = std::exchange(terms[first], {}), b = std::exchange(terms[second], {});
    terms.push_back(joined(a, b, needed(terms, wanted)));
  }
  const Term whole = sum_out(terms.back(), needed({}, wanted));
  Dims order;
  for (const int label : wanted) {
    const auto at = std::find(whole.labels.begin(), whole.labels.end(), label);
    order.push_back(at - whole.labels.begin());
  }
  return order.empty() ? whole.tensor : permute(whole.tensor, order);
}

}  // namespace ts
