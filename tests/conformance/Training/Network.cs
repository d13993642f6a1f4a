// Creates the modules of a printed network.

using TorchScratch.NN;

namespace TorchScratch.Conformance.Training;

/// <summary>The constructor arguments of an encoder layer that are not in its printed text.</summary>
internal sealed record TransformerChoice(int Heads, bool BatchFirst, bool NormFirst, string Activation)
{
    private static readonly bool[] Orders = [false, true];
    private static readonly string[] Activations = ["relu", "gelu"];

    /// <summary>The possible combinations for a network; a single one if it has no such layer.</summary>
    public static IEnumerable<TransformerChoice> All(NetworkText text)
    {
        if (Layers(text).FirstOrDefault() is not { } layer)
            return [new(1, true, false, "relu")];
        var width = (long)layer["linear1"].Options["in_features"]!;
        return from batchFirst in Orders
               from normFirst in Orders
               from activation in Activations
               from heads in Enumerable.Range(1, (int)width)
               where width % heads == 0
               select new TransformerChoice(heads, batchFirst, normFirst, activation);
    }

    private static IEnumerable<NetworkText> Layers(NetworkText text) =>
        text.Children.SelectMany(child => Layers(child.Module)).Concat(text.Type == "TransformerEncoderLayer" ? [text] : []);
}

internal static class Network
{
    public static Module<Tensor, Tensor> Make(NetworkText text, TransformerChoice choice) => text.Type switch
    {
        "Sequential" => new Sequential([.. text.Children.Select(child => (child.Name, Make(child.Module, choice)))]),
        "Res" => new ResidualBlock(text, choice),
        "TransformerEncoderLayer" => Encoder(text, choice),
        _ => ModuleCases.Make(text.Type, text.Arguments, text.Options) as Module<Tensor, Tensor>
            ?? throw new UnsupportedException($"{text.Type} does not map one tensor to one tensor"),
    };

    private static Module<Tensor, Tensor> Encoder(NetworkText text, TransformerChoice choice)
    {
        var linear = text["linear1"].Options;
        return (Module<Tensor, Tensor>)ModuleCases.Make(text.Type, [linear["in_features"], (long)choice.Heads], new Dictionary<string, object?>
        {
            ["dim_feedforward"] = linear["out_features"],
            ["dropout"] = text["dropout"].Options["p"],
            ["layer_norm_eps"] = text["norm1"].Options["eps"],
            ["batch_first"] = choice.BatchFirst,
            ["norm_first"] = choice.NormFirst,
            ["activation"] = choice.Activation,
        });
    }

    /// <summary>relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).</summary>
    private sealed class ResidualBlock : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _conv1, _bn1, _conv2, _bn2;
        private readonly Module<Tensor, Tensor> _shortcut;

        public ResidualBlock(NetworkText text, TransformerChoice choice)
        {
            _conv1 = RegisterModule("conv1", Make(text["conv1"], choice));
            _bn1 = RegisterModule("bn1", Make(text["bn1"], choice));
            _conv2 = RegisterModule("conv2", Make(text["conv2"], choice));
            _bn2 = RegisterModule("bn2", Make(text["bn2"], choice));
            _shortcut = RegisterModule("shortcut", Make(text["shortcut"], choice));
        }

        public override Tensor Forward(Tensor input) =>
            (_bn2.Call(_conv2.Call(_bn1.Call(_conv1.Call(input)).Relu())) + _shortcut.Call(input)).Relu();
    }
}
