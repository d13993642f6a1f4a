// Training steps of whole networks, the same as in peer.py.

using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Benchmarks;

internal sealed class TrainingStep : IDisposable
{
    /// <summary>The names in peer.py, with their descriptions.</summary>
    public static readonly (string Name, string Title)[] All =
    [
        ("resnet", "ResNet-18 training step, 32x32, batch 64"),
        ("gpt", "GPT training step, 4 x 256, T 128, batch 8"),
        ("lstm", "LSTM training step, 2 x 256, T 64, batch 32"),
    ];

    private readonly Module _network;
    private readonly Optimizer _optimizer;
    private readonly Func<Tensor> _loss;

    public TrainingStep(string name)
    {
        switch (name)
        {
            case "resnet":
            {
                var network = new ResNet18();
                var (images, labels) = (Tensor.Randn([64, 3, 32, 32]), Tensor.RandInt(0, 10, [64]));
                (_network, _optimizer) = (network, new SGD(network.Parameters(), 0.1, momentum: 0.9));
                _loss = () => Functional.CrossEntropy(network.Call(images), labels);
                break;
            }
            case "gpt":
            {
                var network = new Gpt();
                var tokens = Tensor.RandInt(0, Gpt.Vocabulary, [8, Gpt.Length]);
                var targets = Tensor.RandInt(0, Gpt.Vocabulary, [8 * Gpt.Length]);
                (_network, _optimizer) = (network, new AdamW(network.Parameters(), 1e-3));
                _loss = () => Functional.CrossEntropy(network.Call(tokens), targets);
                break;
            }
            case "lstm":
            {
                var network = new LSTM(256, 256, 2);
                var input = Tensor.Randn([64, 32, 256]);
                (_network, _optimizer) = (network, new SGD(network.Parameters(), 0.1));
                _loss = () => network.Call(input).Output.Sum();
                break;
            }
            default:
                throw new ArgumentException($"there is no network '{name}'", nameof(name));
        }
    }

    public void Run()
    {
        using var scope = Tensor.Scope();
        var loss = _loss();
        _optimizer.ZeroGrad();
        loss.Backward();
        _optimizer.Step();
    }

    public void Dispose()
    {
        _network.Dispose();
        _optimizer.Dispose();
    }
}
