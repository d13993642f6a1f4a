// Interleaves the channels of groups: Zhang et al., "ShuffleNet" (2018).

namespace TorchScratch.NN;

/// <summary>Channels of (N, C, ...) dealt out among groups.</summary>
/// <param name="groups">The number of groups, a divisor of C.</param>
public sealed class ChannelShuffle(int groups) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override string Description => $"groups={groups}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.ChannelShuffle(input, groups);
}
