// Trains on drawn digits in a run folder, from the beginning or from the checkpoint in the folder.

using TorchScratch;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

if (args is not [var folder, .. var rest] || rest is not ([] or ["--resume"]))
{
    Console.Error.WriteLine("usage: TorchScratch.Resume FOLDER [--resume]");
    return 2;
}
const int Epochs = 4;
var digits = DrawnDigits.Create(20_000, seed: 1);
Runtime.ManualSeed(1);
using var model = new Sequential(
    new Flatten(), new Linear(784, 256), new BatchNorm1d(256), new ReLU(), new Dropout(0.3), new Linear(256, 10));
using var optimizer = new AdamW(model.Parameters(), 2e-3);
using var averages = new ExponentialMovingAverage(model, 0.99);
using var run = rest is [] ? RunFolder.Create(folder) : RunFolder.Open(folder);
var loader = new DataLoader(digits, batchSize: 32, shuffle: true, seed: 5, workers: 2);
var trainer = new Trainer(model, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
{
    TrainingData = loader,
    ValidationData = new DataLoader(digits.Take(1_000), batchSize: 100),
    TrainingMetrics = [new Accuracy()],
    ValidationMetrics = [new Accuracy()],
    AccumulationSteps = 2,
    GradientClipNorm = 1,
    Averages = averages,
    StepSchedulers = [new OneCycleLR(optimizer, 2e-3, Epochs * (loader.Count + 1) / 2)],
    Checkpoints = new CheckpointPlan(run.CheckpointPath) { EverySteps = 20 },
    Run = run,
    LogEverySteps = 7,
};
if (rest is ["--resume"])
{
    trainer.Resume(run.CheckpointPath);
    Console.WriteLine($"resumed at epoch {trainer.Position.Epoch}, batch {trainer.Position.Batch}, step {trainer.Position.Step}");
}
trainer.Fit(Epochs);
model.Save(Path.Combine(folder, "weights.safetensors"));
return 0;
