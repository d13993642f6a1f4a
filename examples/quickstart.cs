#:project ../managed/TorchScratch/TorchScratch.csproj
#:property PublishAot=false

// A first network, as a file-based program: ./build.sh, then dotnet run examples/quickstart.cs
using TorchScratch;
using TorchScratch.NN;
using TorchScratch.Optim;

// Learn y = sin(x) on [-3, 3).
Runtime.ManualSeed(1);
var x = Tensor.Arange(-3.0, 3.0, 0.025).Unsqueeze(1);   // (240, 1): 240 samples of one value
var y = x.Sin();

var model = new Sequential(new Linear(1, 32), new Tanh(), new Linear(32, 1));
var optimizer = new Adam(model.Parameters(), learningRate: 1e-2);

for (var step = 1; step <= 500; step++)
{
    var loss = Functional.MseLoss(model.Call(x), y);    // records the operations ...
    optimizer.ZeroGrad();
    loss.Backward();                                    // ... and computes the gradients from them
    optimizer.Step();
    if (step % 100 == 0) Console.WriteLine($"step {step}: loss {loss.ToSingle():F5}");
}

// Save the weights and load them into another model with the same layers. PyTorch can read the file too.
model.Save("sine.safetensors");
var copy = new Sequential(new Linear(1, 32), new Tanh(), new Linear(32, 1));
copy.Load("sine.safetensors");

using (Autograd.NoGrad())
{
    foreach (var angle in new[] { -1.5f, 0.5f, 2f })
    {
        var answer = copy.Call(Tensor.FromArray(new[,] { { angle } })).ToSingle();
        Console.WriteLine($"sin({angle:F1}) = {MathF.Sin(angle):F3}, the network says {answer:F3}");
    }
}
