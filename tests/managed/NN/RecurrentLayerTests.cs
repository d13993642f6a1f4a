// Recurrent layers compared with their cells, and their options.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class RecurrentLayerTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ALayerIsItsCellRepeated(bool bias)
    {
        var input = Tensor.Randn([5, 2, 3], DType.Float64);
        using var lstm = new LSTM(3, 4, bias: bias, dtype: DType.Float64);
        using var lstmCell = Like(lstm, new LSTMCell(3, 4, bias, DType.Float64));
        var (output, (hidden, cell)) = lstm.Call(input);
        (Tensor, Tensor)? state = null;
        for (var t = 0; t < 5; t++)
        {
            state = lstmCell.Call(input[t], state);
            AssertClose(output[t], state.Value.Item1);
        }
        AssertClose(hidden[0], state!.Value.Item1);
        AssertClose(cell[0], state.Value.Item2);

        using var gru = new GRU(3, 4, bias: bias, dtype: DType.Float64);
        using var gruCell = Like(gru, new GRUCell(3, 4, bias, DType.Float64));
        AssertRepeats(gru.Call(input), (x, h) => gruCell.Call(x, h), input);
        using var rnn = new RNN(3, 4, nonlinearity: Nonlinearity.ReLU, bias: bias, dtype: DType.Float64);
        using var rnnCell = Like(rnn, new RNNCell(3, 4, bias, Nonlinearity.ReLU, DType.Float64));
        AssertRepeats(rnn.Call(input), (x, h) => rnnCell.Call(x, h), input);
    }

    [Fact]
    public void ProjectionsMatchPyTorch()
    {
        using var lstm = new LSTM(2, 3, numLayers: 2, bidirectional: true, projSize: 2, dtype: DType.Float64);
        Assert.Equal("LSTM(2, 3, proj_size=2, num_layers=2, bidirectional=True)", lstm.ToString());
        Assert.Equal(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_hr_l0"],
            lstm.StateDict().Keys.Take(5));
        Sines.Fill(lstm);
        var input = Sines.Of([2, 1, 2], 1);
        var (output, (hidden, cell)) = lstm.Call(input);
        Assert.Equal([2L, 1, 4], output.Shape.ToArray());
        Assert.Equal([4L, 1, 2], hidden.Shape.ToArray());
        Assert.Equal([4L, 1, 3], cell.Shape.ToArray());
        // torch.nn.LSTM of PyTorch 1.13 with the same numbers, printed with 12 digits.
        Sines.AssertEqual([-0.215751373106, 0.207234025332, -0.294307460052, 0.277230666878, -0.266276025944,
            0.246030573504, -0.104804612673, 0.0923488128581], output);
        Sines.AssertEqual([-0.134060478253, 0.122420169537, 0.218784286468, -0.215045053315, -0.266276025944,
            0.246030573504, -0.294307460052, 0.277230666878], hidden);
        Sines.AssertEqual([0.125718812703, -0.262528216276, 0.0234931383175, 0.0764446102262, -0.249212935556,
            0.328095413641, 0.255380653328, -0.255592285394, -0.278976383447, 0.436244183829, -0.236174334297,
            -0.244089655503], cell);
        // An initial state, whose tensors differ in size, may be given too.
        var zeros = (Tensor.Zeros([4, 1, 2], DType.Float64), Tensor.Zeros([4, 1, 3], DType.Float64));
        AssertClose(output, lstm.Call(input, zeros).Output);
        Assert.Throws<ShapeException>(() => lstm.Call(input, (zeros.Item2, zeros.Item2)));
        Assert.Equal([0L, 1, 4], lstm.Call(Tensor.Zeros([0, 1, 2], DType.Float64)).Output.Shape.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => new LSTM(2, 3, projSize: 3));
    }

    [Fact]
    public void TheStateCanBePassedOn()
    {
        using var lstm = new LSTM(3, 4, numLayers: 2, dtype: DType.Float64);
        var input = Tensor.Randn([6, 2, 3], DType.Float64);
        var (whole, end) = lstm.Call(input);
        var (first, middle) = lstm.Call(input.Narrow(0, 0, 4));
        var (second, last) = lstm.Call(input.Narrow(0, 4, 2), middle);
        AssertClose(whole, Tensor.Cat([first, second]));
        AssertClose(end.Hidden, last.Hidden);
        AssertClose(end.Cell, last.Cell);
    }

    [Fact]
    public void OrderOfDimensionsMakesNoDifference()
    {
        using var gru = new GRU(3, 4, numLayers: 2, bidirectional: true, dtype: DType.Float64);
        using var batchFirst = new GRU(3, 4, numLayers: 2, bidirectional: true, batchFirst: true, dtype: DType.Float64);
        batchFirst.LoadStateDict(gru.StateDict());
        var input = Tensor.Randn([5, 2, 3], DType.Float64);
        var (output, hidden) = gru.Call(input);
        var (transposed, sameHidden) = batchFirst.Call(input.Transpose(0, 1));
        AssertClose(output, transposed.Transpose(0, 1));
        AssertClose(hidden, sameHidden);
        var (alone, aloneHidden) = gru.Call(input.Select(1, 1));
        AssertClose(output.Select(1, 1), alone);
        AssertClose(hidden.Select(1, 1), aloneHidden);
        Assert.Equal([4L, 4], aloneHidden.Shape.ToArray());
    }

    [Fact]
    public void TheReverseDirectionReadsBackwards()
    {
        using var rnn = new RNN(3, 4, bidirectional: true, dtype: DType.Float64);
        var state = rnn.StateDict();
        using var forward = new RNN(3, 4, dtype: DType.Float64);
        forward.LoadStateDict(forward.StateDict().Keys.ToDictionary(key => key, key => state[key + "_reverse"]));
        var input = Tensor.Randn([5, 2, 3], DType.Float64);
        var backwards = forward.Call(input.Flip(0)).Output.Flip(0);
        AssertClose(rnn.Call(input).Output.Narrow(2, 4, 4), backwards);
    }

    [Fact]
    public void DropoutActsBetweenLayersInTraining()
    {
        Runtime.ManualSeed(1);
        using var lstm = new LSTM(3, 8, numLayers: 2, dropout: 0.5, dtype: DType.Float64);
        var input = Tensor.Randn([4, 2, 3], DType.Float64);
        Assert.NotEqual(lstm.Call(input).Output.ToArray<double>(), lstm.Call(input).Output.ToArray<double>());
        lstm.Eval();
        Assert.Equal(lstm.Call(input).Output.ToArray<double>(), lstm.Call(input).Output.ToArray<double>());
    }

    [Fact]
    public void GradientsReachInputAndParameters()
    {
        using var lstm = new LSTM(3, 4, numLayers: 2, bidirectional: true);
        var input = Tensor.Randn([4, 2, 3]).RequiresGrad_();
        lstm.Call(input).Output.Sum().Backward();
        Assert.NotNull(input.Grad);
        Assert.All(lstm.Parameters(), parameter => Assert.True(parameter.Grad!.Abs().Max().ToDouble() > 0));
    }

    [Fact]
    public void InvalidArgumentsAreErrors()
    {
        using var lstm = new LSTM(3, 4);
        Assert.Contains("= 3", Assert.Throws<ShapeException>(() => lstm.Call(Tensor.Zeros([5, 2, 4]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() =>
            lstm.Call(Tensor.Zeros([5, 2, 3]), (Tensor.Zeros([1, 3, 4]), Tensor.Zeros([1, 3, 4]))));
        Assert.Throws<ShapeException>(() => new GRUCell(3, 4).Call(Tensor.Zeros([2, 4])));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GRU(3, 4, dropout: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RNN(0, 4));
    }

    private static void AssertRepeats((Tensor Output, Tensor Hidden) result, Func<Tensor, Tensor?, Tensor> cell,
        Tensor input)
    {
        Tensor? hidden = null;
        for (var t = 0; t < input.Size(0); t++)
        {
            hidden = cell(input[t], hidden);
            AssertClose(result.Output[t], hidden);
        }
        AssertClose(result.Hidden[0], hidden!);
    }

    private static TCell Like<TCell>(Module layer, TCell cell) where TCell : Module
    {
        cell.LoadStateDict(layer.StateDict()
            .ToDictionary(entry => entry.Key.Replace("_l0", "", StringComparison.Ordinal), entry => entry.Value));
        return cell;
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.InRange((expected - actual).Abs().Max().ToDouble(), 0, Tolerance);
    }
}
