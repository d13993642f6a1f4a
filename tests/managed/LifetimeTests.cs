// When tensors are freed: by Dispose, scopes, the ledger, and with several threads.

using System.Runtime.CompilerServices;

namespace TorchScratch.Tests;

public class LifetimeTests
{
    [Fact]
    public void UseAfterDisposeNamesTheOperatorAndTheTensor()
    {
        var x = Tensor.Ones((2, 3));
        _ = x.Shape;
        using var y = Tensor.Ones((2, 3));
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsDisposed);
        var error = Assert.Throws<ObjectDisposedException>(() => y.Add(x));
        Assert.Contains("Add: the tensor 'other' of shape (2, 3)", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ObjectDisposedException>(() => x.Relu());
        Assert.Contains("Relu: the tensor", error.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => Tensor.Cat([y, x]));
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => x.Backward());
        Assert.Throws<ObjectDisposedException>(() => x.RequiresGrad);
    }

    [Fact]
    public void AScopeDisposesWhatWasMadeInItAndNothingElse()
    {
        using var outside = Tensor.Ones(2);
        Tensor inside, kept, inner, moved;
        using (var scope = Tensor.Scope())
        {
            inside = outside + 1;
            kept = scope.Keep(outside + 2);
            using (Tensor.Scope())
            {
                inner = outside + 3;
                moved = (outside + 4).MoveToOuterScope();
                _ = outside + 5;
            }
            Assert.True(inner.IsDisposed);
            Assert.False(inside.IsDisposed);
            Assert.Equal([5f, 5f], moved.ToArray<float>());
        }
        Assert.True(inside.IsDisposed);
        Assert.True(moved.IsDisposed);
        Assert.False(outside.IsDisposed);
        Assert.Equal([3f, 3f], kept.ToArray<float>());
        kept.Dispose();
    }

    [Fact]
    public void ScopesMayBeDisposedInAnyOrder()
    {
        using var x = Tensor.Ones(1);
        var outer = Tensor.Scope();
        var a = x + 1;
        var inner = Tensor.Scope();
        var b = x + 2;
        a.Dispose();
        var c = x + 3;
        outer.Dispose();
        Assert.True(b.IsDisposed && c.IsDisposed);
        inner.Dispose();

        using var later = Tensor.Scope();
        var d = x + 4;
        inner.Dispose();
        outer.Dispose();
        Assert.False(d.IsDisposed);
        d.MoveToOuterScope().MoveToOuterScope();
        later.Dispose();
        Assert.Equal(5f, d.ToSingle());
        d.Dispose();
        default(TensorScope).Dispose();
    }

    [Fact]
    public void ManyMovesBetweenScopesKeepEveryTensorRight()
    {
        using var x = Tensor.Ones(1);
        var random = new Random(1);
        using var outermost = Tensor.Scope();
        for (var round = 0; round < 50; round++)
        {
            List<Tensor> stay = [], moved = [];
            using (Tensor.Scope())
            {
                using (Tensor.Scope())
                {
                    for (var i = 0; i < 40; i++)
                    {
                        var tensor = x + i;
                        switch (random.Next(4))
                        {
                            case 0:
                                moved.Add(tensor.MoveToOuterScope());
                                break;
                            case 1:
                                tensor.Dispose();
                                break;
                            default:
                                stay.Add(tensor);
                                break;
                        }
                    }
                }
                Assert.All(stay, tensor => Assert.True(tensor.IsDisposed));
                Assert.All(moved, tensor => Assert.False(tensor.IsDisposed));
            }
            Assert.All(moved, tensor => Assert.True(tensor.IsDisposed));
        }
    }

    [Fact]
    public void GradientsAndGraphsOutliveTheScope()
    {
        using var weight = Tensor.Ones(3).RequiresGrad_();
        Tensor loss;
        using (var scope = Tensor.Scope())
        {
            var hidden = weight * 2;
            loss = scope.Keep((hidden * hidden).Sum());
            _ = weight.Grad;
        }
        using (Tensor.Scope())
        {
            loss.Backward();
            Assert.Equal([8f, 8f, 8f], weight.Grad!.ToArray<float>());
        }
        Assert.Equal([8f, 8f, 8f], weight.Grad!.ToArray<float>());
        loss.Dispose();
    }

    [Fact]
    public void UnreachableTensorsAreFreedByACollection()
    {
        var before = Runtime.AllocatorStatistics.LiveBytes;
        Forget();
        for (var attempt = 0; attempt < 10 && Runtime.AllocatorStatistics.LiveBytes > before + 100_000; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before + 100_000);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (var i = 0; i < 4; i++)
                _ = Tensor.Zeros(100_000);
        }
    }

    [Fact]
    public void AFinalizerMayStillUseATensor()
    {
        Finalizing.Results.Clear();
        Finalizing.Leave();
        for (var attempt = 0; attempt < 10 && Finalizing.Results.Count < 20; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(20, Finalizing.Results.Count);
        Assert.All(Finalizing.Results, result => Assert.Equal(2f, result));
    }

    [Fact]
    public void ALoopWithoutDisposeNeedsBoundedMemory()
    {
        LowerThreshold();
        Runtime.ReleaseCachedMemory();
        Garbage.Collect();
        var before = Runtime.AllocatorStatistics.LiveBytes;
        Runtime.ResetPeakMemory();
        LoopOverTwoGigabytes();
        Assert.InRange(Runtime.AllocatorStatistics.PeakBytes - before, 0, 24 << 20);
    }

    [Fact]
    public void ATrainingLoopWithoutScopesNeedsLittleMoreMemory()
    {
        LowerThreshold();
        var scoped = PeakOfTraining(scoped: true);
        var forgetful = PeakOfTraining(scoped: false);
        Assert.InRange(forgetful, 0, (long)(1.5 * scoped) + (8 << 20));
    }

    [Fact]
    public void AMemoryLimitCollectsBeforeItFails()
    {
        var live = Runtime.AllocatorStatistics.LiveBytes;
        try
        {
            Runtime.MemoryLimit = live + (64 << 20);
            for (var i = 0; i < 200; i++)
                _ = Tensor.Zeros(1 << 20);    // 4 MiB each
            var error = Assert.Throws<TensorMemoryException>(() => Tensor.Zeros(1 << 28));
            Assert.Equal(ErrorKind.OutOfMemory, error.Kind);
            Assert.Throws<ValueException>(() => Runtime.MemoryLimit = 0);
        }
        finally
        {
            Runtime.MemoryLimit = null;
        }
        Assert.Null(Runtime.MemoryLimit);
    }

    [Fact]
    public void ALargeTensorIsRefusedOnlyAfterTheGarbageIsCollected()
    {
        Garbage.Collect();
        try
        {
            Runtime.MemoryLimit = Runtime.AllocatorStatistics.LiveBytes + (64 << 20);
            Drop();
            // 24 MiB are garbage, which is too little to be near the limit, and too much for 48 MiB more.
            using var large = Tensor.Ones(12 << 20);
            Assert.Equal(12 << 20, large.Sum().ToDouble());
        }
        finally
        {
            Runtime.MemoryLimit = null;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop()
        {
            var dropped = Enumerable.Range(0, 6).Select(_ => Tensor.Zeros(1 << 20)).ToArray();
            GC.Collect();
            GC.KeepAlive(dropped);
        }
    }

    [Fact]
    public void NearAMemoryLimitTensorsOfOldGenerationsAreCollectedToo()
    {
        Garbage.Collect();
        try
        {
            Runtime.MemoryLimit = Runtime.AllocatorStatistics.LiveBytes + (64 << 20);
            KeepForAWhile();
            // What was kept is garbage now, and as large as when it was last looked at: nothing has grown.
            var kept = Enumerable.Range(0, 40).Select(_ => Tensor.Zeros(1 << 18)).ToArray();
            Array.ForEach(kept, tensor => tensor.Dispose());
        }
        finally
        {
            Runtime.MemoryLimit = null;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void KeepForAWhile()
        {
            var kept = Enumerable.Range(0, 44).Select(_ => Tensor.Zeros(1 << 18)).ToArray();    // 1.25 MiB each
            GC.Collect();
            GC.KeepAlive(kept);
        }
    }

    [Fact]
    public void AnOperatorAllocatesNothingButItsTensor()
    {
        using var x = Tensor.Ones((8, 8));
        using var y = Tensor.Ones((8, 8));
        var each = BytesPerCall(() => (x * y).Dispose());
        Assert.InRange(each, 24, 64);
        Assert.Equal(each, BytesPerCall(() => (x + 1.5).Dispose()));
        Assert.Equal(each, BytesPerCall(() => x.Sum(1).Dispose()));
        Assert.Equal(each, BytesPerCall(() => x.Sum((0, 1), keepDim: true).Dispose()));
        Assert.Equal(each, BytesPerCall(() => x.Reshape(4, 16).Dispose()));
        Assert.Equal(each, BytesPerCall(() => Tensor.Cat([x, y]).Dispose()));
        Assert.Equal(each, BytesPerCall(() => x[0, 1..3].Dispose()));
        Assert.Equal(each, BytesPerCall(() => x[^1].Dispose()));
        Assert.Equal(each, BytesPerCall(() =>
        {
            using var scope = Tensor.Scope();
            _ = x.Relu();
        }));
        Assert.Equal(0, BytesPerCall(() => x.Fill_(1)));
        Assert.Equal(0, BytesPerCall(() => _ = x.DType == DType.Float32 && x.RequiresGrad && x.Size(0) == 8));
        Assert.Equal(0, BytesPerCall(() =>
        {
            using var noGrad = Autograd.NoGrad();
        }));
    }

    [Fact]
    public void ThreadsMayDisposeTensorsInUse()
    {
        var shared = new Tensor[64];
        for (var i = 0; i < shared.Length; i++)
            shared[i] = Tensor.Ones((16, 16));
        var stop = DateTime.UtcNow.AddSeconds(2);
        Exception? unexpected = null;
        var threads = Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            try
            {
                while (DateTime.UtcNow < stop)
                {
                    for (var i = 0; i < 100; i++)
                        Disturb(shared, random);
                }
            }
            catch (Exception exception)
            {
                unexpected = exception;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        while (DateTime.UtcNow < stop)
        {
            GC.Collect(0);
            Thread.Sleep(1);
        }
        threads.ForEach(thread => thread.Join());
        Assert.Null(unexpected);
        Assert.All(shared, tensor => Assert.Equal(1f, tensor[3, 3].ToSingle()));
    }

    [Fact]
    public void TensorsOfEndedThreadsAreFreed()
    {
        var before = Runtime.AllocatorStatistics.LiveBytes;
        for (var round = 0; round < 30; round++)
        {
            var thread = new Thread(() =>
            {
                for (var i = 0; i < 100; i++)
                    _ = Tensor.Ones((32, 32)) + 1;
            });
            thread.Start();
            thread.Join();
        }
        for (var attempt = 0; attempt < 10 && Runtime.AllocatorStatistics.LiveBytes > before + 100_000; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before + 100_000);
    }

    private static void Disturb(Tensor[] shared, Random random)
    {
        var place = random.Next(shared.Length);
        try
        {
            switch (random.Next(4))
            {
                case 0:
                    var fresh = Tensor.Ones((16, 16));
                    Interlocked.Exchange(ref shared[place], fresh).Dispose();
                    break;
                case 1:
                    // The previous tensor becomes unreachable without being disposed.
                    Interlocked.Exchange(ref shared[place], Tensor.Ones((16, 16)));
                    break;
                default:
                    using (var sum = shared[place] + shared[random.Next(shared.Length)])
                        Assert.Equal(2f, sum.AsSpan<float>()[17]);
                    break;
            }
        }
        catch (ObjectDisposedException)
        {
            // Another thread has disposed it.
        }
    }

    // Larger tests before this one may have raised the threshold at which garbage is collected. It falls with each
    // collection, whatever the order of the tests.
    private static void LowerThreshold() => LoopOverTwoGigabytes();

    // Tensors of 256 KiB that are never disposed.
    private static void LoopOverTwoGigabytes()
    {
        using var x = Tensor.Ones((64, 1024));
        for (var i = 0; i < 4000; i++)
            _ = (x * 2).Relu().Sum();
    }

    private static long PeakOfTraining(bool scoped)
    {
        Runtime.ManualSeed(1);
        using var x = Tensor.Randn((256, 256));
        using var weight = (Tensor.Randn((256, 256)) * 0.01).Detach().RequiresGrad_();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Runtime.ResetPeakMemory();
        for (var step = 0; step < 100; step++)
        {
            if (scoped)
            {
                using var scope = Tensor.Scope();
                Step(x, weight);
            }
            else
            {
                Step(x, weight);
            }
        }
        return Runtime.AllocatorStatistics.PeakBytes;

        static void Step(Tensor x, Tensor weight)
        {
            var hidden = x;
            for (var layer = 0; layer < 8; layer++)
                hidden = hidden.MatMul(weight).Relu() + 1;
            weight.Grad = null;
            hidden.Mean().Backward();
            using var noGrad = Autograd.NoGrad();
            weight.Sub_(weight.Grad! * 0.01);
        }
    }

    // The minimum of several rounds, because now and then a ledger gets another page.
    private static long BytesPerCall(Action call)
    {
        const int Calls = 500;
        var least = long.MaxValue;
        for (var round = 0; round < 4; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Calls; i++)
                call();
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }
        return least;
    }

    private sealed class Finalizing
    {
        public static readonly List<float> Results = [];

        private readonly Tensor _tensor = Tensor.Ones(4);

        ~Finalizing()
        {
            var sum = _tensor + 1;
            lock (Results)
                Results.Add(sum[0].ToSingle());
            _tensor.Dispose();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Leave()
        {
            for (var i = 0; i < 20; i++)
                _ = new Finalizing();
        }
    }
}
