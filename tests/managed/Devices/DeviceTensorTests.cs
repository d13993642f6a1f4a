// Tensors on a CUDA device: where they are made, how they move, and what needs host memory.

using System.Numerics.Tensors;
using TorchScratch.IO;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests.Devices;

public class DeviceTensorTests
{
    private static readonly Device Gpu = Device.Cuda(0);

    [CudaFact]
    public void CreationTakesADevice()
    {
        Tensor[] made =
        [
            Tensor.From([1f, 2f], Gpu), Tensor.From([1f, 2f], (1, 2), Gpu), Tensor.FromArray([1L, 2L], Gpu),
            Tensor.FromArray(new[,] { { 1f, 2f } }, "cuda:0"), Tensor.FromScalar(3, device: Gpu),
            Tensor.Empty([2, 3], device: Gpu), Tensor.Zeros([2], device: Gpu), Tensor.Ones([2], device: "cuda"),
            Tensor.Full([2], 5, device: Gpu), Tensor.Arange(4, device: Gpu), Tensor.Eye(2, device: Gpu),
            Tensor.LinSpace(0, 1, 3, device: Gpu), Tensor.Rand([2], device: Gpu), Tensor.RandPerm(4, device: Gpu),
            Tensor.FromTensorSpan(new ReadOnlyTensorSpan<float>([1f, 2f]), Gpu),
            Tensor.ZerosLike(Tensor.Ones(2), device: Gpu), Tensor.EmptyLike(Tensor.Ones(2), device: Gpu),
        ];
        Assert.All(made, tensor => Assert.Equal(Gpu, tensor.Device));
        Assert.Equal(Gpu, Tensor.OnesLike(made[0]).Device);
        Assert.Equal([1f, 2f], made[0].ToArray<float>());
        Assert.Equal([1f, 2f], made[14].ToArray<float>());
    }

    [CudaFact]
    public void ADefaultDeviceHoldsInItsScopeAndOnItsThread()
    {
        using (Device.Use(Gpu))
        {
            Assert.Equal(Gpu, Device.Default);
            Assert.Equal(Gpu, Tensor.From([1f]).Device);
            Assert.Equal(Gpu, Tensor.Zeros(2).Device);
            using (Device.Use("cpu"))
                Assert.Equal(Device.Cpu, Tensor.Ones(2).Device);
            Device other = default;
            var thread = new Thread(() => other = Tensor.Zeros(1).Device);
            thread.Start();
            thread.Join();
            Assert.Equal(Device.Cpu, other);
            Tensor number = 3.0;
            Assert.Equal(Device.Cpu, number.Device);
            Assert.Equal([4f], (Tensor.Ones(1) + number).ToArray<float>());
        }
        Assert.Equal(Device.Cpu, Device.Default);
    }

    [CudaFact]
    public void NumbersAreTheSameOnEveryDevice()
    {
        Runtime.ManualSeed(7);
        var here = Tensor.Randn([100]).ToArray<float>();
        Runtime.ManualSeed(7);
        var there = Tensor.Randn([100], device: Gpu).ToArray<float>();
        // The same counters; a device's logarithms and cosines may differ in the last bits.
        Assert.All(here.Zip(there), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [CudaFact]
    public void TensorsMoveWithTheirGradients()
    {
        var x = Tensor.From([1f, 2f]).RequiresGrad_();
        var y = x.Cuda();
        Assert.True(y.IsCuda);
        Assert.True(y.Cuda(0).IsSame(y));
        (y * y).Sum().Backward();
        Assert.Equal(Device.Cpu, x.Grad!.Device);
        Assert.Equal([2f, 4f], x.Grad.ToArray<float>());
        Assert.Equal((Gpu, DType.Float64), (y.To(Gpu, DType.Float64).Device, y.To(Gpu, DType.Float64).DType));
    }

    [CudaFact]
    public void WhatCopiesOutWorksAndWhatBorrowsSaysWhatToDo()
    {
        var x = Tensor.From([1f, 2f, 3f, 4f], (2, 2), Gpu);
        Assert.Equal([1f, 2f, 3f, 4f], x.ToArray<float>());
        Assert.Equal(4f, x[1, 1].Item<float>());
        Assert.Equal(new[,] { { 1f, 2f }, { 3f, 4f } }, x.ToArray2D<float>());
        Assert.Contains("device='cuda:0'", x.ToString(), StringComparison.Ordinal);
        Assert.Contains("Cpu()", Assert.Throws<DeviceException>(() => x.AsSpan<float>().Length).Message,
            StringComparison.Ordinal);
        Assert.Throws<DeviceException>(() => x.AsTensorSpan<float>().FlattenedLength);
        x.Copy_<float>([5f, 6f, 7f, 8f]);
        x[0, 0] = 9;
        Assert.Equal([9f, 6f, 7f, 8f], x.Cpu().AsSpan<float>().ToArray());
        Assert.True(x.Equal(x.Clone()));
    }

    [CudaFact]
    public void TensorsOfTwoDevicesAreRefusedByName()
    {
        var message = Assert.Throws<DeviceException>(() => Tensor.Ones(2) + Tensor.Ones([2], device: Gpu)).Message;
        Assert.Contains("cpu", message, StringComparison.Ordinal);
        Assert.Contains("cuda:0", message, StringComparison.Ordinal);
    }

    [CudaFact]
    public void FilesKnowNoDevice()
    {
        using var folder = new TemporaryFolder();
        var path = folder["x.safetensors"];
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["x"] = Tensor.From([1f, 2f], Gpu) });
        Assert.Equal(Device.Cpu, SafeTensors.Load(path)["x"].Device);
        var loaded = SafeTensors.Load(path, Gpu)["x"];
        Assert.Equal(Gpu, loaded.Device);
        Assert.Equal([1f, 2f], loaded.ToArray<float>());
    }

