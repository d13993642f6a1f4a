// Gradients as functions, and the modes of recording.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>Reverse-mode differentiation of everything computed with tensors that require a gradient.</summary>
public static unsafe partial class Autograd
{
    /// <summary>Whether operators of this thread are recorded.</summary>
    public static bool IsGradEnabled => Native.ts_grad_enabled() != 0;

    /// <summary>Whether this thread is in inference mode.</summary>
    public static bool IsInferenceMode => Native.ts_inference_enabled() != 0;

    /// <summary>Whether anomaly mode is on, in the process.</summary>
    public static bool IsAnomalyEnabled => Native.ts_anomaly_enabled() != 0;

    /// <summary>As <see cref="Tensor.Backward"/>, for several outputs in one pass.</summary>
    /// <param name="outputs">What to differentiate.</param>
    /// <param name="gradients">
    /// A gradient for each output, of its shape, null for one with a single element; empty when all have one.
    /// </param>
    /// <param name="retainGraph">
    /// Keeps the graph for another pass; when not given, as <paramref name="createGraph"/>.
    /// </param>
    /// <param name="createGraph">Records the pass itself, for gradients of gradients.</param>
    /// <exception cref="AutogradException">The graph cannot be differentiated.</exception>
    public static void Backward(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor?> gradients = default,
        bool? retainGraph = null, bool createGraph = false)
    {
        CheckGradients(outputs, gradients, "backward");
        using var outputsLease = new TensorListLease(outputs);
        using var gradientsLease = new TensorListLease(gradients);
        Status.Check(Native.ts_backward(outputsLease.Pointer, outputsLease.Count,
            gradients.IsEmpty ? null : gradientsLease.Pointer, Marshalling.Code(retainGraph ?? createGraph),
            Marshalling.Code(createGraph)));
    }

    /// <summary>The gradient of a scalar with respect to one tensor; no <see cref="Tensor.Grad"/> changes.</summary>
    /// <inheritdoc cref="Grad(ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, bool?, bool)"/>
    public static Tensor Grad(Tensor output, Tensor input, Tensor? gradient = null, bool? retainGraph = null,
        bool createGraph = false) =>
        Grad([output], [input], gradient is null ? default : [gradient], retainGraph, createGraph)[0];

    /// <summary>Gradients with respect to each input, leaf or not; no <see cref="Tensor.Grad"/> changes.</summary>
    /// <param name="outputs">What to differentiate; the gradients of several add up.</param>
    /// <param name="inputs">With respect to what.</param>
    /// <param name="gradients">
    /// A gradient for each output, of its shape, null for one with a single element; empty when all have one.
    /// </param>
    /// <param name="retainGraph">
    /// Keeps the graph for another pass; when not given, as <paramref name="createGraph"/>.
    /// </param>
    /// <param name="createGraph">Records the pass itself, for gradients of gradients.</param>
    /// <returns>A gradient for each input, of its shape.</returns>
    /// <exception cref="AutogradException">
    /// The graph cannot be differentiated, or no output depends on some input; see <see cref="GradOrNull"/>.
    /// </exception>
    public static Tensor[] Grad(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> gradients = default, bool? retainGraph = null, bool createGraph = false) =>
        Grad(outputs, inputs, gradients, retainGraph, createGraph, allowUnused: false)!;

    /// <summary>
    /// As <see cref="Grad(ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, bool?, bool)"/>, with null
    /// for an input that no output depends on.
    /// </summary>
    public static Tensor?[] GradOrNull(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> gradients = default, bool? retainGraph = null, bool createGraph = false) =>
        Grad(outputs, inputs, gradients, retainGraph, createGraph, allowUnused: true);

    /// <summary>Records nothing on this thread until it is disposed: <c>using (Autograd.NoGrad()) ...</c></summary>
    public static GradModeScope NoGrad() => new(enabled: false);

    /// <summary>Records on this thread until it is disposed, inside a <see cref="NoGrad"/>.</summary>
    public static GradModeScope EnableGrad() => new(enabled: true);

    /// <summary>Records on this thread, or not, until it is disposed.</summary>
    public static GradModeScope SetGradEnabled(bool enabled) => new(enabled);

    /// <summary>
    /// The fastest mode, for evaluation: nothing is recorded, versions are not counted, and tensors made in it can
    /// never take part in a graph. Ends when it is disposed.
    /// </summary>
    public static InferenceModeScope InferenceMode(bool enabled = true) => new(enabled);

    /// <summary>
    /// For finding bugs, slow, on all threads until it is disposed: an error in a backward pass tells which forward
    /// call it belongs to, with the C# stack of that call, and a NaN in a gradient is an error.
    /// </summary>
    /// <param name="checkNan">Whether each gradient is searched for NaN.</param>
    public static AnomalyScope DetectAnomaly(bool checkNan = true) => new(checkNan);

    private static Tensor?[] Grad(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> gradients, bool? retainGraph, bool createGraph, bool allowUnused)
    {
        CheckGradients(outputs, gradients, "grad");
        using var outputsLease = new TensorListLease(outputs);
        using var inputsLease = new TensorListLease(inputs);
        using var gradientsLease = new TensorListLease(gradients);
        nint result;
        Status.Check(Native.ts_autograd_grad(outputsLease.Pointer, outputsLease.Count, inputsLease.Pointer,
            inputsLease.Count, gradients.IsEmpty ? null : gradientsLease.Pointer,
            Marshalling.Code(retainGraph ?? createGraph), Marshalling.Code(createGraph), Marshalling.Code(allowUnused),
            &result));
        return Tensor.TakeListOrNull(result);
    }

    // The C ABI takes one count for both.
    private static void CheckGradients(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor?> gradients, string name)
    {
        if (!gradients.IsEmpty && gradients.Length != outputs.Length)
            throw new ValueException($"{name}: {gradients.Length} gradients for {outputs.Length} outputs");
    }
}
