// The options of this example, each declared once.

namespace TorchScratch.Examples.CustomOp;

internal static class Options
{
    public static readonly OptionTable Table = new();

    public static readonly RunOption<ulong> Seed = Table.SeedOption("Decides the random inputs");

    public static readonly RunOption<int> Threads = Table.ThreadsOption();

    public static readonly RunOption<double> Beta = Table.Number("--beta", null, -100, 100, 1.5,
        "The operator's parameter");

    public static readonly RunOption<int> Size = Table.Integer("--size", null, 1, 1 << 28, 1 << 20,
        "Elements of the tensors that are timed");

    public static readonly RunOption<int> Repeats = Table.Integer("--repeats", null, 1, 10_000, 15,
        "Timed calls, of which the median is reported");

    public static readonly RunOption<string> Trace = Table.Text("--trace", "FILE",
        "Writes a trace of the timed calls for ui.perfetto.dev");
}
