// What all modules have in common: named parameters, buffers and children.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>
/// A part of a model: parameters, buffers (state that is not learned) and child modules, each registered under a name.
/// The names, joined by dots, are the keys of a state dict and equal PyTorch's. Derive from
/// <see cref="Module{TIn, TOut}"/>, which adds the computation. In a <c>partial</c> class, fields and properties that
/// hold modules, parameters and buffers are registered by generated code; other classes call
/// <see cref="RegisterModule"/>, <see cref="RegisterParameter"/> and <see cref="RegisterBuffer"/>.
/// </summary>
public abstract partial class Module : IDisposable
{
    private readonly OrderedDictionary<string, Parameter> _parameters = [];
    private readonly OrderedDictionary<string, ModuleBuffer> _buffers = [];
    private readonly OrderedDictionary<string, Module> _children = [];

    private bool? _isBuiltIn;

    // Only classes of this assembly derive from this one; models derive from one of the generic classes.
    private protected Module()
    {
    }

    /// <summary>
    /// Whether the module is in training mode, which matters to modules such as dropout; initially true.
    /// </summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>The child modules by name, in the order of their registration.</summary>
    public IReadOnlyDictionary<string, Module> Children
    {
        get
        {
            UpdateMembers();
            return _children;
        }
    }

    /// <summary>The parameters of this module and its descendants, each once.</summary>
    public IEnumerable<Parameter> Parameters() => NamedParameters().Select(entry => entry.Parameter);

    /// <summary>
    /// The parameters of this module and its descendants with their names, such as <c>0.weight</c>. A shared parameter
    /// appears once, under its first name.
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

    /// <summary>
    /// The buffers of this module and its descendants with their names. A shared buffer appears once, under
    /// its first name.
    /// </summary>
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

    /// <summary>
    /// This module, named "", and its descendants, parents before children. A shared module appears once, under
    /// its first name.
    /// </summary>
    public IEnumerable<(string Name, Module Module)> NamedModules()
    {
        var seen = new HashSet<Module>(ReferenceEqualityComparer.Instance);
        // A stack rather than recursion, because nested iterators would make each step cost the depth of the module.
        var pending = new Stack<(string, Module)>();
        pending.Push(("", this));
        while (pending.TryPop(out var entry))
        {
            var (path, module) = entry;
            if (!seen.Add(module))
                continue;
            module.UpdateMembers();
            yield return entry;
            // In reverse, so that the first child is on top of the stack.
            for (var i = module._children.Count - 1; i >= 0; i--)
            {
                var (name, child) = module._children.GetAt(i);
                pending.Push((Join(path, name), child));
            }
        }
    }

    /// <summary>
    /// Calls an action with this module and its descendants, children before parents, for example to initialize them.
    /// </summary>
    public void Apply(Action<Module> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        foreach (var (_, module) in NamedModules().Reverse())
            action(module);
    }

    /// <summary>Sets this module and its descendants to training or to evaluation mode.</summary>
    internal void SetMode(bool isTraining)
    {
        foreach (var (_, module) in NamedModules())
            module.IsTraining = isTraining;
    }

