// Tensors that are alive, by the place that made them and by shape.

using System.Globalization;
using System.Text;

namespace TorchScratch;

/// <summary>A tensor that is alive.</summary>
/// <param name="Site">Where it was made: <c>file:line</c>, or the method where there are no symbols.</param>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="DType">Its element type.</param>
/// <param name="Bytes">What its elements take; a view shares them with others.</param>
public sealed record LiveTensor(string Site, IReadOnlyList<long> Shape, DType DType, long Bytes);

/// <summary>Several tensors that have something in common.</summary>
/// <param name="Name">The place that made them, or their element type and shape.</param>
/// <param name="Count">How many.</param>
/// <param name="Bytes">What their elements take together.</param>
public sealed record LiveTensorGroup(string Name, int Count, long Bytes);

/// <summary>The tensors that were alive at one time.</summary>
public sealed class LiveTensorReport
{
    internal LiveTensorReport(IReadOnlyList<LiveTensor> tensors)
    {
        Tensors = tensors;
        BySite = Group(tensor => tensor.Site);
        ByShape = Group(tensor => $"{tensor.DType.Name}[{string.Join(", ", tensor.Shape)}]");
    }

    /// <summary>Each of them, in no particular order.</summary>
    public IReadOnlyList<LiveTensor> Tensors { get; }

    /// <summary>By the line that made them, those that take most first.</summary>
    public IReadOnlyList<LiveTensorGroup> BySite { get; }

    /// <summary>By element type and shape, those that take most first.</summary>
    public IReadOnlyList<LiveTensorGroup> ByShape { get; }

    /// <summary>What all elements take; views count again what they share.</summary>
    public long Bytes => Tensors.Sum(tensor => tensor.Bytes);

    /// <summary>The first places and shapes as tables.</summary>
    public string Summary(int limit = 10)
    {
        var text = new StringBuilder();
        Append(text, "made at", BySite, limit);
        Append(text, "shape", ByShape, limit);
        return text.Append(CultureInfo.InvariantCulture, $"{Tensors.Count} tensors, {Bytes:N0} bytes\n").ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Summary();

    private LiveTensorGroup[] Group(Func<LiveTensor, string> name) => [.. Tensors.GroupBy(name)
        .Select(group => new LiveTensorGroup(group.Key, group.Count(), group.Sum(tensor => tensor.Bytes)))
        .OrderByDescending(group => group.Bytes).ThenBy(group => group.Name, StringComparer.Ordinal)];

    private static void Append(StringBuilder text, string title, IReadOnlyList<LiveTensorGroup> groups, int limit)
    {
        text.Append(CultureInfo.InvariantCulture, $"{"tensors",9}  {"bytes",15}  {title}\n");
        foreach (var group in groups.Take(limit))
            text.Append(CultureInfo.InvariantCulture, $"{group.Count,9}  {group.Bytes,15:N0}  {group.Name}\n");
        if (groups.Count > limit)
            text.Append(CultureInfo.InvariantCulture, $"{"",9}  {"",15}  and {groups.Count - limit} more\n");
    }
}
