// What every module has, whatever it computes: named parameters, buffers and children.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>
/// A part of a model: parameters, buffers (state that is not learned) and other modules, each registered under a name
/// in the constructor. The names, joined by dots, are the keys of a checkpoint and equal PyTorch's. Derive from
/// <see cref="Module{TIn, TOut}"/>, which adds the computation.
/// </summary>
public abstract partial class Module : IDisposable
{
    private readonly OrderedDictionary<string, Parameter> _parameters = [];
    private readonly OrderedDictionary<string, ModuleBuffer> _buffers = [];
    private readonly OrderedDictionary<string, Module> _children = [];

    // What the module that registered this one calls it; null for the outermost.
    private string? _name;
    private bool? _isBuiltIn;

    // For derived classes of this assembly alone: a model derives from one of the generic forms.
    private protected Module()
    {
    }

    /// <summary>Whether modules such as dropout behave as in training; true at first.</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>The registered modules by name, in the order of their registration.</summary>
    public IReadOnlyDictionary<string, Module> Children => _children;

    /// <summary>All parameters, of this module and those below it, each once.</summary>
    public IEnumerable<Parameter> Parameters() => NamedParameters().Select(entry => entry.Parameter);

    /// <summary>
    /// All parameters with their names, such as <c>0.weight</c>; a shared one comes once, under its first name.
    /// </summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters()
    {
        var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
        foreach (var (path, module) in NamedModules())
        {
            foreach (var (name, parameter) in module._parameters)
            {
                if (seen.Add(parameter))
                    yield return (Join(path, name), parameter);
            }
        }
    }

    /// <summary>All buffers with their names; a shared one comes once, under its first name.</summary>
    public IEnumerable<(string Name, ModuleBuffer Buffer)> NamedBuffers()
    {
        var seen = new HashSet<ModuleBuffer>(ReferenceEqualityComparer.Instance);
        foreach (var (path, module) in NamedModules())
        {
            foreach (var (name, buffer) in module._buffers)
            {
                if (seen.Add(buffer))
                    yield return (Join(path, name), buffer);
            }
        }
    }

    /// <summary>This module, named "", and all below it, outermost first; a shared one comes once.</summary>
    public IEnumerable<(string Name, Module Module)> NamedModules()
    {
        var seen = new HashSet<Module>(ReferenceEqualityComparer.Instance);
        // A stack rather than recursion: the children of the deepest model cost no more than those of the flattest.
        var pending = new Stack<(string, Module)>();
        pending.Push(("", this));
        while (pending.TryPop(out var entry))
        {
            var (path, module) = entry;
            if (!seen.Add(module))
                continue;
            yield return entry;
            // The last first, so that the first is on top.
            for (var i = module._children.Count - 1; i >= 0; i--)
            {
                var (name, child) = module._children.GetAt(i);
                pending.Push((Join(path, name), child));
            }
        }
    }

    /// <summary>
    /// Calls an action with this module and all below it, the innermost first, as for an initialization.
    /// </summary>
    public void Apply(Action<Module> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        foreach (var (_, module) in NamedModules().Reverse())
            action(module);
    }

    /// <summary>Sets this module and all below it to training, or to evaluation.</summary>
    public void Train(bool isTraining = true)
    {
        foreach (var (_, module) in NamedModules())
            module.IsTraining = isTraining;
    }

    /// <summary>
    /// Whether nobody can have kept its input or its output but the graph: it and all below it are of this library,
    /// which keeps neither, and no hook sees them.
    /// </summary>
    internal virtual bool KeepsNothing
    {
        get
        {
            if (HasHooks || !(_isBuiltIn ??= GetType().Assembly == typeof(Module).Assembly))
                return false;
            for (var i = 0; i < _children.Count; i++)
            {
                if (!_children.GetAt(i).Value.KeepsNothing)
                    return false;
            }
            return true;
        }
    }

    private protected virtual bool HasHooks => false;

    /// <summary>The parameters of this module itself.</summary>
    internal IEnumerable<Parameter> OwnParameters => _parameters.Values;

    /// <summary>Sets this module alone.</summary>
    internal void SetTraining(bool isTraining) => IsTraining = isTraining;

    /// <summary>
    /// Has a function called with this module, each input and each output, until the result is disposed.
    /// </summary>
    internal virtual IDisposable Observe(Action<Module, object?, object?> seen) => HookList<Action>.Nothing;

    /// <summary>Sets this module and all below it to evaluation.</summary>
    public void Eval() => Train(false);

    /// <summary>Drops the gradients of all parameters.</summary>
    /// <param name="setToNull">
    /// Frees them, so that the next backward pass stores instead of adding; else they become 0.
    /// </param>
    public void ZeroGrad(bool setToNull = true)
    {
        foreach (var parameter in Parameters())
            parameter.ZeroGrad(setToNull);
    }

