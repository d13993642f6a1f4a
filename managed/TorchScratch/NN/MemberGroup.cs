// A collection that is a member of a module, as a child of it: what ModuleList is to a list that registers itself.

namespace TorchScratch.NN;

/// <summary>
/// The child that contains the modules or parameters of a list, an array or a dictionary. Items that the owner has as
/// members of their own are left out, as in PyTorch, where a list gives them no second name.
/// </summary>
internal sealed class MemberGroup(Module owner, object items, string typeName,
    Action<MemberGroup, ModuleMembers> register) : Module
{
    /// <summary>The collection, which may be replaced and may change.</summary>
    internal object Items { get; set; } = items;

    internal override string TypeName => typeName;

    private protected override bool HasMembers => true;

    internal Module? Kept(Module? item) => item is null || owner.IsOwn(item.Current) ? null : item;

    internal Parameter? Kept(Parameter? item) => item is null || owner.IsOwn(item) ? null : item;

    /// <inheritdoc/>
    protected override void RegisterMembers(ModuleMembers members) => register(this, members);
}
