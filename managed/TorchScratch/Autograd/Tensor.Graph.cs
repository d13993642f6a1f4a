// Drawings of the graph of a tensor.

using System.Runtime.InteropServices;
using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch;

public unsafe partial class Tensor
{
    private const int NodesDrawn = 1000;

    /// <summary>
    /// The graph that <see cref="Backward"/> would traverse, in the language of Graphviz, for <c>dot -Tsvg</c>.
    /// Arrows point in the direction of the forward pass, from leaves to this tensor, and are labelled with element
    /// types and shapes.
    /// </summary>
    /// <param name="names">Labels for tensors of the graph.</param>
    /// <param name="maxNodes">
    /// The largest number of nodes drawn; the nearest to this tensor are drawn, and a note says how many are omitted.
    /// </param>
    /// <exception cref="AutogradException">The tensor requires no gradient and therefore has no graph.</exception>
    public string GraphToDot(IEnumerable<(string Name, Tensor Tensor)>? names = null, int maxNodes = NodesDrawn) =>
        Graph(mermaid: false, names, maxNodes);

    /// <summary>The graph with the names of the parameters of a model.</summary>
    /// <inheritdoc cref="GraphToDot(IEnumerable{ValueTuple{string, Tensor}}, int)"/>
    public string GraphToDot(Module model, int maxNodes = NodesDrawn) =>
        Graph(mermaid: false, ParametersOf(model), maxNodes);

    /// <summary>The graph as a Mermaid flowchart, which many Markdown viewers draw.</summary>
    /// <inheritdoc cref="GraphToDot(IEnumerable{ValueTuple{string, Tensor}}, int)"/>
    public string GraphToMermaid(IEnumerable<(string Name, Tensor Tensor)>? names = null, int maxNodes = NodesDrawn) =>
        Graph(mermaid: true, names, maxNodes);

    /// <summary>The graph with the names of the parameters of a model.</summary>
    /// <inheritdoc cref="GraphToDot(IEnumerable{ValueTuple{string, Tensor}}, int)"/>
    public string GraphToMermaid(Module model, int maxNodes = NodesDrawn) =>
        Graph(mermaid: true, ParametersOf(model), maxNodes);

    /// <summary>
    /// A shorter name for <see cref="GraphToMermaid(IEnumerable{ValueTuple{string, Tensor}}, int)"/>.
    /// </summary>
    public string ToMermaid() => GraphToMermaid();

    private static IEnumerable<(string, Tensor)> ParametersOf(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.NamedParameters().Select(entry => (entry.Name, entry.Parameter.Value));
    }

    private string Graph(bool mermaid, IEnumerable<(string Name, Tensor Tensor)>? names, int maxNodes)
    {
        var named = names?.ToArray() ?? [];
        if (Array.FindIndex(named, entry => entry.Name is null) is >= 0 and var unnamed)
            throw new ArgumentException($"entry {unnamed} has no name", nameof(names));
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
