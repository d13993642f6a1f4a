// Finds the text: as given, in a known folder, or by download.

using TorchScratch.Data;

namespace TorchScratch.Examples.CharacterGpt;

internal static class PlayText
{
    private const string Set = "text";
    private static readonly string DownloadDirectory = Path.Combine("data", Set);

    /// <summary>
    /// The given file, or the one in the given folder; else the first known location that has Shakespeare's plays; else
    /// downloads them to data/text.
    /// </summary>
    /// <exception cref="FileNotFoundException">
    /// They are nowhere, and the download fails; the message lists the places.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">The given folder does not have the file.</exception>
    public static string Find(string? given, TextWriter output, CancellationToken cancellation)
    {
        const string name = TinyShakespeareDownload.FileName;
        if (DataFolder.TryFindFile(given, Set, name) is { } path)
            return path;
        return DataDownload.Try(name, TinyShakespeareDownload.DefaultSource, DownloadDirectory, output, reporter =>
            TinyShakespeareDownload.DownloadAsync(DownloadDirectory, reporter, cancellation: cancellation))
            ? Path.Combine(DownloadDirectory, name)
            : DataFolder.FindFile(given, Set, name);
    }
}
