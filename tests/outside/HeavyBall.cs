// An optimizer with state and an option of its own: SGD with momentum, as a user would write it.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Outside;

public sealed class HeavyBall(IEnumerable<HeavyBallGroup> groups) : Optimizer(groups)
{
    public HeavyBall(IEnumerable<Tensor> parameters, double learningRate)
        : this([new HeavyBallGroup(parameters) { LearningRate = learningRate }])
    {
    }

    protected override void UpdateParameter(Parameter parameter, Tensor gradient, ParameterState state, ParameterGroup group)
    {
        var velocity = state.GetOrAdd("velocity", () => Tensor.ZerosLike(parameter));
        velocity.Mul_(((HeavyBallGroup)group).Momentum).Add_(gradient);
        parameter.Sub_(velocity, group.LearningRate);
    }
}

public sealed class HeavyBallGroup(IEnumerable<Tensor> parameters) : ParameterGroup(parameters)
{
    public double Momentum { get; set; } = 0.9;

    protected override IEnumerable<GroupOption> Options =>
        [.. base.Options, new("momentum", () => Momentum, value => Momentum = value)];
}

/// <summary>An optimizer that overrides nothing.</summary>
public sealed class Nothing(IEnumerable<Tensor> parameters) : Optimizer(new ParameterGroup(parameters));
