// Operators from a shared library.

namespace TorchScratch.Tests.Inside;

public class PluginTests
{
    private static Plugin Load() =>
        Plugin.Load(Path.Combine(PluginFactAttribute.Folder!, Plugin.FileName("test_plugin")));

    [PluginFact]
    public void OperatorsAreListedAndCalled()
    {
        using var scope = Tensor.Scope();
        var plugin = Load();
        Assert.Equal("test", plugin.Name);
        Assert.Equal(["swish", "power", "sum_and_difference", "failing", "nothing"], plugin.Operators.Keys);
        var swish = plugin["swish"];
        Assert.Equal(("test::swish", "test::swish(Tensor, double)", "x * sigmoid(beta x)."),
            (swish.Name, swish.Signature, swish.Documentation));
        var x = Tensor.FromArray([-1f, 0.5f]);
        Assert.Equal((x * (x * 0.7).Sigmoid()).ToArray<float>(), swish.Call(x, 0.7).ToArray<float>());
        var both = Load()["sum_and_difference"].Apply([x, x * 3], [2, true]);
        Assert.Equal([-8f, 4f], both[0].ToArray<float>());
        Assert.Equal([-4f, 2f], both[1].ToArray<float>());
        Assert.Equal(0.25f, PluginOperator.Find("test::power").Call(x, 2)[1].ToSingle());
    }

    [PluginFact]
    public void GradientsAreRight()
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Rand([5], DType.Float64).RequiresGrad_();
        Autograd.GradCheck(inputs => [Load()["swish"].Call(inputs[0], 0.7)], [x]);
        Autograd.GradCheck(inputs => [Load()["power"].Call(inputs[0], 3)], [x]);
        var y = Load()["power"].Call(x, 3);
        Assert.Contains("TestPowerBackward", y.GraphToDot(), StringComparison.Ordinal);
    }

    [PluginFact]
    public void ErrorsNameTheOperator()
    {
        using var scope = Tensor.Scope();
        var plugin = Load();
        var x = Tensor.Ones(1);
        var wrong = Assert.Throws<ValueException>(() => plugin["swish"].Call(x));
        Assert.Equal("test::swish", wrong.Operator);
        Assert.Contains("takes 1 tensors and 1 numbers", wrong.Message, StringComparison.Ordinal);
        var inside = Assert.ThrowsAny<TorchScratchException>(() => plugin["failing"].Call(Tensor.Ones([])));
        Assert.Equal("test::failing", inside.Operator);
        var own = Assert.Throws<TorchScratchException>(() => plugin["failing"].Call(Tensor.Ones(2)));
        Assert.Contains("the plugin's own error", own.Message, StringComparison.Ordinal);
        var absent = Assert.Throws<ValueException>(() => plugin["swoosh"]);
        Assert.Contains("its operators are swish, power", absent.Message, StringComparison.Ordinal);
        Assert.Throws<ValueException>(() => plugin["sum_and_difference"].Call(x, x, 1, false));
        Assert.Throws<ValueException>(() => PluginOperator.Find("no::such"));
    }

    // The system maps what the header describes, and the process would end by SIGBUS when that is read.
    [PluginFact]
    public void ATruncatedLibraryIsRefused()
    {
        using var folder = new Data.TemporaryFolder();
        var whole = File.ReadAllBytes(Path.Combine(PluginFactAttribute.Folder!, Plugin.FileName("test_plugin")));
        for (var part = 0; part < 40; part++)
        {
            var path = folder[Plugin.FileName($"cut{part}")];
            File.WriteAllBytes(path, whole[..(part == 39 ? whole.Length - 1 : whole.Length * part / 39)]);
            var error = Assert.Throws<TensorIOException>(() => Plugin.Load(path));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [PluginFact]
    public void IncompatiblePluginsAreRejected()
    {
        var folder = PluginFactAttribute.Folder!;
        Assert.Contains("ABI 99", Assert.Throws<TensorNotSupportedException>(
            () => Plugin.Load(Path.Combine(folder, Plugin.FileName("other_abi")))).Message, StringComparison.Ordinal);
        Assert.Contains("not a plugin", Assert.Throws<TensorIOException>(
            () => Plugin.Load(Path.Combine(folder, Plugin.FileName("no_plugin")))).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<TensorIOException>(
            () => Plugin.Load(Path.Combine(folder, "absent.so"))).Message, StringComparison.Ordinal);
    }
}
