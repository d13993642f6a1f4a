/// A module, an optimizer and a training step.
module TorchScratch.FSharp.Training

open TorchScratch
open TorchScratch.NN
open TorchScratch.Optim

/// Two layers and a factor. The source generator is for C#, so the members are registered by calls.
type Net(hidden: int) as this =
    inherit Module<Tensor, Tensor>()

    let first = this.RegisterModule("first", new Linear(1, hidden))
    let second = this.RegisterModule("second", new Linear(hidden, 1))
    let factor = this.RegisterParameter("factor", new Parameter(Tensor.Ones 1))

    override _.Forward x =
        second.Call(first.Call(x).Tanh()) * factor

/// The losses of some steps of learning a sine.
let losses (net: Module<Tensor, Tensor>) steps =
    let x = Tensor.Arange(-3.0, 3.0, 0.1).Unsqueeze 1
    let y = x.Sin()
    // F# does not take a sequence of parameters as one of tensors.
    let optimizer = new Adam(Seq.cast<Tensor> (net.Parameters()), learningRate = 1e-2)

    [| for _ in 1..steps ->
           let loss = Functional.MseLoss(net.Call x, y)
           optimizer.ZeroGrad()
           loss.Backward()
           optimizer.Step()
           loss.ToSingle() |]

let stack () = new Sequential(new Linear(1, 16), new Tanh(), new Linear(16, 1))
