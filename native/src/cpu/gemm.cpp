// How the product is computed.
//
// A modern core multiplies and adds two vectors per cycle but reads memory far more slowly, so a matrix product is fast
// only if nearly every operand comes from a register or the nearest cache. The scheme is that of Goto and van de Geijn
// ("Anatomy of High-Performance Matrix Multiplication", 2008) in the form of BLIS (Van Zee and van de Geijn, "BLIS: A
// Framework for Rapidly Instantiating BLAS Functionality", 2015):
//
//   registers  The micro-kernel (Tile in gemm_kernels-inl.h) keeps a small tile of C, such as 14 x 32 for AVX-512, in
//              registers and adds k outer products of a column of A and a row of B to it. A step reads 14 + 32 numbers
//              and performs 448 multiply-adds. The tile is as large as the register file allows.
//   L1, L2     A panel of A (14 rows, k_block deep) is multiplied with every panel of B (32 columns) in turn. So the
//              panel of A is read from L1, and a block of panels of B, as many as fill half of L2, is read from L2.
//              That is fast enough: a step takes 14 cycles and reads 128 bytes of a panel of B. k_block is as large
//              as L2 allows, since C is read and written once per k_block.
//   L3         At most an L3-sized part of B is in use at a time.
//
// The operand whose panel changes slowly is called the outer one, the other the inner one. The larger matrix is the
// outer one, so if there are fewer rows than columns, A and B are exchanged in the description above.
//
// Packing copies panels into the order in which the micro-kernel reads them: whatever the strides of the matrix, each
// cache line and each page is used completely, and no two lines of a panel compete for the same cache set. All threads
// together pack the inner operand in advance; a panel of the outer operand is packed just before its use by the thread
// that uses it. Packing costs O(mk + kn) beside O(mnk), but it waits for memory while the micro-kernel could have been
// computing. Since the micro-kernel accepts any strides for A and any row stride for B, a matrix is packed only where
// its layout would slow it down (make_plan has the conditions). If the last columns of B fill less than a vector, they
// are always packed and padded with zeros, so that no kernel needs masks. For rows there is a kernel of every height:
// the m rows are divided evenly among the tiles, and no tile computes rows that do not exist.
//
// If both operands are contiguous along k and there are few rows or columns, dot products are used, which need
// no packing.
//
// Float16 and bfloat16 stay in 16 bits in memory. Both operands are always packed, and packing widens them: the panels,
// which are small enough for the caches, hold floats and use the micro-kernels of float. The sums remain floats until
// the epilogue has been applied, and are rounded once, when C is stored; if k takes several k_blocks, they are kept in
// a buffer of floats. If the processor has a bfloat16 dot product (gemm_bf16.cpp), panels of bfloat16 are not widened:
// an element of a panel is then a pair of neighbours along k, four bytes like a float, so that the blocking is the same
// with half as many steps. Dot products read 16-bit operands without packing.
//
// Threads share the packed panels and divide C into tiles but never split k: each element is summed by one thread, in
// an order that depends only on shapes and strides.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/gemm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/gemm_kernels-inl.h"

#if HWY_ONCE

#include <algorithm>
#include <type_traits>
#include <utility>

#include "cpu/cache_size.h"
#include "cpu/gemm.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "tensor/integer_math.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(FloatKernels);
HWY_EXPORT(DoubleKernels);
HWY_EXPORT(HalfKernels);
HWY_EXPORT(BFloat16Kernels);
HWY_EXPORT(BFloat16PairKernels);


// The operands of one product.
template <class T>
struct Product {
  int64_t m, n, k;
  GemmOperand<T> a, b;
  T* c;
  int64_t c_row_stride;
  GemmEpilogue<T> epilogue;
};

template <class T>
GemmOperand<T> transposed(GemmOperand<T> x) {
  return {x.data, x.col_stride, x.row_stride};
}

