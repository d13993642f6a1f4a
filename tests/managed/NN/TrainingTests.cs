// Whole trainings: a network learns, and an interrupted run ends with the same numbers as an uninterrupted one.

using TorchScratch.Data;
using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests.NN;

public class TrainingTests
{
    [Fact]
    public void ANetworkLearnsDrawnDigits()
    {
        Runtime.ManualSeed(1);
        var train = DrawnDigits.Create(60_000, seed: 1);
        var test = DrawnDigits.Create(5_000, seed: 2);
        using var model = new Sequential(new Flatten(), new Linear(784, 128), new ReLU(), new Linear(128, 10));
        using var optimizer = new Adam(model.Parameters(), learningRate: 2e-3);
        var loader = new DataLoader(train, batchSize: 64, shuffle: true);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            optimizer.LearningRate = 2e-3 / (1 << epoch);
            foreach (var (images, labels) in loader)
            {
                using var scope = Tensor.Scope();
                Step(model, optimizer, images, labels);
            }
        }
        Assert.InRange(Accuracy(model, test), 0.97, 1);
    }

    [Fact]
    public void AScopeChangesOnlyTheMemory()
    {
        var digits = DrawnDigits.Create(640, seed: 1);
        using var scoped = Start(digits, out var scopedOptimizer, out var loader);
        Train(scoped, scopedOptimizer, loader, 0, 0, loader.Count);
        using var free = Start(digits, out var freeOptimizer, out loader);
        foreach (var (images, labels) in loader)
            Step(free, freeOptimizer, images, labels);
        Assert.Equal(Values(scoped, scopedOptimizer), Values(free, freeOptimizer));
    }

    [Fact]
    public void AResumedRunIsBitForBitTheSame()
    {
        using var folder = new TemporaryFolder();
        var digits = DrawnDigits.Create(640, seed: 1);
        using var model = Start(digits, out var optimizer, out var loader);
        Train(model, optimizer, loader, 0, 0, 2 * loader.Count);
        var expected = Values(model, optimizer);

        // Stopped in the second epoch, saved, and resumed in objects with other initial values.
        using var first = Start(digits, out var firstOptimizer, out loader);
        Train(first, firstOptimizer, loader, 0, 0, loader.Count + 3);
        first.Save(folder["model"]);
        SafeTensors.Save(folder["optimizer"], firstOptimizer.StateDict());
        var random = Runtime.RandomState;

        Runtime.ManualSeed(99);
        using var second = Start(digits, out var secondOptimizer, out loader, seed: 99);
        second.Load(folder["model"]);
        secondOptimizer.LoadStateDict(SafeTensors.Load(folder["optimizer"]));
        Runtime.RandomState = random;
        Train(second, secondOptimizer, loader, 1, 3, loader.Count - 3);
        Assert.Equal(expected, Values(second, secondOptimizer));
    }

    [Fact]
    public void ResultsDoNotDependOnThreadsOrWorkers()
    {
        var digits = DrawnDigits.Create(640, seed: 1);
        var threads = Runtime.NumThreads;
        try
        {
            var results = new List<Dictionary<string, float[]>>();
            foreach (var (count, workers) in new[] { (1, 0), (2, 3) })
            {
                Runtime.NumThreads = count;
                using var model = Start(digits, out var optimizer, out _);
                var loader = new DataLoader(digits, batchSize: 64, shuffle: true, seed: 4, workers: workers);
                Train(model, optimizer, loader, 0, 0, loader.Count);
                results.Add(Values(model, optimizer));
            }
            Assert.Equal(results[0], results[1]);
        }
        finally
        {
            Runtime.NumThreads = threads;
        }
    }

    private static Sequential Start(ImageDataset digits, out Adam optimizer, out DataLoader loader, ulong seed = 7)
    {
        Runtime.ManualSeed(seed);
        // With dropout, so that the state of the random number generator matters too.
        var model = new Sequential(new Flatten(), new Linear(784, 32), new ReLU(), new Dropout(0.2),
            new Linear(32, 10));
        optimizer = new Adam(model.Parameters(), learningRate: 3e-3);
        loader = new DataLoader(digits, batchSize: 64, shuffle: true, seed: 4);
        return model;
    }

    private static void Train(Sequential model, Adam optimizer, DataLoader loader, int epoch, int first, int steps)
    {
        while (steps > 0)
        {
            foreach (var (images, labels) in loader.Batches(epoch, first))
            {
                using var scope = Tensor.Scope();
                Step(model, optimizer, images, labels);
                if (--steps == 0)
                    return;
            }
            epoch++;
            first = 0;
        }
    }

    private static void Step(Sequential model, Adam optimizer, Tensor images, Tensor labels)
    {
        var loss = Functional.CrossEntropy(model.Call(images), labels);
        optimizer.ZeroGrad();
        loss.Backward();
        optimizer.Step();
    }

    private static Dictionary<string, float[]> Values(Sequential model, Adam optimizer) =>
        model.StateDict().Concat(optimizer.StateDict().Where(entry => entry.Value.DType == DType.Float32))
            .ToDictionary(entry => entry.Key, entry => entry.Value.ToArray<float>());

    private static double Accuracy(Sequential model, ImageDataset images)
    {
        using var noGrad = Autograd.NoGrad();
        model.Eval();
        var (inputs, labels) = images.GetBatch([.. Enumerable.Range(0, images.Count)]);
        return model.Call(inputs).ArgMax(1).Eq(labels).Sum().ToDouble() / images.Count;
    }
}