    [CudaFact]
    public void PinnedMemoryIsTheHosts()
    {
        var pinned = Tensor.From([1f, 2f]).PinMemory();
        Assert.True(pinned.IsPinned);
        Assert.Equal(Device.Cpu, pinned.Device);
        Assert.Equal([1f, 2f], pinned.AsSpan<float>().ToArray());
        Assert.Equal([1f, 2f], pinned.Cuda(nonBlocking: true).ToArray<float>());
    }

    [CudaFact]
    public void StreamsAndEventsOrderWork()
    {
        var stream = new CudaStream(Gpu);
        var usual = CudaStream.Current(Gpu);
        Assert.Equal((Gpu, 0), (usual.Device, usual.Id));
        Assert.NotEqual(usual, stream);
        Tensor y;
        CudaEvent end;
        using (var begin = stream.Record(timing: true))
        using (stream.Use())
        {
            Assert.Equal(stream, CudaStream.Current(Gpu));
            y = Tensor.Ones([1000], device: Gpu) * 3;
            end = stream.Record(timing: true);
            end.Synchronize();
            Assert.True(end.IsDone);
            Assert.InRange(begin.ElapsedTime(end), TimeSpan.Zero, TimeSpan.FromMinutes(1));
        }
        Assert.Equal(usual, CudaStream.Current(Gpu));
        usual.WaitFor(end);
        usual.WaitFor(stream);
        y.RecordStream(usual);
        Assert.Equal(3000, y.Sum().ToDouble());
        stream.Synchronize();
        Cuda.Synchronize();
        Assert.True(stream.IsIdle);
        end.Dispose();
        Assert.Throws<ObjectDisposedException>(() => end.IsDone);
        Assert.Throws<DeviceException>(() => Tensor.Ones(1).RecordStream(stream));
    }

    [CudaFact]
    public void MemoryIsCounted()
    {
        var properties = Cuda.GetProperties(0);
        Assert.NotEmpty(properties.Name);
        Assert.True(properties.TotalMemory > 0 && properties.WarpSize > 0);
        var before = Cuda.MemoryStatistics(0).LiveBytes;
        using (Tensor.Empty([1 << 20], device: Gpu))
        {
            Assert.InRange(Cuda.MemoryStatistics(0).LiveBytes, before + (4 << 20), long.MaxValue);
            Assert.InRange(Cuda.LiveBytes, 4 << 20, long.MaxValue);
        }
        Cuda.ResetPeak();
        Cuda.EmptyCache();
        Assert.Throws<ValueException>(() => Cuda.SetMemoryLimit(0));
        Assert.Throws<DeviceException>(() => Cuda.GetProperties(Cuda.DeviceCount));
    }

    [CudaFact]
    public void ALoopWithoutDisposeStaysBounded()
    {
        const long Bytes = 4 << 20;
        GC.Collect();
        Cuda.ResetPeak(0);
        var before = Cuda.MemoryStatistics(0).LiveBytes;
        for (var i = 0; i < 300; i++)
            _ = Tensor.Empty([Bytes / 4], device: Gpu);
        Assert.InRange(Cuda.MemoryStatistics(0).PeakBytes - before, Bytes, 30 * Bytes);
    }

    [CudaFact]
    public void ALimitIsKeptByCollecting()
    {
        const long Bytes = 1 << 20;
        GC.Collect();
        Cuda.EmptyCache();
        var limit = Cuda.MemoryStatistics(0).LiveBytes + 8 * Bytes;
        Cuda.SetMemoryLimit(limit, 0);
        try
        {
            for (var i = 0; i < 50; i++)
                _ = Tensor.Empty([Bytes / 4], device: Gpu);
            Assert.Throws<TensorMemoryException>(() => Tensor.Empty([16 * Bytes], device: Gpu));
        }
        finally
        {
            Cuda.SetMemoryLimit(null, 0);
        }
    }

    [CudaFact]
    public void ListingsNameTheDevice()
    {
        using var tracking = LiveTensors.Track();
        using var x = Tensor.Zeros([3, 5], device: Gpu);
        var report = LiveTensors.Snapshot();
        Assert.Contains(report.ByShape, group => group.Name == "float32[3, 5] on cuda:0");
        Assert.Contains(report.Tensors, tensor => tensor.Device == Gpu);
    }
}
