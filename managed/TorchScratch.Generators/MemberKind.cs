// What a member of a module holds.

namespace TorchScratch.Generators;

/// <summary>How a member is registered; the names are those of the methods of ModuleMembers.</summary>
internal enum MemberKind
{
    /// <summary>Nothing that a module registers.</summary>
    None,

    Module,
    Parameter,
    Buffer,
    Modules,
    ModulesByName,
    Parameters,
    ParametersByName,

    /// <summary>An interface of the program, whose value may be a module.</summary>
    Interface,

    /// <summary>Something with modules or parameters inside that nothing can find: a tuple, a list of lists.</summary>
    Unsupported,
}
