// What the source generator writes: every kind of class and member compiles, with the right names.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TorchScratch.Generators;

namespace TorchScratch.Tests.Generators;

public class ModuleGeneratorTests
{
    private const string Forward = "public override Tensor Forward(Tensor x) => x;";

    [Theory]
    [InlineData("_fc1", "fc1")]
    [InlineData("Weight", "weight")]
    [InlineData("selfAttention", "self_attention")]
    [InlineData("_norm2Layer", "norm2_layer")]
    [InlineData("Conv2d", "conv2d")]
    [InlineData("Conv2D", "conv2d")]
    [InlineData("Conv2DLayer", "conv2d_layer")]
    [InlineData("LSTMCell", "lstm_cell")]
    [InlineData("_encoderLSTM", "encoder_lstm")]
    [InlineData("in_proj_weight", "in_proj_weight")]
    [InlineData("W_q", "w_q")]
    [InlineData("__x", "x")]
    [InlineData("_", "_")]
    public void NamesAreInSnakeCase(string identifier, string name) =>
        Assert.Equal(name, ModuleMember.SnakeCase(identifier));

    // Each source must compile without a warning, and register exactly the given calls, in order.
    public static TheoryData<string, string> Sources => new()
    {
        { "partial class Net : Module<Tensor, Tensor> { private readonly Linear _fc = new(1, 1); FORWARD }",
            """Module("fc", this.@_fc)""" },
        { "partial class Net : Module<Tensor, Tensor> { public Linear? Head { get; set; } FORWARD }",
            """Module("head", this.@Head)""" },
        { "partial class Net(int n) : Module<Tensor, Tensor> { readonly Linear _fc = new(n, n); FORWARD }",
            """Module("fc", this.@_fc)""" },
        // A parameter of a primary constructor counts if it is used after construction.
        { "partial class Net(Linear fc) : Module<Tensor, Tensor> { readonly Linear _fc = fc; FORWARD }",
            """Module("fc", this.@_fc)""" },
        { "partial class Net(Linear head) : Module<Tensor, Tensor> { public override Tensor Forward(Tensor x) => head.Call(x); }",
            """Module("head", @head)""" },
        { "partial class Net(Linear members) : Module<Tensor, Tensor> { public override Tensor Forward(Tensor x) => members.Call(x); }",
            """Module("members", @members)""" },
        { "partial class Net(Linear x) : Module<Tensor, Tensor> { readonly Linear _fc = x; FORWARD }",
            """Module("fc", this.@_fc)""" },
        { "partial class Net : Module<Tensor, Tensor> { readonly Parameter _scale = new(Tensor.Ones([1])); ModuleBuffer Mean { get; } = new(Tensor.Ones([1])); FORWARD }",
            """Parameter("scale", this.@_scale);Buffer("mean", this.@Mean)""" },
        { "partial class Net : Module<Tensor, Tensor> { List<Linear> _a = []; Linear[] _b = []; IReadOnlyList<Module> _c = []; Dictionary<string, Linear> _d = []; List<Parameter?> _e = []; Dictionary<string, Parameter> _f = []; ModuleList<Linear> _g = new(); FORWARD }",
            """Modules("a", this.@_a);Modules("b", this.@_b);Modules("c", this.@_c);ModulesByName("d", this.@_d);Parameters("e", this.@_e);ParametersByName("f", this.@_f);Module("g", this.@_g)""" },
        { "partial class Net<T> : Module<Tensor, Tensor> where T : Module<Tensor, Tensor>, new() { readonly T _inner = new(); readonly List<T> _all = []; FORWARD }",
            """Module("inner", this.@_inner);Modules("all", this.@_all)""" },
        { "namespace A.@class { partial class Outer<T> { partial struct S { partial record R { internal partial class Net<U> : Module<Tensor, Tensor> { readonly Linear _fc = new(1, 1); FORWARD } } } } }",
            """Module("fc", this.@_fc)""" },
        { "abstract partial class Base : Module<Tensor, Tensor> { protected Linear Fc { get; } = new(1, 1); } partial class Net : Base { readonly Linear _head = new(1, 1); FORWARD }",
            """Module("fc", this.@Fc);Module("head", this.@_head)""" },
        { "partial class Base : Module<Tensor, Tensor> { public virtual Linear Fc { get; } = new(1, 1); FORWARD } partial class Net : Base { public override Linear Fc { get; } = new(2, 2); }",
            """Module("fc", this.@Fc)""" },
        { "abstract partial class Base : Module<Tensor, Tensor> { public abstract Linear Fc { get; } FORWARD } partial class Net : Base { public override Linear Fc { get; } = new(2, 2); }",
            """Module("fc", this.@Fc)""" },
        { "interface IHead { Linear Fc { get; } } partial class Net : Module<Tensor, Tensor>, IHead { Linear IHead.Fc { get; } = new(1, 1); FORWARD }",
            """Module("fc", ((global::IHead)this).@Fc)""" },
        { "interface IPart; partial class Net : Module<Tensor, Tensor> { IPart? _part; public void Set(IPart? part) => _part = part; FORWARD }",
            """Module("part", this.@_part as global::TorchScratch.NN.Module)""" },
        { "partial class Net : Module<Tensor, Tensor> { [RegisterAs(\"fc\")] readonly Linear _first = new(1, 1); [field: RegisterAs(\"b\")] Linear B2 { get; } = new(1, 1); [NotRegistered] readonly Linear _teacher = new(1, 1); FORWARD }",
            """Module("fc", this.@_first);Module("b", this.@B2)""" },
        { "partial class Net : Module<Tensor, Tensor> { static readonly Linear Shared = new(1, 1); Linear Fresh => new(1, 1); readonly Tensor _x = Tensor.Ones([1]); readonly Func<Linear> _make = () => Shared; FORWARD }",
            "" },
        { "partial class Net : Module<Tensor, Tensor> { readonly Linear @class = new(1, 1); FORWARD } partial class Net : Module<Tensor, Tensor>;",
            """Module("class", this.@class)""" },
        { "partial class Net : Module<Tensor, Tensor> { public Linear Lazy { get => field ??= new(1, 1); } FORWARD }",
            """Module("lazy", this.@Lazy)""" },
        { "partial class Net : Module<Tensor, Tensor> { System.Collections.Immutable.ImmutableArray<Linear> _a; public void Set(System.Collections.Immutable.ImmutableArray<Linear> a) => _a = a; FORWARD }",
            """Modules("a", this.@_a.IsDefault ? null : this.@_a)""" },
        { "class Net : Module<Tensor, Tensor> { readonly Linear _fc; public Net() { _fc = RegisterModule(\"fc\", new Linear(1, 1)); } FORWARD }",
            "" },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void EveryKindOfClassCompiles(string source, string expected)
    {
        var run = CompilerRun.Of(source.Replace("FORWARD", Forward, StringComparison.Ordinal));
        Assert.True(run.Diagnostics.IsEmpty, run.Messages + "\n" + run.Generated);
        var calls = run.Generated.Split('\n').Select(line => line.Trim())
            .Where(line => line.StartsWith("members", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf('.', StringComparison.Ordinal) + 1)..].TrimEnd(';'));
        Assert.Equal(expected, string.Join(';', calls));
    }

    [Fact]
    public void AnUnrelatedEditGeneratesNothingAgain()
    {
        var compilation = CompilerRun.Compile(
            $"partial class Net : Module<Tensor, Tensor> {{ readonly Linear _fc = new(1, 1); {Forward} }}");
        var driver = CompilerRun.TrackingDriver().RunGenerators(compilation);
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other;",
            (CSharpParseOptions)compilation.SyntaxTrees.First().Options)));
        var reasons = driver.GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(step => step.Value)
            .SelectMany(step => step.Outputs).Select(output => output.Reason);
        Assert.All(reasons, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }
}
