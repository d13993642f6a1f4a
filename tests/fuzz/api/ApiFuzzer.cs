// Chooses a member and its arguments by a seed.

using System.Text;

namespace TorchScratch.Fuzz.Api;

internal sealed class ApiFuzzer(string only) : IFuzzer
{
    private readonly Member[] _members = [.. Members.All.Where(member => member.LeftOut is null &&
        member.Name.Contains(only, StringComparison.OrdinalIgnoreCase))];

    public IFuzzCase Make(ulong seed)
    {
        if (_members.Length == 0)
            throw new ArgumentException("no member's name contains this text");
        // Seeds that follow one another shall not make similar calls.
        var random = new Random((int)((seed * 0x9E3779B97F4A7C15) >> 33));
        return new ApiCase(_members[random.Next(_members.Length)], random);
    }

    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var member in Members.All)
            text.Append(member.Name).AppendLine(member.LeftOut is null ? "" : $": left out, {member.LeftOut}");
        return text.Append($"{_members.Length} of {Members.All.Count} members").ToString();
    }
}
