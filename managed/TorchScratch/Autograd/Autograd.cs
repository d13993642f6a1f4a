// Backward passes and gradients, and the modes of recording.

using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>Reverse-mode automatic differentiation of what is computed from tensors that require a gradient.</summary>
public static unsafe partial class Autograd
{
    /// <summary>Whether operators that this thread calls are recorded.</summary>
    public static bool IsGradEnabled => Native.ts_grad_enabled() != 0;

    /// <summary>Whether this thread is in inference mode.</summary>
    public static bool IsInferenceMode => Native.ts_inference_enabled() != 0;

    /// <summary>Whether anomaly mode is on; it applies to the whole process.</summary>
    public static bool IsAnomalyEnabled => Native.ts_anomaly_enabled() != 0;

    /// <summary><see cref="Tensor.Backward"/> for several outputs in one pass.</summary>
    /// <param name="outputs">The tensors to differentiate.</param>
    /// <param name="gradients">
    /// The gradient of each output, of its shape; null for an output with one element, or empty if all
    /// outputs have one.
    /// </param>
    /// <param name="retainGraph">
    /// Whether to keep the graph for another pass; <paramref name="createGraph"/> if not given.
    /// </param>
    /// <param name="createGraph">Whether to record the pass itself, for higher-order gradients.</param>
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

    /// <inheritdoc cref="Backward(ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, bool?, bool)"/>
    [OverloadResolutionPriority(-1)]
    public static void Backward(IEnumerable<Tensor> outputs, IEnumerable<Tensor?>? gradients = null,
        bool? retainGraph = null, bool createGraph = false) =>
        Backward(TensorSequence.Span(outputs), TensorSequence.SpanOrEmpty(gradients), retainGraph, createGraph);

    /// <summary>
    /// The gradient of an output with respect to one tensor. <see cref="Tensor.Grad"/> does not change.
    /// </summary>
    /// <inheritdoc cref="Grad(ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, bool?, bool)"/>
    public static Tensor Grad(Tensor output, Tensor input, Tensor? gradient = null, bool? retainGraph = null,
        bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(input);
        return Grad([output], [input], gradient is null ? default : [gradient], retainGraph, createGraph)[0];
    }

    /// <summary>
    /// The gradients with respect to inputs, which need not be leaves. <see cref="Tensor.Grad"/> does not change.
    /// </summary>
    /// <param name="outputs">The tensors to differentiate; the gradients of several outputs are added.</param>
    /// <param name="inputs">The tensors with respect to which to differentiate.</param>
    /// <param name="gradients">
    /// The gradient of each output, of its shape; null for an output with one element, or empty if all
    /// outputs have one.
    /// </param>
    /// <param name="retainGraph">
    /// Whether to keep the graph for another pass; <paramref name="createGraph"/> if not given.
    /// </param>
    /// <param name="createGraph">Whether to record the pass itself, for higher-order gradients.</param>
    /// <returns>The gradient of each input, of its shape.</returns>
    /// <exception cref="AutogradException">
    /// The graph cannot be differentiated, or an input has no path to any output; <c>GradOrNull</c> allows that.
    /// </exception>
    public static Tensor[] Grad(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> gradients = default, bool? retainGraph = null, bool createGraph = false) =>
        Grad(outputs, inputs, gradients, retainGraph, createGraph, allowUnused: false)!;

    /// <inheritdoc cref="Grad(ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, bool?, bool)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor[] Grad(IEnumerable<Tensor> outputs, IEnumerable<Tensor> inputs,
        IEnumerable<Tensor?>? gradients = null, bool? retainGraph = null, bool createGraph = false) =>
        Grad(TensorSequence.Span(outputs), TensorSequence.Span(inputs), TensorSequence.SpanOrEmpty(gradients),
            retainGraph, createGraph);

    /// <summary>
    /// <see cref="Grad(ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, bool?, bool)"/>, with null for
    /// an input that no output depends on.
    /// </summary>
    public static Tensor?[] GradOrNull(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> gradients = default, bool? retainGraph = null, bool createGraph = false) =>
        Grad(outputs, inputs, gradients, retainGraph, createGraph, allowUnused: true);

    /// <inheritdoc cref="GradOrNull(ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, ReadOnlySpan{Tensor}, bool?, bool)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor?[] GradOrNull(IEnumerable<Tensor> outputs, IEnumerable<Tensor> inputs,
        IEnumerable<Tensor?>? gradients = null, bool? retainGraph = null, bool createGraph = false) =>
        GradOrNull(TensorSequence.Span(outputs), TensorSequence.Span(inputs), TensorSequence.SpanOrEmpty(gradients),
            retainGraph, createGraph);

    /// <summary>
    /// Turns recording off on this thread until the scope is disposed: <c>using (Autograd.NoGrad()) ...</c>
    /// </summary>
    public static GradModeScope NoGrad() => new(enabled: false);

    /// <summary>
    /// Turns recording on again, inside a <see cref="NoGrad"/>, on this thread until the scope is disposed.
    /// </summary>
    public static GradModeScope EnableGrad() => new(enabled: true);

    /// <summary>Turns recording on or off on this thread until the scope is disposed.</summary>
    public static GradModeScope SetGradEnabled(bool enabled) => new(enabled);

    /// <summary>
    /// Inference mode, the fastest mode for evaluation, on this thread until the scope is disposed: operators are not
    /// recorded, in-place changes are not counted, and tensors created in it can never be part of a graph.
    /// </summary>
    public static InferenceModeScope InferenceMode(bool enabled = true) => new(enabled);

    /// <summary>
    /// Anomaly mode, for debugging, on all threads until the scope is disposed. An error in a backward pass reports the
    /// forward call it belongs to and the C# stack trace of that call, and a NaN in a gradient is an error. Slow.
    /// </summary>
    /// <param name="checkNan">Whether to check every gradient for NaN.</param>
    public static AnomalyScope DetectAnomaly(bool checkNan = true) => new(checkNan);

    private static Tensor?[] Grad(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> gradients, bool? retainGraph, bool createGraph, bool allowUnused)
    {
        CheckGradients(outputs, gradients, "grad");
        foreach (var output in outputs)
            ArgumentNullException.ThrowIfNull(output, nameof(outputs));
        foreach (var input in inputs)
            ArgumentNullException.ThrowIfNull(input, nameof(inputs));
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

    // The C ABI takes a single count for outputs and gradients.
    private static void CheckGradients(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor?> gradients, string name)
    {
        if (!gradients.IsEmpty && gradients.Length != outputs.Length)
            throw new ValueException(
                $"{name}: expected {outputs.Length} gradients, one for each output, got {gradients.Length}");
    }
}
