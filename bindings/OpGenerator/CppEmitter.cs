// Writes ops.g.h and, for each family, the C++ functions with their autograd nodes.

namespace TorchScratch.OpGenerator;

internal static class CppEmitter
{
    public static string Header(Table table) => Code.Format($$"""
        // Every operator as a C++ function. {{Text.Banner}}
        #pragma once

        #include <cstdint>
        #include <initializer_list>
        #include <optional>
        #include <string>
        #include <tuple>

        #include "torchscratch/tensor.h"

        namespace ts {

        {{Text.Sections(table.Enums.Select(Declaration))}}

        {{Text.Sections(table.Families.Select(Declarations))}}

        }  // namespace ts

        """);

    private static string Declaration(EnumRow row)
    {
        var values = Text.List(row.Values.Select(value => $"{Text.Pascal(value.Name)} = {value.Value}"));
        return Code.Format($$"""
            /// {{row.Doc}}
            enum class {{row.Name}} : std::int32_t { {{values}} };
            """);
    }

    private static string Declarations(Family family) => Code.Format($$"""
        // ---- {{family.Name}}: {{family.Doc}} ----

        {{Text.Sections(family.Rows.Select(Declarations))}}
        """);

    private static string Declarations(OpRow row) => Code.Format($$"""
        {{Text.Wrap(row.Doc, "/// ")}}
        {{row.Arguments.Where(a => a.HasOwnDoc).SelectMany(a => Text.Wrap($"@param {a.Name} {a.Doc}", "/// "))}}
        {{row.Overloads.Select(overload => CppTypes.Declaration(overload, "TS_API "))}}
        {{BracedForm(row)}}
        """);

    // `sum(x, {0, 1})` cannot initialize a std::optional<IntList>; an optional list has a form that takes the braces.
    private static string BracedForm(OpRow row)
    {
        if (row.Arguments.FirstOrDefault(a => a.Type is { Kind: TypeKind.IntList, IsOptional: true }) is not { } list)
            return "";
        var before = row.Arguments.TakeWhile(a => a != list).ToList();
        var parameters = before.Select(a => CppTypes.Declared(a with { Default = null }))
            .Append($"std::initializer_list<std::int64_t> {list.Name}")
            .Concat(row.Arguments.Skip(before.Count + 1).Select(CppTypes.Declared));
        var passed = row.Arguments.Select(a => a == list ? $"IntList({a.Name})" : a.Name);
        return Code.Format($$"""
            {{Text.Call($"inline {CppTypes.Returned(row)} {row.Name}", parameters, " {")}}
              return {{row.Name}}({{Text.List(passed)}});
            }
            """);
    }

    public static string Functions(Family family) => Code.Format($$"""
        // {{family.Name}}: each function infers, allocates, runs the kernel and records a node.
        // {{Text.Banner}}
        #include <optional>
        #include <string>
        #include <tuple>
        #include <utility>
        #include <vector>

        #include "generated/kernel_table.g.h"
        #include "ops/functions.h"
        #include "ops/in_place.h"
        #include "ops/infer.h"
        #include "ops/pointwise_call.h"
        #include "torchscratch/autograd.h"
        #include "torchscratch/observer.h"
        #include "torchscratch/operators.h"
        #include "torchscratch/ops.g.h"

        namespace ts {

        {{Text.Sections(family.Rows.Select(Functions))}}

        }  // namespace ts

        """);

    private static string Functions(OpRow row)
    {
        var nodes = Text.Sections(NodeEmitter.Structs(row));
        return Code.Format($$"""
            {{Text.Wrap(row.Signature, "// ")}}
            {{(nodes.Length > 0 ? $"namespace {{\n\n{nodes}\n\n}}  // namespace\n" : "")}}
            {{Text.Sections(row.Overloads.Select(Function))}}
            """);
    }

    private static string Function(Overload overload) => Code.Format($$"""
        {{CppTypes.Definition(overload)}}
          detail::OpScope scope("{{overload.Name}}"{{(overload.Row.IsPublic ? "" : ", /*internal=*/true")}});
          {{overload.Arguments.Select(a => CheckDefined(overload, a)).OfType<string>()}}
          {{overload.Arguments.Select(a => Prepared(overload, a)).OfType<string>()}}
          {{Body(overload)}}
        }
        """);

    private static string? CheckDefined(Overload overload, Argument argument)
    {
        var (name, passed) = (argument.Name, CppTypes.Passed(overload, argument.Name));
        return argument switch
        {
            { IsTensor: true, Type.IsOptional: false } => $"check_defined({passed}, \"{name}\");",
            { IsList: true } => $"for (const Tensor& tensor : {passed}) check_defined(tensor, \"{name}\");",
            _ => null,
        };
    }

    private static string? Prepared(Overload overload, Argument argument) =>
        !CppTypes.IsPrepared(overload, argument.Name) ? null
        : $"const {(argument.IsTensor ? "Tensor" : "auto")} {argument.Name} = " +
            $"{Expressions.OfPassed(overload, overload.Row.Prepare[argument.Name])};";

