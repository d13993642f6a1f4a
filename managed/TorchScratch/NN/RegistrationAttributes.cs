// How a partial module class changes the registration that is generated for its members.

namespace TorchScratch.NN;

/// <summary>
/// The name of a member of a <c>partial</c> module class in paths and state dicts, in place of the one derived from the
/// member's: <c>_fc1</c> is <c>fc1</c>, and <c>SelfAttention</c> is <c>self_attention</c>.
/// </summary>
/// <param name="name">The name: not empty, without dots.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class RegisterAsAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Excludes a member of a module class from registration: it is neither trained, saved, converted nor disposed with the
/// module. For references to a parent, or to a model that only gives targets.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class NotRegisteredAttribute : Attribute;
