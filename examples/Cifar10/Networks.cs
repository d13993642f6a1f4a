// The networks by name, and the optimizer of both.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Examples.CifarTraining;

internal enum ModelKind
{
    /// <summary>A residual network of 9 layers, made for few cores.</summary>
    Cnn,

    /// <summary>ResNet-18 for images of 32 x 32.</summary>
    ResNet18,
}

internal static class Networks
{
    public const int DefaultEpochs = 12;

    private const double Momentum = 0.9;
    private const double WeightDecay = 5e-4;

    public static Module<Tensor, Tensor> Create(ModelKind kind, int classes) => kind switch
    {
        ModelKind.Cnn => new SmallCnn(classes),
        ModelKind.ResNet18 => new ResNet18(classes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such model"),
    };

    /// <summary>The name on the command line and in file names.</summary>
    public static string Name(ModelKind kind) => kind == ModelKind.Cnn ? "cnn" : "resnet18";

    /// <summary>The model that a name is of; null for none.</summary>
    public static ModelKind? Parse(string name) => name switch
    {
        "cnn" => ModelKind.Cnn,
        "resnet18" => ModelKind.ResNet18,
        _ => null,
    };

    /// <summary>
    /// SGD with Nesterov's momentum. Weights decay; the scales and shifts of normalization and biases, which are
    /// vectors, do not.
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
