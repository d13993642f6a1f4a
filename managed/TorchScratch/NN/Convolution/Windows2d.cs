// The sliding windows that Fold and Unfold share.

namespace TorchScratch.NN;

/// <summary>Size, dilation, padding and stride of sliding windows, checked.</summary>
internal sealed class Windows2d(Size2d kernelSize, Size2d? dilation, Size2d? padding, Size2d? stride)
{
    private readonly Size2d _kernel = kernelSize.AtLeast(1), _dilation = (dilation ?? 1).AtLeast(1);
    private readonly Size2d _padding = (padding ?? 0).AtLeast(0), _stride = (stride ?? 1).AtLeast(1);

    public long[] Kernel => [_kernel.Height, _kernel.Width];

    public long[] Dilation => [_dilation.Height, _dilation.Width];

    public long[] Padding => [_padding.Height, _padding.Width];

    public long[] Stride => [_stride.Height, _stride.Width];

    public override string ToString() =>
        $"kernel_size={_kernel.ToShortString()}, dilation={_dilation.ToShortString()}, " +
        $"padding={_padding.ToShortString()}, stride={_stride.ToShortString()}";
}
