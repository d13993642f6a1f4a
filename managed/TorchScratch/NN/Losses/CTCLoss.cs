// Connectionist temporal classification: Graves, Fernandez, Gomez, Schmidhuber (2006).

namespace TorchScratch.NN;

/// <summary>
/// The negative log-likelihood of label sequences, summed over all alignments: paths of one label or blank per step
/// that give the target when repetitions are merged and blanks are then removed. The log-probabilities of the steps are
/// (T, N, C) or (T, C); the targets are (N, S), or all of them concatenated.
/// </summary>
/// <param name="blank">The index of the blank label.</param>
/// <param name="reduction">
/// How to reduce the losses of the samples: to the mean of each loss divided by the length of its target, to their sum,
/// or not at all.
/// </param>
/// <param name="zeroInfinity">
/// Whether the loss of a target that is too long for its input, and its gradient, are 0; otherwise the
/// loss is infinite.
/// </param>
/// <exception cref="ArgumentOutOfRangeException">blank is negative.</exception>
public sealed class CTCLoss(int blank = 0, Reduction reduction = Reduction.Mean, bool zeroInfinity = false)
    : Module<(Tensor LogProbs, Tensor Targets, Tensor InputLengths, Tensor TargetLengths), Tensor>
{
    // Stands for minus infinity, because the difference of two infinities is NaN.
    private const double LogZero = -1e30;

    /// <summary>The index of the blank label.</summary>
    public int Blank { get; } = Argument.NotNegative(blank);

    /// <summary>How the losses of the samples are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <summary>Whether the loss of an impossible target is 0 instead of infinity.</summary>
    public bool ZeroInfinity => zeroInfinity;

    /// <summary>The loss, reduced.</summary>
    /// <param name="logProbs">
    /// Log-probabilities (T, N, C) or (T, C), as <see cref="LogSoftmax"/> returns them. Their gradient is
    /// the derivative of the loss; PyTorch's differs from it by exp(logProbs), which makes no difference
    /// behind a log-softmax.
    /// </param>
    /// <param name="targets">Int64 labels other than the blank, (N, S), or all targets concatenated.</param>
    /// <param name="inputLengths">The number of steps of each sample, (N), or one number for all.</param>
    /// <param name="targetLengths">The number of labels of each target, (N), or one number for all.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ValueException">A length is out of range, or blank is not below C.</exception>
    /// <exception cref="TensorIndexException">A label is not below C.</exception>
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
                $"CTCLoss: logProbs must be (T, N, C) or (T, C), got shape {logProbs.ShapeText}");
        var x = isBatched ? logProbs : logProbs.Unsqueeze(1);
        var (steps, batch, classes) = ((int)x.Size(0), (int)x.Size(1), x.Size(2));
        if (Blank >= classes)
            throw new ValueException($"CTCLoss: blank is {Blank}, but there are only {classes} classes");
        var inputs = Lengths(inputLengths, batch, steps, "input");
        var lengths = Lengths(targetLengths, batch, long.MaxValue, "target");
        var labels = Labels(targets, lengths);
        // A blank before each label and after the last: 2 S + 1 states.
        var states = 2 * (int)lengths.DefaultIfEmpty(0).Max() + 1;
        var labelOfState = new long[batch * states];
        var canSkip = new bool[batch * states];
        for (var n = 0; n < batch; n++)
        {
            for (var s = 0; s < states; s++)
            {
                var isLabel = s % 2 == 1 && s / 2 < labels[n].Length;
                labelOfState[n * states + s] = isLabel ? labels[n][s / 2] : Blank;
                if (isLabel && (labels[n][s / 2] < 0 || labels[n][s / 2] >= classes))
                    throw new TensorIndexException(
                        $"CTCLoss: label {labels[n][s / 2]} of sample {n} is out of range for {classes} classes");
                // A path may go from a label to the next without a blank, unless they are equal.
                canSkip[n * states + s] = isLabel && s >= 3 && labels[n][s / 2] != labels[n][s / 2 - 1];
            }
        }
        var device = x.Device;
        var stateLabels = Tensor.FromArray(labelOfState, (batch, states), device);
        var skips = Tensor.FromArray(canSkip, (batch, states), device);
        var numbers = Tensor.Arange(states, device: device);
        var alpha = Tensor.Zeros([batch, states], x.DType, device).MaskedFill(numbers.Ge(2), LogZero) +
            x.Select(0, 0).Gather(1, stateLabels);
        if (lengths.Contains(0))
            alpha = alpha.MaskedFill(
                Column(lengths, length => length == 0, device).LogicalAnd(numbers.Ge(1)), LogZero);
        for (var t = 1; t < steps; t++)
        {
            var previous = Tensor.Stack([alpha, Shifted(alpha, 1), Shifted(alpha, 2).MaskedFill(!skips, LogZero)]);
            var next = previous.LogSumExp(0) + x.Select(0, t).Gather(1, stateLabels);
            var step = t;
            alpha = Array.TrueForAll(inputs, length => length > step) ? next
                : Tensor.Where(Column(inputs, length => length > step, device), next, alpha);
        }
        // A path ends at the last label or at the blank after it.
        var last = Tensor.FromArray(Array.ConvertAll(lengths, length => 2 * length), (batch, 1), device);
        var ends = Tensor.Stack(
            [alpha.Gather(1, last), alpha.Gather(1, (last - 1).Clamp(min: 0)).MaskedFill(last.Eq(0), LogZero)]);
        var losses = -ends.LogSumExp(0).Squeeze(1);
        var isImpossible = losses.Gt(-LogZero / 2);
        losses = losses.MaskedFill(isImpossible, ZeroInfinity ? 0 : double.PositiveInfinity);
        if (Reduction == Reduction.Mean)
        {
            var divisors = Array.ConvertAll(lengths, length => (double)Math.Max(1, length));
            losses /= Tensor.FromArray(divisors, device).To(x.DType);
        }
        losses = LossReduction.Apply(losses, Reduction);
        return isBatched || Reduction != Reduction.None ? losses : losses.Squeeze(0);
    }

    private static Tensor Shifted(Tensor alpha, int by) =>
        Functional.Pad(alpha, (by, 0), PadMode.Constant, LogZero).Narrow(1, 0, alpha.Size(1));

    private static Tensor Column(long[] lengths, Predicate<long> condition, Device device) =>
        Tensor.FromArray(Array.ConvertAll(lengths, length => condition(length)), (lengths.Length, 1), device);

    private static long[] Lengths(Tensor lengths, int batch, long maximum, string name)
    {
        using var integers = lengths.Detach().To(DType.Int64);
        var values = integers.Flatten().ToArray<long>();
        if (values.Length == 1 && batch > 1)
            values = [.. Enumerable.Repeat(values[0], batch)];
        return values.Length == batch && values.All(length => length >= 0 && length <= maximum)
            ? values
            : throw new ValueException($"CTCLoss: {name} lengths ({string.Join(", ", values)}) must be {batch} " +
                $"numbers from 0 to {(maximum == long.MaxValue ? "the length of the target" : maximum)}");
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
                    $"CTCLoss: targets of shape {targets.ShapeText} have no {lengths[n]} labels for sample {n}");
            labels[n] = all[(int)begin..(int)(begin + lengths[n])];
            at += lengths[n];
        }
        return labels;
    }
}
