// The members of a partial module class, registered by generated code. Constructors may assign members at any time, and
// members may be replaced later, so registration is not an event: generated code names the members, and a module
// compares them with what is registered each time its parts are asked for.

namespace TorchScratch.NN;

public abstract partial class Module
{
    // One lock for all modules: it is held for a few comparisons, and locks have no order that could be wrong.
    private static readonly Lock MembersGate = new();

    // Names registered by generated code, and those of the pass that is running. Other names come from calls and stay.
    private HashSet<string>? _memberNames;
    private HashSet<string>? _visitedNames;
    private bool _isUpdating;

    /// <summary>
    /// Names the fields and properties of this class that hold modules, parameters and buffers. A source generator
    /// overrides this method in each <c>partial</c> class. The library calls it whenever the parts of the module are
    /// asked for, by <see cref="Parameters"/>, <see cref="StateDict"/> and so on. So a member may be assigned late,
    /// replaced or set to null: what it holds at that time counts.
    /// </summary>
    /// <param name="members">Takes the members. An override calls the method of its base class first.</param>
    protected virtual void RegisterMembers(ModuleMembers members)
    {
    }

    // The library's own modules register their parts by calls.
    private protected virtual bool HasMembers => !IsBuiltIn;

    private bool IsBuiltIn => _isBuiltIn ??= GetType().Assembly == typeof(Module).Assembly;

    /// <summary>Registers what the members hold now. Whatever reads the parts calls it first.</summary>
    private void UpdateMembers()
    {
        if (!HasMembers)
            return;
        lock (MembersGate)
        {
            if (_isUpdating)
                return;
            _isUpdating = true;
            try
            {
                (_visitedNames ??= []).Clear();
                RegisterMembers(new(this));
                RemoveMembersNotVisited();
            }
            finally
            {
                _isUpdating = false;
            }
        }
    }

    internal void SetMember(string name, Module? module)
    {
        // A member still holds a module that was replaced by name.
        module = module?.Current;
        if (IsSettled(_children, name, module))
            return;
        // The items of a group are looked at when it is asked for its parts: by then its owner knows its other members.
        if (module is not MemberGroup && module!.NamedModules().Any(entry => ReferenceEquals(entry.Module, this)))
        {
            throw new InvalidOperationException($"{TypeName}: the member {name} contains this module, and a module " +
                "cannot contain itself. Mark a reference to a parent by [NotRegistered]");
        }
        _children[name] = module!;
        (_memberNames ??= []).Add(name);
    }

    internal void SetMember(string name, Parameter? parameter)
    {
        // A parameter that is computed from others, as by WeightNorm, is replaced by these.
        if (parameter?.Parametrization is not null)
            parameter = null;
        if (IsSettled(_parameters, name, parameter))
            return;
        _parameters[name] = parameter!;
        (_memberNames ??= []).Add(name);
    }

    internal void SetMember(string name, ModuleBuffer? buffer)
    {
        if (IsSettled(_buffers, name, buffer))
            return;
        _buffers[name] = buffer!;
        (_memberNames ??= []).Add(name);
    }

    /// <summary>Registers a child that contains the items of a collection.</summary>
    internal void SetMember(string name, object? items, string typeName, Action<MemberGroup, ModuleMembers> register)
    {
        if (items is not null and not Module && _children.TryGetValue(name, out var old) && old is MemberGroup group)
        {
            group.Items = items;
            items = group;
        }
        SetMember(name, items is null ? null : items as Module ?? new MemberGroup(this, items, typeName, register));
    }

    /// <summary>Whether a group is to leave out an item, because the owner of the group has it as a member.</summary>
    internal bool IsOwn(Module item) => _children.Any(child => ReferenceEquals(child.Value, item));

    /// <inheritdoc cref="IsOwn(Module)"/>
    internal bool IsOwn(Parameter item) => _parameters.Any(parameter => ReferenceEquals(parameter.Value, item));

    // Whether a value needs no change of what is registered.
    private bool IsSettled<T>(OrderedDictionary<string, T> registered, string name, T? value) where T : class
    {
        if (!_visitedNames!.Add(name))
        {
            // The same member named by a class and by its base class.
            if (registered.TryGetValue(name, out var first) && ReferenceEquals(first, value))
                return true;
            throw new InvalidOperationException($"{TypeName}: two members have the name {name}. Give one of them " +
                "another name by [RegisterAs]");
        }
        var isMember = _memberNames?.Contains(name) == true;
        if (registered.TryGetValue(name, out var old))
        {
            if (ReferenceEquals(old, value))
            {
                if (!isMember)
                    (_memberNames ??= []).Add(name);
                return true;
            }
            if (!isMember && value is not null)
            {
                throw new InvalidOperationException($"{TypeName}: {name} was registered by a call, but the member of " +
                    "that name holds another object. Remove the call, or give the member another name by [RegisterAs]");
            }
            if (isMember && value is null)
                RemoveMember(name);
            return value is null;
        }
        // A member whose object has a name from a call keeps that one. Two members that hold one object are two names,
        // as in PyTorch.
        if (value is null || IsRegisteredByCall(registered, value))
            return true;
        // A name may change its kind, as when a member of type Module? is a list first.
        if (isMember)
            RemoveMember(name);
        CheckName(name);
        return false;
    }

    private bool IsRegisteredByCall<T>(OrderedDictionary<string, T> registered, T value) where T : class
    {
        for (var i = 0; i < registered.Count; i++)
        {
            var (name, other) = registered.GetAt(i);
            if (ReferenceEquals(other, value) && _memberNames?.Contains(name) != true)
                return true;
        }
        return false;
    }

    private void RemoveMembersNotVisited()
    {
        if (_memberNames is null || _memberNames.IsSubsetOf(_visitedNames!))
            return;
        foreach (var name in _memberNames.Except(_visitedNames!).ToArray())
            RemoveMember(name);
    }

    private void RemoveMember(string name)
    {
        _memberNames!.Remove(name);
        _ = _children.Remove(name) || _parameters.Remove(name) || _buffers.Remove(name);
    }
}
