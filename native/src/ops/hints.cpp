// See hints.h.
#include "ops/hints.h"

#include "torchscratch/error.h"

namespace ts {

namespace {

const char* const kSpace[] = {"L", "H, W", "D, H, W"};
const char* const kPermutation[] = {"0, 2, 1", "0, 3, 1, 2", "0, 4, 1, 2, 3"};
const char* const kSinglePermutation[] = {"1, 0", "2, 0, 1", "3, 0, 1, 2"};

}  // namespace

std::string channels_hint(const Tensor& input, std::int64_t channels, int rank) {
  const bool single = input.dim() == rank + 1;
  if (rank < 1 || rank > 3 || (!single && input.dim() != rank + 2) || input.size(-1) != channels) return "";
  const char* const batch = single ? "" : "N, ";
  return format("; the channels come first, (", batch, "C, ", kSpace[rank - 1], "), and this input seems to be (",
                batch, kSpace[rank - 1], ", C): permute its dimensions by (",
                single ? kSinglePermutation[rank - 1] : kPermutation[rank - 1], ")");
}

std::string dimensions_hint(const Tensor& input, int rank) {
  if (input.dim() == rank) return "; unsqueeze(0) adds a single channel";
  if (input.dim() == 2) return "; a flattened batch gets its channels and sizes back by reshape or Unflatten";
  return "";
}

std::string features_hint(const Tensor& input, const Tensor& weight) {
  const std::int64_t features = weight.sizes().back();
  std::int64_t count = input.size(-1);
  for (int first = input.dim() - 2; first >= 0; --first) {
    count = wrapping_product(count, input.size(first));
    if (count != features) continue;
    // A batch of one image fits with and without its first dimension, which is the batch.
    if (first == 1 || (first == 0 && input.size(0) != 1)) {
      return format("; flatten the input before this layer, Flatten(", first, "), which makes its last size ",
                    features);
    }
  }
  if (input.dim() > 1 && input.size(0) == 1 && count == features) {
    return format("; flatten the input before this layer, Flatten(1), which makes its last size ", features);
  }
  if (weight.dim() == 2 && input.size(-1) == weight.size(0)) {
    return format("; the weight is (out, in), so in and out may be swapped");
  }
  return "";
}

std::string labels_hint(const Tensor& target, const Dims& expected, const Tensor& input) {
  if (target.sizes() == input.sizes() && target.dim() == 2 && !is_floating(target.dtype())) {
    return "; one-hot labels are turned into classes by argmax(1), or into probabilities by a floating type";
  }
  if (target.dim() == static_cast<int>(expected.size()) + 1) {
    for (int i = 0; i < target.dim(); ++i) {
      Dims rest = target.sizes();
      if (rest[i] != 1) continue;
      rest.erase(i);
      if (rest == expected) return format("; squeeze(", i, ") removes the dimension of size 1");
    }
  }
  return "";
}

}  // namespace ts
