// Checks gradients against central differences, for operators that users write. (f(x + eps) - f(x - eps)) / (2 eps)
// differs from the derivative by eps^2 / 6 times the third derivative, plus a rounding error of about 1e-16 |f| / eps.
// With float64 and eps = 1e-6, about ten digits are correct; with float32 there would be one.

namespace TorchScratch;

public static unsafe partial class Autograd
{
    /// <summary>Checks the gradients of a function against finite differences, element by element.</summary>
    /// <param name="function">
    /// The function to check. Its result must depend on its arguments only, so a function that draws random numbers
    /// must set the seed. Outputs that are not floating point are ignored.
    /// </param>
    /// <param name="inputs">
    /// The point at which to check. Inputs that require a gradient are checked and must be float64; the others are
    /// constants. They are copied, never changed.
    /// </param>
    /// <param name="eps">The step of the differences.</param>
    /// <param name="atol">The absolute tolerance; a difference of atol + rtol |numeric| is allowed.</param>
    /// <param name="rtol">The relative tolerance.</param>
    /// <param name="raiseException">Whether to throw if a gradient is wrong, rather than return false.</param>
    /// <exception cref="GradCheckException">
    /// A gradient is wrong, and raiseException is true; the message gives the elements of output and input
    /// and both values.
    /// </exception>
    /// <exception cref="DTypeException">
    /// An input that requires a gradient, or a floating-point output, is not float64.
    /// </exception>
    /// <exception cref="ValueException">No input requires a gradient.</exception>
    public static bool GradCheck(Func<Tensor[], Tensor[]> function, IEnumerable<Tensor> inputs, double eps = 1e-6,
        double atol = 1e-5, double rtol = 1e-3, bool raiseException = true) =>
        Check("gradcheck", function, inputs, eps, atol, rtol, raiseException);

    /// <inheritdoc cref="GradCheck(Func{Tensor[], Tensor[]}, IEnumerable{Tensor}, double, double, double, bool)"/>
    public static bool GradCheck(Func<Tensor, Tensor> function, Tensor input, double eps = 1e-6, double atol = 1e-5,
        double rtol = 1e-3, bool raiseException = true)
    {
        ArgumentNullException.ThrowIfNull(input);
        return GradCheck(Lift(function), [input], eps, atol, rtol, raiseException);
    }

    /// <summary>
    /// Checks second-order gradients: applies
    /// <see cref="GradCheck(Func{Tensor[], Tensor[]}, IEnumerable{Tensor}, double, double, double, bool)"/> to the
    /// reverse pass, as a function of the inputs and of the gradients of the outputs. The latter are fixed irregular
    /// numbers.
    /// </summary>
    /// <inheritdoc cref="GradCheck(Func{Tensor[], Tensor[]}, IEnumerable{Tensor}, double, double, double, bool)"/>
    public static bool GradGradCheck(Func<Tensor[], Tensor[]> function, IEnumerable<Tensor> inputs, double eps = 1e-6,
        double atol = 1e-5, double rtol = 1e-3, bool raiseException = true)
    {
        ArgumentNullException.ThrowIfNull(function);
        var given = CheckInputs("gradgradcheck", inputs);
        var outputs = Checked("gradgradcheck", function, Copies(given));
        var count = given.Length;
        Tensor[] all = [.. given, .. outputs.Select((output, k) => Weights(output, k).RequiresGrad_())];
        return Check("gradgradcheck", Gradients, all, eps, atol, rtol, raiseException);

        Tensor[] Gradients(Tensor[] arguments)
        {
            var results = Checked("gradgradcheck", function, arguments[..count]);
            Tensor[] points = [.. arguments[..count].Where(argument => argument.RequiresGrad)];
            return Pull(results, points, arguments[count..], createGraph: true);
        }
    }

    /// <inheritdoc cref="GradGradCheck(Func{Tensor[], Tensor[]}, IEnumerable{Tensor}, double, double, double, bool)"/>
    public static bool GradGradCheck(Func<Tensor, Tensor> function, Tensor input, double eps = 1e-6, double atol = 1e-5,
        double rtol = 1e-3, bool raiseException = true)
    {
        ArgumentNullException.ThrowIfNull(input);
        return GradGradCheck(Lift(function), [input], eps, atol, rtol, raiseException);
    }

