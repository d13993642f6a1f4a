// Dropout: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// In training, sets each element to 0 with probability p and multiplies the others by 1 / (1 - p), so that the
/// expected value is unchanged; in evaluation, returns its input.
/// </summary>
/// <param name="p">The probability with which an element is dropped, in [0, 1].</param>
/// <exception cref="ArgumentOutOfRangeException">p is not in [0, 1].</exception>
public sealed class Dropout(double p = 0.5) : Module<Tensor, Tensor>
{
    /// <summary>The probability with which an element is dropped.</summary>
    public double P { get; } = Argument.Probability(p);

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"p={P}, inplace=False");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => IsTraining ? Functional.Dropout(input, P, training: true) : input;
}
