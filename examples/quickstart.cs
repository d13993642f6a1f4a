#:project ../managed/TorchScratch/TorchScratch.csproj
#:property PublishAot=false

// A first network, as a file-based program: dotnet run examples/quickstart.cs
using TorchScratch;
using TorchScratch.NN;
using TorchScratch.Optim;

// Learn y = sin(x) on [-3, 3).
var x = Tensor.Arange(-3.0, 3.0, 0.025).Unsqueeze(1);
var y = x.Sin();

var model = new Sequential(new Linear(1, 32), new Tanh(), new Linear(32, 1));
var optimizer = new Adam(model.Parameters(), learningRate: 1e-2);

for (var step = 1; step <= 500; step++)
{
    var loss = Functional.MseLoss(model.Call(x), y);
    optimizer.ZeroGrad();
    loss.Backward();
    optimizer.Step();
    if (step % 100 == 0) Console.WriteLine($"step {step}: loss {loss.ToSingle():F5}");
}