template <class T>
TileEpilogue<T> epilogue_at(const GemmEpilogue<T>& e, int64_t row, int64_t col) {
  return {e.alpha, e.beta, e.bias_kind == GemmBias::PerColumn ? e.bias + col : nullptr,
          e.bias_kind == GemmBias::PerRow ? e.bias + row : nullptr, e.activation == GemmActivation::ReLU};
}

// The least number of pieces, of `flops` operations each, that is worth a thread.
int64_t grain_for(int64_t flops) { return std::max<int64_t>(1, kMinParallelFlops / std::max<int64_t>(1, flops)); }

// Memory for packed panels. Panels shared by all threads of a product belong to the thread that called it, other panels
// to the thread that uses them.
Workspace& inner_workspace() {
  static Workspace workspace;
  return workspace;
}
Workspace& outer_workspace() {
  static Workspace workspace;
  return workspace;
}
Workspace& sums_workspace() {
  static Workspace workspace;
  return workspace;
}

// --- Dot products ---

// With few rows or columns, packing would cost more than it saves. If k is long, the final sum over a vector's lanes is
// negligible, so dot products pay off for somewhat more rows or columns.
template <class T>
bool prefers_dots(const Product<T>& x) {
  return x.a.col_stride == 1 && x.b.row_stride == 1 && std::min(x.m, x.n) <= (x.k >= 128 ? 16 : 4);
}

template <class T, class Panel>
void dot_product(const Product<T>& x, const GemmKernelSet<T, Panel>& kernel) {
  constexpr int64_t kRows = 32, kCols = 48;
  const int64_t blocks_across = ceil_div(x.n, kCols);
  const int64_t blocks = ceil_div(x.m, kRows) * blocks_across;
  const int64_t block_flops = 2 * std::min(x.m, kRows) * std::min(x.n, kCols) * x.k;
  parallel_for(blocks, grain_for(block_flops), [&](int64_t begin, int64_t end) {
    alignas(64) GemmScalar<T> product[kRows * kCols];
    for (int64_t block = begin; block < end; ++block) {
      const int64_t i = block / blocks_across * kRows, rows = std::min(kRows, x.m - i);
      const int64_t j = block % blocks_across * kCols, cols = std::min(kCols, x.n - j);
      kernel.dots(rows, cols, x.k, x.a.data + i * x.a.row_stride, x.a.row_stride, x.b.data + j * x.b.col_stride,
                  x.b.col_stride, product, kCols);
      kernel.finish(rows, cols, product, kCols, x.c + i * x.c_row_stride + j, x.c_row_stride,
                    epilogue_at(x.epilogue, i, j));
    }
  });
}

// --- Tiles ---

// How a product is divided into blocks.
struct Plan {
  int64_t panel_cols;  // of a full tile
  int64_t max_rows;    // of a tile
  int64_t k_block;
  int64_t k_steps;  // of a tile, for a k_block
  bool rows_outer;  // A is the outer operand, B the inner one
  bool pack_a, pack_b;
  bool copy_rows;  // a packed panel of A keeps its row layout; its rows are only moved closer together

  int64_t outer_width() const { return rows_outer ? max_rows : panel_cols; }
  int64_t inner_width() const { return rows_outer ? panel_cols : max_rows; }

  // Number of elements in a packed panel of A or B that is `steps` deep.
  int64_t slot_size(bool is_a, int64_t steps) const {
    return is_a ? max_rows * (copy_rows ? row_distance(steps) : steps) : panel_cols * steps;
  }
  // Distance between copied rows of A: one cache line more than their length.
  static int64_t row_distance(int64_t steps) { return steps + 16; }
};

