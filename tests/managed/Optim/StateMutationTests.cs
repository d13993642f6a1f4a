// States of every optimizer and scheduler with one thing wrong. Each must be refused, by one type of exception, and
// leave everything as it was.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Tests.Optim;

public sealed class StateMutationTests : IDisposable
{
    private readonly Parameter _first = new(Tensor.FromArray([1f, 2f, 3f]));
    private readonly Parameter _second = new(Tensor.FromArray([4f, 5f]));

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    public static TheoryData<string> OptimizerNames => [.. Optimizers.Keys];

    public static TheoryData<string> SchedulerNames => [.. Schedulers.Keys];

    private static readonly Dictionary<string, Func<Parameter[], Optimizer>> Optimizers = new()
    {
        ["SGD"] = p => new SGD(p, 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true),
        ["SGD without momentum"] = p => new SGD(p, 0.1),
        ["Adam"] = p => new Adam(p, 0.1),
        ["Adam with amsgrad"] = p => new Adam(p, 0.1, amsGrad: true),
        ["AdamW"] = p => new AdamW(p, 0.1),
        ["Adagrad"] = p => new Adagrad(p, 0.1, learningRateDecay: 0.1),
        ["RMSprop"] = p => new RMSprop(p, 0.1, momentum: 0.5, centered: true),
        ["Adadelta"] = p => new Adadelta(p, 0.1),
        ["Adamax"] = p => new Adamax(p, 0.1),
        ["NAdam"] = p => new NAdam(p, 0.1),
        ["RAdam"] = p => new RAdam(p, 0.1),
        ["Lion"] = p => new Lion(p, 0.1),
        ["two groups"] = p => new Adam(new AdamGroup([p[0]]), new AdamGroup([p[1]]) { AmsGrad = true }),
    };

    private static readonly Dictionary<string, Func<Optimizer, LRScheduler>> Schedulers = new()
    {
        ["ConstantLR"] = o => new ConstantLR(o),
        ["CosineAnnealingLR"] = o => new CosineAnnealingLR(o, 10),
        ["CosineAnnealingWarmRestarts"] = o => new CosineAnnealingWarmRestarts(o, 3, 2),
        ["CyclicLR"] = o => new CyclicLR(o, 0.01, 0.1, cycleMomentum: false),
        ["ExponentialLR"] = o => new ExponentialLR(o, 0.9),
        ["LambdaLR"] = o => new LambdaLR(o, epoch => 1.0 / (1 + epoch)),
        ["LinearLR"] = o => new LinearLR(o),
        ["MultiStepLR"] = o => new MultiStepLR(o, [2, 4]),
        ["MultiplicativeLR"] = o => new MultiplicativeLR(o, _ => 0.9),
        ["OneCycleLR"] = o => new OneCycleLR(o, 0.5, 100, cycleMomentum: false),
        ["PolynomialLR"] = o => new PolynomialLR(o),
        ["ReduceLROnPlateau"] = o => new ReduceLROnPlateau(o),
        ["StepLR"] = o => new StepLR(o, 3),
        ["ChainedScheduler"] = o => new ChainedScheduler(new StepLR(o, 3), new ExponentialLR(o, 0.9)),
        ["SequentialLR"] = o => new SequentialLR(o, [new ConstantLR(o), new StepLR(o, 3)], [4]),
    };

    [Fact]
    public void EveryOptimizerAndSchedulerIsListed()
    {
        Assert.Equal(Derived(typeof(Optimizer)),
            Optimizers.Values.Select(create => create([_first, _second]).GetType().Name).Distinct().Order());
        Assert.Equal(Derived(typeof(LRScheduler)),
            Schedulers.Values.Select(create => create(new SGD([_first], 0.1)).GetType().Name).Distinct().Order());

        static IEnumerable<string> Derived(Type type) => typeof(Optimizer).Assembly.GetTypes()
            .Where(candidate => candidate.IsSubclassOf(type) && !candidate.IsAbstract && candidate.IsPublic)
            .Select(candidate => candidate.Name).Order();
    }

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void AWrongStateOfAnOptimizerChangesNothing(string name)
    {
        using var other = Trained(name, steps: 3);
        using var optimizer = Trained(name, steps: 1);
        optimizer.LearningRate = 0.3;
        CheckAll(other.StateDict(), optimizer.StateDict, optimizer.LoadStateDict);
        // The state itself fits, and comes back.
        optimizer.LoadStateDict(other.StateDict());
        Assert.Equal(Texts(other.StateDict()), Texts(optimizer.StateDict()));
    }

