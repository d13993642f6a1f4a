// Fills tensors with random numbers, in place. The numbers come from the generator of the thread; see Generator.

using TorchScratch.Interop;

namespace TorchScratch;

public sealed unsafe partial class Tensor
{
    /// <summary>Fills with numbers uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">low is above high.</exception>
    public Tensor Uniform_(double low = 0, double high = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_uniform_(self.Handle, low, high));
        return this;
    }

    /// <summary>Fills with normally distributed numbers.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">std is negative.</exception>
    public Tensor Normal_(double mean = 0, double std = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_normal_(self.Handle, mean, std));
        return this;
    }

    /// <summary>
    /// Fills with log-normal numbers: the exponentials of normal numbers with the given mean and standard deviation.
    /// </summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">std is negative.</exception>
    public Tensor LogNormal_(double mean = 1, double std = 2)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_log_normal_(self.Handle, mean, std));
        return this;
    }

    /// <summary>
    /// Fills with exponentially distributed numbers, of density lambd exp(-lambd x) for x at least 0.
    /// </summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">lambd is not positive.</exception>
    public Tensor Exponential_(double lambd = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_exponential_(self.Handle, lambd));
        return this;
    }

    /// <summary>
    /// Fills with geometrically distributed numbers, the number of trials up to the first success: k = 1, 2, ... with
    /// probability (1 - p)^(k - 1) p.
    /// </summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">p is not in (0, 1).</exception>
    public Tensor Geometric_(double p)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_geometric_(self.Handle, p));
        return this;
    }

    /// <summary>
    /// Fills with numbers from a Cauchy distribution, of density sigma / (pi (sigma^2 + (x - median)^2)).
    /// </summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">sigma is not positive.</exception>
    public Tensor Cauchy_(double median = 0, double sigma = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_cauchy_(self.Handle, median, sigma));
        return this;
    }

    /// <summary>Fills with 1 with probability p, and with 0 otherwise. Any element type is supported.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">p is not in [0, 1].</exception>
    public Tensor Bernoulli_(double p = 0.5)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_bernoulli_(self.Handle, p));
        return this;
    }

    /// <summary>
    /// Fills each element with 1 with the probability given by the element of p, and with 0 otherwise; p is broadcast.
    /// </summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">A probability is not in [0, 1].</exception>
    public Tensor Bernoulli_(Tensor p)
    {
        using var self = new TensorLease(this);
        using var probabilities = new TensorLease(p);
        Status.Check(Native.ts_tensor_bernoulli_each_(self.Handle, probabilities.Handle));
        return this;
    }

    /// <summary>Fills with integers uniform in [low, high). Any element type is supported.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">The range is empty.</exception>
    public Tensor Random_(long low, long high)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_random_(self.Handle, low, high));
        return this;
    }
}
