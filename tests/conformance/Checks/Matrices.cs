// A batch of small matrices in double precision, for checking factorizations without the library's own operators.

namespace TorchScratch.Conformance.Checks;

/// <summary>The matrices in the last two dimensions of a tensor.</summary>
internal sealed class Matrices
{
    private readonly double[] _values;

    private Matrices(int batch, int rows, int columns, double[]? values = null) =>
        (Batch, Rows, Columns, _values) = (batch, rows, columns, values ?? new double[batch * rows * columns]);

    public int Batch { get; }

    public int Rows { get; }

    public int Columns { get; }

    public double[] Values => _values;

    public double LargestMagnitude => _values.Select(Math.Abs).Where(double.IsFinite).DefaultIfEmpty().Max();

    private ref double this[int b, int i, int j] => ref _values[(b * Rows + i) * Columns + j];

    public static Matrices From(Tensor tensor)
    {
        var shape = tensor.Shape;
        var batch = 1;
        foreach (var size in shape[..^2])
            batch *= (int)size;
        return new(batch, (int)shape[^2], (int)shape[^1], Elements.Doubles(tensor));
    }

    public static Matrices Identity(int batch, int size)
    {
        var result = new Matrices(batch, size, size);
        for (var b = 0; b < batch; b++)
        {
            for (var i = 0; i < size; i++)
                result[b, i, i] = 1;
        }
        return result;
    }

    public Matrices Transposed()
    {
        var result = new Matrices(Batch, Columns, Rows);
        return result.Fill((b, i, j) => this[b, j, i]);
    }

    /// <summary>The first rows and columns of each matrix.</summary>
    public Matrices Leading(int rows, int columns) => new Matrices(Batch, rows, columns).Fill((b, i, j) => this[b, i, j]);

    /// <summary>The symmetric matrices with the lower or upper triangles of these.</summary>
    public Matrices Mirrored(bool upper) =>
        new Matrices(Batch, Rows, Columns).Fill((b, i, j) => i >= j != upper ? this[b, i, j] : this[b, j, i]);

    /// <summary>The matrices with each column multiplied by its factor.</summary>
    public Matrices ScaledColumns(double[] factors) =>
        new Matrices(Batch, Rows, Columns).Fill((b, i, j) => this[b, i, j] * factors[b * Columns + j]);

    public static Matrices operator *(Matrices left, Matrices right) =>
        new Matrices(left.Batch, left.Rows, right.Columns).Fill((b, i, j) =>
        {
            var sum = 0.0;
            for (var k = 0; k < left.Columns; k++)
                sum += left[b, i, k] * right[b, k, j];
            return sum;
        });

    private Matrices Fill(Func<int, int, int, double> value)
    {
        for (var b = 0; b < Batch; b++)
        {
            for (var i = 0; i < Rows; i++)
            {
                for (var j = 0; j < Columns; j++)
                    this[b, i, j] = value(b, i, j);
            }
        }
        return this;
    }
}
