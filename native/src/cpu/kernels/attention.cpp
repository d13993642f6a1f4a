// Scaled dot-product attention that never stores the matrix of scores (Dao et al., "FlashAttention", 2022; the online
// softmax is that of Milakov and Gimelshein, 2018).
//
// For a head with queries Q (T x D), keys K (S x D) and values V (S x D'):
//
//   P = softmax(scale Q K^T + mask) along each row,   O = (P . kept) V        kept: dropout, 0 or 1 / (1 - p)
//
// A block of queries is multiplied with a block of keys at a time, so that the block of scores stays in the cache. The
// softmax of a row over all keys is combined from blocks: with the largest score m so far and the sum l of exp(s - m),
// a block with a larger maximum m' rescales the earlier sums, including O, by exp(m - m'). At the end O is divided by
// l. Of the scores only m + log(l), one number per query, is kept for the backward pass, which recomputes P = exp(s -
// (m + log l)):
//
//   dV = (P . kept)^T dO      dP = (dO V^T) . kept      delta_i = sum_j P_ij dP_ij = dO_i O_i
//   dS = P . (dP - delta)     dQ = scale dS K           dK = dS^T (scale Q)
//
// The products use the micro-kernels of the packed matrix product, one tile of queries at a time, with the keys and
// values of a block packed once. With a causal mask, key j is visible to the queries from j on; a tile computes only
// the keys that at least one of its queries can see. Threads share the heads and, in the forward pass, groups of
// queries. Every sum has a fixed order.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/attention.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/log_sum_exp-inl.h"

