// A module as text, the way PyTorch prints it.

using System.Text;

namespace TorchScratch.NN;

public abstract partial class Module
{
    /// <summary>The text between the parentheses of this module, such as <c>p=0.5</c>; PyTorch's extra_repr.</summary>
    protected virtual string Description => "";

    /// <summary>This module and its descendants, one line each, as PyTorch prints them.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, indent: 0);
        return text.ToString();
    }

    // The name without the arity of a generic class: ModuleList rather than ModuleList`1.
    internal virtual string TypeName => GetType().Name.Split('`')[0];

    private void Append(StringBuilder text, int indent)
    {
        UpdateMembers();
        text.Append(TypeName).Append('(').Append(Description);
        if (_children.Count > 0)
        {
            foreach (var (name, child) in _children)
            {
                text.Append('\n').Append(' ', indent + 2).Append('(').Append(name).Append("): ");
                child.Append(text, indent + 2);
            }
            text.Append('\n').Append(' ', indent);
        }
        text.Append(')');
    }
}
