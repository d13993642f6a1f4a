// State dicts of optimizers, and files of them.

using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests.Optim;

public class OptimizerStateTests
{
    [Fact]
    public void NamesMatchPyTorch()
    {
        using var a = new Parameter(Tensor.FromArray([1f, 2f]));
        using var b = new Parameter(Tensor.FromArray([1f]));
        using var optimizer = new Adam(new AdamGroup([a]), new AdamGroup([b]) { AmsGrad = true, LearningRate = 0.5 });
        Step(optimizer, a, b);
        var state = optimizer.StateDict();
        Assert.Equal(0.5, state["param_groups.1.lr"].ToDouble());
        Assert.Equal(0.999, state["param_groups.0.betas.1"].ToDouble());
        Assert.Equal(1, state["state.1.step"].ToInt64());
        Assert.Equal([2L], state["state.0.exp_avg"].Shape.ToArray());
        Assert.Contains("state.1.max_exp_avg_sq", state.Keys);
        Assert.DoesNotContain("state.0.max_exp_avg_sq", state.Keys);
    }

    public static TheoryData<string, string[]> Kinds => new()
    {
        { "SGD", ["momentum_buffer"] },
        { "AdamW", ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"] },
        { "Adagrad", ["sum"] },
        { "RMSprop", ["square_avg", "grad_avg", "momentum_buffer"] },
        { "Adadelta", ["square_avg", "acc_delta"] },
        { "Adamax", ["exp_avg", "exp_inf"] },
        { "NAdam", ["mu_product", "exp_avg", "exp_avg_sq"] },
        { "RAdam", ["exp_avg", "exp_avg_sq"] },
        { "Lion", ["exp_avg"] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AFileRestoresTheOptimizer(string kind, string[] names)
    {
        using var folder = new TemporaryFolder();
        using var a = new Parameter(Tensor.FromArray([1f, 2f]));
        using var b = new Parameter(Tensor.FromArray([1f, 2f]));
        using var first = Create(a, 0.05);
        using var second = Create(b, 0.7);
        for (var i = 0; i < 4; i++)
            Step(first, a);
        Assert.Equal(["step", .. names],
            first.StateDict().Keys.Where(key => key.StartsWith("state.0.", StringComparison.Ordinal))
            .Select(key => key["state.0.".Length..]));
        SafeTensors.Save(folder["state"], first.StateDict());
        second.LoadStateDict(SafeTensors.Load(folder["state"]));
        Assert.Equal(0.05, second.LearningRate);
        b.Value.Detach().Copy_(a.Value.Detach());
        for (var i = 0; i < 4; i++)
        {
            Step(first, a);
            Step(second, b);
        }
        Assert.Equal(a.Value.ToArray<float>(), b.Value.ToArray<float>());

        Optimizer Create(Parameter parameter, double learningRate) => kind switch
        {
            "SGD" => new SGD([parameter], learningRate, momentum: 0.9, weightDecay: 0.01),
            "AdamW" => new AdamW([parameter], learningRate, amsGrad: true),
            "Adagrad" => new Adagrad([parameter], learningRate, learningRateDecay: 0.1),
            "RMSprop" => new RMSprop([parameter], learningRate, momentum: 0.5, centered: true),
            "Adadelta" => new Adadelta([parameter], learningRate),
            "Adamax" => new Adamax([parameter], learningRate),
            "NAdam" => new NAdam([parameter], learningRate),
            "RAdam" => new RAdam([parameter], learningRate),
            _ => new Lion([parameter], learningRate),
        };
    }

    [Fact]
    public void LoadedStateIsACopy()
    {
        using var a = new Parameter(Tensor.FromArray([1f, 2f]));
        using var b = new Parameter(Tensor.FromArray([1f, 2f]));
        using var first = new Adam([a]);
        using var second = new Adam([b]);
        Step(first, a);
        second.LoadStateDict(first.StateDict());
        var before = second.StateDict()["state.0.exp_avg"].ToArray<float>();
        Step(first, a);
        Assert.Equal(before, second.StateDict()["state.0.exp_avg"].ToArray<float>());
    }

    [Fact]
    public void MismatchesAreListedAndNothingIsLoaded()
    {
        using var a = new Parameter(Tensor.FromArray([1f, 2f]));
        using var b = new Parameter(Tensor.FromArray([1f, 2f, 3f]));
        using var first = new Adam([a], learningRate: 0.5);
        using var second = new Adam([b], learningRate: 0.1);
        Step(first, a);
        var state = new Dictionary<string, Tensor>(first.StateDict());
        state.Remove("param_groups.0.eps");
        state["state.9.step"] = Tensor.FromScalar(1);
        var error = Assert.Throws<StateDictException>(() => second.LoadStateDict(state));
        Assert.Equal(["param_groups.0.eps"], error.MissingKeys);
        Assert.Equal(["state.9.step"], error.UnexpectedKeys);
        Assert.Equal(2, error.Mismatches.Count);
        Assert.Equal(0.1, second.LearningRate);
        Assert.DoesNotContain("state.0.step", second.StateDict().Keys);
    }

    private static void Step(Optimizer optimizer, params Parameter[] parameters)
    {
        foreach (var parameter in parameters)
            parameter.Grad = parameter.Value.Detach() * 0.5;
        optimizer.Step();
    }
}
