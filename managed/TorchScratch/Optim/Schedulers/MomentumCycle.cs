// Schedules that lower the momentum while they raise the rate.

namespace TorchScratch.Optim;

/// <summary>Sets momentum, or Adam's beta1, of the groups of an optimizer.</summary>
internal static class MomentumCycle
{
    /// <exception cref="ArgumentException">A group has neither.</exception>
    public static void Check(Optimizer optimizer)
    {
        if (optimizer.ParameterGroups.Any(group => group.CycledMomentum is null))
        {
            throw new ArgumentException(
                $"{optimizer.GetType().Name} has no momentum to cycle; pass cycleMomentum: false", nameof(optimizer));
        }
    }
}
