// What recurrent layers share: parameters and the loops over layers, directions and steps.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// A stack of recurrent layers over sequences (T, N, features), (N, T, features) with batchFirst, or (T, features)
/// without a batch. Parameters have PyTorch's names, such as weight_ih_l0, and are initialized uniformly in [-1 /
/// sqrt(hiddenSize), 1 / sqrt(hiddenSize)).
/// </summary>
/// <typeparam name="TOut">The outputs and the final state.</typeparam>
public abstract class RecurrentModule<TOut> : Module<Tensor, TOut>, ICountsFlops
{
    // More would only exhaust the memory, slowly.
    private const int MaxLayers = 1 << 16;

    private readonly DirectionParameters[] _parameters;

    private protected RecurrentModule(int gates, int inputSize, int hiddenSize, int numLayers, bool bias,
        bool batchFirst, double dropout, bool bidirectional, DType? dtype, int projSize = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(numLayers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numLayers, MaxLayers);
        (InputSize, HiddenSize, NumLayers, HasBias, BatchFirst, Dropout, Bidirectional) =
            (inputSize, hiddenSize, numLayers, bias, batchFirst, Argument.Probability(dropout), bidirectional);
        if (projSize < 0 || projSize >= hiddenSize)
            throw new ArgumentOutOfRangeException(nameof(projSize), projSize,
                $"projSize must be less than hiddenSize, {hiddenSize}; 0 is no projection");
        ProjSize = projSize;
        _parameters = new DirectionParameters[numLayers * Directions];
        for (var i = 0; i < _parameters.Length; i++)
        {
            var features = i < Directions ? inputSize : (long)OutputSize * Directions;
            var suffix = $"_l{i / Directions}{(i % Directions == 1 ? "_reverse" : "")}";
            _parameters[i] = new(
                Register("weight_ih" + suffix, [(long)gates * hiddenSize, features]),
                Register("weight_hh" + suffix, [(long)gates * hiddenSize, OutputSize]),
                bias ? Register("bias_ih" + suffix, [(long)gates * hiddenSize]) : null,
                bias ? Register("bias_hh" + suffix, [(long)gates * hiddenSize]) : null,
                projSize > 0 ? Register("weight_hr" + suffix, [projSize, hiddenSize]) : null);
        }

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

    /// <summary>The number of features of the hidden state, in each direction.</summary>
    public int HiddenSize { get; }

    /// <summary>The number of layers.</summary>
    public int NumLayers { get; }

    /// <summary>The number of features that outputs are projected to; 0 for no projection.</summary>
    private protected int ProjSize { get; }

    /// <summary>Whether there are biases.</summary>
    public bool HasBias { get; }

    /// <summary>Whether sequences are (N, T, features) rather than (T, N, features).</summary>
    public bool BatchFirst { get; }

    /// <summary>In training, the probability with which each element between two layers is dropped.</summary>
    public double Dropout { get; }

    /// <summary>Whether each layer also reads the sequence backwards.</summary>
    public bool Bidirectional { get; }

    // The number of features of an output, in each direction.
    private int OutputSize => ProjSize > 0 ? ProjSize : HiddenSize;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"{InputSize}, {HiddenSize}") +
        (ProjSize == 0 ? "" : $", proj_size={ProjSize}") +
        (NumLayers == 1 ? "" : $", num_layers={NumLayers}") +
        (HasBias ? "" : ", bias=False") +
        (BatchFirst ? ", batch_first=True" : "") +
        (Dropout == 0 ? "" : $", dropout={PythonText.Of(Dropout)}") +
        (Bidirectional ? ", bidirectional=True" : "");

    private int Directions => Bidirectional ? 2 : 1;

    long ICountsFlops.CountFlops(object? input, object? output)
    {
        var sequences = (Tensor)input!;
        var rows = sequences.ElementCount / Math.Max(1, sequences.Size(-1));
        return 2 * rows * _parameters.Sum(direction => 
            direction.InputWeight.ElementCount + direction.HiddenWeight.ElementCount +
                (direction.Projection?.ElementCount ?? 0));
    }

    /// <summary>The bias that is added to the product of input and weight, for all steps at once.</summary>
    private protected virtual Tensor? InputBias(DirectionParameters parameters) => parameters.InputBias;

    /// <summary>One step. Returns the next state, whose first tensor is the output.</summary>
    /// <param name="inputSums">The product of input and weight, plus the bias, of this step.</param>
    /// <param name="state">The previous state.</param>
    /// <param name="parameters">The parameters of this layer and direction.</param>
    private protected virtual Tensor[] Step(Tensor inputSums, Tensor[] state, DirectionParameters parameters) =>
        throw new NotSupportedException($"{GetType().Name} runs all steps at once");

