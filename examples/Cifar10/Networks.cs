// The networks by name, and their optimizer.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Examples.CifarTraining;

internal enum ModelKind
{
    /// <summary>A residual network of 9 layers, small enough for a few cores.</summary>
    Cnn,

    /// <summary>ResNet-18 for images of 32 x 32.</summary>
    ResNet18,
}

internal static class Networks
{
    private const double Momentum = 0.9;
    private const double WeightDecay = 5e-4;

    public static Module<Tensor, Tensor> Create(ModelKind kind, int classes) => kind switch
    {
        ModelKind.Cnn => new SmallCnn(classes),
        ModelKind.ResNet18 => new ResNet18(classes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown model"),
    };

    /// <summary>The name on the command line and in paths.</summary>
    public static string Name(ModelKind kind) => kind == ModelKind.Cnn ? "cnn" : "resnet18";

    /// <summary>
    /// SGD with Nesterov momentum. Weight decay applies to weights, but not to biases and the parameters of batch
    /// normalization, which are vectors.
    /// </summary>
    public static SGD CreateOptimizer(Module model, double learningRate)
    {
        var parts = model.Parameters().ToLookup(parameter => parameter.Value.NDim > 1);
        return new SGD(Group(parts[true], WeightDecay), Group(parts[false], 0));

        SgdGroup Group(IEnumerable<Parameter> parameters, double decay) => new(parameters)
        {
            LearningRate = learningRate,
            Momentum = Momentum,
            Nesterov = true,
            WeightDecay = decay,
        };
    }
}
