// Mistakes that the analyzers turn into errors, and correct programs that they leave alone.

namespace TorchScratch.Tests.Generators;

public class AnalyzerTests
{
    private const string Forward = "public override Tensor Forward(Tensor x) => x;";

    [Theory]
    // A forgotten registration.
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly Linear _fc = new(1, 1); FORWARD }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { public Linear Fc { get; } = new(1, 1); FORWARD }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly Parameter _w = new(Tensor.Ones([1])); FORWARD }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly ModuleBuffer _b = new(Tensor.Ones([1])); FORWARD }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly List<Linear> _fcs = []; FORWARD }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly Linear[] _fcs = []; FORWARD }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly ModuleList<Linear> _fcs = new(); FORWARD }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly Dictionary<string, Linear> _fcs = []; FORWARD }")]
    [InlineData("TSC001", "class Net<T> : Module<Tensor, Tensor> where T : Module, new() { readonly T _fc = new(); FORWARD }")]
    [InlineData("TSC001", "class Net(Linear fc) : Module<Tensor, Tensor> { public override Tensor Forward(Tensor x) => fc.Call(x); }")]
    [InlineData("TSC001", "class Outer { partial class Net : Module<Tensor, Tensor> { readonly Linear _fc = new(1, 1); FORWARD } }")]
    [InlineData("TSC001", "file partial class Net : Module<Tensor, Tensor> { readonly Linear _fc = new(1, 1); FORWARD }")]
    [InlineData("TSC001", "partial class Base : Module<Tensor, Tensor> { FORWARD } class Net : Base { readonly Linear _fc = new(1, 1); }")]
    [InlineData("TSC001", "class Net : Module<Tensor, Tensor> { readonly Linear _a, _b; public Net() { _a = RegisterModule(\"a\", new Linear(1, 1)); _b = new(1, 1); } FORWARD }")]
    // Names.
    [InlineData("TSC002", "partial class Net : Module<Tensor, Tensor> { readonly Linear _fc = new(1, 1), Fc = new(1, 1); FORWARD }")]
    [InlineData("TSC002", "partial class Net : Module<Tensor, Tensor> { [RegisterAs(\"a.b\")] readonly Linear _fc = new(1, 1); FORWARD }")]
    [InlineData("TSC002", "partial class Net : Module<Tensor, Tensor> { [RegisterAs(\"\")] readonly Linear _fc = new(1, 1); FORWARD }")]
    [InlineData("TSC002", "partial class Base : Module<Tensor, Tensor> { Linear _fc = new(1, 1); FORWARD } partial class Net : Base { Linear _fc = new(1, 1); }")]
    // Modules where nothing finds them.
    [InlineData("TSC003", "partial class Net : Module<Tensor, Tensor> { readonly (Linear A, Linear B) _pair = (new(1, 1), new(1, 1)); FORWARD }")]
    [InlineData("TSC003", "partial class Net : Module<Tensor, Tensor> { readonly List<List<Linear>> _grid = []; FORWARD }")]
    [InlineData("TSC003", "partial class Net : Module<Tensor, Tensor> { readonly Linear[,] _grid = new Linear[1, 1]; FORWARD }")]
    [InlineData("TSC003", "partial class Net : Module<Tensor, Tensor> { readonly Dictionary<int, Linear> _fcs = []; FORWARD }")]
    [InlineData("TSC003", "partial class Net : Module<Tensor, Tensor> { readonly Lazy<Linear> _fc = new(() => new Linear(1, 1)); FORWARD }")]
    [InlineData("TSC003", "record Heads(Linear A, Linear B); partial class Net : Module<Tensor, Tensor> { readonly Heads _heads = new(new(1, 1), new(1, 1)); FORWARD }")]
    // Comparisons with null.
    [InlineData("TSC004", "class C { object F(Tensor x) => x == null; }")]
    [InlineData("TSC004", "class C { object F(Tensor? x) => null != x; }")]
    [InlineData("TSC004", "class C { object F(Parameter x) => x.Grad == null; }")]
    [InlineData("TSC004", "class C { object F(Tensor x) => x == default; }")]
    [InlineData("TSC004", "class C { object F(Tensor x) => x == (Tensor?)null; }")]
    // The number 0, which C# converts to every enum.
    [InlineData("TSC005", "class C { Tensor F(Tensor x) => x.To(0); }")]
    [InlineData("TSC005", "class C { Tensor F(Tensor x) => Tensor.To(x, dtype: 0); }")]
    [InlineData("TSC005", "class C { Linear F(Linear x) => x.To(0); }")]
    [InlineData("TSC005", "class C { Tensor F(Tensor x, Tensor y) => Functional.MseLoss(x, y, 0); }")]
    public void MistakesAreErrors(string id, string source)
    {
        var run = CompilerRun.Of(source.Replace("FORWARD", Forward, StringComparison.Ordinal));
        Assert.Contains(id, run.Ids);
        // CS0414: a field that is never read. CS8604 and CS8625: null for a parameter of an operator, which is a warning
        // where no analyzer runs.
        Assert.All(run.Ids, found => Assert.True(found == id || found == "CS0414" ||
            (id == "TSC004" && found is "CS8604" or "CS8625"), run.Messages));
    }

    [Theory]
    [InlineData("class Net : Module<Tensor, Tensor> { readonly Linear _fc; public Net() { _fc = RegisterModule(\"fc\", new Linear(1, 1)); } FORWARD }")]
    [InlineData("class Net : Module<Tensor, Tensor> { readonly Linear _fc = new(1, 1); public Net() => RegisterModule(\"fc\", _fc); FORWARD }")]
    [InlineData("class Net : Module<Tensor, Tensor> { readonly Linear[] _a; public Net() { _a = [RegisterModule(\"a\", new Linear(1, 1))]; } FORWARD }")]
    [InlineData("class Net : Module<Tensor, Tensor> { readonly List<Linear> _a = []; public Net() { for (var i = 0; i < 3; i++) { _a.Add(RegisterModule($\"a{i}\", new Linear(1, 1))); } } FORWARD }")]
    [InlineData("class Net : Module<Tensor, Tensor> { readonly Parameter _w; public Net() { _w = RegisterParameter(\"w\", new Parameter(Tensor.Ones([1]))); } FORWARD }")]
    [InlineData("class Net : Module<Tensor, Tensor> { [NotRegistered] readonly Linear _teacher = new(1, 1); FORWARD }")]
    [InlineData("class Net : Module<Tensor, Tensor> { readonly Linear _fc = new(1, 1); protected override void RegisterMembers(ModuleMembers members) { base.RegisterMembers(members); members.Module(\"a\", _fc); } FORWARD }")]
    [InlineData("class Trainer { readonly Linear _model = new(1, 1); readonly List<Parameter> _all = []; }")]
    [InlineData("class C { bool F(Tensor? x) => x is null || x is not null; bool G(string? s) => s == null; }")]
    [InlineData("class C { Tensor F(Tensor x) => x.Sum(0) + x.To(default) + x.To((DType)0) + x.To(DType.Bool) + Tensor.Zeros(2, 0); }")]
    [InlineData("class C { Tensor F(Tensor x, Tensor y) => Functional.MseLoss(x, y) + x.Div(0); bool G(DType x) => x == 0; }")]
    [InlineData("class C { object F() => (new Conv1d(1, 1, 3, padding: 0), new Conv2d(1, 1, 3, padding: 0), new Conv3d(1, 1, 3, 1, 0)); }")]
    public void CorrectProgramsAreLeftAlone(string source)
    {
        var run = CompilerRun.Of(source.Replace("FORWARD", Forward, StringComparison.Ordinal));
        Assert.True(run.Diagnostics.IsEmpty, run.Messages);
    }

    [Fact]
    public void TheMessageSaysWhatToDo()
    {
        var run = CompilerRun.Of($"class Net : Module<Tensor, Tensor> {{ readonly Linear _fc = new(1, 1); {Forward} }}");
        Assert.Contains("'_fc' holds a module that nothing registers, so it is neither trained nor saved: declare Net as " +
            "partial", run.Messages, StringComparison.Ordinal);
        run = CompilerRun.Of("class C { object F(Tensor x) => x == null; }");
        Assert.Contains("write 'x is null'", run.Messages, StringComparison.Ordinal);
        run = CompilerRun.Of("class C { Tensor F(Tensor x) => x.To(0); }");
        Assert.Contains("0 is taken as DType.Bool", run.Messages, StringComparison.Ordinal);
    }
}
