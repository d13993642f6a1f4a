// Writes the results as JSON.

using System.Text.Json;

namespace TorchScratch.Conformance.Reports;

internal static class JsonReport
{
    private static readonly JsonWriterOptions Options = new() { Indented = true };

    /// <summary>Writes every operator with its counts, its failures and the calls that no overload accepts.</summary>
    public static void Write(string path, IReadOnlyList<OperatorResult> results)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        WriteCounts(json, results);
        json.WriteStartArray("operators");
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("operator", result.Operator);
            json.WriteBoolean("known", result.IsKnown);
            WriteCounts(json, [result]);
            WriteCases(json, "failures", result.Failures);
            WriteCases(json, "notes", result.Notes);
            WriteCases(json, "does not compile", result.Cases.Where(sample => sample.Outcome == Outcome.DoesNotCompile));
            json.WriteStartArray("unsupported");
            foreach (var skipped in result.Cases.Where(sample => result.IsKnown && sample.Outcome == Outcome.Unsupported))
                json.WriteStringValue($"{skipped.Name}: {skipped.Call}{(skipped.Message is { } reason ? $": {reason}" : "")}");
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCases(Utf8JsonWriter json, string name, IEnumerable<CaseResult> cases)
    {
        json.WriteStartArray(name);
        foreach (var result in cases)
        {
            json.WriteStartObject();
            json.WriteString("case", result.Name);
            json.WriteString("call", result.Call);
            json.WriteString("message", result.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteCounts(Utf8JsonWriter json, IReadOnlyList<OperatorResult> results)
    {
        json.WriteNumber("passed", results.Sum(result => result.Passed));
        json.WriteNumber("failed", results.Sum(result => result.Failed));
        json.WriteNumber("skipped", results.Sum(result => result.Skipped));
        json.WriteNumber("does not compile", results.Sum(result => result.Uncompilable));
    }
}
