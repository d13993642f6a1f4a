// A module with its computation and the hooks around it.

namespace TorchScratch.NN;

/// <summary>
/// A module that computes a <typeparamref name="TOut"/> from a <typeparamref name="TIn"/>. Derived classes
/// implement <see cref="Forward"/>; users call <see cref="Call"/>, which also runs the hooks and adds the name of
/// the module to errors.
/// </summary>
/// <typeparam name="TIn">Usually <see cref="Tensor"/>; a tuple for a module with several inputs.</typeparam>
/// <typeparam name="TOut">Usually <see cref="Tensor"/>; a tuple for a module with several outputs.</typeparam>
public abstract class Module<TIn, TOut> : Module
{
    private HookList<Func<Module<TIn, TOut>, TIn, TIn>>? _preHooks;
    private HookList<Func<Module<TIn, TOut>, TIn, TOut, TOut>>? _hooks;
    private HookList<ModuleBackwardHook>? _backwardHooks;

    // Whether a call is more than Forward: there are hooks, or another module stands in for this one.
    private bool _isWatched;
    private Module<TIn, TOut>? _standIn;

    /// <summary>The computation, without hooks.</summary>
    public abstract TOut Forward(TIn input);

    /// <summary>Computes the output and runs the hooks.</summary>
    /// <exception cref="TorchScratchException">
    /// An operator failed; <see cref="TorchScratchException.ModulePath"/> is the path of the module in which it did.
    /// </exception>
    public TOut Call(TIn input)
    {
        try
        {
            return !_isWatched ? Forward(input)
                : _standIn is { } module ? module.Call(input)
                : CallWithHooks(input, Forward);
        }
        // The filter never catches: each module adds its name to the path, and the stack trace stays complete.
        catch (TorchScratchException e) when (PrependNameTo(e))
        {
            throw;
        }
    }

    /// <summary>
    /// <see cref="Call(TIn)"/> for a computation that needs more than the input, such as masks. Hooks are passed
    /// the input only.
    /// </summary>
    protected TOut CallWith(TIn input, Func<TIn, TOut> forward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        try
        {
            return !_isWatched ? forward(input)
                : _standIn is { } module ? throw new TensorNotSupportedException($"{GetType().Name} was replaced by " +
                    $"{module.GetType().Name}; call that one, or this one with nothing but its input")
                : CallWithHooks(input, forward);
        }
        catch (TorchScratchException e) when (PrependNameTo(e))
        {
            throw;
        }
    }

    /// <summary>The output shapes, parameters and operations of every module that a call of this one calls.</summary>
    /// <param name="input">
    /// An input as for <see cref="Call(TIn)"/>. The call runs in evaluation mode and records no graph.
    /// </param>
    public ModelSummary Summary(TIn input) => ModelSummary.Of(this, input);

    private protected sealed override bool HasHooks => _standIn is not null || _preHooks is { Current.Length: > 0 } ||
        _hooks is { Current.Length: > 0 } || _backwardHooks is { Current.Length: > 0 };

    internal sealed override Module Current => _standIn?.Current ?? this;

    private protected sealed override void CheckStandIn(Module module)
    {
        if (module is not Module<TIn, TOut>)
        {
            throw new ArgumentException($"{module.GetType().Name} cannot take the place of {GetType().Name}: it " +
                $"needs to be a Module<{typeof(TIn).Name}, {typeof(TOut).Name}>", nameof(module));
        }
    }

    private protected sealed override void StandIn(Module? module)
    {
        _standIn = (Module<TIn, TOut>?)module;
        _isWatched |= module is not null;
    }

    internal sealed override IDisposable Observe(Action<Module, object?, object?> seen) =>
        RegisterForwardHook((module, input, output) =>
        {
            seen(module, input, output);
            return output;
        });

    /// <summary>Registers a hook that is called with each input and returns the input to use.</summary>
    /// <returns>The registration; disposing it removes the hook.</returns>
    public IDisposable RegisterForwardPreHook(Func<Module<TIn, TOut>, TIn, TIn> hook) =>
        Watched(ref _preHooks).Add(hook);

    /// <summary>Registers a hook that is called with each input and output and returns the output to use.</summary>
    /// <returns>The registration; disposing it removes the hook.</returns>
    public IDisposable RegisterForwardHook(Func<Module<TIn, TOut>, TIn, TOut, TOut> hook) =>
        Watched(ref _hooks).Add(hook);

    /// <summary>
    /// Registers a hook that is called in each backward pass through the module, once the gradients of its inputs are
    /// computed. Inputs and outputs must be tensors or tuples of tensors.
    /// </summary>
    /// <returns>The registration; disposing it removes the hook.</returns>
    public IDisposable RegisterBackwardHook(ModuleBackwardHook hook) => Watched(ref _backwardHooks).Add(hook);

    private HookList<THook> Watched<THook>(ref HookList<THook>? hooks) where THook : Delegate
    {
        _isWatched = true;
        return hooks ??= new();
    }

    private TOut CallWithHooks(TIn input, Func<TIn, TOut> forward)
    {
        foreach (var hook in _preHooks?.Current ?? [])
            input = hook(this, input);
        var pass = _backwardHooks is { Current.Length: > 0 } backward && Autograd.IsGradEnabled
            ? new ModuleBackwardPass(this, backward) : null;
        if (pass is not null)
            input = pass.Enter(input);
        var output = forward(input);
        foreach (var hook in _hooks?.Current ?? [])
            output = hook(this, input, output);
        return pass is null ? output : pass.Leave(output);
    }
}

/// <summary>A module with two inputs, such as a loss.</summary>
public abstract class Module<T1, T2, TOut> : Module<(T1, T2), TOut>
{
    /// <summary>The computation, without hooks.</summary>
    public abstract TOut Forward(T1 first, T2 second);

    /// <inheritdoc/>
    public sealed override TOut Forward((T1, T2) input) => Forward(input.Item1, input.Item2);

    /// <inheritdoc cref="Module{TIn, TOut}.Call(TIn)"/>
    public TOut Call(T1 first, T2 second) => Call((first, second));
}

/// <summary>A module with three inputs, such as a triplet loss.</summary>
public abstract class Module<T1, T2, T3, TOut> : Module<(T1, T2, T3), TOut>
{
    /// <summary>The computation, without hooks.</summary>
    public abstract TOut Forward(T1 first, T2 second, T3 third);

    /// <inheritdoc/>
    public sealed override TOut Forward((T1, T2, T3) input) => Forward(input.Item1, input.Item2, input.Item3);

    /// <inheritdoc cref="Module{TIn, TOut}.Call(TIn)"/>
    public TOut Call(T1 first, T2 second, T3 third) => Call((first, second, third));
}