template <class T, class Panel>
Plan make_plan(const Product<T>& x, const GemmKernelSet<T, Panel>& kernel) {
  constexpr int64_t kPage = 4096, kDepth = kPanelDepth<Panel>;
  const int64_t size = sizeof(Panel);
  const CacheSizes& cache = cache_sizes();
  // With few rows, registers are left over for wider tiles.
  const int vectors = x.m <= kernel.max_rows[kMaxTileVectors] ? kMaxTileVectors : 2;
  Plan plan;
  plan.panel_cols = vectors * kernel.lanes;
  plan.max_rows = kernel.max_rows[vectors];
  plan.rows_outer = x.m >= x.n;

  // Reading the rows of A, or its columns one after another, is as fast as reading packed panels unless they are a
  // multiple of a page (for columns, half a page) apart, where they compete for the same cache sets. Such rows need
  // only be copied to a different distance. A matrix that fits in L1 is read directly. All this holds only if the
  // micro-kernel can read the matrix's element type.
  constexpr bool must_pack = !std::is_same_v<T, Panel>;
  const bool a_by_rows = x.a.col_stride == 1, a_by_columns = x.a.row_stride == 1;
  const bool a_fits = x.m * x.k * size <= cache.l1 / 2, b_fits = x.k * x.n * size <= cache.l1 / 2;
  const bool rows_compete = x.a.row_stride * size % kPage == 0;
  const bool columns_compete = x.a.col_stride * size % (kPage / 2) == 0;
  plan.pack_a = must_pack || (x.n > 3 * plan.panel_cols && !a_fits &&
                              (a_by_rows      ? rows_compete
                               : a_by_columns ? columns_compete
                                              : true));
  plan.copy_rows = plan.pack_a && a_by_rows && !must_pack;
  // The kernel loads rows of B as vectors, so B must be packed unless its rows are contiguous. If they are, packing
  // pays off only once enough panels of A reuse the packed rows.
  plan.pack_b = must_pack || x.b.col_stride != 1 || (x.m > 18 * plan.max_rows && !b_fits);

  int64_t k_limit = std::clamp<int64_t>(cache.l2 / 16 / (plan.panel_cols * size), 64, 512);
  const bool outer_panels_are_large = !plan.rows_outer && plan.pack_b;
  if (outer_panels_are_large) k_limit /= 2;
  const int64_t steps = std::max<int64_t>(1, ceil_div(x.k, kDepth));
  plan.k_steps = steps <= k_limit ? steps : ceil_div(steps, ceil_div(steps, k_limit));
  plan.k_block = plan.k_steps * kDepth;
  return plan;
}

// One step of the outer loops: the block of C at (row, col), and the k_block of A and B at p.
template <class T, class Panel>
class BlockStep {
 public:
  using Sum = GemmScalar<T>;

  // `kept_sums` is either null or a row-major buffer that keeps the sums of the block from one step to the next.
  BlockStep(const Product<T>& x, const Plan& plan, const GemmKernelSet<T, Panel>& kernel, int64_t row, int64_t rows,
            int64_t col, int64_t cols, int64_t p, Panel* packed_inner, Sum* kept_sums)
      : x_(x),
        plan_(plan),
        kernel_(kernel),
        row_(row),
        rows_(rows),
        col_(col),
        cols_(cols),
        p_(p),
        depth_(std::min(plan.k_block, x.k - p)),
        steps_(ceil_div(depth_, kPanelDepth<Panel>)),
        row_panels_(rows, plan.max_rows),
        col_panels_(ceil_div(cols, plan.panel_cols)),
        packed_inner_(packed_inner),
        kept_sums_(kept_sums) {
    const GemmEpilogue<T>& e = x.epilogue;
    const bool first = p == 0;
    last_ = p + depth_ >= x.k;
    beta_ = first || kept_sums != nullptr ? e.beta : Sum{1};
    // If the only epilogue is a bias per column, the sums start from it.
    if constexpr (std::is_same_v<T, Sum>) {
      const bool plain = e.alpha == Sum{1} && e.beta == Sum{0} && e.activation == GemmActivation::None;
      if (plain && e.bias_kind == GemmBias::PerColumn && kept_sums == nullptr && cols % kernel.lanes == 0)
        bias_ = e.bias;
    }
    finishes_ = last_ && bias_ == nullptr && (e.bias_kind != GemmBias::None || e.activation != GemmActivation::None);
    plain_ = !finishes_ && e.alpha == Sum{1} && (beta_ == Sum{0} || beta_ == Sum{1});
  }

