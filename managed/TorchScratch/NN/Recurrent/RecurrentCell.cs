// What single steps of recurrent networks share.

namespace TorchScratch.NN;

/// <summary>
/// One step of a recurrent network over (N, inputSize) or (inputSize). All parameters are initialized uniformly in [-1
/// / sqrt(hiddenSize), 1 / sqrt(hiddenSize)).
/// </summary>
/// <typeparam name="TOut">The next state.</typeparam>
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

    /// <summary>The number of features of the input.</summary>
    public int InputSize { get; }

    /// <summary>The number of features of the hidden state.</summary>
    public int HiddenSize { get; }

    /// <summary>The weight of the input, (gates * hiddenSize, inputSize).</summary>
    public Parameter WeightIh { get; }

    /// <summary>The weight of the hidden state, (gates * hiddenSize, hiddenSize).</summary>
    public Parameter WeightHh { get; }

    /// <summary>The bias of the input, (gates * hiddenSize); null without biases.</summary>
    public Parameter? BiasIh { get; }

    /// <summary>The bias of the hidden state, (gates * hiddenSize); null without biases.</summary>
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
        input.NDim == 1 ? Tensor.Zeros([HiddenSize], input.DType, input.Device)
        : Tensor.Zeros([input.Size(0), HiddenSize], input.DType, input.Device);
}
