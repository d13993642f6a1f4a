// Connectionist temporal classification: Graves, Fernandez, Gomez, Schmidhuber (2006).

namespace TorchScratch.NN;

/// <summary>
/// Minus the log-probability that a sequence of log-probabilities (T, N, C), or (T, C), spells a target when repeated
/// classes count once and blanks separate. Targets are (N, S), or all of them one after the other.
/// </summary>
public sealed class CTCLoss
    : Module<(Tensor LogProbs, Tensor Targets, Tensor InputLengths, Tensor TargetLengths), Tensor>
{
    // Stands for minus infinity, whose differences would not be numbers.
    private const double Never = -1e30;

    /// <summary>A loss.</summary>
    /// <param name="blank">The class that is no class.</param>
    /// <param name="reduction">
    /// Mean over samples of the loss over the target's length, sum, or none for a loss per sample.
    /// </param>
    /// <param name="zeroInfinity">Whether a target that is too long for its input counts as 0, not as infinity.</param>
    public CTCLoss(int blank = 0, Reduction reduction = Reduction.Mean, bool zeroInfinity = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blank);
        (Blank, Reduction, ZeroInfinity) = (blank, reduction, zeroInfinity);
    }

    /// <summary>The class that is no class.</summary>
    public int Blank { get; }

    /// <summary>How the samples' losses become one.</summary>
    public Reduction Reduction { get; }

    /// <summary>Whether impossible targets count as 0.</summary>
    public bool ZeroInfinity { get; }

    /// <summary>The loss.</summary>
    /// <param name="logProbs">(T, N, C) or (T, C), as <see cref="LogSoftmax"/> gives them. Their gradient is the
    /// loss's derivative; PyTorch adds exp(logProbs) to it, which vanishes behind a log-softmax.</param>
    /// <param name="targets">(N, S), or the targets one after the other; classes other than the blank.</param>
    /// <param name="inputLengths">Steps of each sample, (N), or one number.</param>
    /// <param name="targetLengths">Classes of each target, likewise.</param>
    public Tensor Call(Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths) =>
        Call((logProbs, targets, inputLengths, targetLengths));

    /// <inheritdoc/>
    public override Tensor Forward((Tensor LogProbs, Tensor Targets, Tensor InputLengths, Tensor TargetLengths) input)
    {
        var (logProbs, targets, inputLengths, targetLengths) = input;
        ArgumentNullException.ThrowIfNull(logProbs);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(inputLengths);
        ArgumentNullException.ThrowIfNull(targetLengths);
        var isBatched = logProbs.NDim == 3;
        if (logProbs.NDim is not (2 or 3))
            throw new ShapeException(
                $"CTCLoss: log-probabilities must be (T, N, C) or (T, C), got shape {logProbs.ShapeText}");
        var x = isBatched ? logProbs : logProbs.Unsqueeze(1);
        var (steps, batch, classes) = ((int)x.Size(0), (int)x.Size(1), x.Size(2));
        if (Blank >= classes)
            throw new ValueException($"CTCLoss: blank is class {Blank} of {classes}");
        var inputs = Lengths(inputLengths, batch, steps, "input");
        var lengths = Lengths(targetLengths, batch, long.MaxValue, "target");
        var labels = Labels(targets, lengths);
        // Blanks before, between and behind the classes: 2 S + 1 states.
        var states = 2 * (int)lengths.DefaultIfEmpty(0).Max() + 1;
        var path = new long[batch * states];
        var canSkip = new bool[batch * states];
        for (var n = 0; n < batch; n++)
        {
            for (var s = 0; s < states; s++)
            {
                var isClass = s % 2 == 1 && s / 2 < labels[n].Length;
                path[n * states + s] = isClass ? labels[n][s / 2] : Blank;
                if (isClass && (labels[n][s / 2] < 0 || labels[n][s / 2] >= classes))
                    throw new TensorIndexException(
                        $"CTCLoss: target {labels[n][s / 2]} of sample {n} is no class; there are {classes}");
                // From one class to the next without a blank, unless it is the same.
                canSkip[n * states + s] = isClass && s >= 3 && labels[n][s / 2] != labels[n][s / 2 - 1];
            }
        }
        // float32 holds 1e30 well enough; the sums of logarithms are the input's business.
        var places = Tensor.FromArray(path, (batch, states));
        var skips = Tensor.FromArray(canSkip, (batch, states));
        var alpha = Tensor.Zeros([batch, states], x.DType).MaskedFill(Tensor.Arange(states).Ge(2), Never) +
            x.Select(0, 0).Gather(1, places);
        if (lengths.Contains(0))
            alpha = alpha.MaskedFill(
                Column(lengths, length => length == 0).LogicalAnd(Tensor.Arange(states).Ge(1)), Never);
        for (var t = 1; t < steps; t++)
        {
            var before = Tensor.Stack([alpha, Shifted(alpha, 1), Shifted(alpha, 2).MaskedFill(!skips, Never)]);
            var next = before.Logsumexp(0) + x.Select(0, t).Gather(1, places);
            var now = t;
            alpha = Array.TrueForAll(inputs, length => length > now) ? next
                : Tensor.Where(Column(inputs, length => length > now), next, alpha);
        }
        // The last class, or the blank behind it.
        var last = Tensor.FromArray(Array.ConvertAll(lengths, length => 2 * length), (batch, 1));
        var ends = Tensor.Stack(
            [alpha.Gather(1, last), alpha.Gather(1, (last - 1).Clamp(min: 0)).MaskedFill(last.Eq(0), Never)]);
        var losses = -ends.Logsumexp(0).Squeeze(1);
        var impossible = losses.Gt(-Never / 2);
        losses = losses.MaskedFill(impossible, ZeroInfinity ? 0 : double.PositiveInfinity);
        if (Reduction == Reduction.Mean)
            losses /= Tensor.FromArray(Array.ConvertAll(lengths, length => (double)Math.Max(1, length))).To(x.DType);
        losses = LossReduction.Apply(losses, Reduction);
        return isBatched || Reduction != Reduction.None ? losses : losses.Squeeze(0);
    }

    private static Tensor Shifted(Tensor alpha, int by) =>
        Functional.Pad(alpha, (by, 0), PadMode.Constant, Never).Narrow(1, 0, alpha.Size(1));

    private static Tensor Column(long[] lengths, Predicate<long> condition) =>
        Tensor.FromArray(Array.ConvertAll(lengths, length => condition(length)), (lengths.Length, 1));

    private static long[] Lengths(Tensor lengths, int batch, long most, string what)
    {
        using var integers = lengths.Detach().To(DType.Int64);
        var values = integers.Flatten().ToArray<long>();
        if (values.Length == 1 && batch > 1)
            values = [.. Enumerable.Repeat(values[0], batch)];
        return values.Length == batch && values.All(length => length >= 0 && length <= most)
            ? values
            : throw new ValueException($"CTCLoss: {what} lengths ({string.Join(", ", values)}) must be {batch} " +
            $"numbers from 0 to {(most == long.MaxValue ? "the target's length" : most)}");
    }

    private static long[][] Labels(Tensor targets, long[] lengths)
    {
        using var integers = targets.Detach().To(DType.Int64);
        var all = integers.Contiguous().ToArray<long>();
        var width = targets.NDim == 2 ? targets.Size(1) : -1;
        var labels = new long[lengths.Length][];
        var at = 0L;
        for (var n = 0; n < lengths.Length; n++)
        {
            var begin = width < 0 ? at : n * width;
            if (begin + lengths[n] > all.Length || (width >= 0 && lengths[n] > width))
                throw new ShapeException(
                    $"CTCLoss: targets of shape {targets.ShapeText} have no {lengths[n]} classes for sample {n}");
            labels[n] = all[(int)begin..(int)(begin + lengths[n])];
            at += lengths[n];
        }
        return labels;
    }
}