  void run() const {
    pack_inner();
    const int64_t panels = outer_panels();
    parallel_for(panels, grain_for(2 * rows_ * cols_ * depth_ / panels), [&](int64_t begin, int64_t end) {
      for (int64_t outer = begin; outer < end; outer += kOuterPanels) {
        multiply(outer, std::min(outer + kOuterPanels, end));
      }
    });
  }

  // The number of elements that pack_inner may write: space for `length` rows or columns of the inner operand.
  static int64_t packed_inner_size(const Plan& plan, int64_t length) {
    return ceil_div(length, plan.inner_width()) * plan.slot_size(!plan.rows_outer, plan.k_steps);
  }

 private:
  // This many outer panels are packed at a time and multiplied with one block of inner panels; together they fill L2.
  static constexpr int64_t kOuterPanels = 8;
  static constexpr int64_t kMaxLanes = 64 / sizeof(Sum);

  int64_t outer_panels() const { return plan_.rows_outer ? row_panels_.count() : col_panels_; }
  int64_t inner_panels() const { return plan_.rows_outer ? col_panels_ : row_panels_.count(); }

  int64_t width(int64_t col_panel) const { return std::min(plan_.panel_cols, cols_ - col_panel * plan_.panel_cols); }
  int64_t padded_width(int64_t col_panel) const { return round_up(width(col_panel), kernel_.lanes); }

  const T* a_at(int64_t row_panel) const {
    return x_.a.data + (row_ + row_panels_.start(row_panel)) * x_.a.row_stride + p_ * x_.a.col_stride;
  }
  const T* b_at(int64_t col_panel) const {
    return x_.b.data + p_ * x_.b.row_stride + (col_ + col_panel * plan_.panel_cols) * x_.b.col_stride;
  }

  // The range of panels that are packed: all of them, none, or only B's last panel if it ends inside a vector.
  int64_t first_packed_a() const { return plan_.pack_a ? 0 : row_panels_.count(); }
  int64_t first_packed_b() const {
    if (plan_.pack_b) return 0;
    return width(col_panels_ - 1) % kernel_.lanes == 0 ? col_panels_ : col_panels_ - 1;
  }
  int64_t first_packed_outer() const { return plan_.rows_outer ? first_packed_a() : first_packed_b(); }
  int64_t first_packed_inner() const { return plan_.rows_outer ? first_packed_b() : first_packed_a(); }

  int64_t outer_slot_size() const { return plan_.slot_size(plan_.rows_outer, steps_); }
  int64_t inner_slot_size() const { return plan_.slot_size(!plan_.rows_outer, steps_); }

  // Packs panels of A or B into consecutive slots. If panels are adjacent in memory, a few steps of k are packed for
  // all of them at a time, so that the cache lines and pages they share are fetched only once.
  void pack(bool is_a, int64_t begin, int64_t end, Panel* slots, int64_t slot_size) const {
    if constexpr (std::is_same_v<T, Panel>) {
      if (is_a && plan_.copy_rows) {
        for (int64_t panel = begin; panel < end; ++panel, slots += slot_size) {
          for (int64_t row = 0; row < row_panels_.height(panel); ++row) {
            std::copy_n(a_at(panel) + row * x_.a.row_stride, depth_, slots + row * Plan::row_distance(steps_));
          }
        }
        return;
      }
    }
    const int64_t x_stride = is_a ? x_.a.row_stride : x_.b.col_stride;
    const int64_t k_stride = is_a ? x_.a.col_stride : x_.b.row_stride;
    const int64_t strip = x_stride == 1 ? kPackStrip : depth_;
    for (int64_t p = 0; p < depth_; p += strip) {
      for (int64_t panel = begin; panel < end; ++panel) {
        const int64_t length = is_a ? row_panels_.height(panel) : width(panel);
        const int64_t padded = is_a ? length : padded_width(panel);
        const T* const from = is_a ? a_at(panel) : b_at(panel);
        kernel_.pack(length, std::min(strip, depth_ - p), from + p * k_stride, x_stride, k_stride,
                     slots + (panel - begin) * slot_size + p / kPanelDepth<Panel> * padded, padded);
      }
    }
  }

