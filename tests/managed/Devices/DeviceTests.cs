// Devices as values, the default device, and what happens without CUDA.

using TorchScratch.NN;

namespace TorchScratch.Tests.Devices;

public class DeviceTests
{
    [Theory]
    [InlineData("cpu", DeviceType.Cpu, 0, "cpu")]
    [InlineData("cuda:0", DeviceType.Cuda, 0, "cuda:0")]
    [InlineData("cuda:63", DeviceType.Cuda, 63, "cuda:63")]
    [InlineData("cuda", DeviceType.Cuda, 0, "cuda:0")]
    public void ATextNamesADevice(string text, DeviceType type, int index, string name)
    {
        Device device = text;
        Assert.Equal((type, index, name), (device.Type, device.Index, device.ToString()));
        Assert.Equal((type == DeviceType.Cpu, type == DeviceType.Cuda), (device.IsCpu, device.IsCuda));
        Assert.True(Device.TryParse(text, out var parsed));
        Assert.Equal(device, parsed);
        Assert.Equal(device, Device.Parse(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:64")]
    [InlineData("cuda:0 ")]
    [InlineData("cpu\0")]
    public void AnotherTextIsRefused(string text)
    {
        Assert.False(Device.TryParse(text, out var device));
        Assert.Equal(Device.Cpu, device);
        Assert.ThrowsAny<Exception>(() => Device.Parse(text));
        Assert.False(Device.TryParse(null, out _));
    }

    [Fact]
    public void TheDefaultValueIsTheCpu()
    {
        Assert.Equal(Device.Cpu, default);
        Assert.Equal(Device.Cpu, Tensor.Zeros(2).Device);
        Assert.Equal(Device.Cuda(3), "cuda:3");
        Assert.NotEqual(Device.Cuda(0), Device.Cpu);
        Assert.NotEqual(Device.Cuda(0), Device.Cuda(1));
        Assert.Throws<ValueException>(() => Device.Cuda(-1));
        Assert.Throws<ValueException>(() => Device.Cuda(64));
    }

    [Fact]
    public void ACpuTensorStaysWhereItIs()
    {
        using var x = Tensor.From([1f, 2f], device: "cpu");
        Assert.True(x.Cpu().IsSame(x));
        Assert.False(x.IsCuda);
        Assert.False(x.IsPinned);
        var y = x.To(Device.Cpu, DType.Float64);
        Assert.Equal([1.0, 2.0], y.ToArray<double>());
        Assert.Equal((DType.Float32, 2L), (Tensor.EmptyLike(x).DType, Tensor.EmptyLike(x).ElementCount));
    }

    [Fact]
    public void ADeviceThatDoesNotExistIsRefusedAndNothingChanges()
    {
        // More than any machine has.
        Device missing = "cuda:60";
        Assert.StartsWith("Device.Use: ", Assert.Throws<DeviceException>(() => Device.Use(missing)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("Device.Parse: ", Assert.Throws<ValueException>(() => Device.Parse("gpu")).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("Cuda.GetProperties: ", Assert.Throws<DeviceException>(() => Cuda.GetProperties(60)).Message,
            StringComparison.Ordinal);
        Assert.Equal(Device.Cpu, Device.Default);
        Assert.Throws<DeviceException>(() => Tensor.Zeros([2], device: missing));
        Assert.Throws<DeviceException>(() => Tensor.From([1f], device: missing));
        Assert.Throws<DeviceException>(() => new CudaStream(missing));
        Assert.Throws<DeviceException>(() => new CudaEvent(Device.Cpu));
        using var layer = new Linear(2, 3);
        var weight = layer.Weight.ToArray<float>();
        Assert.Throws<DeviceException>(() => layer.To(missing));
        Assert.Equal(Device.Cpu, layer.Weight.Device);
        Assert.Equal(weight, layer.Weight.ToArray<float>());
    }

    [Fact]
    public void WithoutCudaTheReasonIsGiven()
    {
        if (Cuda.IsAvailable)
        {
            Assert.Null(Cuda.WhyNot);
            Assert.InRange(Cuda.DeviceCount, 1, 64);
            return;
        }
        Assert.NotEmpty(Cuda.WhyNot!);
        Assert.Equal(0, Cuda.DeviceCount);
        Assert.Equal(0, Cuda.LiveBytes);
        Assert.Contains(Cuda.WhyNot!, Assert.Throws<DeviceException>(() => Tensor.Zeros(1).Cuda()).Message,
            StringComparison.Ordinal);
        Assert.Throws<DeviceException>(() => Cuda.GetProperties(0));
        Assert.Throws<DeviceException>(() => Cuda.Synchronize());
        Cuda.Synchronize(Device.Cpu);
    }
}
