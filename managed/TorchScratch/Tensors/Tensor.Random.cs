// Filling with random numbers in place. The numbers come from the thread's generator; see Generator.

using TorchScratch.Interop;

namespace TorchScratch;

public sealed unsafe partial class Tensor
{
    /// <summary>Fills with random numbers, uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">low is above high.</exception>
    public Tensor Uniform_(double low = 0, double high = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_uniform_(self.Handle, low, high));
        return this;
    }

    /// <summary>Fills with random numbers of a normal distribution.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">std is negative.</exception>
    public Tensor Normal_(double mean = 0, double std = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_normal_(self.Handle, mean, std));
        return this;
    }

    /// <summary>Fills with the exponential of normal numbers that have this mean and standard deviation.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">std is negative.</exception>
    public Tensor LogNormal_(double mean = 1, double std = 2)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_log_normal_(self.Handle, mean, std));
        return this;
    }

    /// <summary>Fills with random numbers of density lambd exp(-lambd x), x at least 0.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">lambd is not positive.</exception>
    public Tensor Exponential_(double lambd = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_exponential_(self.Handle, lambd));
        return this;
    }

    /// <summary>
    /// Fills with the number of trials up to the first success: k, at least 1, with probability (1 - p)^(k - 1) p.
    /// </summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">p does not lie in (0, 1).</exception>
    public Tensor Geometric_(double p)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_geometric_(self.Handle, p));
        return this;
    }

    /// <summary>Fills with random numbers of density sigma / (pi (sigma^2 + (x - median)^2)).</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">sigma is not positive.</exception>
    public Tensor Cauchy_(double median = 0, double sigma = 1)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_cauchy_(self.Handle, median, sigma));
        return this;
    }

    /// <summary>Fills with 1, of probability p, and 0; of any element type.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">p does not lie in [0, 1].</exception>
    public Tensor Bernoulli_(double p = 0.5)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_bernoulli_(self.Handle, p));
        return this;
    }

    /// <summary>Fills with 1, of the probability that the element of p says, and 0; p broadcasts.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">A probability does not lie in [0, 1].</exception>
    public Tensor Bernoulli_(Tensor p)
    {
        using var self = new TensorLease(this);
        using var probabilities = new TensorLease(p);
        Status.Check(Native.ts_tensor_bernoulli_each_(self.Handle, probabilities.Handle));
        return this;
    }

    /// <summary>Fills with whole random numbers of [low, high), each equally likely; of any element type.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ValueException">There is no number in the range.</exception>
    public Tensor Random_(long low, long high)
    {
        using var self = new TensorLease(this);
        Status.Check(Native.ts_tensor_random_(self.Handle, low, high));
        return this;
    }
}
