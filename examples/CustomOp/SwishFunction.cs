// Swish as an autograd function in C#: computed with tensor operators, with a gradient written by hand.

namespace TorchScratch.Examples.CustomOp;

/// <summary>
/// y = x s with s = sigmoid(beta x), and dy/dx = s (1 + beta x (1 - s)). It saves x alone, where the composite saves
/// every intermediate result.
/// </summary>
internal sealed class SwishFunction(double beta) : AutogradFunction
{
    protected override string Name => "SwishFunction";

    protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
    {
        context.Save(inputs);
        return [inputs[0] * (inputs[0] * beta).Sigmoid()];
    }

    // Tensor operators again, so that this can be differentiated in turn.
    protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs)
    {
        var x = context.Saved[0];
        var s = (x * beta).Sigmoid();
        return [gradOutputs[0]! * s * (1 + x * beta * (1 - s))];
    }
}
