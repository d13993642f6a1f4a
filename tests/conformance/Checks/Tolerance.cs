// The allowed difference from PyTorch, by element type: the defaults of torch.testing.assert_close.

namespace TorchScratch.Conformance.Checks;

/// <summary>|actual - expected| may be up to Absolute + Relative * |expected|.</summary>
internal readonly record struct Tolerance(double Relative, double Absolute)
{
    /// <summary>The tolerance of an output.</summary>
    public static Tolerance OfOutput(DType dtype) => dtype switch
    {
        DType.Float64 => new(1e-7, 1e-7),
        DType.Float32 => new(1.3e-6, 1e-5),
        DType.Float16 => new(1e-3, 1e-5),
        DType.BFloat16 => new(1.6e-2, 1e-5),
        _ => default,
    };

    /// <summary>The tolerance of a gradient, which in float32 has the errors of two passes.</summary>
    public static Tolerance OfGradient(DType dtype) => dtype == DType.Float32 ? new(1e-4, 1e-5) : OfOutput(dtype);

    public double At(double expected) => Absolute + Relative * Math.Abs(expected);
}
