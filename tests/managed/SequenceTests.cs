// Lists of tensors: what takes a span of them takes any sequence too.

using System.Reflection;

namespace TorchScratch.Tests;

public class SequenceTests
{
    [Fact]
    public void WhatTakesASpanOfTensorsTakesAnySequence()
    {
        var members = typeof(Tensor).Assembly.GetExportedTypes()
            .Concat(typeof(TorchScratch.Training.Trainer).Assembly.GetExportedTypes())
            .Where(type => !typeof(Delegate).IsAssignableFrom(type))
            .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static |
                BindingFlags.DeclaredOnly))
            .OfType<MethodBase>().Where(member => member.GetParameters().Any(IsTensors)).ToArray();
        Assert.True(members.Length > 20);
        var missing = from member in members
                      where !Overloads(member).Any(other => AcceptsSequences(member, other))
                      select $"{member.DeclaringType}.{member}";
        Assert.Equal([], missing);
    }

    // Array parameters are those of C# programs before there were spans; a list is no array.
    private static bool IsTensors(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(ReadOnlySpan<Tensor>) || parameter.ParameterType == typeof(Tensor[]);

    private static IEnumerable<MethodBase> Overloads(MethodBase member) => member is ConstructorInfo
        ? member.DeclaringType!.GetConstructors()
        : member.DeclaringType!.GetMethods().Where(other => other.Name == member.Name);

    private static bool AcceptsSequences(MethodBase member, MethodBase other)
    {
        var (parameters, others) = (member.GetParameters(), other.GetParameters());
        return parameters.Length == others.Length && member.IsStatic == other.IsStatic &&
            parameters.Zip(others).All(pair => pair.Second.Name == pair.First.Name &&
                (!IsTensors(pair.First) || pair.Second.ParameterType == typeof(IEnumerable<Tensor>)));
    }

    [Fact]
    public void SequencesAreListsArraysAndQueries()
    {
        var x = Tensor.From([2.0]).RequiresGrad_();
        List<Tensor> list = [x];
        IEnumerable<Tensor> query = list.Where(tensor => tensor.RequiresGrad);
        IReadOnlyCollection<Tensor> queue = new Queue<Tensor>(list);
        foreach (var inputs in (IEnumerable<Tensor>[])[list, [x], query, queue])
        {
            Assert.Equal(4, (double)Autograd.Grad([x * x], inputs)[0]);
            Assert.Equal(8, (double)Autograd.Grad(inputs.Select(y => y * y), inputs, new List<Tensor?> { x })[0]);
            Assert.Equal(4, (double)Autograd.GradOrNull([x * x], inputs)[0]!);
            x.Grad = null;
            Autograd.Backward(inputs.Select(y => y * y));
            Assert.Equal(4, (double)x.Grad!);
            Assert.Equal(4, (double)Checkpoint.Run(y => [y[0] * y[0]], inputs)[0]);
            Assert.Equal(4, (double)Autograd.Vjp(y => [y[0] * y[0]], inputs).Products[0]);
            Assert.Equal(8, (double)Autograd.Jvp(y => [y[0] * y[0]], inputs, inputs).Products[0]);
            Assert.Equal(4, (double)Autograd.Jacobian(y => [y[0] * y[0]], inputs)[0][0]);
            Assert.Equal(2, (double)Autograd.Hessian(y => y[0] * y[0], inputs)[0][0]);
            Assert.Equal(4, (double)Autograd.Hvp(y => y[0] * y[0], inputs, inputs).Products[0]);
            Assert.True(Autograd.GradCheck(y => [y[0] * y[0]], inputs));
            Assert.True(Autograd.GradGradCheck(y => [y[0] * y[0]], inputs));
        }
        Autograd.Backward(list);
        Autograd.Backward(list.ToArray());
        Assert.Equal(4, (double)Autograd.Grad([x * x], list)[0]);
        Assert.Equal(4, (double)Autograd.Grad([x * x], list.ToArray())[0]);
    }
}
