// Tests that need a CUDA device: a real one, or the guard device with TORCHSCRATCH_CUDA=guard in the environment.

namespace TorchScratch.Tests.Devices;

/// <summary>A test that is skipped without a CUDA device, and says why there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = Cuda.WhyNot;
}
