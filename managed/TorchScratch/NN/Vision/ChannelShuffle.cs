// Interleaves the channels of groups: Zhang et al., "ShuffleNet" (2018).

namespace TorchScratch.NN;

/// <summary>
/// Interleaves the channels of groups: (N, C, ...) is viewed as (N, groups, C / groups, ...), and these two dimensions
/// are exchanged. Zhang et al., "ShuffleNet" (2018).
/// </summary>
/// <param name="groups">The number of groups, a divisor of C.</param>
public sealed class ChannelShuffle(int groups) : Module<Tensor, Tensor>
{
    /// <summary>The number of groups.</summary>
    public int Groups => groups;

    /// <inheritdoc/>
    protected override string Description => $"groups={groups}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.ChannelShuffle(input, groups);
}
