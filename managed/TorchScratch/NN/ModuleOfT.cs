// A module with its computation: what goes in, what comes out, and what is called around it.

namespace TorchScratch.NN;

/// <summary>
/// A module that makes a <typeparamref name="TOut"/> of a <typeparamref name="TIn"/>. Derived classes write
/// <see cref="Forward"/>; users call <see cref="Call"/>, which runs the hooks and puts the module's name into errors.
/// </summary>
/// <typeparam name="TIn">Mostly <see cref="Tensor"/>; a tuple where a module takes more.</typeparam>
/// <typeparam name="TOut">Mostly <see cref="Tensor"/>.</typeparam>
public abstract class Module<TIn, TOut> : Module
{
    private HookList<Func<Module<TIn, TOut>, TIn, TIn>>? _preHooks;
    private HookList<Func<Module<TIn, TOut>, TIn, TOut, TOut>>? _hooks;

    /// <summary>The computation alone, without hooks.</summary>
    public abstract TOut Forward(TIn input);

    /// <summary>Computes the output.</summary>
    /// <exception cref="TorchScratchException">
    /// Something went wrong; ModulePath tells in which part of the model.
    /// </exception>
    public TOut Call(TIn input)
    {
        try
        {
            return _preHooks is null && _hooks is null ? Forward(input) : CallWithHooks(input, Forward);
        }
        // A filter that never catches: the path grows on the way out and the stack trace stays whole.
        catch (TorchScratchException e) when (PrependNameTo(e))
        {
            throw;
        }
    }

    /// <summary>
    /// What <see cref="Call(TIn)"/> does, for a computation that needs more than the input, such as masks: with the
    /// hooks, which see the input alone, and with the module's name in errors.
    /// </summary>
    protected TOut CallWith(TIn input, Func<TIn, TOut> forward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        try
        {
            return _preHooks is null && _hooks is null ? forward(input) : CallWithHooks(input, forward);
        }
        catch (TorchScratchException e) when (PrependNameTo(e))
        {
            throw;
        }
    }

    /// <summary>
    /// What the model consists of: shapes, parameters and operations of every module that a call meets.
    /// </summary>
    /// <param name="input">
    /// An input as for <see cref="Call(TIn)"/>; the call runs in evaluation and records nothing.
    /// </param>
    public ModelSummary Summary(TIn input) => ModelSummary.Of(this, input);

    private protected sealed override bool HasHooks => _preHooks is { Current.Length: > 0 } ||
        _hooks is { Current.Length: > 0 };

    internal sealed override IDisposable Observe(Action<Module, object?, object?> seen) =>
        RegisterForwardHook((module, input, output) =>
    {
        seen(module, input, output);
        return output;
    });

    /// <summary>Has a function called with each input; what it returns is used in its place.</summary>
    /// <returns>Removes the hook when disposed.</returns>
    public IDisposable RegisterForwardPreHook(Func<Module<TIn, TOut>, TIn, TIn> hook) =>
        (_preHooks ??= new()).Add(hook);

    /// <summary>
    /// Has a function called with each input and output; what it returns is used in the output's place.
    /// </summary>
    /// <returns>Removes the hook when disposed.</returns>
    public IDisposable RegisterForwardHook(Func<Module<TIn, TOut>, TIn, TOut, TOut> hook) =>
        (_hooks ??= new()).Add(hook);

    private TOut CallWithHooks(TIn input, Func<TIn, TOut> forward)
    {
        foreach (var hook in _preHooks?.Current ?? [])
            input = hook(this, input);
        var output = forward(input);
        foreach (var hook in _hooks?.Current ?? [])
            output = hook(this, input, output);
        return output;
    }
}

/// <summary>A module of two inputs, such as a loss.</summary>
public abstract class Module<T1, T2, TOut> : Module<(T1, T2), TOut>
{
    /// <summary>The computation alone, without hooks.</summary>
    public abstract TOut Forward(T1 first, T2 second);

    /// <inheritdoc/>
    public sealed override TOut Forward((T1, T2) input) => Forward(input.Item1, input.Item2);

    /// <inheritdoc cref="Module{TIn, TOut}.Call(TIn)"/>
    public TOut Call(T1 first, T2 second) => Call((first, second));
}

/// <summary>A module of three inputs.</summary>
public abstract class Module<T1, T2, T3, TOut> : Module<(T1, T2, T3), TOut>
{
    /// <summary>The computation alone, without hooks.</summary>
    public abstract TOut Forward(T1 first, T2 second, T3 third);

    /// <inheritdoc/>
    public sealed override TOut Forward((T1, T2, T3) input) => Forward(input.Item1, input.Item2, input.Item3);

    /// <inheritdoc cref="Module{TIn, TOut}.Call(TIn)"/>
    public TOut Call(T1 first, T2 second, T3 third) => Call((first, second, third));
}
