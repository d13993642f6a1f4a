// Messages of the core as C# users see them: the operator in front as it was called, parameters and methods in the
// spelling of C#.

using System.Reflection;
using System.Text.RegularExpressions;
using TorchScratch.NN;

namespace TorchScratch.Tests;

public partial class MessageTests
{
    [Theory]
    [InlineData("cross_entropy (in log_softmax): `ignore_index` must be 1", "CrossEntropy (in LogSoftmax): ignoreIndex must be 1")]
    [InlineData("add_: the result does not fit", "Add_: the result does not fit")]
    [InlineData("linalg_svd: a must be a matrix", "Linalg.Svd: a must be a matrix")]
    [InlineData("gather: convert it with `to(int64)`", "Gather: convert it with To(DType.Int64)")]
    [InlineData("gather: convert one with `to(dtype)`", "Gather: convert one with To(dtype)")]
    [InlineData("floor_divide_: use it on `self.detach()`", "FloorDivide_: use it on Detach()")]
    [InlineData("batch_norm: or pass `training=true`", "BatchNorm: or pass training: true")]
    [InlineData("index_copy: but `self` is float32", "IndexCopy: but this is float32")]
    [InlineData("where: the argument `self` must be a tensor, but it is `none`", "Where: the argument self must be a tensor, but it is null")]
    [InlineData("requires_grad_: only floating tensors", "RequiresGrad: only floating tensors")]
    [InlineData("my::swish: takes 1 tensors", "my::swish: takes 1 tensors")]
    [InlineData("out of memory: 5 bytes", "out of memory: 5 bytes")]
    [InlineData("`", "`")]
    [InlineData("", "")]
    public void MessagesOfTheCoreAreSpelledAsInCSharp(string core, string expected) =>
        Assert.Equal(expected, CoreMessage.InCSharp(core));