    private static string Body(Overload overload)
    {
        var row = overload.Row;
        if (row.Kind == OpKind.Composite)
            return $"return {(overload.IsInPlace && row.InPlaceBody.Length > 0 ? row.InPlaceBody : row.Body)};";
        if (overload.IsInPlace)
            return InPlaceBody(overload);
        var computation = row.Kind switch
        {
            OpKind.Pointwise => Pointwise(overload),
            OpKind.View => $"Tensor result = {row.Body};",
            _ => Structured(row),
        };
        var several = row.Results.Select(result => $"std::move({result.Name})");
        return Code.Format($$"""
            {{computation}}
            {{(NodePlan.Of(overload) is { } plan ? NodeEmitter.Record(overload, plan) : "")}}
            return {{(row.Results is [var single] ? single.Name : $"{{{Text.List(several)}}}")}};
            """);
    }

    private static string Structured(OpRow row)
    {
        var first = row.Arguments.First(a => a.IsTensor || a.IsList);
        var device = (first.IsTensor ? first.Name : first.Name + "[0]") + ".device()";
        var allocations =
            from result in row.Results
            let shape = Expressions.OfInfer(row.Shapes[result.Name])
            let dtype = Expressions.OfInfer(row.DTypes[result.Name])
            select Text.Call($"Tensor {result.Name} = empty", [shape, dtype, device], ";", 2);
        var kernel = $"kernels({row.Results[0].Name}.device()).{row.Body}";
        return Code.Format($$"""
            {{allocations}}
            {{Text.Call(kernel, KernelEmitter.Parameters(row).Select(parameter => parameter.Name), ";", 2)}}
            """);
    }

    private static string Pointwise(Overload overload) => Code.Format($$"""
        {{PointwiseCall(overload)}}
        Tensor result = call.allocate();
        call.run(&KernelTable::{{overload.Row.Body}}, result{{Numbers(overload)}});
        """);

    private static string PointwiseCall(Overload overload)
    {
        var (rule, operands) = (Text.Pascal(overload.Row.Rule), Text.List(overload.Operands.Select(a => a.Name)));
        var unpromoted = overload.Row.Unpromoted > 0 ? $", /*unpromoted=*/{overload.Row.Unpromoted}" : "";
        return $"PointwiseCall call(PointwiseRule::{rule}, {{{operands}}}{unpromoted});";
    }

    private static string Numbers(Overload overload) =>
        overload.Parameters.Any() ? $", {{{Text.List(overload.Parameters.Select(a => a.Name))}}}" : "";

    // The node is made before the kernel runs: what it saves, another operand that shares memory with self included,
    // then still has the version that it is valid for.
    private static string InPlaceBody(Overload overload)
    {
        var run = overload.Row.Kind == OpKind.Pointwise
            ? $"call.run_in_place(&KernelTable::{overload.Row.Body}, self{Numbers(overload)});"
            : RunStructuredInPlace(overload);
        if (NodePlan.Of(overload) is not { } plan)
        {
            return Code.Format($$"""
                TS_CHECK(!autograd::needs_grad(self), AutogradError, "it has no gradient; use it on self.detach()");
                autograd::check_in_place(self, false);
                {{CheckInPlace(overload)}}
                {{run}}
                autograd::bump_version(self);
                return self;
                """);
        }
        var needs = NodeEmitter.NeedsGrad(plan);
        if (overload.Row.Kind == OpKind.Structured)
            needs = (plan.Inputs.Count > 1 ? $"({needs})" : needs) + " && is_floating(self.dtype())";
        return Code.Format($$"""
            {{Text.Fold($"const bool recording = {needs};", 2)}}
            autograd::check_in_place(self, recording);
            {{CheckInPlace(overload)}}
            Ref<{{plan.TypeName}}> node;
            if (recording) {
              node = make_ref<{{plan.TypeName}}>();
              {{NodeEmitter.Fill(overload, plan)}}
            }
            {{run}}
            autograd::bump_version(self);
            if (recording) {
              autograd::set_history_in_place(self, node);
              {{NodeEmitter.SaveResults(overload, plan)}}
            }
            return self;
            """);
    }

    private static string CheckInPlace(Overload overload)
    {
        if (overload.Row.Kind == OpKind.Pointwise)
            return PointwiseCall(overload);
        var (shape, dtype) = (overload.Row.Shapes.Values.Single(), overload.Row.DTypes.Values.Single());
        return (shape, dtype) == (TableReader.SameShape, TableReader.SameDType) ? ""
            : Text.Call("check_in_place_result", ["self", Expressions.OfInfer(shape), Expressions.OfInfer(dtype)], ";", 2);
    }

    // Operands that share memory with self would be read after they are written.
    private static string RunStructuredInPlace(Overload overload)
    {
        var row = overload.Row;
        var target = row.IsStrided ? "self" : "target.dense()";
        var passed = KernelEmitter.Parameters(row).Select(parameter =>
            parameter.Name == "self" || row.Results.Any(result => result.Name == parameter.Name) ? target
            : row.Arguments.Any(a => a.IsTensor && a.Name == parameter.Name) ? $"apart_from(self, {parameter.Name})"
            : parameter.Name);
        return Code.Format($$"""
            {{(row.IsStrided ? "" : "DenseTarget target(self);")}}
            {{Text.Call($"kernels(self.device()).{row.Body}", passed, ";", 2)}}
            {{(row.IsStrided ? "" : "target.write_back();")}}
            """);
    }
}
