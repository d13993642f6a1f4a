// Any sequence of tensors as the span that operators take.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchScratch;

internal static class TensorSequence
{
    /// <summary>The tensors; those of arrays and lists without a copy.</summary>
    internal static ReadOnlySpan<Tensor> Span(IEnumerable<Tensor> tensors,
        [CallerArgumentExpression(nameof(tensors))] string? argument = null)
    {
        ArgumentNullException.ThrowIfNull(tensors, argument);
        return tensors switch
        {
            Tensor[] array => array,
            List<Tensor> list => CollectionsMarshal.AsSpan(list),
            _ => tensors.ToArray(),
        };
    }

    /// <summary>The tensors, some of which may be null; nothing for null.</summary>
    internal static ReadOnlySpan<Tensor?> SpanOrEmpty(IEnumerable<Tensor?>? tensors) =>
        tensors is null ? default : Span(tensors!)!;
}
