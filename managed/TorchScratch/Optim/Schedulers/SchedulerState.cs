// The state of a scheduler as tensors. One list of names serves both saving and loading.

namespace TorchScratch.Optim;

/// <summary>Visits every number that changes from step to step.</summary>
public abstract class StateVisitor
{
    internal StateVisitor()
    {
    }

    /// <summary>A single number, which is never NaN.</summary>
    /// <param name="name">PyTorch's name.</param>
    /// <param name="get">Reads it.</param>
    /// <param name="set">Changes it.</param>
    /// <param name="min">Its smallest possible value.</param>
    /// <param name="allowInfinite">Whether it may be infinite.</param>
    public abstract void Number(string name, Func<double> get, Action<double> set, double min = 0,
        bool allowInfinite = false);

    /// <summary>A whole number.</summary>
    /// <param name="name">PyTorch's name.</param>
    /// <param name="get">Reads it.</param>
    /// <param name="set">Changes it.</param>
    /// <param name="min">Its smallest possible value.</param>
    public abstract void Count(string name, Func<long> get, Action<long> set, long min = 0);

    /// <summary>
    /// The smallest epoch: -1 in a scheduler that is part of another one, where it may wait for its turn.
    /// </summary>
    public virtual long FirstEpoch => 0;

    /// <summary>A list of numbers whose length does not change.</summary>
    public abstract void Numbers(string name, Func<double[]> get, Action<double[]> set);

    /// <summary>A visitor that puts the name of a part before all names.</summary>
    public abstract StateVisitor Below(string name);
}

internal sealed class StateWriter(IDictionary<string, Tensor> state, string prefix) : StateVisitor
{
    public override void Number(string name, Func<double> get, Action<double> set, double min, bool allowInfinite) =>
        state.Add(prefix + name, Tensor.FromScalar(get(), DType.Float64, Device.Cpu));

    public override void Count(string name, Func<long> get, Action<long> set, long min) =>
        state.Add(prefix + name, Tensor.FromScalar(get(), DType.Float64, Device.Cpu));

    public override void Numbers(string name, Func<double[]> get, Action<double[]> set) =>
        state.Add(prefix + name, Tensor.FromArray(get(), Device.Cpu));

    public override StateVisitor Below(string name) => new StateWriter(state, $"{prefix}{name}.");
}

internal sealed class StateReader(StatePlan plan, string prefix) : StateVisitor
{
    public override void Number(string name, Func<double> get, Action<double> set, double min, bool allowInfinite) =>
        plan.Read(prefix + name, set, min, allowInfinite);

    public override long FirstEpoch => prefix.Length == 0 ? 0 : -1;

    public override void Count(string name, Func<long> get, Action<long> set, long min) =>
        plan.ReadCount(prefix + name, set, min);

    public override void Numbers(string name, Func<double[]> get, Action<double[]> set) =>
        plan.ReadList(prefix + name, get().Length, set);

    public override StateVisitor Below(string name) => new StateReader(plan, $"{prefix}{name}.");
}