    [Theory]
    [MemberData(nameof(SchedulerNames))]
    public void AWrongStateOfASchedulerChangesNothing(string name)
    {
        var other = Advanced(name, steps: 6);
        var scheduler = Advanced(name, steps: 2);
        CheckAll(other.StateDict(), scheduler.StateDict, scheduler.LoadStateDict);
        scheduler.LoadStateDict(other.StateDict());
        Assert.Equal(Texts(other.StateDict()), Texts(scheduler.StateDict()));
    }

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void TheStateOfOneParameterIsNotThatOfTwo(string name)
    {
        if (name is "two groups")
            return;
        using var one = Optimizers[name]([_first]);
        using var two = Optimizers[name]([_first, _second]);
        Step(one, _first);
        foreach (var (source, target) in new[] { (one, two), (two, one) })
        {
            var before = Texts(target.StateDict());
            Assert.Throws<StateDictException>(() => target.LoadStateDict(source.StateDict()));
            Assert.Equal(before, Texts(target.StateDict()));
        }
    }

    [Fact]
    public void AnOptionSwitchedOnBetweenStepsIsSavedAndLoaded()
    {
        foreach (var create in (Func<Optimizer>[])[
            () => new SGD([_first], 0.1), () => new RMSprop([_first], 0.1), () => new Adam([_first], 0.1)])
        {
            using var source = create();
            using var target = create();
            Step(source, _first);
            Step(target, _first);
            switch (source.ParameterGroups[0])
            {
                case SgdGroup group: group.Momentum = 0.9; break;
                case RMSpropGroup group: (group.Momentum, group.Centered) = (0.9, true); break;
                case AdamGroup group: group.AmsGrad = true; break;
            }
            target.LoadStateDict(source.StateDict());
            Assert.Equal(Texts(source.StateDict()), Texts(target.StateDict()));
        }
    }

    [Fact]
    public void OptionsThatContradictEachOtherAreRefusedTogether()
    {
        using var optimizer = new SGD([_first], 0.1, momentum: 0.9);
        var state = new Dictionary<string, Tensor>(optimizer.StateDict())
        {
            ["param_groups.0.nesterov"] = Tensor.FromScalar(1.0),
            ["param_groups.0.momentum"] = Tensor.FromScalar(0.0),
            ["param_groups.0.lr"] = Tensor.FromScalar(5.0),
        };
        Assert.Throws<StateDictException>(() => optimizer.LoadStateDict(state));
        Assert.Equal(0.1, optimizer.LearningRate);
        Assert.Equal(0.9, ((SgdGroup)optimizer.ParameterGroups[0]).Momentum);
    }

    private static void CheckAll(IReadOnlyDictionary<string, Tensor> state,
        Func<IReadOnlyDictionary<string, Tensor>> read, Action<IReadOnlyDictionary<string, Tensor>> load)
    {
        var before = Texts(read());
        Refuse("nothing", new Dictionary<string, Tensor>());
        foreach (var (key, value) in state)
        {
            if (!key.EndsWith("initial_lr", StringComparison.Ordinal))
                Refuse(key, Without(state, key));
            Refuse(key, With(state, key, null!));
            Refuse(key, With(state, key + "x", value));
            Refuse(key, With(state, "unknown." + key, value));
            Refuse(key, With(state, key, Tensor.Zeros([.. value.Shape, 2], value.DType)));
            Refuse(key, With(state, key, Tensor.Zeros([7], value.DType)));
            if (IsNumber(key, value))
            {
                foreach (var number in BadNumbers(key))
                    Refuse($"{key} = {number}", With(state, key, Tensor.FromScalar(number, DType.Float64)));
            }
            else if (value.DType.IsFloatingPoint)
            {
                Refuse(key, With(state, key, value.To(IsList(key) ? DType.Bool : DType.Int64)));
                if (IsList(key))
                {
                    Refuse(key, With(state, key, value * double.NaN));
                    Refuse(key, With(state, key, value - 100));
                }
            }
            else
            {
                Refuse(key, With(state, key, value.To(DType.Float32)));
                Refuse(key, With(state, key, value + 1));
            }
        }

        void Refuse(string what, Dictionary<string, Tensor> wrong)
        {
            var thrown = Record.Exception(() => load(wrong));
            Assert.True(thrown is StateDictException, $"{what}: {thrown?.ToString() ?? "no exception"}");
            Assert.Equal(before, Texts(read()));
        }
    }

