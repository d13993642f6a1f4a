// An axis of a chart: the position of a value, and the values that are marked.

using System.Globalization;

namespace TorchScratch.Training;

/// <summary>Maps values to [0, 1], linearly or logarithmically, and chooses round numbers as ticks.</summary>
internal sealed class ChartAxis
{
    private readonly double _low;
    private readonly double _high;

    private ChartAxis(double low, double high, bool isLogarithmic, double[] ticks) =>
        (_low, _high, IsLogarithmic, Ticks) = (low, high, isLogarithmic, ticks);

    public bool IsLogarithmic { get; }

    public double[] Ticks { get; }

    /// <summary>An axis that covers all values.</summary>
    /// <param name="values">Finite numbers; may be empty.</param>
    /// <param name="count">The approximate number of ticks.</param>
    /// <param name="mayBeLogarithmic">
    /// Whether the axis is logarithmic if all values are positive and span more than a factor of 30.
    /// </param>
    /// <param name="isTight">Whether the axis ends at the extreme values rather than at ticks.</param>
    public static ChartAxis Of(IEnumerable<double> values, int count, bool mayBeLogarithmic, bool isTight)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high)
            (low, high) = (0, 1);
        if (mayBeLogarithmic && low > 0 && high / low > 30)
            return Logarithmic(low, high);
        if (high - low < 1e-12 * Math.Max(Math.Abs(high), 1))
            (low, high) = (low - (low == 0 ? 1 : Math.Abs(low) / 2), high + (high == 0 ? 1 : Math.Abs(high) / 2));
        var step = RoundStep((high - low) / count);
        if (!isTight)
            (low, high) = (Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step);
        var ticks = new List<double>();
        for (var k = Math.Ceiling(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
            ticks.Add(k * step);
        return new(low, high, false, [.. ticks]);
    }

    public double Place(double value) => IsLogarithmic
        ? (Math.Log10(value) - _low) / (_high - _low)
        : (value - _low) / (_high - _low);

    public static string Text(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        < 1e-3 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };

    // Ticks at 1, 2 and 5 times powers of ten; at the powers alone if the axis spans many.
    private static ChartAxis Logarithmic(double low, double high)
    {
        var (bottom, top) = (Math.Log10(low), Math.Log10(high));
        var margin = 0.03 * (top - bottom);
        (bottom, top) = (bottom - margin, top + margin);
        double[] multiples = top - bottom < 2.5 ? [1, 2, 5] : [1];
        var ticks = from power in Enumerable.Range((int)Math.Floor(bottom),
            (int)(Math.Ceiling(top) - Math.Floor(bottom)) + 1)
                    from multiple in multiples
                    let tick = multiple * Math.Pow(10, power)
                    where Math.Log10(tick) >= bottom && Math.Log10(tick) <= top
                    select tick;
        return new(bottom, top, true, [.. ticks]);
    }

    private static double RoundStep(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return power * ((step / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }
}
