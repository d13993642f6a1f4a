// For schedules that lower the momentum while they raise the learning rate.

namespace TorchScratch.Optim;

/// <summary>Checks that the groups of an optimizer have a momentum, or a beta1, to change.</summary>
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
