// What single steps of recurrent networks share.

namespace TorchScratch.NN;

/// <summary>
/// Parameters of one step over (N, inputSize) or (inputSize); all are uniform within 1 / sqrt(hidden).
/// </summary>
/// <typeparam name="TOut">The state that follows.</typeparam>
public abstract class RecurrentCell<TOut> : Module<Tensor, TOut>
{
    private protected RecurrentCell(int gates, int inputSize, int hiddenSize, bool bias, DType? dtype)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        (InputSize, HiddenSize) = (inputSize, hiddenSize);
        WeightIh = Register("weight_ih", [gates * hiddenSize, inputSize]);
        WeightHh = Register("weight_hh", [gates * hiddenSize, hiddenSize]);
        BiasIh = bias ? Register("bias_ih", [gates * hiddenSize]) : null;
        BiasHh = bias ? Register("bias_hh", [gates * hiddenSize]) : null;

        Parameter Register(string name, long[] shape)
        {
            var bound = 1 / Math.Sqrt(hiddenSize);
            var parameter = RegisterParameter(name, new Parameter(Tensor.Empty(shape, dtype)));
            Init.Uniform(parameter, -bound, bound);
            return parameter;
        }
    }

    /// <summary>Features of the input.</summary>
    public int InputSize { get; }

    /// <summary>Features of the state.</summary>
    public int HiddenSize { get; }

    /// <summary>Weight of the input, (gates * hidden, input).</summary>
    public Parameter WeightIh { get; }

    /// <summary>Weight of the state, (gates * hidden, hidden).</summary>
    public Parameter WeightHh { get; }

    /// <summary>Added to the product of the input, if there is one.</summary>
    public Parameter? BiasIh { get; }

    /// <summary>Added to the product of the state, if there is one.</summary>
    public Parameter? BiasHh { get; }

    /// <inheritdoc/>
    protected override string Description => $"{InputSize}, {HiddenSize}{(BiasIh is null ? ", bias=False" : "")}";

    private protected Tensor InputSums(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.NDim is 1 or 2 && input.Size(-1) == InputSize
            ? Functional.Linear(input, WeightIh, BiasIh)
            : throw new ShapeException(
                $"{GetType().Name}: input must be (N, {InputSize}) or ({InputSize}), got shape {input.ShapeText}");
    }

    private protected Tensor HiddenSums(Tensor hidden) => Functional.Linear(hidden, WeightHh, BiasHh);

    private protected Tensor ZerosFor(Tensor input) =>
        input.NDim == 1 ? Tensor.Zeros([HiddenSize], input.DType)
        : Tensor.Zeros([input.Size(0), HiddenSize], input.DType);
}