#ifndef TS_CPU_ATTENTION_KERNELS
#define TS_CPU_ATTENTION_KERNELS
namespace ts::cpu {

// The functions of one instruction set for a row of n scores. T is float or double.
template <class T>
struct AttentionKernels {
  /// row += mask
  void (*add)(const T* mask, T* row, std::int64_t n);
  /// row = exp(row - m') where m' is the larger of m and the row's maximum. Sets m to m', adds to l, and returns exp(m
  /// - m'), the factor for the earlier sums.
  T (*soften)(T* row, std::int64_t n, T& m, T& l);
  /// row = exp(row - shift)
  void (*exp)(T* row, std::int64_t n, T shift);
  void (*multiply)(const T* factors, T* row, std::int64_t n);
  void (*scale)(T* row, std::int64_t n, T factor);
  T (*dot)(const T* a, const T* b, std::int64_t n);
  /// dp = p (dp - delta)
  void (*gradient)(const T* p, T* dp, std::int64_t n, T delta);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// to[i] = fn(a[i], to[i])
template <class T, class Fn>
HWY_INLINE void update(const T* a, T* to, int64_t n, Fn fn) {
  const Vec<T> zero(0);
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { fn(Vec<T>::load(a + i), Vec<T>::load(to + i)).store(to + i); },
      [&](int64_t i, int64_t left)
          HWY_ATTR { store_first(fn(load_first(a + i, left, zero), load_first(to + i, left, zero)), to + i, left); });
}

template <class T>
void add_row(const T* mask, T* row, int64_t n) {
  update(mask, row, n, [](Vec<T> a, Vec<T> b) HWY_ATTR { return a + b; });
}

template <class T>
void multiply_row(const T* factors, T* row, int64_t n) {
  update(factors, row, n, [](Vec<T> a, Vec<T> b) HWY_ATTR { return a * b; });
}

template <class T>
void scale_row(T* row, int64_t n, T factor) {
  const Vec<T> f(factor);
  update(row, row, n, [&](Vec<T> a, Vec<T>) HWY_ATTR { return a * f; });
}

template <class T>
void exp_row(T* row, int64_t n, T shift) {
  const Vec<T> s(shift);
  update(row, row, n, [&](Vec<T> a, Vec<T>) HWY_ATTR { return exp(a - s); });
}

template <class T>
T soften(T* row, int64_t n, T& m, T& l) {
  const T low = -std::numeric_limits<T>::infinity(), block = max_of(row, n), larger = block > m ? block : m;
  if (larger == low) {
    // No key so far: -infinity - (-infinity) is NaN.
    const bool is_nan = std::isnan(sum_exp(row, n, T(0)));
    for (int64_t i = 0; i < n && !is_nan; ++i) row[i] = T(0);
    if (is_nan) l = std::numeric_limits<T>::quiet_NaN();
    return T(1);
  }
  const T factor = std::exp(m - larger);
  const T sum = sum_exp(
      row, n, larger, [&](int64_t i, Vec<T> e) HWY_ATTR { e.store(row + i); },
      [&](int64_t i, Vec<T> e, int64_t count) HWY_ATTR { store_first(e, row + i, count); });
  l = l * factor + sum;
  m = larger;
  return factor;
}

template <class T>
T dot_row(const T* a, const T* b, int64_t n) {
  Vec<T> sum(0);
  const Vec<T> zero(0);
  for_each_vector<T>(
      n, [&](int64_t i) HWY_ATTR { sum = mul_add(Vec<T>::load(a + i), Vec<T>::load(b + i), sum); },
      [&](int64_t i, int64_t left)
          HWY_ATTR { sum = mul_add(load_first(a + i, left, zero), load_first(b + i, left, zero), sum); });
  return sum_of_lanes(sum);
}

template <class T>
void gradient_row(const T* p, T* dp, int64_t n, T delta) {
  const Vec<T> d(delta);
  update(p, dp, n, [&](Vec<T> weight, Vec<T> grad) HWY_ATTR { return weight * (grad - d); });
}

template <class T>
AttentionKernels<T> attention_kernels() {
  return {&add_row<T>, &soften<T>, &exp_row<T>, &multiply_row<T>, &scale_row<T>, &dot_row<T>, &gradient_row<T>};
}
AttentionKernels<float> float_attention() { return attention_kernels<float>(); }
AttentionKernels<double> double_attention() { return attention_kernels<double>(); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "backend/dispatch.h"
#include "backend/philox.h"
#include "cpu/gemm_kernel_set.h"
#include "cpu/kernels/dropout_mask.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu/activations.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_attention);
HWY_EXPORT(double_attention);

template <class T>
AttentionKernels<T> row_kernels() {
  if constexpr (std::is_same_v<T, float>) return TS_SIMD_DISPATCH(float_attention)();
  else return TS_SIMD_DISPATCH(double_attention)();
}

// Number of keys in a block, and number of queries in a task of the forward pass.
constexpr std::int64_t kKeys = 128, kGroup = 256;
// Number of query tiles whose weights are summed over at a time.
constexpr std::int64_t kTiles = 4;

// Scratch memory of a thread, divided into at most kArrays arrays that begin on cache lines.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::int64_t count) {
    static Workspace workspace;
    next_ = static_cast<T*>(workspace.reserve(static_cast<std::size_t>(count + kArrays * kLine) * sizeof(T)));
  }
  T* take(std::int64_t count) {
    T* const taken = next_;
    next_ += (count + kLine - 1) / kLine * kLine;
    return taken;
  }

 private:
  static constexpr std::int64_t kArrays = 12, kLine = 64 / sizeof(T);
  T* next_;
};

template <class T>
void clear(T* x, std::int64_t count) {
  std::memset(x, 0, static_cast<std::size_t>(count) * sizeof(T));
}

// The rows of one head of a tensor.
template <class T>
struct Rows {
  T* data;
  std::int64_t stride;
  T* at(std::int64_t row) const { return data + row * stride; }
};

// Head (b, h) of (B, H, length, features), or of (B, length, H, features).
template <class T>
Rows<T> head_of(const Tensor& tensor, std::int64_t b, std::int64_t h, bool length_first = false) {
  const Dims& strides = tensor.strides();
  const int head = length_first ? 2 : 1, row = length_first ? 1 : 2;
  return {tensor.data<std::remove_const_t<T>>() + b * strides[0] + h * strides[head], strides[row]};
}

// The matrix products on blocks. The rows of a right operand and of a result are padded to whole vectors.
template <class T>
struct Products {
  const GemmKernelSet<T>& set = gemm_kernels<T>();
  const std::int64_t lanes = set.lanes, panel = 2 * lanes;
  const std::int64_t tile_rows = set.max_rows[2];

  std::int64_t filled(std::int64_t count) const { return (count + lanes - 1) / lanes * lanes; }
  std::int64_t panels(std::int64_t count) const { return (count + panel - 1) / panel * panel; }

