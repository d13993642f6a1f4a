// A scheduler with a number of its own: halves the learning rates at each step and counts.

using TorchScratch.Optim;

namespace TorchScratch.Outside;

public sealed class Halving : LRScheduler
{
    private double _calls;

    public Halving(Optimizer optimizer) : base(optimizer) => Start();

    protected override double NextRate(int group, double rate)
    {
        _calls++;
        return Epoch == 0 ? rate : rate / 2;
    }

    protected override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        visitor.Number("calls", () => _calls, value => _calls = value);
    }
}
