// Single steps of recurrent networks.

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

/// <summary>A step of <see cref="RNN"/>.</summary>
public sealed class RNNCell : RecurrentCell<Tensor>
{
    /// <summary>A cell with PyTorch's first values.</summary>
    /// <param name="inputSize">Features of the input.</param>
    /// <param name="hiddenSize">Features of the state.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="nonlinearity">Tanh or ReLU.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    public RNNCell(int inputSize, int hiddenSize, bool bias = true, Nonlinearity nonlinearity = Nonlinearity.Tanh,
        DType? dtype = null)
        : base(1, inputSize, hiddenSize, bias, dtype) => Nonlinearity = nonlinearity;

    /// <summary>What becomes of the sums.</summary>
    public Nonlinearity Nonlinearity { get; }

    /// <summary>The state that follows.</summary>
    /// <param name="input">(N, input) or (input).</param>
    /// <param name="hidden">The state before, (N, hidden) or (hidden); zeros if not given.</param>
    public Tensor Call(Tensor input, Tensor? hidden) => CallWith(input, x => Forward(x, hidden));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    private Tensor Forward(Tensor input, Tensor? hidden)
    {
        var sums = InputSums(input) + HiddenSums(hidden ?? ZerosFor(input));
        return Nonlinearity == Nonlinearity.Tanh ? sums.Tanh() : sums.Relu();
    }
}

/// <summary>A step of <see cref="LSTM"/>.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="hiddenSize">Features of the state.</param>
/// <param name="bias">Whether there are biases.</param>
/// <param name="dtype">Element type; the default one if not given.</param>
public sealed class LSTMCell(int inputSize, int hiddenSize, bool bias = true, DType? dtype = null)
    : RecurrentCell<(Tensor Hidden, Tensor Cell)>(4, inputSize, hiddenSize, bias, dtype)
{
    /// <summary>The state that follows.</summary>
    /// <param name="input">(N, input) or (input).</param>
    /// <param name="state">The state before, each (N, hidden) or (hidden); zeros if not given.</param>
    public (Tensor Hidden, Tensor Cell) Call(Tensor input, (Tensor Hidden, Tensor Cell)? state) =>
        CallWith(input, x => Forward(x, state));

    /// <inheritdoc/>
    public override (Tensor Hidden, Tensor Cell) Forward(Tensor input) => Forward(input, null);

    private (Tensor Hidden, Tensor Cell) Forward(Tensor input, (Tensor Hidden, Tensor Cell)? state)
    {
        var sums = InputSums(input);
        var (hidden, cell) = state ?? (ZerosFor(input), ZerosFor(input));
        return RecurrentGates.Lstm(sums + HiddenSums(hidden), cell);
    }
}

/// <summary>A step of <see cref="GRU"/>.</summary>
/// <param name="inputSize">Features of the input.</param>
/// <param name="hiddenSize">Features of the state.</param>
/// <param name="bias">Whether there are biases.</param>
/// <param name="dtype">Element type; the default one if not given.</param>
public sealed class GRUCell(int inputSize, int hiddenSize, bool bias = true, DType? dtype = null)
    : RecurrentCell<Tensor>(3, inputSize, hiddenSize, bias, dtype)
{
    /// <summary>The state that follows.</summary>
    /// <param name="input">(N, input) or (input).</param>
    /// <param name="hidden">The state before, (N, hidden) or (hidden); zeros if not given.</param>
    public Tensor Call(Tensor input, Tensor? hidden) => CallWith(input, x => Forward(x, hidden));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    private Tensor Forward(Tensor input, Tensor? hidden)
    {
        var sums = InputSums(input);
        hidden ??= ZerosFor(input);
        return RecurrentGates.Gru(sums, HiddenSums(hidden), hidden);
    }
}