    /// <summary>
    /// Whether only the graph can hold references to the input and output of a call: the module and its descendants
    /// belong to this library, whose modules keep neither, and have no hooks.
    /// </summary>
    internal virtual bool KeepsNothing
    {
        get
        {
            if (HasHooks || !IsBuiltIn)
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

    /// <summary>The parameters of this module, without those of its descendants.</summary>
    internal IEnumerable<Parameter> OwnParameters
    {
        get
        {
            UpdateMembers();
            return _parameters.Values;
        }
    }

    /// <summary>Sets the mode of this module, without its descendants.</summary>
    internal void SetTraining(bool isTraining) => IsTraining = isTraining;

    /// <summary>
    /// Calls a function with this module, the input and the output of each call, until the result is disposed.
    /// </summary>
    internal virtual IDisposable Observe(Action<Module, object?, object?> seen) => HookList<Action>.None;

    /// <summary>Clears the gradients of all parameters.</summary>
    /// <param name="setToNull">
    /// Whether to free the gradients, so that the next backward pass stores instead of adds; otherwise they are
    /// set to 0.
    /// </param>
    public void ZeroGrad(bool setToNull = true)
    {
        foreach (var parameter in Parameters())
            parameter.ZeroGrad(setToNull);
    }

    /// <summary>Sets <see cref="Tensor.RequiresGrad"/> of all parameters.</summary>
    public void SetRequiresGrad(bool requiresGrad)
    {
        foreach (var parameter in Parameters())
            parameter.RequiresGrad = requiresGrad;
    }

    /// <summary>Converts all floating-point parameters and buffers to another element type.</summary>
    /// <exception cref="DTypeException">The type is not a floating-point one.</exception>
    internal void ConvertTo(DType dtype)
    {
        CheckFloating(dtype);
        foreach (var parameter in Parameters())
            parameter.Convert(dtype);
        foreach (var (_, buffer) in NamedBuffers())
            buffer.Convert(dtype);
    }

    /// <summary>
    /// Moves all parameters with their gradients, and all buffers, to a device, and converts those that are floating
    /// point. Everything is copied before anything is changed, so that a device without room leaves all as it was.
    /// </summary>
    internal void MoveTo(Device device, DType? dtype)
    {
        if (dtype is { } given)
            CheckFloating(given);
        var moves = new List<TensorMove>();
        try
        {
            foreach (var parameter in Parameters())
                moves.Add(new(parameter, device, dtype));
            foreach (var (_, buffer) in NamedBuffers())
                moves.Add(new(buffer, device, dtype));
            foreach (var move in moves)
                move.Apply();
        }
        finally
        {
            foreach (var move in moves)
                move.Dispose();
        }
    }

    private static void CheckFloating(DType dtype)
    {
        if (!dtype.IsFloatingPoint)
            throw new DTypeException($"Module.To: parameters must be floating point, got {dtype.Name}");
    }

    /// <summary>Frees the parameters and buffers of this module and its descendants.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what this module owns. A derived class that owns more overrides this method.</summary>
    /// <param name="disposing">
    /// Always true: neither modules nor tensors have finalizers. The memory of a tensor that becomes unreachable is
    /// found and freed after a garbage collection.
    /// </param>
    protected virtual void Dispose(bool disposing)
    {
        UpdateMembers();
        foreach (var child in _children.Values)
            child.Dispose();
        foreach (var parameter in _parameters.Values)
            parameter.Dispose();
        foreach (var buffer in _buffers.Values)
            buffer.Value.Dispose();
    }

    /// <summary>Registers a child module. Its name becomes part of the names of its parameters.</summary>
    /// <param name="name">The name: not empty, without dots, not yet in use.</param>
    /// <param name="module">The child.</param>
    /// <returns>The child, so that one statement can register and store it.</returns>
    /// <exception cref="ArgumentException">
    /// The name is invalid or in use, or the child contains this module.
    /// </exception>
    protected TModule RegisterModule<TModule>(string name, TModule module) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        CheckName(name);
        if (module.NamedModules().Any(entry => ReferenceEquals(entry.Module, this)))
            throw new ArgumentException($"{name}: a module cannot contain itself", nameof(module));
        _children.Add(name, module);
        return module;
    }

    /// <summary>Adds a child module from outside, as <see cref="RegisterModule"/> does in the class itself.</summary>
    /// <param name="name">The name: not empty, without dots, not yet in use.</param>
    /// <param name="module">The child.</param>
    /// <returns>The child.</returns>
    /// <exception cref="ArgumentException">
    /// The name is invalid or in use, or the child contains this module.
    /// </exception>
    public TModule AddModule<TModule>(string name, TModule module) where TModule : Module
    {
        CheckAddition(name, module);
        return RegisterModule(name, module);
    }

    /// <summary>The descendant with a name such as <c>encoder.0.linear</c>; "" is this module.</summary>
    /// <exception cref="KeyNotFoundException">There is no such module.</exception>
    public Module GetModule(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var module = this;
        foreach (var name in path.Length == 0 ? [] : path.Split('.'))
        {
            module = module.Children.TryGetValue(name, out var child) ? child
                : throw new KeyNotFoundException($"{GetType().Name} has no module {path}; " +
                    $"{module.GetType().Name} has {string.Join(", ", module.Children.Keys)}");
        }
        return module;
    }

    /// <summary>
    /// Replaces the descendant with a name, such as <c>encoder.0.linear</c>. The names of its parameters lead to the
    /// new module from then on, and so does every call of the former one through a field of its parent. The new module
    /// gets the mode of the former one. Create optimizers afterwards.
    /// </summary>
    /// <param name="path">The names of the modules on the way, joined by dots.</param>
    /// <param name="module">The new module, with the same types of input and output.</param>
    /// <returns>The former module, which is the caller's to dispose.</returns>
    /// <exception cref="KeyNotFoundException">There is no such module.</exception>
    /// <exception cref="ArgumentException">
    /// The types of input or output differ, or the new module contains the parent or is the former one.
    /// </exception>
    public Module ReplaceModule(string path, Module module)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(module);
        var dot = path.LastIndexOf('.');
        var parent = GetModule(dot < 0 ? "" : path[..dot]);
        var (name, former) = (path[(dot + 1)..], GetModule(path));
        if (ReferenceEquals(former, module))
            throw new ArgumentException($"{path}: the module is there already", nameof(module));
        if (module.NamedModules().Any(entry => ReferenceEquals(entry.Module, parent)))
            throw new ArgumentException($"{path}: a module cannot contain itself", nameof(module));
        former.CheckStandIn(module);
        parent.ReplaceMember(name, former, module);
        module.StandIn(null);
        former.StandIn(module);
        parent._children[name] = module;
        module.SetMode(former.IsTraining);
        return former;
    }