    private static bool IsList(string key) =>
        key.EndsWith("base_lrs", StringComparison.Ordinal) || key.EndsWith("_last_lr", StringComparison.Ordinal);

    private static bool IsNumber(string key, Tensor value) =>
        value.NDim == 0 && !IsList(key) && !key.EndsWith("params", StringComparison.Ordinal);

    // NaN is never right. Counts are whole and not negative; the rest depends on the option.
    private static double[] BadNumbers(string key)
    {
        var name = key.Split('.').Last(part => !part.All(char.IsDigit));
        return name switch
        {
            "step" or "_step_count" or "num_bad_epochs" or "cooldown_counter" or "T_i" =>
                [double.NaN, double.PositiveInfinity, 2.5, -1, 1e300],
            // In a scheduler inside another one, -1 stands for not begun.
            "last_epoch" => [double.NaN, double.PositiveInfinity, 2.5, key.Contains('.') ? -2 : -1, 1e300],
            "amsgrad" or "maximize" or "nesterov" or "centered" => [double.NaN, 0.5, -1, 2],
            "lr" or "weight_decay" or "eps" or "momentum" or "initial_lr" or "mu_product" or "lr_decay" or
                "initial_accumulator_value" or "momentum_decay" =>
                [double.NaN, double.PositiveInfinity, -0.5],
            "betas" or "alpha" or "rho" => [double.NaN, double.PositiveInfinity, -0.5, 1.5],
            "dampening" => [double.NaN, double.PositiveInfinity],
            "T_cur" => [double.NaN, double.PositiveInfinity, -1],
            "best" => [double.NaN],
            _ => throw new InvalidOperationException($"{key}: say which numbers are wrong"),
        };
    }

    private static Dictionary<string, Tensor> With(IReadOnlyDictionary<string, Tensor> state, string key,
        Tensor value) => new(state) { [key] = value };

    private static Dictionary<string, Tensor> Without(IReadOnlyDictionary<string, Tensor> state, string key) =>
        state.Where(entry => entry.Key != key).ToDictionary(entry => entry.Key, entry => entry.Value);

    private static string[] Texts(IReadOnlyDictionary<string, Tensor> state) =>
        [.. state.Select(entry => $"{entry.Key}: {entry.Value.DType.Name} {entry.Value.ShapeText} " +
            string.Join(' ', entry.Value.To(DType.Float64).Reshape(-1).ToArray<double>()))];

    private Optimizer Trained(string name, int steps)
    {
        var optimizer = Optimizers[name]([_first, _second]);
        for (var i = 0; i < steps; i++)
            Step(optimizer, _first, _second);
        return optimizer;
    }

    private LRScheduler Advanced(string name, int steps)
    {
        var scheduler = Schedulers[name](new SGD(new SgdGroup([_first]), new SgdGroup([_second])));
        for (var i = 0; i < steps; i++)
        {
            if (scheduler is ReduceLROnPlateau plateau)
                plateau.Step(1.0 + i);
            else
                scheduler.Step();
        }
        return scheduler;
    }

    private static void Step(Optimizer optimizer, params Parameter[] parameters)
    {
        foreach (var parameter in parameters)
            parameter.Grad = parameter.Value.Detach() * 0.5;
        optimizer.Step();
    }
}
