// Optimizers and schedulers that tests/outside derives, and groups that are added.

using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Outside;

namespace TorchScratch.Tests;

public class DerivedOptimizerTests
{
    [Fact]
    public void ADerivedOptimizerStepsLikeTheLibrarys()
    {
        var (x, y) = (Leaf(), Leaf());
        var (mine, library) = (new HeavyBall([x], 0.1), new SGD([y], learningRate: 0.1, momentum: 0.9));
        for (var i = 0; i < 5; i++)
        {
            Step(mine, x);
            Step(library, y);
            Assert.True(x.AllClose(y));
        }
        Assert.Equal(5, mine.StateDict()["state.0.step"].ToInt64());
        Assert.True(mine.StateDict()["state.0.velocity"].AllClose(library.StateDict()["state.0.momentum_buffer"]));
        Assert.Equal(0.9, mine.StateDict()["param_groups.0.momentum"].ToDouble());
    }

    [Fact]
    public void ADerivedOptimizerResumes()
    {
        var (x, y) = (Leaf(), Leaf());
        var first = new HeavyBall([x], 0.1);
        Step(first, x);
        var state = first.StateDict().ToDictionary(entry => entry.Key, entry => entry.Value.Clone());
        using (Autograd.NoGrad())
            y.Copy_(x);
        var second = new HeavyBall([y], 0.3);
        second.LoadStateDict(state);
        Step(first, x);
        Step(second, y);
        Assert.Equal(x.ToArray<float>(), y.ToArray<float>());
        Assert.Throws<StateDictException>(() => second.LoadStateDict(new Dictionary<string, Tensor>()));
    }

    [Fact]
    public void AnOptimizerWithoutAnUpdateSaysWhatToOverride()
    {
        var x = Leaf();
        var optimizer = new Nothing([x]);
        optimizer.Step();
        (x * x).Sum().Backward();
        Assert.Contains("UpdateParameter", Assert.Throws<NotSupportedException>(optimizer.Step).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADerivedSchedulerSetsRatesAndResumes()
    {
        var optimizer = new HeavyBall([Leaf()], 1);
        var schedule = new Halving(optimizer);
        schedule.Step();
        schedule.Step();
        Assert.Equal(0.25, optimizer.LearningRate);
        Assert.Equal(3, schedule.StateDict()["calls"].ToDouble());
        var other = new Halving(new HeavyBall([Leaf()], 1));
        other.LoadStateDict(schedule.StateDict());
        Assert.Equal(2, other.Epoch);
    }

    [Fact]
    public void GroupsAreAdded()
    {
        var (x, y) = (Leaf(), Leaf());
        var optimizer = new SGD([x], learningRate: 0.5);
        var schedule = new StepLR(optimizer, 1, 0.1);
        optimizer.AddParameterGroup(new SgdGroup([y]) { LearningRate = 0.25 });
        Assert.Equal(2, optimizer.ParameterGroups.Count);
        ((x * x).Sum() + (y * y).Sum()).Backward();
        optimizer.Step();
        Assert.Equal([0f, 0f], x.ToArray<float>());
        Assert.Equal([0.5f, 1f], y.ToArray<float>());
        schedule.Step();
        Assert.Equal([0.05, 0.25], optimizer.ParameterGroups.Select(group => group.LearningRate).Select(rate => Math.Round(rate, 12)));

        Assert.Throws<ArgumentException>(() => optimizer.AddParameterGroup(new SgdGroup([x])));
        Assert.Throws<ArgumentException>(() => optimizer.AddParameterGroup(new AdamGroup([Leaf()])));
        Assert.Throws<ArgumentNullException>(() => optimizer.AddParameterGroup(null!));
        Assert.Equal(2, optimizer.ParameterGroups.Count);
    }

    private static Tensor Leaf()
    {
        var leaf = Tensor.FromArray([1f, 2f]);
        leaf.RequiresGrad = true;
        return leaf;
    }

    private static void Step(Optimizer optimizer, Tensor x)
    {
        optimizer.ZeroGrad();
        (x * x).Sum().Backward();
        optimizer.Step();
    }
}
