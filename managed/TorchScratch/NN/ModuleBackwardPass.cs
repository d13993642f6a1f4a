// Backward hooks of a module: functions that change nothing stand before and behind it in the graph and see its
// gradients.

namespace TorchScratch.NN;

/// <summary>Sees the gradients of a module in a backward pass.</summary>
/// <param name="module">The module.</param>
/// <param name="gradInputs">The gradient of each input; null for an input that needs none.</param>
/// <param name="gradOutputs">The gradient of each output; null for an output that no result depends on.</param>
/// <returns>The gradients of the inputs to continue with, or null to leave them as they are.</returns>
public delegate Tensor?[]? ModuleBackwardHook(Module module, Tensor?[] gradInputs, Tensor?[] gradOutputs);

/// <summary>One call of a module with backward hooks.</summary>
internal sealed class ModuleBackwardPass(Module module, HookList<ModuleBackwardHook> hooks)
{
    private Tensor?[] _gradOutputs = [];
    private int _inputCount;
    private bool _hasInputs;

    /// <summary>The inputs, behind a node that calls the hooks with their gradients.</summary>
    public T Enter<T>(T input) => Behind(input, Call, out _inputCount, out _hasInputs);

    /// <summary>The outputs, behind a node that remembers their gradients.</summary>
    public T Leave<T>(T output)
    {
        return Behind(output, gradOutputs =>
        {
            _gradOutputs = gradOutputs;
            if (!_hasInputs)
                Call(new Tensor?[_inputCount]);
            return gradOutputs;
        }, out _, out _);
    }

    private Tensor?[] Call(Tensor?[] gradInputs)
    {
        foreach (var hook in hooks.Current)
        {
            if (hook(module, gradInputs, _gradOutputs) is not { } replaced)
                continue;
            if (replaced.Length != gradInputs.Length)
                throw new ValueException($"a backward hook of {module.GetType().Name} returned {replaced.Length} " +
                    $"gradients for {gradInputs.Length} inputs");
            gradInputs = replaced;
        }
        return gradInputs;
    }

    // Puts the tensors that require a gradient behind one node, which passes the gradients of all tensors to a
    // function.
    private static T Behind<T>(T value, Func<Tensor?[], Tensor?[]> onGradients, out int count, out bool isNeeded)
    {
        var tensors = new List<Tensor?>();
        TensorTuple.Map(value, tensor =>
        {
            tensors.Add(tensor);
            return tensor;
        });
        int[] used = [.. Enumerable.Range(0, tensors.Count).Where(i => tensors[i] is { RequiresGrad: true })];
        var all = count = tensors.Count;
        isNeeded = used.Length > 0;
        if (!isNeeded)
            return value;
        var results = new Gate(used.Length, gradients => Select(onGradients(Spread(gradients, all, used)), used))
            .Apply(used.Select(i => tensors[i]!));
        for (var i = 0; i < used.Length; i++)
            tensors[used[i]] = results[i];
        var next = 0;
        return (T)TensorTuple.Map(value, _ => tensors[next++])!;
    }

    private static Tensor?[] Spread(Tensor?[] gradients, int count, int[] used)
    {
        var all = new Tensor?[count];
        for (var i = 0; i < used.Length; i++)
            all[used[i]] = gradients[i];
        return all;
    }

    private static Tensor?[] Select(Tensor?[] all, int[] used) => Array.ConvertAll(used, i => all[i]);

    private sealed class Gate(int count, Func<Tensor?[], Tensor?[]> onGradients) : AutogradFunction
    {
        protected override string Name => "ModuleHooks";

        protected override int OutputCount => count;

        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs) =>
            Array.ConvertAll(inputs, input => input.Detach());

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs) =>
            onGradients(gradOutputs);
    }
}
