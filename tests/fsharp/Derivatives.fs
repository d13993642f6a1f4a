/// Gradients of functions and of lists of tensors.
module TorchScratch.FSharp.Derivatives

open TorchScratch

/// The gradient of x^2 + 3 y at (2, 5), in each way.
let gradients () =
    let x = Tensor.FromScalar(2.0).RequiresGrad_()
    let y = Tensor.FromScalar(5.0).RequiresGrad_()
    let f () = x * x + 3 * y
    let listed = Autograd.Grad([ f () ], [ x; y ])
    let single = Autograd.Grad(f (), x)
    Autograd.Backward [ f () ]

    [| float listed.[0]; float listed.[1]; float single; float (nonNull x.Grad); float (nonNull y.Grad) |]

let jacobian () = Autograd.Jacobian((fun x -> x * x), Tensor.FromArray [| 1.0; 2.0 |])

let hessian () =
    let inputs = [ Tensor.FromScalar(2.0, DType.Float64); Tensor.FromScalar(3.0, DType.Float64) ]
    Autograd.Hessian((fun (x: Tensor array) -> x.[0] * x.[0] * x.[1]), inputs)

let checkpointed (x: Tensor) = Checkpoint.Run((fun (y: Tensor) -> y.Tanh() * 2), x)

let isRecorded (x: Tensor) =
    use _ = Autograd.NoGrad()
    (x * 2).RequiresGrad