  void pack_inner() const {
    const int64_t first = first_packed_inner(), slot_size = inner_slot_size();
    const int64_t slot_bytes = slot_size * static_cast<int64_t>(sizeof(Panel));
    parallel_for(inner_panels() - first, kMinParallelBytes / (slot_bytes + 1) + 1, [&](int64_t begin, int64_t end) {
      pack(!plan_.rows_outer, first + begin, first + end, packed_inner_ + begin * slot_size, slot_size);
    });
  }

  // Multiplies the outer panels [begin, end) with all inner panels.
  void multiply(int64_t begin, int64_t end) const {
    const int64_t outer_slot = outer_slot_size(), inner_slot = inner_slot_size();
    const int64_t first_outer = std::max(begin, first_packed_outer()), first_inner = first_packed_inner();
    Panel* outer_slots = nullptr;
    if (first_outer < end) {
      const auto elements = static_cast<size_t>((end - first_outer) * outer_slot);
      outer_slots = static_cast<Panel*>(outer_workspace().reserve(elements * sizeof(Panel)));
      pack(plan_.rows_outer, first_outer, end, outer_slots, outer_slot);
    }
    const int64_t inner_count = inner_panels();
    const int64_t inner_bytes = inner_slot * static_cast<int64_t>(sizeof(Panel));
    const int64_t inner_block = std::max<int64_t>(1, cache_sizes().l2 / 2 / (inner_bytes + 1));
    for (int64_t inner_begin = 0; inner_begin < inner_count; inner_begin += inner_block) {
      const int64_t inner_end = std::min(inner_begin + inner_block, inner_count);
      for (int64_t outer = begin; outer < end; ++outer) {
        const Panel* const outer_panel =
            outer < first_outer ? nullptr : outer_slots + (outer - first_outer) * outer_slot;
        for (int64_t inner = inner_begin; inner < inner_end; ++inner) {
          const Panel* const inner_panel =
              inner < first_inner ? nullptr : packed_inner_ + (inner - first_inner) * inner_slot;
          if (plan_.rows_outer) {
            tile(outer, outer_panel, inner, inner_panel);
          } else {
            tile(inner, inner_panel, outer, outer_panel);
          }
        }
      }
    }
  }

