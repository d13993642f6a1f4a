// A module as text, the way PyTorch prints it.

using System.Text;

namespace TorchScratch.NN;

public abstract partial class Module
{
    /// <summary>What stands between the parentheses of this module's own line, such as <c>p=0.5</c>.</summary>
    protected virtual string Description => "";

    /// <summary>This module and all below it, one line each, as PyTorch prints them.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, indent: 0);
        return text.ToString();
    }

    // ModuleList`1 is ModuleList.
    private string TypeName => GetType().Name.Split('`')[0];

    private void Append(StringBuilder text, int indent)
    {
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