  // Packs the right operand X^T, as panels of `panel` rows of X.
  void pack_transposed(Rows<T> x, std::int64_t count, std::int64_t features, T* to) const {
    for (std::int64_t i = 0; i < count; i += panel, to += panel * features) {
      set.pack(std::min(panel, count - i), features, x.at(i), x.stride, 1, to, panel);
    }
  }
  // Packs the right operand X, as panels of `panel` columns of X.
  void pack(Rows<T> x, std::int64_t count, std::int64_t features, T* to) const {
    for (std::int64_t j = 0; j < features; j += panel, to += panel * count) {
      set.pack(std::min(panel, features - j), count, x.data + j, 1, x.stride, to, panel);
    }
  }
  // Copies the rows of X one after another, each padded with zeros.
  void copy(Rows<T> x, std::int64_t count, std::int64_t features, T* to) const {
    const std::int64_t width = filled(features);
    for (std::int64_t i = 0; i < count; ++i, to += width) {
      std::memcpy(to, x.at(i), static_cast<std::size_t>(features) * sizeof(T));
      clear(to + features, width - features);
    }
  }

  // to = A B, or to += A B, for `rows` rows and for columns padded to whole vectors. Panel p of B begins at p *
  // b_panel, and its rows are b_row apart.
  void multiply(std::int64_t rows, std::int64_t columns, std::int64_t k, const T* a, std::int64_t a_row,
                std::int64_t a_column, const T* b, std::int64_t b_row, std::int64_t b_panel, T* to, std::int64_t to_row,
                bool accumulate) const {
    const std::int64_t width = filled(columns);
    for (std::int64_t j = 0; j < width; j += panel, b += b_panel) {
      const int vectors = width - j >= panel ? 2 : 1;
      set.tile[vectors][rows](k, a, a_row, a_column, b, b_row, to + j, to_row, accumulate ? to + j : nullptr, to_row);
    }
  }
};

// One head, and the operations on a block of its scores.
template <class T>
class Head {
 public:
  Head(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask, double factor, bool causal,
       double dropout_p, PhiloxState random, std::int64_t b, std::int64_t h)
      : queries(query.size(2)),
        keys(key.size(2)),
        features(query.size(3)),
        value_features(value.size(3)),
        q(head_of<T>(query, b, h)),
        k(head_of<T>(key, b, h)),
        v(head_of<T>(value, b, h)),
        scale(static_cast<T>(factor)),
        is_causal(causal),
        row(row_kernels<T>()),
        dropout_(dropout_p),
        random_(random),
        first_((b * query.size(1) + h) * queries * keys) {
    if (!mask.defined()) return;
    mask_ = head_of<T>(mask, b, h).data;
    mask_row_ = mask.strides()[2];
    mask_column_ = mask.strides()[3];
  }

  // The number of keys, among the `columns` from j on, that query i may see.
  std::int64_t seen(std::int64_t i, std::int64_t j, std::int64_t columns) const {
    return is_causal ? std::clamp<std::int64_t>(i + 1 - j, 0, columns) : columns;
  }
  bool has_dropout() const { return dropout_ > 0; }

  // Adds the mask to the scores of query i and the keys from j on; `spare` is scratch space for them.
  void add_mask(std::int64_t i, std::int64_t j, std::int64_t columns, T* spare, T* scores) const {
    if (mask_ == nullptr) return;
    const T* from = mask_ + i * mask_row_ + j * mask_column_;
    if (mask_column_ != 1) {
      for (std::int64_t c = 0; c < columns; ++c) spare[c] = from[c * mask_column_];
      from = spare;
    }
    row.add(from, scores, columns);
  }

  // The factors by which dropout multiplies the weights of query i and the keys from j on.
  void kept(std::int64_t i, std::int64_t j, std::int64_t columns, T* to) const {
    dropout_mask_part(to, first_ + i * keys + j, columns, 1 - dropout_, 1 / (1 - dropout_), random_);
  }

  const std::int64_t queries, keys, features, value_features;
  const Rows<T> q, k, v;
  const T scale;
  const bool is_causal;
  const AttentionKernels<T> row;

