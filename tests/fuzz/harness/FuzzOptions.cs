// The command line of a fuzzer.

using System.Globalization;

namespace TorchScratch.Fuzz;

internal sealed record FuzzOptions
{
    public const string Usage = """
        --seconds N      how long to run; 60 if not given
        --seed S         the first seed; the number of today's date if not given, so that each day tries other cases
        --only TEXT      only subjects whose name contains TEXT
        --replay SEED    run one case in this process and print it
        --list           print all subjects
        """;

    public double Seconds { get; private init; } = 60;

    public ulong Seed { get; private init; } = (ulong)DateTime.UtcNow.Subtract(DateTime.UnixEpoch).Days * 1_000_000_000;

    public string Only { get; private init; } = "";

    public ulong? Replay { get; private init; }

    public bool List { get; private init; }

    /// <summary>Set in the child process: it runs cases from <see cref="Seed"/> on until it is killed.</summary>
    public bool IsChild { get; private init; }

    /// <summary>Null, with a message on the error output, if an option is unknown.</summary>
    public static FuzzOptions? Parse(string[] arguments)
    {
        var options = new FuzzOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds):
                    options = options with { Seconds = seconds };
                    i++;
                    break;
                case "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    i++;
                    break;
                case "--replay" when ulong.TryParse(value, CultureInfo.InvariantCulture, out var replay):
                    options = options with { Replay = replay };
                    i++;
                    break;
                case "--only":
                    options = options with { Only = value };
                    i++;
                    break;
                case "--list":
                    options = options with { List = true };
                    break;
                case "--child":
                    options = options with { IsChild = true };
                    break;
                default:
                    Console.Error.WriteLine($"unknown option {arguments[i]}\n{Usage}");
                    return null;
            }
        }
        return options;
    }
}
