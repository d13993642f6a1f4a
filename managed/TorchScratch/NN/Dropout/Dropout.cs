// Dropout: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// In training, zeroes each element with a probability and scales the others by 1 / (1 - p), so that the mean stays; in
/// evaluation, its input.
/// </summary>
public sealed class Dropout : Module<Tensor, Tensor>
{
    /// <summary>A dropout layer.</summary>
    /// <param name="p">The probability, in [0, 1].</param>
    public Dropout(double p = 0.5)
    {
        if (p is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "a probability lies in [0, 1]");
        P = p;
    }

    /// <summary>The probability that an element is dropped.</summary>
    public double P { get; }

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"p={P}, inplace=False");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => IsTraining ? Functional.Dropout(input, P, training: true) : input;
}