 private:
  double dropout_;
  PhiloxState random_;
  std::int64_t first_;  // index of this head's first score among all scores
  const T* mask_ = nullptr;
  std::int64_t mask_row_ = 0, mask_column_ = 0;
};

// Computes the output and the logarithms of the sums for the queries from `first` on, at most kGroup of them.
template <class T>
void forward(const Head<T>& head, std::int64_t first, Rows<T> output, T* log_sum) {
  const Products<T> products;
  const std::int64_t queries = std::min(kGroup, head.queries - first), width = products.filled(head.features),
                     value_width = products.filled(head.value_features);
  Scratch<T> scratch(queries * (width + value_width) + kKeys * (head.features + products.panels(head.value_features)) +
                     (products.tile_rows + 1) * kKeys + products.panel * head.features);
  T* const scaled = scratch.take(queries * width);
  T* const sums = scratch.take(queries * value_width);
  T* const packed_keys = scratch.take(products.panels(kKeys) * head.features);
  T* const packed_values = scratch.take(kKeys * products.panels(head.value_features));
  T* const scores = scratch.take(products.tile_rows * kKeys);
  T* const spare = scratch.take(kKeys);
  T m[kGroup], l[kGroup];
  std::fill_n(m, queries, -std::numeric_limits<T>::infinity());
  std::fill_n(l, queries, T(0));
  products.copy({head.q.at(first), head.q.stride}, queries, head.features, scaled);
  head.row.scale(scaled, queries * width, head.scale);

  const std::int64_t keys = head.seen(first + queries - 1, 0, head.keys);
  for (std::int64_t j = 0; j < keys; j += kKeys) {
    const std::int64_t block = std::min(kKeys, keys - j);
    products.pack_transposed({head.k.at(j), head.k.stride}, block, head.features, packed_keys);
    products.pack({head.v.at(j), head.v.stride}, block, head.value_features, packed_values);
    for (std::int64_t i = 0; i < queries; i += products.tile_rows) {
      const std::int64_t rows = std::min(products.tile_rows, queries - i),
                         columns = head.seen(first + i + rows - 1, j, block);
      if (columns == 0) continue;
      products.multiply(rows, columns, head.features, scaled + i * width, width, 1, packed_keys, products.panel,
                        products.panel * head.features, scores, kKeys, false);
      for (std::int64_t r = i; r < i + rows; ++r) {
        T* const row = scores + (r - i) * kKeys;
        const std::int64_t seen = head.seen(first + r, j, block);
        head.add_mask(first + r, j, seen, spare, row);
        const T factor = seen > 0 ? head.row.soften(row, seen, m[r], l[r]) : T(1);
        clear(row + seen, columns - seen);
        if (j > 0 && factor != T(1)) head.row.scale(sums + r * value_width, value_width, factor);
        if (head.has_dropout()) {
          head.kept(first + r, j, columns, spare);
          head.row.multiply(spare, row, columns);
        }
      }
      products.multiply(rows, head.value_features, columns, scores, kKeys, 1, packed_values, products.panel,
                        products.panel * block, sums + i * value_width, value_width, j > 0);
    }
  }
  for (std::int64_t r = 0; r < queries; ++r) {
    T* const row = sums + r * value_width;
    head.row.scale(row, value_width, l[r] == T(0) ? T(0) : 1 / l[r]);
    std::memcpy(output.at(first + r), row, static_cast<std::size_t>(head.value_features) * sizeof(T));
    // A query that sees no key gets log_sum = infinity, so that its weights are exp(s - infinity) = 0.
    log_sum[first + r] = l[r] == T(0) ? std::numeric_limits<T>::infinity() : m[r] + std::log(l[r]);
  }
}

