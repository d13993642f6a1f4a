// Messages of the core in the spelling of C#. The core writes "cross_entropy (in log_softmax): `ignore_index` must
// ...": the names of functions in front, and every other name of its API between backquotes.

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TorchScratch;

internal static partial class CoreMessage
{
    /// <summary>
    /// The message with the names that C# uses: "CrossEntropy (in LogSoftmax): ignoreIndex must ...".
    /// </summary>
    internal static string InCSharp(string message)
    {
        var head = Head().Match(message);
        var text = message[head.Length..];
        var rest = Marked().Replace(text, match => Name(text, match));
        return !head.Success ? rest
            : $"{Function(head.Groups["function"].Value)}{Inner(head.Groups["inner"])}: {rest}";

        static string Inner(Group inner) => inner.Success ? $" (in {Function(inner.Value)})" : "";
    }

    /// <summary>The function with which the message begins, as the core calls it; null if there is none.</summary>
    internal static string? FunctionOf(string message) =>
        Head().Match(message) is { Success: true } head ? head.Groups["function"].Value : null;

    /// <summary>The C# name of a function: <c>log_softmax</c> is LogSoftmax, <c>add_</c> is Add_.</summary>
    internal static string Function(string name) => OperatorNames.Special(name) ?? name switch
    {
        "requires_grad_" => "RequiresGrad",
        "set_default_dtype" => "Runtime.DefaultDType",
        "set_num_threads" => "Runtime.NumThreads",
        "set_default_device" => "Device.Use",
        "parse_device" => "Device.Parse",
        "cuda_set_current_device" => "Cuda.CurrentDevice",
        "cuda_memory" => "Cuda.MemoryStatistics",
        "cuda_properties" => "Cuda.GetProperties",
        "cuda_event_elapsed" => "CudaEvent.ElapsedTime",
        "cuda_stream" => "CudaStream",
        "cuda_event" => "CudaEvent",
        _ when name.StartsWith("cuda_stream_", StringComparison.Ordinal) =>
            $"CudaStream.{Pascal(name["cuda_stream_".Length..])}",
        _ when name.StartsWith("cuda_event_", StringComparison.Ordinal) =>
            $"CudaEvent.{Pascal(name["cuda_event_".Length..])}",
        _ when name.StartsWith("cuda_", StringComparison.Ordinal) => $"Cuda.{Pascal(name["cuda_".Length..])}",
        "save_for_backward" => "Save",
        _ => Pascal(name),
    };

    // A static method has a parameter self; an instance method's is never null.
    private static string Name(string text, Match match) =>
        match.Groups[1].Value is "self" && text.AsSpan(0, match.Index).EndsWith("the argument ") ? "self"
        : Name(match.Groups[1].Value);

    // A call, a named argument, the instance, or else a parameter.
    private static string Name(string marked)
    {
        if (marked is "grad(allow_unused=true)")
            return $"{nameof(Autograd)}.{nameof(Autograd.GradOrNull)}";
        if (marked.StartsWith("self.", StringComparison.Ordinal))
            return Name(marked["self.".Length..]);
        if (Call().Match(marked) is { Success: true } call)
            return $"{Function(call.Groups[1].Value)}({Argument(call.Groups[2].Value)})";
        return marked.Split('=') is [var name, var value] ? $"{Camel(name)}: {Argument(value)}"
            : marked switch
            {
                "self" => "this",
                "none" => "null",
                "requires_grad" => "RequiresGrad",
                _ => Camel(marked),
            };
    }

    private static string Argument(string text) =>
        Enum.TryParse<DType>(text, ignoreCase: true, out var dtype) ? $"DType.{dtype}" : text;

    private static string Camel(string name) => Pascal(name) is { Length: > 0 } pascal
        ? char.ToLower(pascal[0], CultureInfo.InvariantCulture) + pascal[1..]
        : name;

    // A trailing underscore is part of the name: it marks what writes in place.
    private static string Pascal(string name)
    {
        var text = new StringBuilder();
        foreach (var part in name.Split('_', StringSplitOptions.RemoveEmptyEntries))
            text.Append(char.ToUpper(part[0], CultureInfo.InvariantCulture)).Append(part, 1, part.Length - 1);
        return name.EndsWith('_') ? text.Append('_').ToString() : text.ToString();
    }

    [GeneratedRegex(@"^(?<function>[a-z][a-z0-9_]*)(?: \(in (?<inner>[a-z][a-z0-9_]*)\))?: ")]
    private static partial Regex Head();

    [GeneratedRegex("`([a-z][^`]*)`")]
    private static partial Regex Marked();

    [GeneratedRegex(@"^([a-z0-9_]+)\((.*)\)$")]
    private static partial Regex Call();
}
