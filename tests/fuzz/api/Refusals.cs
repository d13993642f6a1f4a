// Which exceptions a call may end with, and what their messages must say.

using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TorchScratch.Fuzz.Api;

internal static partial class Refusals
{
    // What a message may begin with: a type of the library, such as the transform that failed in a composition.
    private static readonly HashSet<string> TypeNames = [.. Members.Types.Select(type => type.Name.Split('`')[0])];

    // The exceptions that the documentation of a member names, by its name in the XML file.
    private static readonly Lazy<Dictionary<string, HashSet<string>>> Documented = new(ReadDocumentation);

    /// <summary>Null if the call may end so.</summary>
    /// <param name="member">What was called.</param>
    /// <param name="arguments">With what; a message may name an object or a path instead of the member.</param>
    /// <param name="exception">How it ended.</param>
    /// <param name="isBackward">Whether not the call but the backward pass through its result ended so.</param>
    public static Finding? Fault(Member member, object?[] arguments, Exception exception, bool isBackward = false)
    {
        if (exception is CallbackFailure || Inner(exception) is CallbackFailure or NoArgumentException)
            return null;
        if (exception is TorchScratchException own)
        {
            if (ForeignWords().Match(own.Message) is { Success: true } word)
                return new("a message in the words of another language", $"\"{word.Value}\" in {Text(own)}");
            return isBackward || own.Operator is not null || own.ModulePath is not null || Names(own.Message, member.Method, arguments)
                ? null : new("a refusal that names no operator", Text(own));
        }
        if (exception is ArgumentException argument)
            return argument.ParamName is not null || Names(argument.Message, member.Method, arguments) ? null
                : new("a refusal that names neither parameter nor operator", Text(exception));
        // A disposed object is refused by the exception that .NET has for it.
        if (exception is ObjectDisposedException)
            return null;
        if (exception is OperationCanceledException && member.Method.GetParameters()
            .Any(parameter => parameter.ParameterType == typeof(CancellationToken)))
        {
            return null;
        }
        return IsDocumented(member.Method, exception.GetType()) ? null
            : new("a foreign exception", $"{exception.GetType().Name}: {exception.Message}\n{Frames(exception)}");
    }

    private static bool Names(string message, MethodBase method, object?[] arguments)
    {
        var text = Plain(message);
        var name = method.Name.StartsWith("get_", StringComparison.Ordinal) ||
            method.Name.StartsWith("set_", StringComparison.Ordinal) ? method.Name[4..] : method.Name;
        return TypeNames.Contains(message.Split(':')[0]) ||
            (Plain(name).Length > 1 && text.Contains(Plain(name), StringComparison.Ordinal)) ||
            text.Contains(Plain(method.DeclaringType!.Name.Split('`')[0]), StringComparison.Ordinal) ||
            arguments.Any(argument => NamesArgument(message, argument));
    }

    // A path, the type of a module or an optimizer, or the name of a metric.
    private static bool NamesArgument(string message, object? argument) => argument switch
    {
        null => false,
        string path => path.Length > 0 && message.Contains(Path.GetFileName(path.TrimEnd('/', '.')), StringComparison.Ordinal),
        NN.Module or Optim.Optimizer or Optim.LRScheduler =>
            message.Contains(argument.GetType().Name, StringComparison.Ordinal),
        _ => argument.GetType().GetProperty("Name")?.GetValue(argument) is string { Length: > 1 } label &&
            message.Contains(label, StringComparison.Ordinal),
    };

    private static string Plain(string text) =>
        string.Concat(text.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant));

    private static string Text(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";

    private static Exception? Inner(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }

    private static string Frames(Exception exception) => string.Join('\n', (exception.StackTrace ?? "").Split('\n').Take(6));

    private static bool IsDocumented(MethodBase method, Type exception)
    {
        var name = $"{method.DeclaringType!.FullName?.Split('[')[0]}.{(method.IsConstructor ? "#ctor" : method.Name)}"
            .Replace('+', '.');
        if (method.IsSpecialName && !method.IsConstructor && method.Name.Length > 4)
            name = name.Replace("get_", "", StringComparison.Ordinal).Replace("set_", "", StringComparison.Ordinal);
        if (!Documented.Value.TryGetValue(name, out var types))
            return false;
        // Whoever catches a documented type catches those that derive from it.
        for (var type = exception; type is not null; type = type.BaseType)
        {
            if (types.Contains(type.FullName!))
                return true;
        }
        return false;
    }

    private static Dictionary<string, HashSet<string>> ReadDocumentation()
    {
        var result = new Dictionary<string, HashSet<string>>();
        foreach (var assembly in Members.Assemblies)
        {
            var file = Path.ChangeExtension(assembly.Location, ".xml");
            if (!File.Exists(file))
                throw new FileNotFoundException($"{file} is missing, which says what exceptions members throw", file);
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                // "M:TorchScratch.Tensor.ToArray``1(...)": overloads share what is documented.
                var name = member.Attribute("name")!.Value[2..].Split('(')[0].Split("``")[0];
                foreach (var exception in member.Elements("exception"))
                {
                    if (!result.TryGetValue(name, out var types))
                        result[name] = types = [];
                    types.Add(exception.Attribute("cref")!.Value[2..]);
                }
            }
        }
        return result;
    }

    // Names of parameters in C++ and Python, and what C++ prints.
    [GeneratedRegex(@"retain_graph|create_graph|allow_unused|requires_grad|keepdim=|to\(dtype\)|\bNULL\b|nullptr|std::|\bts_[a-z]+|-nan\b|bad_alloc")]
    private static partial Regex ForeignWords();
}