    /// <summary>Throws if a container cannot take a child from outside.</summary>
    private protected virtual void CheckAddition(string name, Module module)
    {
    }

    /// <summary>Replaces a child in the list of a container.</summary>
    private protected virtual void ReplaceMember(string name, Module former, Module module)
    {
    }

    /// <summary>The module that calls of this one reach: another one if it was replaced.</summary>
    internal virtual Module Current => this;

    /// <summary>Throws if a module cannot take the place of this one.</summary>
    private protected virtual void CheckStandIn(Module module) => throw new ArgumentException(
        $"{GetType().Name} is not called as a whole, so nothing can take its place; replace the modules in it",
        nameof(module));

    /// <summary>Makes calls of this module calls of another one, or its own again.</summary>
    private protected virtual void StandIn(Module? module)
    {
    }

    /// <summary>
    /// Registers a child module without a name, so that its parameters have the names they would have in this module.
    /// </summary>
    private protected TModule RegisterWrapped<TModule>(TModule module) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        _children.Add("", module);
        return module;
    }

    /// <summary>Registers a parameter of this module.</summary>
    /// <param name="name">The name: not empty, without dots, not yet in use.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>The parameter, so that one statement can register and store it.</returns>
    /// <exception cref="ArgumentException">The name is invalid or in use.</exception>
    protected Parameter RegisterParameter(string name, Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        CheckName(name);
        _parameters.Add(name, parameter);
        return parameter;
    }

    /// <summary>
    /// Replaces a registered parameter by others, from which it is computed from then on. Returns
    /// the replaced parameter.
    /// </summary>
    internal Parameter ReplaceParameter(string name,
        Func<Parameter, IReadOnlyList<(string Name, Parameter Parameter)>> with)
    {
        UpdateMembers();
        if (!_parameters.TryGetValue(name, out var parameter))
            throw new ArgumentException($"{GetType().Name} has no parameter {name}", nameof(name));
        foreach (var (part, value) in with(parameter))
            RegisterParameter(part, value);
        _parameters.Remove(name);
        return parameter;
    }

    /// <summary>Registers a replaced parameter again and frees those that replaced it.</summary>
    internal void RestoreParameter(string name, Parameter parameter, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (_parameters.Remove(part, out var old))
                old.Dispose();
        }
        RegisterParameter(name, parameter);
    }

    /// <summary>Registers a tensor that is not learned, such as a running mean. Scopes no longer free it.</summary>
    /// <param name="name">The name: not empty, without dots, not yet in use.</param>
    /// <param name="buffer">The tensor, which the module takes ownership of.</param>
    /// <param name="isPersistent">Whether it is part of the state dict.</param>
    /// <returns>The buffer, which converts to its tensor.</returns>
    /// <exception cref="ArgumentException">The name is invalid or in use.</exception>
    protected ModuleBuffer RegisterBuffer(string name, Tensor buffer, bool isPersistent = true)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        CheckName(name);
        var registered = new ModuleBuffer(buffer, isPersistent);
        _buffers.Add(name, registered);
        return registered;
    }

    /// <summary>Registers a buffer that a state need not have, because older ones do not.</summary>
    private protected ModuleBuffer RegisterOptionalBuffer(string name, Tensor buffer)
    {
        CheckName(name);
        var registered = new ModuleBuffer(buffer, isPersistent: true) { IsOptional = true };
        _buffers.Add(name, registered);
        return registered;
    }

    /// <summary>
    /// Prepends the name of this module to the path in an error. Always false, for use as an exception filter that
    /// does not catch.
    /// </summary>
    private protected bool PrependNameTo(TorchScratchException error)
    {
        if (error.Caller is null)
        {
            error.ModuleText = $"{TypeName}({Description})";
            error.ModulePath = TypeName;
        }
        else if (!ReferenceEquals(error.Caller, this))
        {
            // Looked for among all descendants, because the modules of a list are called by the owner of the list.
            var below = NamedModules().FirstOrDefault(entry => ReferenceEquals(entry.Module, error.Caller)).Name ??
                error.Caller.TypeName;
            error.PathBelow = Join(below, error.PathBelow);
            error.ModulePath = error.PathBelow.Length == 0 ? TypeName : error.PathBelow;
        }
        error.Caller = this;
        return false;
    }

    private void CheckName([NotNull] string? name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('.', StringComparison.Ordinal))
            throw new ArgumentException($"{name}: a name cannot contain dots, which separate the names of a path",
                nameof(name));
        if (_children.ContainsKey(name) || _parameters.ContainsKey(name) || _buffers.ContainsKey(name))
            throw new ArgumentException($"{name}: the name is already in use", nameof(name));
    }

    private static string Join(string path, string name) =>
        path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";
}
