// One call, made with one thread and with two.

using System.Reflection;

namespace TorchScratch.Fuzz.Api;

internal sealed class ApiCase : IFuzzCase
{
    // Whose results are meant to differ from call to call: clocks, counters, identities.
    private static readonly string[] NotRepeatable =
    [
        "Runtime.get_AllocatorStatistics", "LiveTensors", "LiveTensor", "Profile", "GetHashCode", "RunFolder", "Runtime.",
        "MemoryPressure", "TrainingProgress", "get_CurrentEpoch", "Tensor.Empty",
    ];

    private readonly Member _member;
    private readonly MethodBase? _method;
    private readonly Argument? _target;
    private readonly Argument[] _arguments = [];
    private readonly int _backward;

    public ApiCase(Member member, Random random)
    {
        _member = member;
        // A function may be called once for each element.
        var tensors = new Tensors(random, canBeLarge: !member.Method.GetParameters()
            .Any(parameter => typeof(Delegate).IsAssignableFrom(parameter.ParameterType)));
        var arguments = new Arguments(random, tensors);
        _backward = random.Next(8);
        try
        {
            var method = arguments.Close(member.Method);
            if (!method.IsStatic && !method.IsConstructor)
                _target = arguments.Target(method.DeclaringType!);
            _arguments = arguments.For(method, canBeWild: random.Next(3) != 0);
            Text = CSharp.Call(method, _target?.Text ?? "", [.. _arguments.Select(argument => argument.Text)]);
            _method = method;
        }
        catch (NoArgumentException exception)
        {
            Text = $"no call of {member.Name}: {exception.Message}";
        }
    }

    public string Subject => _member.Name;

    public string Text { get; private set; }

    public Finding? Run()
    {
        if (_method is null)
            return null;
        try
        {
            var one = Outcome(threads: 1);
            if (one.Finding is not null)
                return one.Finding;
            var two = Outcome(threads: 2);
            if (two.Finding is not null)
                return two.Finding;
            // What the memory limit refuses depends on what else is still alive.
            var isLimited = one.Refusal is TensorMemoryException || two.Refusal is TensorMemoryException;
            // The message names a temporary file.
            var isFile = one.Refusal is TensorIOException && two.Refusal is TensorIOException;
            return isLimited || isFile || one.Bits == two.Bits || Array.Exists(NotRepeatable,
                name => _member.Name.Contains(name, StringComparison.Ordinal)) ? null
                : new("depends on threads", $"with one thread\n{one.Bits}\nwith two\n{two.Bits}");
        }
        catch (NoArgumentException)
        {
            return null;
        }
        finally
        {
            Sandbox.Reset();
        }
    }

    private (string Bits, Exception? Refusal, Finding? Finding) Outcome(int threads)
    {
        Sandbox.Reset();
        Runtime.NumThreads = threads;
        using var scope = Tensor.Scope();
        var target = _target?.Make();
        var arguments = Array.ConvertAll(_arguments, argument => argument.Make());
        object?[] all = [target, .. arguments];
        var before = Bits.Of(all, isResult: false);
        try
        {
            var result = Invoker.Invoke(_method!, target, arguments);
            try
            {
                var text = Bits.Of(result, isResult: true) + Differentiate(result);
                return ($"result {text}\narguments {Bits.Of(all, isResult: false)}\ngradients {Bits.Gradients(all)}", null, null);
            }
            finally
            {
                if (result is IDisposable disposable and not Tensor)
                    disposable.Dispose();
            }
        }
        catch (Exception exception) when (exception is not NoArgumentException)
        {
            if (Refusals.Fault(_member, all, exception) is { } fault)
                return ("", exception, fault);
            var after = Bits.Of(all, isResult: false);
            return after == before ? ($"{exception.GetType().Name}: {exception.Message}", exception, null)
                : ("", exception, new("a failed call changed something", $"{exception.GetType().Name}: {exception.Message}\nbefore\n" +
                    $"{before}\nafter\n{after}"));
        }
    }

    // Backward through one of the results, twice for some calls.
    private string Differentiate(object? result)
    {
        var outputs = Bits.TensorsIn(result).Where(tensor => !tensor.IsDisposed && tensor.RequiresGrad).ToArray();
        if (outputs.Length == 0 || _backward == 0)
            return "";
        var output = outputs[_backward % outputs.Length];
        try
        {
            using (Autograd.EnableGrad())
                output.Sum().Backward(createGraph: _backward == 1);
            return "";
        }
        catch (Exception exception) when (Refusals.Fault(_member, [], exception, isBackward: true) is null)
        {
            return $" backward: {exception.Message}";
        }
    }
}
