// Drawings of graphs.

using TorchScratch.NN;

namespace TorchScratch.Tests.Inside;

public class GraphTests
{
    [Fact]
    public void AModelsParametersAreNamed()
    {
        using var scope = Tensor.Scope();
        using var model = new Sequential(new Linear(3, 2), new ReLU());
        var y = model.Call(Tensor.Ones([4, 3]));
        var dot = y.GraphToDot(model);
        Assert.StartsWith("digraph autograd {", dot, StringComparison.Ordinal);
        Assert.Contains("label=\"ReluBackward\"", dot, StringComparison.Ordinal);
        Assert.Contains("label=\"0.weight\\nfloat32[2, 3]\"", dot, StringComparison.Ordinal);
        Assert.Contains("label=\"0.bias\\nfloat32[2]\"", dot, StringComparison.Ordinal);
        Assert.Contains("[label=\"float32[4, 2]\"]", dot, StringComparison.Ordinal);
        Assert.Contains("0.weight<br/>float32[2, 3]", y.GraphToMermaid(model), StringComparison.Ordinal);
    }

    [Fact]
    public void NamesAreOptional()
    {
        using var scope = Tensor.Scope();
        var x = Tensor.Ones(2).RequiresGrad_();
        var y = x.Sin() * x;
        Assert.Equal(y.GraphToMermaid(), y.ToMermaid());
        Assert.StartsWith("flowchart TD\n", y.ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("größe<br/>float32[2]", y.GraphToMermaid([("größe", x)]), StringComparison.Ordinal);
        Assert.Contains("more than 1 nodes", y.GraphToDot(maxNodes: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void ATensorWithoutAGraphIsAnError()
    {
        using var x = Tensor.Ones(2);
        Assert.Throws<AutogradException>(() => x.GraphToDot());
        using var y = Tensor.Ones(2).RequiresGrad_();
        Assert.Throws<ValueException>(() => y.GraphToDot(maxNodes: 0));
        var gone = Tensor.Ones(2);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.GraphToDot());
        Assert.Throws<ObjectDisposedException>(() => y.GraphToDot([("gone", gone)]));
        Assert.Equal("names", Assert.Throws<ArgumentException>(() => y.GraphToMermaid([(null!, y)])).ParamName);
    }
}
