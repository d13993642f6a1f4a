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

        {{string.Join("\n\n", table.Enums.Select(EnumDeclaration))}}

        {{string.Join("\n\n", table.Families.Select(FamilyDeclarations))}}

        }  // namespace ts

        """);

    private static string EnumDeclaration(EnumRow row) => Code.Format($$"""
        /// {{row.Doc}}
        enum class {{row.Name}} : std::int32_t { {{string.Join(", ", row.Values.Select(value => $"{Text.Pascal(value.Name)} = {value.Value}"))}} };
        """);

    private static string FamilyDeclarations(Family family) => Code.Format($$"""
        // ---- {{family.Name}}: {{family.Doc}} ----

        {{string.Join("\n\n", family.Rows.Select(RowDeclarations))}}
        """);

    private static string RowDeclarations(OpRow row) => Code.Format($$"""
        {{Text.Wrap(row.Doc, "/// ")}}
        {{row.Arguments.Where(a => a.HasOwnDoc).SelectMany(a => Text.Wrap($"@param {a.Name} {a.Doc}", "/// "))}}
        {{row.Overloads.Select(overload => CppTypes.Declaration(overload, "TS_API "))}}
        {{BracedForm(row)}}
        """);

    // `sum(x, {0, 1})` cannot initialize a std::optional<IntList>, so an optional list has a form that takes the braces.
    private static string BracedForm(OpRow row)
    {
        if (row.Arguments.FirstOrDefault(a => a.Type is { Kind: TypeKind.IntList, IsOptional: true }) is not { } list)
            return "";
        var before = row.Arguments.TakeWhile(a => a != list);
        var parameters = before.Select(a => CppTypes.Declared(a with { Default = null }))
            .Append(CppTypes.Declared(list, "std::initializer_list<std::int64_t>"))
            .Concat(row.Arguments.SkipWhile(argument => argument != list).Skip(1).Select(argument => CppTypes.Declared(argument)));
        return Code.Format($$"""
            {{Text.Call($"inline {CppTypes.Returned(row)} {row.Name}", parameters, " {")}}
              return {{row.Name}}({{string.Join(", ", row.Arguments.Select(a => a == list ? $"IntList({list.Name})" : a.Name))}});
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
        #include "ops/infer.h"
        #include "ops/pointwise_call.h"
        #include "torchscratch/autograd.h"
        #include "torchscratch/observer.h"
        #include "torchscratch/operators.h"
        #include "torchscratch/ops.g.h"

        namespace ts {

        {{string.Join("\n\n", family.Rows.Select(RowFunctions))}}

        }  // namespace ts

        """);

    private static string RowFunctions(OpRow row)
    {
        var nodes = string.Join("\n\n", NodeEmitter.Structs(row));
        return Code.Format($$"""
            {{Text.Wrap(row.Signature, "// ")}}
            {{(nodes.Length > 0 ? $"namespace {{\n\n{nodes}\n\n}}  // namespace\n" : "")}}
            {{string.Join("\n\n", row.Overloads.Select(Function))}}
            """);
    }

    private static string Function(Overload overload) => Code.Format($$"""
        {{CppTypes.Definition(overload)}}
          detail::OpScope scope("{{overload.Name}}");
          {{overload.Arguments.Where(a => !a.Type.IsOptional).Select(CheckDefined(overload.Row)).Where(check => check.Length > 0)}}
          {{overload.Arguments.Where(a => overload.Row.Prepare.ContainsKey(a.Name)).Select(Prepared(overload.Row))}}
          {{Body(overload)}}
        }
        """);

    private static Func<Argument, string> CheckDefined(OpRow row) => argument =>
    {
        var passed = argument.Name + (row.Prepare.ContainsKey(argument.Name) ? "_argument" : "");
        return argument.Type.Kind switch
        {
            TypeKind.Tensor => $"check_defined({passed}, \"{argument.Name}\");",
            TypeKind.TensorList => $"for (const Tensor& tensor : {passed}) check_defined(tensor, \"{argument.Name}\");",
            _ => "",
        };
    };

    private static Func<Argument, string> Prepared(OpRow row) => argument =>
        $"const {argument.Type.Kind switch { TypeKind.Tensor => "Tensor", TypeKind.TensorList => "TensorList", _ => "auto" }} {argument.Name} = " +
        $"{Expressions.OfPassed(row, row.Prepare[argument.Name])};";

    private static string Body(Overload overload)
    {
        var row = overload.Row;
        if (row.Kind == OpKind.Composite)
            return $"return {row.Body};";
        if (overload.IsInPlace)
            return InPlaceBody(overload);
        return Code.Format($$"""
            {{Computation(overload)}}
            {{(NodePlan.Of(overload) is { } plan ? NodeEmitter.Record(overload, plan) : "")}}
            return {{(row.Results is [var single] ? single.Name : $"{{{string.Join(", ", row.Results.Select(result => $"std::move({result.Name})"))}}}")}};
            """);
    }

    private static string Computation(Overload overload)
    {
        var row = overload.Row;
        return row.Kind switch
        {
            OpKind.Pointwise => Code.Format($$"""
                {{PointwiseCall(overload)}}
                Tensor result = call.allocate();
                call.run(&KernelTable::{{row.Body}}, result{{PointwiseParameters(overload)}});
                """),
            OpKind.View => $"Tensor result = {row.Body};",
            _ => Code.Format($$"""
                {{row.Results.Select(result => Text.Call($"Tensor {result.Name} = empty", [Expressions.OfInfer(row.Shapes[result.Name]), Expressions.OfInfer(row.DTypes[result.Name]), Device(row)], ";", 2))}}
                {{Text.Call($"kernels({row.Results[0].Name}.device()).{row.Body}", KernelEmitter.Parameters(row).Select(parameter => parameter.Name), ";", 2)}}
                """),
        };
    }

    private static string Device(OpRow row)
    {
        var first = row.Arguments.First(a => a.Type.Kind is TypeKind.Tensor or TypeKind.TensorList);
        return first.IsTensor ? $"{first.Name}.device()" : $"{first.Name}[0].device()";
    }

    private static string PointwiseCall(Overload overload) =>
        $"PointwiseCall call(PointwiseRule::{Text.Pascal(overload.Row.Rule)}, {{{string.Join(", ", overload.Operands.Select(operand => operand.Name))}}}" +
        $"{(overload.Row.Unpromoted > 0 ? $", /*unpromoted=*/{overload.Row.Unpromoted}" : "")});";

    private static string PointwiseParameters(Overload overload) =>
        overload.Parameters.Any() ? $", {{{string.Join(", ", overload.Parameters.Select(parameter => parameter.Name))}}}" : "";

    // The node is made before the kernel runs: what it saves, another operand that shares memory with self included,
    // then still has the version that it is valid for.
    private static string InPlaceBody(Overload overload)
    {
        var plan = NodePlan.Of(overload);
        var run = $"call.run_in_place(&KernelTable::{overload.Row.Body}, self{PointwiseParameters(overload)});";
        if (plan is null)
        {
            return Code.Format($$"""
                TS_CHECK(!autograd::needs_grad(self), AutogradError, "it has no gradient; use it on self.detach()");
                autograd::check_in_place(self, false);
                {{PointwiseCall(overload)}}
                {{run}}
                autograd::bump_version(self);
                return self;
                """);
        }
        return Code.Format($$"""
            {{Text.Fold($"const bool recording = {NodeEmitter.NeedsGrad(plan)};", 2)}}
            autograd::check_in_place(self, recording);
            {{PointwiseCall(overload)}}
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
}
