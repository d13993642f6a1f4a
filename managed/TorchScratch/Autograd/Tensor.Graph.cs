// The graph behind a tensor as a drawing.

using System.Runtime.InteropServices;
using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch;

public sealed unsafe partial class Tensor
{
    private const int NodesDrawn = 1000;

    /// <summary>
    /// The graph that <see cref="Backward"/> would walk, in Graphviz's language: <c>dot -Tsvg</c> draws it. Arrows go
    /// as data went, from leaves to this tensor, and carry element types and shapes.
    /// </summary>
    /// <param name="names">Names to write at tensors of the graph.</param>
    /// <param name="maxNodes">Nodes drawn at most, the nearest; a note in the drawing says what is left out.</param>
    /// <exception cref="AutogradException">The tensor requires no gradient, so there is no graph.</exception>
    public string GraphToDot(IEnumerable<(string Name, Tensor Tensor)>? names = null, int maxNodes = NodesDrawn) =>
        Graph(mermaid: false, names, maxNodes);

    /// <summary>The same with the names of a model's parameters.</summary>
    /// <inheritdoc cref="GraphToDot(IEnumerable{ValueTuple{string, Tensor}}, int)"/>
    public string GraphToDot(Module model, int maxNodes = NodesDrawn) =>
        Graph(mermaid: false, ParametersOf(model), maxNodes);

    /// <summary>The graph as a Mermaid flowchart, which Markdown viewers draw.</summary>
    /// <inheritdoc cref="GraphToDot(IEnumerable{ValueTuple{string, Tensor}}, int)"/>
    public string GraphToMermaid(IEnumerable<(string Name, Tensor Tensor)>? names = null, int maxNodes = NodesDrawn) =>
        Graph(mermaid: true, names, maxNodes);

    /// <summary>The same with the names of a model's parameters.</summary>
    /// <inheritdoc cref="GraphToDot(IEnumerable{ValueTuple{string, Tensor}}, int)"/>
    public string GraphToMermaid(Module model, int maxNodes = NodesDrawn) =>
        Graph(mermaid: true, ParametersOf(model), maxNodes);

    /// <summary>A short name of <see cref="GraphToMermaid(IEnumerable{ValueTuple{string, Tensor}}, int)"/>.</summary>
    public string ToMermaid() => GraphToMermaid();

    private static IEnumerable<(string, Tensor)> ParametersOf(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.NamedParameters().Select(entry => (entry.Name, entry.Parameter.Value));
    }

    private string Graph(bool mermaid, IEnumerable<(string Name, Tensor Tensor)>? names, int maxNodes)
    {
        var named = names?.ToArray() ?? [];
        using var self = new TensorLease(this, "this", "graph");
        using var tensors = new TensorListLease(Array.ConvertAll(named, entry => entry.Tensor), nameof(names), "graph");
        var texts = new nint[named.Length];
        try
        {
            for (var i = 0; i < named.Length; i++)
                texts[i] = Marshal.StringToCoTaskMemUTF8(named[i].Name);
            byte* text;
            fixed (nint* pointer = texts)
            {
                Status.Check(Native.ts_tensor_graph(self.Handle, Marshalling.Code(mermaid), pointer, tensors.Pointer,
                    tensors.Count, maxNodes, &text));
            }
            return NativeText.Take(text);
        }
        finally
        {
            foreach (var text in texts)
                Marshal.FreeCoTaskMem(text);
        }
    }
}