  // Computes the tile of C where two panels meet. A null packed panel means that the matrix itself is read.
  void tile(int64_t row_panel, const Panel* packed_a, int64_t col_panel, const Panel* packed_b) const {
    const int64_t rows = row_panels_.height(row_panel), cols = width(col_panel), padded = padded_width(col_panel);
    const Panel *a = packed_a, *b = packed_b;
    int64_t a_row_stride = 1, a_col_stride = rows, b_row_stride = padded;
    if (plan_.copy_rows) {
      a_row_stride = Plan::row_distance(steps_);
      a_col_stride = 1;
    }
    if constexpr (std::is_same_v<T, Panel>) {
      if (packed_a == nullptr) {
        a = a_at(row_panel);
        a_row_stride = x_.a.row_stride;
        a_col_stride = x_.a.col_stride;
      }
      if (packed_b == nullptr) {
        b = b_at(col_panel);
        b_row_stride = x_.b.row_stride;
      }
    }
    const auto multiply_tile = kernel_.tile[padded / kernel_.lanes][rows];
    const int64_t row_in_block = row_panels_.start(row_panel), col_in_block = col_panel * plan_.panel_cols;
    const int64_t row = row_ + row_in_block, col = col_ + col_in_block;
    T* const c = x_.c + row * x_.c_row_stride + col;

    if constexpr (std::is_same_v<T, Sum>) {
      if (plain_ && cols == padded) {
        const bool starts_from_bias = bias_ != nullptr && p_ == 0;
        const Sum* const start = starts_from_bias ? bias_ + col : beta_ != Sum{0} ? c : nullptr;
        multiply_tile(steps_, a, a_row_stride, a_col_stride, b, b_row_stride, c, x_.c_row_stride, start,
                      starts_from_bias ? 0 : x_.c_row_stride);
        return;
      }
    }
    alignas(64) Sum tile_sums[kMaxTileRows * 2 * kMaxLanes];
    Sum* sums = tile_sums;
    int64_t sums_row_stride = padded;
    if (kept_sums_ != nullptr) {
      sums_row_stride = round_up(cols_, kernel_.lanes);
      sums = kept_sums_ + row_in_block * sums_row_stride + col_in_block;
    }
    const Sum* const start = kept_sums_ != nullptr && p_ > 0 ? sums : nullptr;
    multiply_tile(steps_, a, a_row_stride, a_col_stride, b, b_row_stride, sums, sums_row_stride, start,
                  sums_row_stride);
    if (kept_sums_ != nullptr && !last_) return;
    TileEpilogue<T> epilogue = {x_.epilogue.alpha, beta_, nullptr, nullptr, false};
    if (finishes_) {
      epilogue = epilogue_at(x_.epilogue, row, col);
      epilogue.beta = beta_;
    }
    kernel_.finish(rows, cols, sums, sums_row_stride, c, x_.c_row_stride, epilogue);
  }

  const Product<T>& x_;
  const Plan& plan_;
  const GemmKernelSet<T, Panel>& kernel_;
  const int64_t row_, rows_, col_, cols_, p_, depth_;
  const int64_t steps_;  // of a tile: number of panel elements along k
  const Panels row_panels_;
  const int64_t col_panels_;
  Panel* const packed_inner_;
  Sum* const kept_sums_;
  const Sum* bias_ = nullptr;  // the column biases, if the sums of the first step start from them
  Sum beta_;                   // of this step: C already holds the earlier steps' products, unless sums are kept
  bool last_;                  // this is the last step of k
  bool finishes_;              // this is the last step, and there is a bias or an activation
  bool plain_;                 // the sums are stored to C or added to it without further change
};

static_assert(kMaxTileRows * 2 >= 6 * kMaxTileVectors, "the buffer in BlockStep::tile holds the widest tile");

