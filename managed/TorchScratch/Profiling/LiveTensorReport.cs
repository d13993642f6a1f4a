// Live tensors, grouped by the code that created them and by shape.

using System.Globalization;
using System.Text;

namespace TorchScratch;

/// <summary>A live tensor.</summary>
/// <param name="Site">Where it was created: <c>file:line</c>, or the method if there are no symbols.</param>
/// <param name="Shape">The sizes of its dimensions.</param>
/// <param name="DType">The element type.</param>
/// <param name="Bytes">The size of its elements, which a view shares with other tensors.</param>
/// <param name="Device">Where it lies.</param>
public sealed record LiveTensor(string Site, IReadOnlyList<long> Shape, DType DType, long Bytes,
    Device Device = default);

/// <summary>Live tensors with the same origin or the same element type, shape and device.</summary>
/// <param name="Name">
/// Where they were created, or their element type and shape, and a device other than the CPU.
/// </param>
/// <param name="Count">The number of tensors.</param>
/// <param name="Bytes">The total size of their elements.</param>
public sealed record LiveTensorGroup(string Name, int Count, long Bytes);

/// <summary>The tensors that were alive at one point in time.</summary>
public sealed class LiveTensorReport
{
    internal LiveTensorReport(IReadOnlyList<LiveTensor> tensors)
    {
        Tensors = tensors;
        BySite = Group(tensor => tensor.Site);
        ByShape = Group(tensor => $"{tensor.DType.Name}[{string.Join(", ", tensor.Shape)}]" +
            (tensor.Device.IsCuda ? $" on {tensor.Device}" : ""));
    }

    /// <summary>All tensors, in no particular order.</summary>
    public IReadOnlyList<LiveTensor> Tensors { get; }

    /// <summary>The tensors grouped by the line that created them, largest groups first.</summary>
    public IReadOnlyList<LiveTensorGroup> BySite { get; }

    /// <summary>The tensors grouped by element type, shape and device, largest groups first.</summary>
    public IReadOnlyList<LiveTensorGroup> ByShape { get; }

    /// <summary>The total size of all elements; elements shared by several views count several times.</summary>
    public long Bytes => Tensors.Sum(tensor => tensor.Bytes);

    /// <summary>Tables of the largest groups.</summary>
    /// <param name="limit">The number of groups in each table.</param>
    public string Summary(int limit = 10)
    {
        var text = new StringBuilder();
        Append(text, "created at", BySite, limit);
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
