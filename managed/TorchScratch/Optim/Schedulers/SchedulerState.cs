// The state of a scheduler as tensors. One list of names serves both saving and loading.

namespace TorchScratch.Optim;

/// <summary>Visits every number that changes from step to step.</summary>
internal abstract class StateVisitor
{
    /// <summary>A single number.</summary>
    public abstract void Number(string name, Func<double> get, Action<double> set);

    /// <summary>A list of numbers whose length does not change.</summary>
    public abstract void Numbers(string name, Func<double[]> get, Action<double[]> set);

    /// <summary>A visitor that puts the name of a part before all names.</summary>
    public abstract StateVisitor Below(string name);
}

internal sealed class StateWriter(IDictionary<string, Tensor> state, string prefix) : StateVisitor
{
    public override void Number(string name, Func<double> get, Action<double> set) =>
        state.Add(prefix + name, Tensor.FromScalar(get(), DType.Float64));

    public override void Numbers(string name, Func<double[]> get, Action<double[]> set) =>
        state.Add(prefix + name, Tensor.FromArray(get()));

    public override StateVisitor Below(string name) => new StateWriter(state, $"{prefix}{name}.");
}

internal sealed class StateReader(StatePlan plan, string prefix) : StateVisitor
{
    public override void Number(string name, Func<double> get, Action<double> set) => plan.Read(prefix + name, set);

    public override void Numbers(string name, Func<double[]> get, Action<double[]> set) =>
        plan.ReadList(prefix + name, get().Length, set);

    public override StateVisitor Below(string name) => new StateReader(plan, $"{prefix}{name}.");
}