template <class T, class Panel>
void tiled_product(const Product<T>& x, const GemmKernelSet<T, Panel>& kernel) {
  using Step = BlockStep<T, Panel>;
  using Sum = GemmScalar<T>;
  const Plan plan = make_plan(x, kernel);
  const auto bytes = [](int64_t count, size_t size) { return static_cast<size_t>(count) * size; };
  // The packed part of the inner operand may take a quarter of L3.
  const int64_t l3_length = cache_sizes().l3 / 4 / (plan.k_steps * static_cast<int64_t>(sizeof(Panel)));
  const int64_t inner_limit = round_up(std::max<int64_t>(l3_length, 1), plan.inner_width());
  const int64_t inner_length = std::min(plan.rows_outer ? x.n : x.m, inner_limit);
  int64_t outer_length = plan.rows_outer ? x.m : x.n;
  // C holds the sums from one k_block to the next, unless it would round them; then a buffer holds them, of at most
  // half of L3.
  const bool keeps_sums = !std::is_same_v<T, Sum> && x.k > plan.k_block;
  if (keeps_sums) {
    const int64_t length = cache_sizes().l3 / 2 / (inner_length * static_cast<int64_t>(sizeof(Sum)));
    outer_length = std::min(outer_length, round_up(std::max<int64_t>(length, 1), plan.outer_width()));
  }
  const int64_t block_rows = plan.rows_outer ? outer_length : inner_length;
  const int64_t block_cols = plan.rows_outer ? inner_length : outer_length;

  const int64_t packed_size = Step::packed_inner_size(plan, inner_length);
  auto* const packed_inner = static_cast<Panel*>(inner_workspace().reserve(bytes(packed_size, sizeof(Panel))));
  Sum* kept_sums = nullptr;
  if (keeps_sums) {
    const int64_t size = block_rows * round_up(block_cols, kernel.lanes);
    kept_sums = static_cast<Sum*>(sums_workspace().reserve(bytes(size, sizeof(Sum))));
  }

  for (int64_t col = 0; col < x.n; col += block_cols) {
    for (int64_t row = 0; row < x.m; row += block_rows) {
      int64_t p = 0;
      do {  // at least once: even if k is 0, the epilogue must be applied to C
        Step(x, plan, kernel, row, std::min(block_rows, x.m - row), col, std::min(block_cols, x.n - col), p,
             packed_inner, kept_sums)
            .run();
        p += plan.k_block;
      } while (p < x.k);
    }
  }
}

template <class T, class Panel>
void simd_gemm(Product<T> x, const GemmKernelSet<T, Panel>& kernel) {
  if (x.n == 1 && x.m > 1 && x.c_row_stride == 1) {
    // A column times a matrix is computed as its transpose, so that the long side becomes the row of a tile.
    const GemmBias bias = x.epilogue.bias_kind;
    x.epilogue.bias_kind = bias == GemmBias::PerRow      ? GemmBias::PerColumn
                           : bias == GemmBias::PerColumn ? GemmBias::PerRow
                                                         : GemmBias::None;
    const GemmOperand<T> a = x.a;
    x.a = transposed(x.b);
    x.b = transposed(a);
    std::swap(x.m, x.n);
  }
  if (prefers_dots(x)) {
    dot_product(x, kernel);
  } else {
    tiled_product(x, kernel);
  }
}

// --- Integers: rarely large, so plain loops suffice, which the compiler vectorizes ---

template <class T>
void integer_gemm(const Product<T>& x) {
  // Unsigned arithmetic wraps around, and 64-bit results are correct modulo any smaller size.
  using Wide = uint64_t;
  constexpr int64_t kCols = 256;
  parallel_for(x.m, grain_for(2 * x.n * x.k), [&](int64_t begin, int64_t end) {
    Wide sums[kCols];
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < x.n; j += kCols) {
        const int64_t cols = std::min(kCols, x.n - j);
        std::fill(sums, sums + cols, Wide{0});
        for (int64_t p = 0; p < x.k; ++p) {
          const auto a = static_cast<Wide>(x.a.data[i * x.a.row_stride + p * x.a.col_stride]);
          const T* b = x.b.data + p * x.b.row_stride + j * x.b.col_stride;
          for (int64_t q = 0; q < cols; ++q) sums[q] += a * static_cast<Wide>(b[q * x.b.col_stride]);
        }
        const TileEpilogue<T> e = epilogue_at(x.epilogue, i, j);
        T* c = x.c + i * x.c_row_stride + j;
        for (int64_t q = 0; q < cols; ++q) {
          Wide y = static_cast<Wide>(e.alpha) * sums[q];
          if (e.beta != 0) y += static_cast<Wide>(e.beta) * static_cast<Wide>(c[q]);
          if (e.column_bias != nullptr) y += static_cast<Wide>(e.column_bias[q]);
          if (e.row_bias != nullptr) y += static_cast<Wide>(*e.row_bias);
          const T value = static_cast<T>(y);
          c[q] = e.relu && value < 0 ? T{0} : value;
        }
      }
    }
  });
}

}  // namespace