// The backward pass of one head: a loop over blocks of keys, and for each over the blocks of queries that see some
// of them.
template <class T>
class Backward {
 public:
  Backward(const Head<T>& head, Rows<T> grad, Rows<T> output, const T* log_sum)
      : head_(head), grad_(grad), log_sum_(log_sum), scratch_(scratch_size()) {
    const std::int64_t block = kTiles * products_.tile_rows;
    delta_ = scratch_.take(head.queries);
    grad_queries_ = scratch_.take(head.queries * width_);
    grad_keys_ = scratch_.take(kKeys * width_);
    grad_values_ = scratch_.take(kKeys * value_width_);
    transposed_keys_ = scratch_.take(products_.panels(kKeys) * head.features);
    transposed_values_ = scratch_.take(products_.panels(kKeys) * head.value_features);
    keys_ = scratch_.take(kKeys * products_.panels(head.features));
    scaled_ = scratch_.take(block * width_);
    grads_ = scratch_.take(block * value_width_);
    weights_ = scratch_.take(block * kKeys);
    gradients_ = scratch_.take(block * kKeys);
    spare_ = scratch_.take(kKeys);
    for (std::int64_t i = 0; i < head.queries; ++i)
      delta_[i] = head.row.dot(grad.at(i), output.at(i), head.value_features);
    clear(grad_queries_, head.queries * width_);
  }

  void run(Rows<T> dq, Rows<T> dk, Rows<T> dv) {
    for (std::int64_t j = 0; j < head_.keys; j += kKeys) {
      const std::int64_t block = std::min(kKeys, head_.keys - j), rows = kTiles * products_.tile_rows;
      pack(j, block);
      for (std::int64_t i = 0; i < head_.queries; i += rows) add(i, std::min(rows, head_.queries - i), j, block);
      for (std::int64_t c = 0; c < block; ++c) {
        std::copy_n(grad_keys_ + c * width_, head_.features, dk.at(j + c));
        std::copy_n(grad_values_ + c * value_width_, head_.value_features, dv.at(j + c));
      }
    }
    head_.row.scale(grad_queries_, head_.queries * width_, head_.scale);
    for (std::int64_t i = 0; i < head_.queries; ++i) std::copy_n(grad_queries_ + i * width_, head_.features, dq.at(i));
  }

 private:
  std::int64_t scratch_size() const {
    const std::int64_t block = kTiles * products_.tile_rows, wide = width_ + value_width_;
    return head_.queries * (1 + width_) + kKeys * wide +
           products_.panels(kKeys) * (head_.features + head_.value_features) +
           kKeys * products_.panels(head_.features) + block * wide + (2 * block + 1) * kKeys;
  }

  void pack(std::int64_t j, std::int64_t block) {
    const Rows<T> k = {head_.k.at(j), head_.k.stride}, v = {head_.v.at(j), head_.v.stride};
    products_.pack_transposed(k, block, head_.features, transposed_keys_);
    products_.pack_transposed(v, block, head_.value_features, transposed_values_);
    products_.pack(k, block, head_.features, keys_);
    clear(grad_keys_, block * width_);
    clear(grad_values_, block * value_width_);
  }

  // Adds the contributions of the queries i ... i + count - 1 and of a block of keys to each other's gradients.
  void add(std::int64_t i, std::int64_t count, std::int64_t j, std::int64_t block) {
    const std::int64_t columns = head_.seen(i + count - 1, j, block), tile = products_.tile_rows;
    if (columns == 0) return;
    products_.copy({head_.q.at(i), head_.q.stride}, count, head_.features, scaled_);
    head_.row.scale(scaled_, count * width_, head_.scale);
    products_.copy({grad_.at(i), grad_.stride}, count, head_.value_features, grads_);
    for (std::int64_t t = 0; t < count; t += tile) add_to_queries(i, t, std::min(tile, count - t), j, block, columns);
    for (std::int64_t c = 0; c < columns; c += tile) {
      // Queries before the first one that sees any of these keys have zeros here.
      const std::int64_t rows = std::min(tile, columns - c),
                         first = head_.is_causal ? std::clamp<std::int64_t>(j + c - i, 0, count) : 0;
      products_.multiply(rows, head_.value_features, count - first, weights_ + first * kKeys + c, 1, kKeys,
                         grads_ + first * value_width_, value_width_, products_.panel, grad_values_ + c * value_width_,
                         value_width_, true);
      products_.multiply(rows, head_.features, count - first, gradients_ + first * kKeys + c, 1, kKeys,
                         scaled_ + first * width_, width_, products_.panel, grad_keys_ + c * width_, width_, true);
    }
  }