    private static bool Check(string name, Func<Tensor[], Tensor[]> function, IEnumerable<Tensor> point, double eps,
        double atol, double rtol, bool raiseException)
    {
        ArgumentNullException.ThrowIfNull(function);
        var inputs = CheckInputs(name, point);
        using var enabled = EnableGrad();
        var tracked = Copies(inputs);
        var outputs = Checked(name, function, tracked);
        var problem = "";
        var (compared, wrong) = (0L, 0L);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!inputs[i].RequiresGrad)
                continue;
            double[][][] analytic = [.. outputs.Select(output => AnalyticRows(output, tracked[i]))];
            for (var j = 0; j < inputs[i].ElementCount; j++)
            {
                var above = Moved(i, j, eps);
                var below = Moved(i, j, -eps);
                for (var k = 0; k < outputs.Length; k++)
                {
                    for (var m = 0; m < above[k].Length; m++)
                    {
                        var (exact, numeric) = (analytic[k][m][j], (above[k][m] - below[k][m]) / (2 * eps));
                        compared++;
                        if (Math.Abs(exact - numeric) <= atol + (rtol * Math.Abs(numeric)))
                            continue;
                        if (wrong++ == 0)
                        {
                            problem = FormattableString.Invariant(
                                $"the derivative of output {k}{IndexText(outputs[k], m)} ") +
                                FormattableString.Invariant(
                                $"with respect to input {i}{IndexText(inputs[i], j)} is {numeric} ") +
                                FormattableString.Invariant($"by differences, but backward gives {exact}");
                        }
                    }
                }
            }
        }
        if (wrong > 0 && raiseException)
            throw new GradCheckException($"{name}: {problem} ({wrong} of {compared} derivatives differ)");
        return wrong == 0;

        double[][] Moved(int input, int element, double step)
        {
            var copies = Copies(inputs);
            using (NoGrad())
                copies[input].Flatten().Select(0, element).Add_(step);
            var moved = Checked(name, function, copies);
            if (moved.Length != outputs.Length)
                throw new ValueException(
                    $"{name}: the function returned {outputs.Length} outputs, then {moved.Length}");
            return [.. moved.Select(output => output.Detach().ToArray<double>())];
        }
    }

    // The gradients of the elements of the output.
    private static double[][] AnalyticRows(Tensor output, Tensor point)
    {
        var rows = new double[output.ElementCount][];
        for (var m = 0; m < rows.Length; m++)
            rows[m] = Pull([output], [point], [UnitLike(output, m)], createGraph: false)[0].ToArray<double>();
        return rows;
    }

    private static Tensor[] CheckInputs(string name, IEnumerable<Tensor> point)
    {
        ArgumentNullException.ThrowIfNull(point, "inputs");
        Tensor[] inputs = [.. point];
        foreach (var input in inputs)
            ArgumentNullException.ThrowIfNull(input, nameof(inputs));
        if (!inputs.Any(input => input.RequiresGrad))
            throw new ValueException($"{name}: no input requires a gradient; set RequiresGrad of those to check");
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].RequiresGrad)
                CheckDouble(name, "input", i, inputs[i]);
        }
        return inputs;
    }

    private static void CheckDouble(string name, string what, int index, Tensor tensor)
    {
        if (tensor.DType != DType.Float64)
        {
            throw new DTypeException(
                $"{name}: {what} {index} is {tensor.DType.Name}; finite differences are accurate enough " +
                "only in float64; convert with To(DType.Float64)");
        }
    }

    // Contiguous, so that the position of an element is its offset in memory.
    private static Tensor[] Copies(Tensor[] inputs) =>
        [.. inputs.Select(input => input.Detach().Clone().Contiguous().RequiresGrad_(input.RequiresGrad))];

    private static Tensor[] Checked(string name, Func<Tensor[], Tensor[]> function, Tensor[] arguments)
    {
        using var enabled = EnableGrad();
        var returned = function(arguments);
        if (returned is null || returned.Contains(null))
            throw new ValueException($"{name}: the function returned null");
        Tensor[] outputs = [.. returned.Where(output => output.DType.IsFloatingPoint)];
        for (var k = 0; k < outputs.Length; k++)
            CheckDouble(name, "output", k, outputs[k]);
        return outputs;
    }

    // Irregular numbers in [-1, 1) that do not advance a generator: the fractional parts of multiples of
    // the golden ratio.
    private static Tensor Weights(Tensor output, int seed)
    {
        var values = new double[output.ElementCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = (2 * ((i + 1 + (0.3 * seed)) * 0.6180339887498949 % 1)) - 1;
        return Tensor.FromArray(values, output.Shape, output.Device);
    }

    // " at (1, 2)", or "" for a 0-d tensor.
    private static string IndexText(Tensor tensor, long position)
    {
        var shape = tensor.Shape;
        var indices = new long[shape.Length];
        for (var d = shape.Length - 1; d >= 0; d--)
            (position, indices[d]) = Math.DivRem(position, shape[d]);
        return indices.Length == 0 ? "" : $" at ({string.Join(", ", indices)})";
    }
}