    /// <summary>Makes all parameters learn, or none.</summary>
    public void SetRequiresGrad(bool requiresGrad)
    {
        foreach (var parameter in Parameters())
            parameter.RequiresGrad = requiresGrad;
    }

    /// <summary>
    /// Converts all floating-point parameters and buffers to another element type, and drops gradients. The Parameter
    /// objects stay the same, so an optimizer made before keeps its hold of them.
    /// </summary>
    /// <exception cref="DTypeException">The type is not a floating-point one.</exception>
    public void To(DType dtype)
    {
        if (!dtype.IsFloatingPoint)
            throw new DTypeException($"Module.To: parameters are floating-point numbers, got {dtype.Name}");
        foreach (var parameter in Parameters())
            parameter.Convert(dtype);
        foreach (var (_, buffer) in NamedBuffers())
            buffer.Convert(dtype);
    }

    /// <summary>Frees the parameters and buffers of this module and all below it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what this module holds; a derived class that holds more frees it here.</summary>
    /// <param name="disposing">Always true; there is no finalizer, since tensors have their own.</param>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var child in _children.Values)
            child.Dispose();
        foreach (var parameter in _parameters.Values)
            parameter.Dispose();
        foreach (var buffer in _buffers.Values)
            buffer.Value.Dispose();
    }

    /// <summary>Makes a module part of this one. The name becomes part of the keys of its parameters.</summary>
    /// <param name="name">Not empty, without dots, and not used yet.</param>
    /// <param name="module">The part.</param>
    /// <returns>The module, so that one line registers and stores it.</returns>
    protected TModule RegisterModule<TModule>(string name, TModule module) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        CheckName(name);
        if (module.NamedModules().Any(entry => ReferenceEquals(entry.Module, this)))
            throw new ArgumentException($"{name}: a module cannot be part of itself", nameof(module));
        _children.Add(name, module);
        module._name = name;
        return module;
    }

    /// <summary>
    /// Makes a module part of this one under no name: its parameters are called as if they were this one's.
    /// </summary>
    private protected TModule RegisterWrapped<TModule>(TModule module) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        _children.Add("", module);
        module._name = "";
        return module;
    }

    /// <summary>Makes a parameter part of this module.</summary>
    /// <inheritdoc cref="RegisterModule{TModule}"/>
    protected Parameter RegisterParameter(string name, Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        CheckName(name);
        _parameters.Add(name, parameter);
        return parameter;
    }

    /// <summary>Puts other parameters in the place of one, which from then on is computed from them.</summary>
    internal Parameter ReplaceParameter(string name,
        Func<Parameter, IReadOnlyList<(string Name, Parameter Parameter)>> with)
    {
        if (!_parameters.TryGetValue(name, out var parameter))
            throw new ArgumentException($"{GetType().Name} has no parameter {name}", nameof(name));
        foreach (var (part, value) in with(parameter))
            RegisterParameter(part, value);
        _parameters.Remove(name);
        return parameter;
    }

    /// <summary>Puts a parameter back that others stood for.</summary>
    internal void RestoreParameter(string name, Parameter parameter, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (_parameters.Remove(part, out var old))
                old.Dispose();
        }
        RegisterParameter(name, parameter);
    }

    /// <summary>
    /// Makes a tensor part of this module that is not learned, such as a running mean; from now on no scope frees it.
    /// </summary>
    /// <param name="name">Not empty, without dots, and not used yet.</param>
    /// <param name="buffer">The tensor.</param>
    /// <param name="isPersistent">Whether it belongs into a checkpoint.</param>
    protected ModuleBuffer RegisterBuffer(string name, Tensor buffer, bool isPersistent = true)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        CheckName(name);
        var registered = new ModuleBuffer(buffer, isPersistent);
        _buffers.Add(name, registered);
        return registered;
    }

    /// <summary>
    /// Puts this module's name before the path in the error; always false, as a filter that does not catch.
    /// </summary>
    private protected bool PrependNameTo(TorchScratchException error)
    {
        error.ModulePath = (_name, error.ModulePath) switch
        {
            (null, null or "") => GetType().Name,
            (null, var path) => path,
            (var name, null) => name,
            var (name, path) => Join(name, path),
        };
        return false;
    }

    private void CheckName([NotNull] string? name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('.', StringComparison.Ordinal))
            throw new ArgumentException($"{name}: a name has no dots, which join names to a path", nameof(name));
        if (_children.ContainsKey(name) || _parameters.ContainsKey(name) || _buffers.ContainsKey(name))
            throw new ArgumentException($"{name}: the name is used already", nameof(name));
    }

    private static string Join(string path, string name) =>
        path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";
}
