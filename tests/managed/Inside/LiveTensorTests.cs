// Which tensors are alive, and where they were created.

using System.Runtime.CompilerServices;

namespace TorchScratch.Tests.Inside;

public class LiveTensorTests
{
    [Fact]
    public void TensorsAreListedByTheLineThatCreatedThem()
    {
        using var before = Tensor.Ones(3);
        using var tracking = LiveTensors.Track();
        Assert.True(LiveTensors.IsTracking);
        using var first = Make(10, out var line);
        using var second = Make(10, out _);
        using var other = Tensor.Ones([2, 2], DType.Float64);
        Tensor.Ones(1000).Dispose();
        MakeAndForget();

        var report = LiveTensors.Snapshot();
        Assert.Equal(3, report.Tensors.Count);
        Assert.Equal(2 * 40 + 32, report.Bytes);
        var group = report.BySite[0];
        Assert.EndsWith($"{nameof(LiveTensorTests)}.cs:{line}", group.Name, StringComparison.Ordinal);
        Assert.Equal((2, 80L), (group.Count, group.Bytes));
        Assert.Equal(["float32[10]", "float64[2, 2]"], report.ByShape.Select(shape => shape.Name));
        Assert.Contains($"{nameof(LiveTensorTests)}.cs:{line}", report.Summary(limit: 1), StringComparison.Ordinal);
        Assert.Contains("and 1 more", report.Summary(limit: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsRecordedWhileOff()
    {
        using (LiveTensors.Track())
        {
            using var inner = LiveTensors.Track();
        }
        Assert.False(LiveTensors.IsTracking);
        using var x = Tensor.Ones(1);
        Assert.Empty(LiveTensors.Snapshot().Tensors);
        using (LiveTensors.Track())
            Assert.Empty(LiveTensors.Snapshot().Tensors);
    }

    // In one statement, because optimized code has no finer line numbers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Tensor Make(int size, out int line) => Tensor.Ones(size + Here(out line));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeAndForget() => Tensor.Ones(77);

    private static int Here(out int line, [CallerLineNumber] int here = 0)
    {
        line = here;
        return 0;
    }
}
