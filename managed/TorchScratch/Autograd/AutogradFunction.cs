// Operations written in C# with a hand-written gradient.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// An operation with a hand-written gradient. Derive a class, compute the outputs in <see cref="Forward"/>,
/// which is not recorded, save tensors with <see cref="FunctionContext.Save(ReadOnlySpan{Tensor})"/>, and return
/// gradients from <see cref="Backward"/>. Backward is recorded when the caller asks for higher-order gradients, so it
/// should use tensor operators.
/// </summary>
/// <example>
/// <code>
/// sealed class Square : AutogradFunction
/// {
///     protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
///     {
///         context.Save(inputs[0]);
///         return [inputs[0] * inputs[0]];
///     }
///
///     protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs) =>
///         [gradOutputs[0]! * context.Saved[0] * 2];
/// }
///
/// var y = new Square().Call(x);
/// </code>
/// </example>
public abstract unsafe class AutogradFunction
{
    /// <summary>The name of the function in the graph and in errors.</summary>
    protected virtual string Name => GetType().Name;

    /// <summary>The number of tensors that <see cref="Forward"/> returns.</summary>
    protected virtual int OutputCount => 1;

    /// <summary>
    /// The type to which the inputs are converted while <see cref="Autocast"/> is active, as for a formula that needs
    /// float32; autocast is then off in <see cref="Forward"/>. With null, Forward follows the scope like other code.
    /// Integers and float64 stay as they are. <see cref="Backward"/> runs with autocast off in any case.
    /// </summary>
    protected virtual DType? AutocastInputs => null;

    /// <summary>Computes the outputs.</summary>
    /// <param name="context">Saves what <see cref="Backward"/> needs.</param>
    /// <param name="inputs">The arguments of <see cref="Apply(ReadOnlySpan{Tensor})"/>.</param>
    /// <returns>The outputs, <see cref="OutputCount"/> tensors.</returns>
    protected abstract Tensor[] Forward(FunctionContext context, Tensor[] inputs);

    /// <summary>Computes the gradients of the inputs.</summary>
    /// <param name="context">Returns what <see cref="Forward"/> saved.</param>
    /// <param name="gradOutputs">The gradient of each output; null where it is zero.</param>
    /// <returns>The gradient of each input, of its shape; null where it is zero or not needed.</returns>
    protected abstract Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs);

    /// <summary>Runs <see cref="Forward"/> and records the function as one node.</summary>
    /// <exception cref="Exception">Any exception that Forward throws.</exception>
    public Tensor[] Apply(params ReadOnlySpan<Tensor> inputs)
    {
        if (AutocastInputs is not { } dtype || !Autocast.IsEnabled)
            return Run(inputs);
        using var disabled = Autocast.Disable();
        var converted = new Tensor[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
            converted[i] = inputs[i] is { } input && input.DType is DType.Float16 or DType.BFloat16 or DType.Float32 ? input.To(dtype) : inputs[i];
        return Run(converted);
    }

    private Tensor[] Run(ReadOnlySpan<Tensor> inputs)
    {
        using var inputsLease = new TensorListLease(inputs);
        using var name = new Utf8Lease(Name);
        var count = OutputCount;
        var call = new FunctionCall(this, inputs.ToArray(), count);
        Span<nint> outputs = count <= 8 ? stackalloc nint[count] : new nint[count];
        fixed (nint* outputsPointer = outputs)
        {
            Status.Check(Native.ts_function_apply(name.Pointer, inputsLease.Pointer, inputsLease.Count, count,
                (nint)(delegate* unmanaged[Cdecl]<void*, nint, nint*, int>)&FunctionCall.OnForward,
                (nint)(delegate* unmanaged[Cdecl]<void*, nint, nint*, int, nint*, int>)&FunctionCall.OnBackward,
                CallbackOwner.ReleaseCallback, (void*)CallbackOwner.Allocate(call), outputsPointer));
        }
        var results = new Tensor[count];
        for (var i = 0; i < count; i++)
            results[i] = Tensor.FromHandle(outputs[i]);
        return results;
    }

    /// <inheritdoc cref="Apply(ReadOnlySpan{Tensor})"/>
    [OverloadResolutionPriority(-1)]
    public Tensor[] Apply(IEnumerable<Tensor> inputs) => Apply(TensorSequence.Span(inputs));

    /// <summary><see cref="Apply(ReadOnlySpan{Tensor})"/> for a function with one output.</summary>
    public Tensor Call(params ReadOnlySpan<Tensor> inputs) => Apply(inputs) is [var output]
        ? output
        : throw new ValueException($"{Name}: Call is for functions with one output; use Apply");

    /// <inheritdoc cref="Call(ReadOnlySpan{Tensor})"/>
    [OverloadResolutionPriority(-1)]
    public Tensor Call(IEnumerable<Tensor> inputs) => Call(TensorSequence.Span(inputs));

    /// <summary>One call of the function; lives as long as its node.</summary>
    private sealed class FunctionCall(AutogradFunction function, Tensor[] inputs, int outputCount)
    {
        private readonly StrongBox<object?> _state = new();
        private readonly int _inputCount = inputs.Length;

        // Cleared once forward has run, because a node must not hold its operands.
        private Tensor[]? _inputs = inputs;

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        internal static int OnForward(void* user, nint context, nint* outputs)
        {
            try
            {
                CallbackOwner.Get<FunctionCall>((nint)user).Forward(context, outputs);
                return 0;
            }
            catch (Exception exception)
            {
                return CallbackError.Store(exception);
            }
        }

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        internal static int OnBackward(void* user, nint context, nint* gradOutputs, int count, nint* gradInputs)
        {
            try
            {
                CallbackOwner.Get<FunctionCall>((nint)user).Backward(context, new(gradOutputs, count), gradInputs);
                return 0;
            }
            catch (Exception exception)
            {
                return CallbackError.Store(exception);
            }
        }

        private void Forward(nint context, nint* outputs)
        {
            var functionContext = new FunctionContext(context, _state);
            Return(function.Forward(functionContext, _inputs!), outputCount, outputs, "forward");
            _inputs = null;
            functionContext.Invalidate();
        }

        private void Backward(nint context, ReadOnlySpan<nint> gradOutputs, nint* gradInputs)
        {
            var grads = new Tensor?[gradOutputs.Length];
            for (var i = 0; i < grads.Length; i++)
                grads[i] = Tensor.FromBorrowed(gradOutputs[i]);
            var functionContext = new FunctionContext(context, _state);
            Return(function.Backward(functionContext, grads), _inputCount, gradInputs, "backward");
            functionContext.Invalidate();
        }

        // Passes ownership of all results or, after an error, of none.
        private void Return(Tensor?[] results, int count, nint* handles, string method)
        {
            if (results is null || results.Length != count)
                throw new ValueException(
                    $"{function.Name}: {method} returned {results?.Length ?? 0} tensors instead of {count}");
            using var lease = new TensorListLease(results);
            for (var i = 0; i < count; i++)
                handles[i] = lease.Pointer[i] == 0 ? 0 : Native.ts_tensor_retain(lease.Pointer[i]);
        }
    }
}
