// Chooses a reader, a file and its damage by a seed.

namespace TorchScratch.Fuzz.Files;

internal sealed class FileFuzzer : IFuzzer
{
    private readonly FileReader[] _readers;
    private readonly Dictionary<FileReader, byte[][]> _seeds = [];

    public FileFuzzer(string only)
    {
        FileReader[] all = [.. DataReaders.All(), .. TextReaders.All(), .. StateReaders.All(), .. OtherReaders.All()];
        _readers = [.. all.Where(reader => reader.Name.Contains(only, StringComparison.OrdinalIgnoreCase))];
    }

    public IFuzzCase Make(ulong seed)
    {
        if (_readers.Length == 0)
            throw new ArgumentException("no reader's name contains this text");
        // Seeds that follow one another shall not make similar cases.
        var random = new Random((int)((seed * 0x9E3779B97F4A7C15) >> 33));
        var reader = _readers[random.Next(_readers.Length)];
        var files = SeedsOf(reader);
        var file = files[random.Next(files.Length)];
        return new FileCase(reader, new Damage(random, reader, files, file));
    }

    public string Describe() => string.Join('\n', _readers.Select(reader => reader.Name));

    private byte[][] SeedsOf(FileReader reader)
    {
        if (_seeds.TryGetValue(reader, out var seeds))
            return seeds;
        Runtime.ManualSeed(1);
        using var scope = Tensor.Scope();
        return _seeds[reader] = [.. reader.Seeds()];
    }
}
