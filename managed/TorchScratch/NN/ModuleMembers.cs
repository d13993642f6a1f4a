// What generated code tells a module about its members.

using System.ComponentModel;

namespace TorchScratch.NN;

/// <summary>
/// Takes the members of a module from <see cref="Module.RegisterMembers"/>, which a source generator writes for each
/// <c>partial</c> class. A member that is null is not registered; one that holds another object than before is
/// replaced.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public readonly ref struct ModuleMembers
{
    private readonly Module? _owner;

    internal ModuleMembers(Module owner) => _owner = owner;

    private Module Owner => _owner ?? throw new InvalidOperationException("ModuleMembers come from RegisterMembers");

    /// <summary>A child module.</summary>
    /// <param name="name">Its name in paths: not empty, without dots.</param>
    /// <param name="module">The module, or null.</param>
    public void Module(string name, Module? module) => Owner.SetMember(name, module);

    /// <summary>A parameter.</summary>
    /// <param name="name">Its name: not empty, without dots.</param>
    /// <param name="parameter">The parameter, or null.</param>
    public void Parameter(string name, Parameter? parameter) => Owner.SetMember(name, parameter);

    /// <summary>A buffer.</summary>
    /// <param name="name">Its name: not empty, without dots.</param>
    /// <param name="buffer">The buffer, or null.</param>
    public void Buffer(string name, ModuleBuffer? buffer) => Owner.SetMember(name, buffer);

    /// <summary>Modules named by their positions, below the name of the list: <c>blocks.0</c>.</summary>
    /// <param name="name">The name of the list.</param>
    /// <param name="modules">The modules, or null. Items that are null have no name.</param>
    public void Modules(string name, IEnumerable<Module?>? modules) =>
        Owner.SetMember(name, modules, "ModuleList", static (group, members) =>
        {
            var i = 0;
            foreach (var module in (IEnumerable<Module?>)group.Items)
                members.Module($"{i++}", group.Kept(module));
        });

    /// <summary>Modules named by their keys, below the name of the dictionary: <c>heads.digits</c>.</summary>
    /// <param name="name">The name of the dictionary.</param>
    /// <param name="modules">The modules, or null.</param>
    public void ModulesByName<TModule>(string name, IEnumerable<KeyValuePair<string, TModule>>? modules)
        where TModule : Module? => Owner.SetMember(name, modules, "ModuleDict", static (group, members) =>
        {
            foreach (var (key, module) in (IEnumerable<KeyValuePair<string, TModule>>)group.Items)
                members.Module(key, group.Kept(module));
        });

    /// <summary>Parameters named by their positions, below the name of the list: <c>scales.0</c>.</summary>
    /// <param name="name">The name of the list.</param>
    /// <param name="parameters">The parameters, or null. Items that are null have no name.</param>
    public void Parameters(string name, IEnumerable<Parameter?>? parameters) =>
        Owner.SetMember(name, parameters, "ParameterList", static (group, members) =>
        {
            var i = 0;
            foreach (var parameter in (IEnumerable<Parameter?>)group.Items)
                members.Parameter($"{i++}", group.Kept(parameter));
        });

    /// <summary>Parameters named by their keys, below the name of the dictionary.</summary>
    /// <param name="name">The name of the dictionary.</param>
    /// <param name="parameters">The parameters, or null.</param>
    public void ParametersByName(string name, IEnumerable<KeyValuePair<string, Parameter>>? parameters) =>
        Owner.SetMember(name, parameters, "ParameterDict", static (group, members) =>
        {
            foreach (var (key, parameter) in (IEnumerable<KeyValuePair<string, Parameter>>)group.Items)
                members.Parameter(key, group.Kept(parameter));
        });
}