  // The weights of a tile of queries and the gradients of its scores, and their contribution to the gradients of
  // these queries.
  void add_to_queries(std::int64_t i, std::int64_t t, std::int64_t rows, std::int64_t j, std::int64_t block,
                      std::int64_t columns) {
    const std::int64_t seen_by_tile = head_.seen(i + t + rows - 1, j, block);
    T* const weights = weights_ + t * kKeys;
    T* const gradients = gradients_ + t * kKeys;
    products_.multiply(rows, seen_by_tile, head_.features, scaled_ + t * width_, width_, 1, transposed_keys_,
                       products_.panel, products_.panel * head_.features, weights, kKeys, false);
    products_.multiply(rows, seen_by_tile, head_.value_features, grads_ + t * value_width_, value_width_, 1,
                       transposed_values_, products_.panel, products_.panel * head_.value_features, gradients, kKeys,
                       false);
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t query = i + t + r, seen = head_.seen(query, j, block);
      T* const p = weights + r * kKeys;
      T* const dp = gradients + r * kKeys;
      head_.add_mask(query, j, seen, spare_, p);
      head_.row.exp(p, seen, log_sum_[query]);
      if (head_.has_dropout()) {
        head_.kept(query, j, seen, spare_);
        head_.row.multiply(spare_, dp, seen);
        head_.row.gradient(p, dp, seen, delta_[query]);
        head_.row.multiply(spare_, p, seen);
      } else {
        head_.row.gradient(p, dp, seen, delta_[query]);
      }
      clear(p + seen, columns - seen);
      clear(dp + seen, columns - seen);
    }
    if (seen_by_tile == 0) return;
    products_.multiply(rows, head_.features, seen_by_tile, gradients, kKeys, 1, keys_, products_.panel,
                       products_.panel * block, grad_queries_ + (i + t) * width_, width_, true);
  }

  const Head<T>& head_;
  const Rows<T> grad_;
  const T* const log_sum_;
  const Products<T> products_;
  const std::int64_t width_ = products_.filled(head_.features), value_width_ = products_.filled(head_.value_features);
  Scratch<T> scratch_;
  T *delta_, *grad_queries_, *grad_keys_, *grad_values_;
  T *transposed_keys_, *transposed_values_, *keys_;
  T *scaled_, *grads_;       // a block of queries times the scale, and the same block of dO
  T *weights_, *gradients_;  // P and dS of the block, kKeys apart
  T* spare_;
};

}  // namespace

void attention_forward(const Tensor& output, const Tensor& log_sum, const Tensor& query, const Tensor& key,
                       const Tensor& value, const Tensor& mask, double scale, bool is_causal, double dropout_p,
                       std::int64_t seed, std::int64_t offset) {
  const std::int64_t heads = query.size(1), queries = query.size(2), groups = (queries + kGroup - 1) / kGroup;
  dispatch_float_double(query.dtype(), [&]<class T>() {
    parallel_for(query.size(0) * heads * groups, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t b = task / groups / heads, h = task / groups % heads;
        const Head<T> head(query, key, value, mask, scale, is_causal, dropout_p, philox_state(seed, offset), b, h);
        forward(head, task % groups * kGroup, head_of<T>(output, b, h, true),
                log_sum.data<T>() + (b * heads + h) * queries);
      }
    });
  });
}

void attention_backward(const Tensor& grad_query, const Tensor& grad_key, const Tensor& grad_value, const Tensor& grad,
                        const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& mask,
                        const Tensor& output, const Tensor& log_sum, double scale, bool is_causal, double dropout_p,
                        std::int64_t seed, std::int64_t offset) {
  const std::int64_t heads = query.size(1), queries = query.size(2);
  dispatch_float_double(query.dtype(), [&]<class T>() {
    parallel_for(query.size(0) * heads, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t b = task / heads, h = task % heads;
        const Head<T> head(query, key, value, mask, scale, is_causal, dropout_p, philox_state(seed, offset), b, h);
        Backward<T>(head, head_of<T>(grad, b, h, true), head_of<T>(output, b, h, true),
                    log_sum.data<T>() + (b * heads + h) * queries)
            .run(head_of<T>(grad_query, b, h, true), head_of<T>(grad_key, b, h, true),
                 head_of<T>(grad_value, b, h, true));
      }
    });
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
