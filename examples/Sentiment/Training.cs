// The training loop and the test.

using System.Diagnostics;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Examples.Sentiment;

/// <summary>Trains a classifier on tokens (N, T) and labels (N).</summary>
internal sealed class Training
{
    private const int BatchSize = 64;
    private const double LearningRate = 3e-3;

    private readonly DataLoader _loader;

    public Training(Module<Tensor, Tensor> model, Tensor tokens, Tensor labels, int epochs, ulong seed)
    {
        (Model, Epochs) = (model, epochs);
        _loader = new DataLoader(new TensorDataset(tokens, labels), BatchSize, shuffle: true, seed);
        Optimizer = new AdamW(model.Parameters(), LearningRate);
    }

    public Module<Tensor, Tensor> Model { get; }

    public int Epochs { get; }

    public Optimizer Optimizer { get; }

    /// <summary>Trains from an epoch to the end, and hands over after each.</summary>
    /// <param name="firstEpoch">Epochs done before.</param>
    /// <param name="epochDone">Called with the epochs done, the mean loss and the seconds.</param>
    /// <param name="cancellation">Leaves an epoch unfinished.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(int firstEpoch, Action<int, double, double> epochDone, CancellationToken cancellation)
    {
        for (var epoch = firstEpoch; epoch < Epochs; epoch++)
        {
            Model.Train();
            var clock = Stopwatch.StartNew();
            var (loss, step) = (0.0, 0);
            foreach (var (tokens, labels) in _loader.Batches(epoch, cancellation: cancellation))
            {
                Optimizer.LearningRate = LearningRate * Schedule((epoch + (double)step / _loader.Count) / Epochs);
                loss += Step(tokens, labels);
                step++;
            }
            epochDone(epoch + 1, loss / step, clock.Elapsed.TotalSeconds);
        }
    }

    /// <summary>Whether each sentence is taken for praise.</summary>
    public static bool[] Answers(Module<Tensor, Tensor> model, Tensor tokens)
    {
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        return Array.ConvertAll(model.Call(tokens).Argmax(1).ToArray<long>(), answer => answer == 1);
    }

    // Up over the first tenth, since attention learns badly from large first steps, then half a cosine down to 0
    // (Loshchilov and Hutter, "SGDR", 2017, formula 5).
    private static double Schedule(double progress) =>
        progress < 0.1 ? progress / 0.1 : 0.5 * (1 + Math.Cos(Math.PI * (progress - 0.1) / 0.9));

    private double Step(Tensor tokens, Tensor labels)
    {
        using var scope = Tensor.Scope();
        var loss = Functional.CrossEntropy(Model.Call(tokens), labels);
        Optimizer.ZeroGrad();
        loss.Backward();
        Optimizer.Step();
        return loss.ToDouble();
    }
}
