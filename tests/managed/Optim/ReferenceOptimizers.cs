// The formulas of the optimizers, written out for one parameter in double precision.

namespace TorchScratch.Tests.Optim;

/// <summary>The options of all reference optimizers; each uses some of them.</summary>
public sealed record ReferenceOptions
{
    public double LearningRate { get; init; } = 0.1;
    public double Momentum { get; init; }
    public double Dampening { get; init; }
    public bool Nesterov { get; init; }
    public double Beta1 { get; init; } = 0.9;
    public double Beta2 { get; init; } = 0.999;
    public double Epsilon { get; init; } = 1e-8;
    public double WeightDecay { get; init; }
    public bool AmsGrad { get; init; }
    public bool IsDecoupled { get; init; }
    public bool Maximize { get; init; }
}

internal sealed class ReferenceSgd(ReferenceOptions options)
{
    private double[]? _velocity;

    public void Step(double[] parameter, double[] gradient)
    {
        var isFirst = _velocity is null;
        _velocity ??= new double[parameter.Length];
        for (var i = 0; i < parameter.Length; i++)
        {
            var g = (options.Maximize ? -gradient[i] : gradient[i]) + options.WeightDecay * parameter[i];
            if (options.Momentum != 0)
            {
                _velocity[i] = isFirst ? g : options.Momentum * _velocity[i] + (1 - options.Dampening) * g;
                g = options.Nesterov ? g + options.Momentum * _velocity[i] : _velocity[i];
            }
            parameter[i] -= options.LearningRate * g;
        }
    }
}

internal sealed class ReferenceAdam(ReferenceOptions options, int count)
{
    private readonly double[] _mean = new double[count];
    private readonly double[] _square = new double[count];
    private readonly double[] _largest = new double[count];
    private int _step;

    public void Step(double[] parameter, double[] gradient)
    {
        _step++;
        for (var i = 0; i < count; i++)
        {
            var g = options.Maximize ? -gradient[i] : gradient[i];
            if (options.IsDecoupled)
                parameter[i] *= 1 - options.LearningRate * options.WeightDecay;
            else
                g += options.WeightDecay * parameter[i];
            _mean[i] = options.Beta1 * _mean[i] + (1 - options.Beta1) * g;
            _square[i] = options.Beta2 * _square[i] + (1 - options.Beta2) * g * g;
            _largest[i] = Math.Max(_largest[i], _square[i]);
            var square = (options.AmsGrad ? _largest[i] : _square[i]) / (1 - Math.Pow(options.Beta2, _step));
            parameter[i] -= options.LearningRate / (1 - Math.Pow(options.Beta1, _step)) * _mean[i] /
                (Math.Sqrt(square) + options.Epsilon);
        }
    }
}
