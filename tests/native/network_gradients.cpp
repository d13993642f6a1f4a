// Samples of convolutions, pooling and losses for the gradient checks.
#include "gradient_samples.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"

namespace ts::test {
namespace {

void images(Samples& s) {
  struct Geometry {
    const char* name;
    Dims input, weight;
    std::vector<std::int64_t> stride, padding, dilation;
    std::int64_t groups;
  };
  const std::vector<Geometry> geometries = {
      {"plain", {1, 2, 4, 3}, {2, 2, 2, 2}, {1, 1}, {0, 0}, {1, 1}, 1},
      {"strided, padded", {2, 1, 4, 4}, {2, 1, 3, 2}, {2, 1}, {1, 0}, {1, 1}, 1},
      {"dilated", {1, 1, 5, 4}, {1, 1, 2, 2}, {1, 2}, {0, 1}, {2, 1}, 1},
      {"grouped", {1, 2, 3, 3}, {4, 1, 2, 2}, {1, 1}, {0, 0}, {1, 1}, 2},
      {"1x1", {2, 2, 2, 2}, {3, 2, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 1},
      {"empty", {0, 1, 3, 3}, {1, 1, 2, 2}, {1, 1}, {0, 0}, {1, 1}, 1},
  };
  for (const Geometry& g : geometries) {
    const auto forward = [g](const TensorList& x) {
      return convolution2d(x[0], x[1], x.size() > 2 ? x[2] : Tensor(), g.stride, g.padding, g.dilation, g.groups);
    };
    const Tensor input = operand(g.input), weight = operand(g.weight, -1, 1, 2);
    const Tensor bias = operand({g.weight[0]}, -1, 1, 3);
    s.add("convolution2d", g.name, forward, {input, weight});
    s.add("convolution2d", std::string(g.name) + ", bias", forward, {input, weight, bias});
    s.add("conv2d", g.name,
          [g](const TensorList& x) { return conv2d(x[0], x[1], x[2], g.stride, g.padding, g.dilation, g.groups); },
          {transposed(g.input), transposed(g.weight, -1, 1, 2), bias});
    const Dims out = forward({input.detach(), weight.detach()}).sizes();
    s.add("conv2d_input", g.name,
          [g](const TensorList& x) {
            return conv2d_input(g.input, x[0], x[1], g.stride, g.padding, g.dilation, g.groups);
          },
          {weight, operand(out, -1, 1, 4)});
    s.add("conv2d_weight", g.name,
          [g](const TensorList& x) {
            return conv2d_weight(x[0], g.weight, x[1], g.stride, g.padding, g.dilation, g.groups);
          },
          {input, operand(out, -1, 1, 4)});
  }
  s.add("conv2d", "one image", [](const TensorList& x) { return conv2d(x[0], x[1]); },
        {operand({1, 3, 3}), operand({1, 1, 2, 2}, -1, 1, 2)});
  const auto pool = [](const TensorList& x) {
    return std::get<0>(max_pool2d_windows(x[0], {2, 2}, {1, 2}, {1, 0}, {1, 1}, false));
  };
  s.add("max_pool2d_windows", "contiguous", pool, {operand({1, 2, 3, 4})});
  s.add("max_pool2d_windows", "transposed", pool, {transposed({1, 1, 3, 4})});
  s.add("max_pool2d_windows", "empty", pool, {operand({0, 1, 3, 4})});
  s.add("max_pool2d", "one image", [](const TensorList& x) { return max_pool2d(x[0], {2, 2}); }, {operand({1, 4, 4})});
  const Tensor maxima = integers({0, 4, 8, 4}, {1, 1, 2, 2});
  const auto unpool = [maxima](const TensorList& x) { return max_pool2d_backward(x[0], maxima, {1, 1, 3, 3}); };
  s.add("max_pool2d_backward", "contiguous", unpool, {operand({1, 1, 2, 2})});
  s.add("max_pool2d_backward", "transposed", unpool, {transposed({1, 1, 2, 2})});
  // Windows that overlap, reach into the padding, or are adaptive.
  const auto volume_max = [](const TensorList& x) {
    return std::get<0>(max_pool_windows(x[0], {1, 2, 3}, {2, 2, 2}, {1, 2, 1}, {0, 1, 0}, {1, 1, 1}));
  };
  s.add("max_pool_windows", "regular", volume_max, {operand({1, 2, 2, 3, 4})});
  s.add("max_pool_windows", "adaptive",
        [](const TensorList& x) {
          return std::get<0>(max_pool_windows(x[0], {1, 2, 3}, {}, {}, {}, {}));
        },
        {transposed({1, 1, 2, 3, 4})});
  s.add("avg_pool_windows", "regular",
        [](const TensorList& x) {
          return avg_pool_windows(x[0], {1, 2, 3}, {2, 2, 2}, {1, 2, 1}, {0, 1, 0}, false, 0);
        },
        {operand({1, 2, 2, 3, 4})});
  s.add("avg_pool_windows", "adaptive",
        [](const TensorList& x) {
          return avg_pool_windows(x[0], {1, 2, 3}, {}, {}, {}, false, 0);
        },
        {transposed({1, 1, 2, 3, 4})});
  s.add("avg_pool_windows_backward", "regular",
        [](const TensorList& x) {
          return avg_pool_windows_backward(x[0], {1, 1, 2, 3, 4}, {2, 2, 2}, {1, 2, 1}, {0, 1, 0}, true, 3);
        },
        {operand({1, 1, 1, 2, 3})});
  s.add("conv3d", "padded", [](const TensorList& x) { return conv3d(x[0], x[1], x[2], {1}, {1}, {1}); },
        {operand({1, 1, 2, 2, 2}), operand({2, 1, 2, 2, 2}, -1, 1, 2), operand({2}, -1, 1, 3)});
  s.add("conv_transpose2d", "strided",
        [](const TensorList& x) { return conv_transpose2d(x[0], x[1], x[2], {2}, {1}, {1}, 1, {2}); },
        {operand({1, 2, 2, 2}), operand({2, 1, 2, 2}, -1, 1, 2), operand({1}, -1, 1, 3)});
  s.add("im2col", "padded", [](const TensorList& x) { return im2col(x[0], {2}, {1}, {1}, {2}); },
        {operand({1, 2, 3, 3})});
  s.add("fold", "overlapping", [](const TensorList& x) { return fold(x[0], {3}, {2}); }, {operand({1, 4, 4})});
  s.add("pad", "reflect",
        [](const TensorList& x) {
          return pad(x[0], {2, 1}, PadMode::Reflect);
        },
        {operand({1, 1, 3})});
  s.add("pad", "constant", [](const TensorList& x) { return pad(x[0], {2, -1}); }, {operand({1, 2, 3})});
  s.add("interpolate", "bicubic",
        [](const TensorList& x) {
          return interpolate(x[0], IntList{3, 4}, {}, InterpolationMode::Bicubic);
        },
        {operand({1, 1, 2, 3})});
  // Fused kernels for first-order gradients, public operators for second-order ones.
  for (const bool reverse : {false, true}) {
    s.add("lstm_layer", reverse ? "reversed" : "forwards", CheckedFunction([reverse](const TensorList& x) {
            const auto [output, last_cell] = lstm_layer(x[0], x[1], x[2], x[3], reverse);
            return TensorList{output, last_cell};
          }),
          {operand({3, 2, 8}, -1, 1), operand({2, 2}, -1, 1, 2), operand({2, 2}, -1, 1, 3), operand({8, 2}, -1, 1, 4)});
  }
  s.add("lstm_layer", "output alone, transposed",
        [](const TensorList& x) { return std::get<0>(lstm_layer(transpose(x[0], 0, 1), x[1], x[1], t(x[2]))); },
        {operand({2, 2, 12}, -1, 1), operand({2, 3}, -1, 1, 2), operand({3, 12}, -1, 1, 3)});
  const auto affine = [](std::int64_t channels) {
    return TensorList{operand({channels}, 0.5, 1.5, 2), operand({channels}, -1, 1, 3)};
  };
  const TensorList three = affine(3);
  for (const Dims& sizes : {Dims{4, 3}, Dims{2, 3, 4}}) {
    s.add("batch_norm", sizes.size() == 2 ? "training, rows" : "training",
          [](const TensorList& x) { return batch_norm(x[0], {}, {}, x[1], x[2], true, 0.1, 0.1); },
          {operand(sizes), three[0], three[1]});
  }
  s.add("batch_norm", "evaluation",
        [](const TensorList& x) {
          return batch_norm(x[0], spread({3}, -1, 1, 4), spread({3}, 0.5, 1.5, 5), x[1], x[2], false, 0.1, 0.1);
        },
        {operand({2, 3, 2}), three[0], three[1]});
  s.add("instance_norm", "affine",
        [](const TensorList& x) { return instance_norm(x[0], {}, {}, x[1], x[2], true, 0.1, 0.1); },
        {operand({2, 3, 4}), three[0], three[1]});
  s.add("layer_norm", "affine", [](const TensorList& x) { return layer_norm(x[0], {3}, x[1], x[2], 0.1); },
        {operand({2, 3}), three[0], three[1]});
  s.add("group_norm", "affine", [](const TensorList& x) { return group_norm(x[0], 1, x[1], x[2], 0.1); },
        {operand({2, 3, 2}), three[0], three[1]});
  s.add("rms_norm", "affine", [](const TensorList& x) { return rms_norm(x[0], {3}, x[1], 0.1); },
        {operand({2, 3}), three[0]});
  s.add("scaled_dot_product_attention", "causal",
        [](const TensorList& x) { return scaled_dot_product_attention(x[0], x[1], x[2], {}, 0, true); },
        {operand({2, 3}), operand({2, 3}, -1, 1, 2), operand({2, 2}, -1, 1, 3)});
}

void losses(Samples& s) {
  const Tensor classes = integers({2, 0, -100, 1}, {4});
  const auto fused = [classes](const TensorList& x) { return std::get<0>(cross_entropy_classes(x[0], classes, -100)); };
  s.add("cross_entropy_classes", "contiguous", fused, {operand({4, 3})});
  s.add("cross_entropy_classes", "transposed", fused, {transposed({4, 3})});
  // log_normalizer is a function of input, and the formulas hold for the two together.
  s.add("cross_entropy_classes_backward", "contiguous",
        [classes](const TensorList& x) {
          const Tensor log_normalizer = std::get<1>(cross_entropy_classes(x[1].detach(), classes, -100));
          return cross_entropy_classes_backward(x[0], x[1], classes, log_normalizer, -100);
        },
        {operand({}), operand({4, 3})});
  const Tensor weight = spread({3}, 0.5, 2);
  for (const Reduction reduction : {Reduction::None, Reduction::Mean, Reduction::Sum}) {
    const std::string name = "reduction " + std::to_string(static_cast<int>(reduction));
    s.add("nll_loss", name, [=](const TensorList& x) { return nll_loss(x[0], classes, weight, -100, reduction); },
          {operand({4, 3})});
    s.add("cross_entropy", name, [=](const TensorList& x) { return cross_entropy(x[0], classes, {}, -100, reduction); },
          {operand({4, 3})});
    s.add("cross_entropy", name + ", weights and smoothing",
          [=](const TensorList& x) { return cross_entropy(x[0], classes, weight, -100, reduction, 0.1); },
          {operand({4, 3})});
    s.add("cross_entropy", name + ", probabilities",
          [=](const TensorList& x) { return cross_entropy(x[0], x[1], weight, -100, reduction, 0.1); },
          {operand({4, 3}), operand({4, 3}, 0.1, 0.9, 2)});
    s.add("mse_loss", name, [=](const TensorList& x) { return mse_loss(x[0], x[1], reduction); },
          {operand({2, 3}), operand({2, 3}, -2, 2, 2)});
  }
  s.binary("mse_loss_elements", &mse_loss_elements, -2, 2, -2, 2);
  s.binary("binary_cross_entropy_elements", &binary_cross_entropy_elements, 0.1, 0.9, 0, 1);
  s.add("binary_cross_entropy_backward", "contiguous",
        [](const TensorList& x) { return binary_cross_entropy_backward(x[0], x[1], x[2]); },
        {operand({2, 3}), operand({2, 3}, 0.1, 0.9, 2), operand({2, 3}, 0, 1, 3)});
  s.binary(
      "smooth_l1_loss_elements", [](const Tensor& a, const Tensor& b) { return smooth_l1_loss_elements(a, b, 0.7); },
      -2, 2, -1.9, 2.1);
  s.binary(
      "huber_loss_elements", [](const Tensor& a, const Tensor& b) { return huber_loss_elements(a, b, 0.7); }, -2, 2,
      -1.9, 2.1);
  s.add("cross_entropy", "image",
        [](const TensorList& x) {
          return cross_entropy(x[0], integers({0, 1, 1, 0}, {1, 2, 2}));
        },
        {operand({1, 2, 2, 2})});
  s.add("cross_entropy", "one sample", [](const TensorList& x) { return cross_entropy(x[0], integers({1}, {})); },
        {operand({3})});
}

}  // namespace

void network_samples(Samples& s) {
  images(s);
  losses(s);
}

}  // namespace ts::test