    /// <summary>All steps. Returns the outputs and the final state.</summary>
    /// <param name="inputSums">The products of input and weight, plus the bias, of all steps.</param>
    /// <param name="state">The previous state.</param>
    /// <param name="parameters">The parameters of this layer and direction.</param>
    /// <param name="isReversed">Whether to run from the last step to the first.</param>
    private protected virtual (Tensor Output, Tensor[] State) RunSteps(Tensor inputSums, Tensor[] state,
        DirectionParameters parameters, bool isReversed)
    {
        var sums = inputSums.Unbind();
        var outputs = new Tensor[sums.Length];
        for (var k = 0; k < sums.Length; k++)
        {
            var t = isReversed ? sums.Length - 1 - k : k;
            state = Step(sums[t], state, parameters);
            outputs[t] = state[0];
        }
        return (Tensor.Stack(outputs), state);
    }

    /// <summary>Runs all layers.</summary>
    /// <param name="input">
    /// The sequences, (T, N, inputSize), (N, T, inputSize) with batchFirst, or (T, inputSize).
    /// </param>
    /// <param name="state">
    /// The initial state; each tensor is (numLayers * directions, N, features), or without N. Null for zeros.
    /// </param>
    /// <param name="stateCount">The number of tensors in a state.</param>
    private protected (Tensor Output, Tensor[] State) Run(Tensor input, Tensor[]? state, int stateCount)
    {
        ArgumentNullException.ThrowIfNull(input);
        var isBatched = input.NDim == 3;
        if (input.NDim is not (2 or 3) || input.Size(-1) != InputSize)
        {
            throw new ShapeException($"{GetType().Name}: input must be {(BatchFirst ? "(N, T, F)" : "(T, N, F)")} or " +
                $"(T, F) with F = {InputSize}, got shape {input.ShapeText}");
        }
        var x = !isBatched ? input.Unsqueeze(1) : BatchFirst ? input.Transpose(0, 1) : input;
        var first = InitialState(x, state, stateCount, isBatched);
        var last = new Tensor[stateCount][];
        for (var s = 0; s < stateCount; s++)
            last[s] = new Tensor[_parameters.Length];
        for (var layer = 0; layer < NumLayers; layer++)
        {
            if (layer > 0 && Dropout > 0 && IsTraining)
                x = Functional.Dropout(x, Dropout, training: true);
            var outputs = new Tensor[Directions];
            for (var direction = 0; direction < Directions; direction++)
            {
                var i = layer * Directions + direction;
                (outputs[direction], var end) = RunDirection(x, Array.ConvertAll(first, all => all.Select(0, i)),
                    _parameters[i], direction == 1);
                for (var s = 0; s < stateCount; s++)
                    last[s][i] = end[s];
            }
            x = outputs.Length == 1 ? outputs[0] : Tensor.Cat(outputs, -1);
        }
        var output = !isBatched ? x.Squeeze(1) : BatchFirst ? x.Transpose(0, 1) : x;
        return (output, Array.ConvertAll(last,
            parts => isBatched ? Tensor.Stack(parts) : Tensor.Stack(parts).Squeeze(1)));
    }

    private (Tensor Output, Tensor[] State) RunDirection(Tensor input, Tensor[] state, DirectionParameters parameters,
        bool isReversed)
    {
        if (input.Size(0) == 0)
            return (Tensor.Zeros([0, input.Size(1), OutputSize], input.DType, input.Device), state);
        // One product for all steps, so that each step only needs the product with the state.
        var sums = Functional.Linear(input, parameters.InputWeight, InputBias(parameters));
        return RunSteps(sums, state, parameters, isReversed);
    }

    private Tensor[] InitialState(Tensor x, Tensor[]? state, int stateCount, bool isBatched)
    {
        if (state is null)
            return [.. Enumerable.Range(0, stateCount).Select(i => Tensor.Zeros(Shape(i), x.DType, x.Device))];
        return [.. state.Select((part, i) =>
        {
            var shape = Shape(i);
            var batched = isBatched ? part : part.Unsqueeze(1);
            return batched.Shape.SequenceEqual(shape)
                ? batched
                : throw new ShapeException($"{GetType().Name}: a state must have shape " +
                $"({string.Join(", ", isBatched ? shape : [shape[0], shape[2]])}), got {part.ShapeText}");
        })];

        // The first tensor of a state is an output.
        long[] Shape(int part) => [_parameters.Length, x.Size(1), part == 0 ? OutputSize : HiddenSize];
    }
}

/// <summary>The parameters of one layer in one direction.</summary>
internal sealed record DirectionParameters(Parameter InputWeight, Parameter HiddenWeight, Parameter? InputBias,
    Parameter? HiddenBias, Parameter? Projection)
{
    /// <summary>The sum of both biases, for networks that only ever add them.</summary>
    public Tensor? Bias => InputBias is null ? null : InputBias.Value + HiddenBias!.Value;
}
