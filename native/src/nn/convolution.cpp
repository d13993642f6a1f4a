// Convolutions over sequences and images.
#include "torchscratch/nn/convolution.h"

#include "nn/python_repr.h"
#include "nn/reset_parameters.h"
#include "torchscratch/ops/conv1d.g.h"
#include "torchscratch/ops/conv2d.g.h"
#include "torchscratch/ops/pad.g.h"

namespace ts::nn {

namespace {

const ConvOptions& checked(const std::string& name, const ConvOptions& options) {
  const std::int64_t in = options.in_channels();
  const std::int64_t out = options.out_channels();
  TS_CHECK(in >= 1 && out >= 1 && options.groups() >= 1, ValueError, name,
           ": in_channels, out_channels and groups must be positive, got ", in, ", ", out, " and ", options.groups());
  TS_CHECK(in % options.groups() == 0 && out % options.groups() == 0, ValueError, name, ": ", in, " and ", out,
           " channels cannot be divided into ", options.groups(), " groups");
  return options;
}

Dims weight_sizes(const ConvOptions& options, const Dims& kernel) {
  Dims sizes = {options.out_channels(), options.in_channels() / options.groups()};
  for (const std::int64_t size : kernel) sizes.push_back(size);
  return sizes;
}

const char* mode_name(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::Reflect:
      return "reflect";
    case PaddingMode::Replicate:
      return "replicate";
    case PaddingMode::Circular:
      return "circular";
    default:
      return "zeros";
  }
}

PadMode pad_mode(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::Reflect:
      return PadMode::Reflect;
    case PaddingMode::Replicate:
      return PadMode::Replicate;
    case PaddingMode::Circular:
      return PadMode::Circular;
    default:
      return PadMode::Constant;
  }
}

}  // namespace

ConvImpl::ConvImpl(std::string module_name, int dims, const ConvOptions& given)
    : Layer(std::move(module_name)),
      options(checked(name(), given)),
      kernel_size(given.kernel_size().expand(dims, 1, name() + ": kernel_size")),
      stride(given.stride().expand(dims, 1, name() + ": stride")),
      dilation(given.dilation().expand(dims, 1, name() + ": dilation")),
      weight(register_parameter("weight",
                                empty(weight_sizes(given, kernel_size), given.dtype().value_or(default_dtype()), default_device()))),
      bias(given.bias() ? register_parameter("bias", empty({given.out_channels()}, weight.dtype(), weight.device())) : Tensor()),
      before_(given.padding().expand(dims, 0, name() + ": padding")),
      after_(before_) {
  if (const auto named = given.named_padding()) {
    for (int d = 0; d < dims; ++d) {
      TS_CHECK(*named == ConvolutionPadding::Valid || stride[d] == 1, ValueError, name(),
               ": padding Same needs a stride of 1, got ", stride.to_string());
      const std::int64_t total = *named == ConvolutionPadding::Same ? dilation[d] * (kernel_size[d] - 1) : 0;
      before_[d] = total / 2;
      after_[d] = total - total / 2;
    }
  }
  reset_parameters(weight, bias);
}

Tensor ConvImpl::padded(const Tensor& input) const {
  if (inner_padding() == before_ && before_ == after_) return input;
  // pad() takes the two sides of the last dimension first.
  std::vector<std::int64_t> pads;
  for (int d = before_.size() - 1; d >= 0; --d) {
    pads.push_back(before_[d]);
    pads.push_back(after_[d]);
  }
  return pad(input, pads, pad_mode(options.padding_mode()));
}

Dims ConvImpl::inner_padding() const {
  // The operator can only pad with zeros, and with the same number on both sides.
  if (options.padding_mode() == PaddingMode::Zeros && before_ == after_) return before_;
  return Dims::filled(static_cast<std::size_t>(before_.size()), 0);
}

std::string ConvImpl::description() const {
  const Dims ones = Dims::filled(static_cast<std::size_t>(kernel_size.size()), 1);
  const Dims zeros = Dims::filled(static_cast<std::size_t>(kernel_size.size()), 0);
  std::string text = format(options.in_channels(), ", ", options.out_channels(),
                            ", kernel_size=", python_repr(kernel_size), ", stride=", python_repr(stride));
  if (const auto named = options.named_padding())
    text += *named == ConvolutionPadding::Same ? ", padding=same" : ", padding=valid";
  else if (before_ != zeros) text += ", padding=" + python_repr(before_);
  if (dilation != ones) text += ", dilation=" + python_repr(dilation);
  if (options.groups() != 1) text += format(", groups=", options.groups());
  if (!options.bias()) text += ", bias=False";
  if (options.padding_mode() != PaddingMode::Zeros)
    text += format(", padding_mode=", mode_name(options.padding_mode()));
  return text;
}

Tensor Conv1dImpl::forward(const Tensor& input) {
  return conv1d(padded(input), weight, bias, stride, inner_padding(), dilation, options.groups());
}

Tensor Conv2dImpl::forward(const Tensor& input) {
  return conv2d(padded(input), weight, bias, stride, inner_padding(), dilation, options.groups());
}

}  // namespace ts::nn
