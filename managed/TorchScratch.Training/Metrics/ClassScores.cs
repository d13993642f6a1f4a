// Checks class predictions, given as scores or as class indices, and brings them into one form.

namespace TorchScratch.Training;

/// <summary>The inputs that classification metrics accept, and the errors for all others.</summary>
internal static class ClassScores
{
    /// <summary>
    /// One row of scores for each sample, (samples, C), and the targets flattened to (samples), from scores (N, C, ...)
    /// or, with another <paramref name="classDim"/>, (..., C).
    /// </summary>
    public static (Tensor Scores, Tensor Targets) Rows(string metric, Tensor scores, Tensor targets, int classDim)
    {
        CheckClasses(metric, "targets", targets);
        if (!scores.DType.IsFloatingPoint)
            throw new DTypeException($"{metric}: scores must be floating-point, got {Text(scores)}");
        var dim = classDim < 0 ? classDim + scores.NDim : classDim;
        if (scores.NDim != targets.NDim + 1 || dim < 0 || dim >= scores.NDim || !SameWithout(scores, dim, targets))
        {
            throw new ShapeException(
                $"{metric}: scores must have the shape of the targets plus a class dimension at position " +
                $"{classDim}, got {Text(scores)} for targets {Text(targets)}");
        }
        var classes = scores.Size(dim);
        var last = dim == scores.NDim - 1 ? scores : scores.MoveDim([dim], [-1]);
        return (last.Reshape([targets.ElementCount, classes]), targets.Reshape([targets.ElementCount]));
    }

    /// <summary>
    /// One predicted class and one target for each sample, flattened, from scores or from class indices of
    /// the targets' shape.
    /// </summary>
    public static (Tensor Answers, Tensor Targets) Answers(string metric, Tensor predictions, Tensor targets,
        int classDim)
    {
        if (predictions.NDim != targets.NDim)
        {
            var (scores, flat) = Rows(metric, predictions, targets, classDim);
            return (scores.ArgMax(1), flat);
        }
        CheckClasses(metric, "targets", targets);
        CheckClasses(metric, "predictions", predictions);
        if (!predictions.Shape.SequenceEqual(targets.Shape))
        {
            throw new ShapeException($"{metric}: predicted classes must have the shape of the targets, got " +
                $"{Text(predictions)} for {Text(targets)}");
        }
        return (predictions.Reshape([targets.ElementCount]).To(DType.Int64),
            targets.Reshape([targets.ElementCount]).To(DType.Int64));
    }

    /// <summary>Removes the samples whose target is to be ignored.</summary>
    public static (Tensor First, Tensor Targets) Without(Tensor first, Tensor targets, long? ignored)
    {
        if (ignored is not { } value)
            return (first, targets);
        using var kept = targets.Ne(value);
        var indices = kept.Nonzero().Reshape([-1]);
        return (first.IndexSelect(0, indices), targets.IndexSelect(0, indices));
    }

    /// <summary>Throws unless all elements are in [0, classes).</summary>
    public static void CheckRange(string metric, string what, Tensor classes, long count)
    {
        if (classes.ElementCount == 0)
            return;
        var (low, high) = (classes.Min().ToInt64(), classes.Max().ToInt64());
        if (low < 0 || high >= count)
            throw new ValueException($"{metric}: {what} must be 0 to {count - 1}, got {(low < 0 ? low : high)}");
    }

    /// <summary>The element type and the shape, for messages.</summary>
    public static string Text(Tensor tensor) => $"{tensor.DType.Name}[{string.Join(", ", tensor.Shape.ToArray())}]";

    private static void CheckClasses(string metric, string what, Tensor tensor)
    {
        if (tensor.DType.IsFloatingPoint || tensor.DType == DType.Bool)
            throw new DTypeException($"{metric}: class labels must be Int64, but {what} is {Text(tensor)}; convert " +
                "them by To(DType.Int64)");
    }

    private static bool SameWithout(Tensor scores, int dim, Tensor targets)
    {
        for (var d = 0; d < targets.NDim; d++)
        {
            if (scores.Size(d < dim ? d : d + 1) != targets.Size(d))
                return false;
        }
        return true;
    }
}