    [Fact]
    public void TheOperatorKeepsItsNameInTheTable()
    {
        using var x = Tensor.Ones((2, 3));
        var error = Assert.Throws<TensorIndexException>(() => x.LogSoftmax(5));
        Assert.Equal("log_softmax", error.Operator);
        Assert.StartsWith("LogSoftmax: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusalsOfArgumentsNameWhatWasCalled()
    {
        using var x = Tensor.Ones((2, 3));
        using var n = Tensor.FromArray([1L, 2L]);
        Named("div", "Div: ", () => x.Div(2, (RoundingMode)7));
        Named("zeros", "Zeros: ", () => Tensor.Zeros(2, (DType)99));
        Named("to", "To: ", () => x.To((DType)(-5)));
        Named("empty", "Empty: ", () => Tensor.Empty([2], (DType)99));
        Named("empty", "Empty: ", () => Tensor.Empty([-1]));
        Named("empty", "Empty: ", () => Tensor.Empty([1L << 40, 1L << 40]));
        Named("from_scalar", "FromScalar: ", () => Tensor.FromScalar(1, (DType)99));
        Named("requires_grad_", "RequiresGrad: ", () => n.RequiresGrad = true);
        Named("requires_grad_", "RequiresGrad: ", () => n.RequiresGrad_());
        Named("&", "&: ", () => _ = x & x);
        Named("|", "|: ", () => _ = x | x);
        Named("^", "^: ", () => _ = x ^ x);
        Named("!", "!: ", () => _ = !x);
        Named("ToArray", "ToArray: ", () => x.ToArray<long>());
        Named("ToArray", "ToArray: ", () => Tensor.Zeros(1).Expand(1L << 40).ToArray<float>());
        Named("AsSpan", "AsSpan: ", () => x.Transpose(0, 1).AsSpan<float>());
        Named("From", "From: ", () => Tensor.From([1f, 2f], [1L << 40, 1L << 40]));
        Named("item", "Item: ", () => x.Item());
        Named("backward", "Backward: ", () => x.Backward());
        Named("grad", "Grad: ", () => x.Grad = n);
        Named("retain_grad", "RetainGrad: ", () => x.RetainGrad());
        Named("register_hook", "RegisterHook: ", () => x.RegisterHook(grad => grad));
        Named("index", "Index (in Select): ", () => _ = x[5]);
        Named("Size", "Size: ", () => x.Size(7));

        static void Named(string name, string start, Action action)
        {
            var error = Assert.ThrowsAny<TorchScratchException>(action);
            Assert.Equal(name, error.Operator);
            Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void APassOverAFreedGraphNamesTheParameterOfCSharp()
    {
        var x = Tensor.Ones(2);
        x.RequiresGrad = true;
        var y = (x * x).Sum();
        y.Backward();
        var error = Assert.Throws<AutogradException>(() => y.Backward());
        Assert.Contains("pass retainGraph to the first pass", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<AutogradException>(() => Autograd.Grad([(x * 2).Sum()], [Tensor.Ones(1).RequiresGrad_()]));
        Assert.Contains("call Autograd.GradOrNull to get null", error.Message, StringComparison.Ordinal);
    }

    // Every operator is called with arguments that it refuses. No message may have a word of the core's spelling, a
    // backquote, or a NaN with a sign.
    [Fact]
    public void NoMessageHasNamesOfAnotherLanguage()
    {
        var wrong = new List<string>();
        var refused = 0;
        foreach (var method in typeof(Tensor).GetMethods().Concat(typeof(Functional).GetMethods()).Concat(typeof(Linalg).GetMethods()))
        {
            if (method.DeclaringType == typeof(object) || method.IsGenericMethod || method.Name is "Dispose" or "Backward" ||
                method.ReturnType.IsByRefLike ||
                method.GetParameters().Any(p => p.ParameterType.IsByRefLike || p.ParameterType.IsByRef))
                continue;
            for (var variant = 0; variant < Variants; variant++)
            {
                using var scope = Tensor.Scope();
                object?[] arguments = [.. method.GetParameters().Select((p, i) => Bad(p.ParameterType, variant + i))];
                try
                {
                    method.Invoke(method.IsStatic ? null : Bad(typeof(Tensor), variant) ?? Tensor.Ones(2), arguments);
                }
                catch (TargetInvocationException e) when (e.InnerException is TorchScratchException error)
                {
                    refused++;
                    // The name of a file has its own spelling.
                    var message = error.Message.Replace("libtorchscratch_cuda.so", "", StringComparison.Ordinal);
                    if (error.Operator is null || Foreign().IsMatch(message))
                        wrong.Add($"{method.Name}: {error.Message}");
                }
                catch (TargetInvocationException e) when (e.InnerException is ArgumentException or ObjectDisposedException)
                {
                }
                catch (TargetInvocationException e)
                {
                    wrong.Add($"{method.Name}: {e.InnerException!.GetType().Name}: {e.InnerException.Message}");
                }
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {refused}:\n{string.Join('\n', wrong.Distinct().Take(60))}");
        Assert.True(refused > 1000, $"only {refused} calls were refused");
    }

    private const int Variants = 6;

    private static object? Bad(Type type, int variant)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Tensor))
        {
            return (variant % Variants) switch
            {
                0 => Tensor.Ones((2, 3)),
                1 => Tensor.Ones((2, 3), DType.Bool),
                2 => Tensor.Zeros((3, 0, 5)),
                3 => Tensor.FromScalar(7),
                4 => Tensor.Ones(4, DType.Int32),
                _ => null,
            };
        }
        if (type.IsEnum)
            return Enum.ToObject(type, 99);
        if (type == typeof(long))
            return variant % 2 == 0 ? -77L : 1000L;
        if (type == typeof(double))
            return variant % 2 == 0 ? double.NaN : -double.NaN;
        if (type == typeof(Scalar))
            return (Scalar)double.NaN;
        if (type == typeof(string))
            return "?,";
        return type.IsValueType ? Activator.CreateInstance(type) : null;
    }

    [GeneratedRegex(@"[a-z0-9]_[a-z0-9]|`|-nan|\bNULL\b|\bself\b(?! must be a tensor)")]
    private static partial Regex Foreign();
}