template <>
const GemmKernelSet<float>& gemm_kernels<float>() {
  return *TS_SIMD_DISPATCH(FloatKernels)();
}

template <>
const GemmKernelSet<double>& gemm_kernels<double>() {
  return *TS_SIMD_DISPATCH(DoubleKernels)();
}

template <>
const GemmKernelSet<Half>& gemm_kernels<Half>() {
  return *TS_SIMD_DISPATCH(HalfKernels)();
}

template <>
const GemmKernelSet<BFloat16>& gemm_kernels<BFloat16>() {
  return *TS_SIMD_DISPATCH(BFloat16Kernels)();
}

const GemmKernelSet<BFloat16, BFloat16Pair>* bfloat16_pair_kernels() { return TS_SIMD_DISPATCH(BFloat16PairKernels)(); }

template <class T>
void gemm(int64_t m, int64_t n, int64_t k, GemmOperand<T> a, GemmOperand<T> b, T* c, int64_t c_row_stride,
          const GemmEpilogue<T>& epilogue) {
  if (m <= 0 || n <= 0) return;
  const Product<T> x = {m, n, std::max<int64_t>(k, 0), a, b, c, c_row_stride, epilogue};
  if constexpr (std::is_integral_v<T>) {
    integer_gemm(x);
  } else {
    if constexpr (std::is_same_v<T, BFloat16>) {
      if (const auto* pairs = bfloat16_pair_kernels()) return simd_gemm(x, *pairs);
    }
    simd_gemm(x, gemm_kernels<T>());
  }
}

template <class T>
void gemm_batched(int64_t batch, int64_t m, int64_t n, int64_t k, GemmOperand<T> a, GemmOperand<T> b, T* c,
                  int64_t c_row_stride, GemmBatchStrides strides, const GemmEpilogue<T>& epilogue) {
  if (batch <= 0 || m <= 0 || n <= 0) return;
  // If all products share B, matrices of A that follow one another in memory form one tall matrix.
  if (strides.b == 0 && epilogue.bias_kind != GemmBias::PerRow && strides.a == m * a.row_stride &&
      strides.c == m * c_row_stride) {
    return gemm(batch * m, n, k, a, b, c, c_row_stride, epilogue);
  }
  const auto product = [&](int64_t i) {
    gemm(m, n, k, GemmOperand<T>{a.data + i * strides.a, a.row_stride, a.col_stride},
         GemmOperand<T>{b.data + i * strides.b, b.row_stride, b.col_stride}, c + i * strides.c, c_row_stride, epilogue);
  };
  // With many products, each is computed by one thread; with few, the threads share each of them.
  if (batch < 4 * num_threads()) {
    for (int64_t i = 0; i < batch; ++i) product(i);
    return;
  }
  parallel_for(batch, grain_for(2 * m * n * k), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) product(i);
  });
}

#define TS_INSTANTIATE_GEMM(T)                                                                                   \
  template void gemm<T>(int64_t, int64_t, int64_t, GemmOperand<T>, GemmOperand<T>, T*, int64_t,                  \
                        const GemmEpilogue<T>&);                                                                 \
  template void gemm_batched<T>(int64_t, int64_t, int64_t, int64_t, GemmOperand<T>, GemmOperand<T>, T*, int64_t, \
                                GemmBatchStrides, const GemmEpilogue<T>&);
TS_INSTANTIATE_GEMM(float)
TS_INSTANTIATE_GEMM(double)
TS_INSTANTIATE_GEMM(Half)
TS_INSTANTIATE_GEMM(BFloat16)
TS_INSTANTIATE_GEMM(int8_t)
TS_INSTANTIATE_GEMM(uint8_t)
TS_INSTANTIATE_GEMM(int16_t)
TS_INSTANTIATE_GEMM(int32_t)
TS_INSTANTIATE_GEMM(int64_t)
#undef TS_INSTANTIATE_GEMM

}  // namespace ts::cpu

#endif  // HWY_ONCE
