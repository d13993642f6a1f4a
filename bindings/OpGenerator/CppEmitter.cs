// Writes the C++ functions of the operators: their declarations, their definitions with autograd nodes, and the
// declarations of the hand-written functions that implement some of them.

namespace TorchScratch.OpGenerator;

internal static class CppEmitter
{
    /// <summary>The headers of the types that occur in signatures.</summary>
    public static readonly string[] Types =
        ["<cstdint>", "<optional>", "<string>", "<tuple>", "torchscratch/enums.g.h", "torchscratch/tensor.h"];

    public static string Header(string title, IEnumerable<string> includes, string body) =>
        Source(title, includes, "ts", body).Replace(Text.Banner + "\n", Text.Banner + "\n#pragma once\n\n");

    public static string Source(string title, IEnumerable<string> includes, string @namespace, string body) => Code.Format($$"""
        // {{title}}
        // {{Text.Banner}}
        {{Includes(includes)}}

        namespace {{@namespace}} {

        {{body}}

        }  // namespace {{@namespace}}

        """);

    /// <summary>The includes in sorted order; standard headers, in angle brackets, come first.</summary>
    private static string Includes(IEnumerable<string> headers)
    {
        var lines = headers.Distinct().Order(StringComparer.Ordinal)
            .GroupBy(header => header[0] == '<', header => "#include " + (header[0] == '<' ? header : $"\"{header}\""));
        return Text.Sections(lines.OrderByDescending(group => group.Key).Select(group => string.Join('\n', group)));
    }

    /// <summary>The header of an operator.</summary>
    public static string HeaderOf(OpRow row) => $"torchscratch/ops/{row.Name}.g.h";

    public static string Umbrella(Table table) => Code.Format($$"""
        // Every operator as a C++ function. {{Text.Banner}}
        #pragma once

        {{Includes(table.Rows.Select(HeaderOf))}}

        """);

    public static string Enums(Table table) => Header("Arguments of operators that are one of several names.",
        ["<cstdint>"], Text.Sections(table.Enums.Select(Declaration)));

    private static string Declaration(EnumRow row) => Code.Format($$"""
        /// {{row.Doc}}
        enum class {{row.Name}} : std::int32_t { {{Text.List(row.Values.Select(v => $"{Text.Pascal(v.Name)} = {v.Value}"))}} };
        """);

    /// <summary>
    /// The operators of one name, in a separate file, so that a new row does not rebuild callers of others.
    /// </summary>
    public static string Operators(IGrouping<string, OpRow> rows) =>
        Header($"The operator {rows.Key}.", [.. Types, "<initializer_list>"], Text.Sections(rows.Select(Declarations)));

    private static string Declarations(OpRow row) => Code.Format($$"""
        /// {{row.Doc}}
        {{row.Arguments.Where(a => a.HasOwnDoc).Select(a => $"/// @param {a.Name} {a.Doc}")}}
        {{row.Overloads.Select(overload => CppTypes.Declaration(overload, "TS_API "))}}
        {{BracedForm(row)}}
        """);

    // `sum(x, {0, 1})` cannot initialize a std::optional<IntList>, so an overload takes the list in braces.
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
            inline {{CppTypes.Returned(row)}} {{row.Name}}({{Text.List(parameters)}}) {
              return {{row.Name}}({{Text.List(passed)}});
            }
            """);
    }

    public static string HandWritten(Family family) =>
        Header($"{family.Name}: the hand-written functions behind rows with `function: true` or `view: true`.", Types,
            string.Join('\n', family.Functions.Select(CppTypes.FunctionDeclaration)));

    public static string Functions(Table table, Family family) =>
        Source($"{family.Name}: each function infers, allocates, runs the kernel and records a node.",
        [
            "<optional>", "<string>", "<tuple>", "<utility>", "<vector>",
            "backend/kernels.h", "ops/gradients.h", "ops/in_place.h", "ops/infer.h", "ops/pointwise_call.h", "ops/prepare.h",
            "torchscratch/autograd.h", "torchscratch/observer.h", "torchscratch/operators.h",
            .. family.Headers.Select(name => $"ops/{name}.h"),
            .. family.Functions.Take(1).Select(_ => $"generated/functions/{family.Slug}.g.h"),
            .. family.Rows.Where(row => row.HasKernel).Select(row => $"generated/kernels/{table.KernelFamily(row).Slug}.g.h"),
            .. family.Rows.Where(row => row.Autocast is not null).Select(_ => AutocastEmitter.Header),
            .. Expressions.OperatorsOf(table, family).Select(HeaderOf),
        ], "ts", Text.Sections(family.Rows.Select(row => Functions(table, row))));

    private static string Functions(Table table, OpRow row)
    {
        var nodes = Text.Sections(NodeEmitter.Structs(row));
        return Code.Format($$"""
            // {{row.Signature}}
            {{(nodes.Length > 0 ? $"namespace {{\n\n{nodes}\n\n}}  // namespace\n" : "")}}
            {{Text.Sections(row.Overloads.Select(overload => Function(table, overload)))}}
            """);
    }

    private static string Function(Table table, Overload overload) => Code.Format($$"""
        {{CppTypes.Definition(overload)}}
          {{AutocastEmitter.Head(overload)}}
          detail::OpScope scope("{{overload.Name}}"{{(overload.Row.IsPublic ? "" : ", /*internal=*/true")}});
          {{overload.Arguments.Select(a => CheckDefined(overload, a)).OfType<string>()}}
          {{overload.Arguments.Select(a => Prepared(overload, a)).OfType<string>()}}
          {{Body(table, overload)}}
        }
        """);

    private static string? CheckDefined(Overload overload, Argument argument)
    {
        var (name, passed) = (argument.Name, CppTypes.Passed(overload, argument.Name));
        return argument switch
        {
            { IsTensor: true, Type.IsOptional: false } => $"check_defined({passed}, \"{name}\");",
            { IsList: true, Type.IsOptional: false } => $"for (const Tensor& tensor : {passed}) check_defined(tensor, \"{name}\");",
            _ => null,
        };
    }

    private static string? Prepared(Overload overload, Argument argument) =>
        !CppTypes.IsPrepared(overload, argument.Name) ? null
        : $"const {(argument.IsTensor ? "Tensor" : "auto")} {argument.Name} = " +
            $"{Expressions.OfPassed(overload, overload.Row.Prepare[argument.Name])};";

    private static string Body(Table table, Overload overload)
    {
        var row = overload.Row;
        if (row.Kind == OpKind.Composite)
            return Code.Format($$"""
                {{(row.IsWide && !overload.IsInPlace ? Widened(overload) : "")}}
                return {{overload.Body}};
                """);
        if (row.IsStep)
            return Step(table, row);
        if (overload.IsInPlace)
            return InPlaceBody(table, overload);
        var computation = row.Kind switch
        {
            OpKind.Pointwise => Code.Format($$"""
                {{PointwiseCall(overload)}}
                Tensor result = call.allocate();
                call.run({{Kernel(table, row, "result")}}, result{{Numbers(overload)}});
                """),
            OpKind.View => $"Tensor result = {overload.Body};",
            _ => Structured(table, row),
        };
        var several = row.Results.Select(result => $"std::move({result.Name})");
        return Code.Format($$"""
            {{computation}}
            {{(NodePlan.Of(overload) is { } plan ? NodeEmitter.Record(overload, plan) : "")}}
            return {{(row.Results is [var single] ? single.Name : $"{{{Text.List(several)}}}")}};
            """);
    }

    // With a dtype argument, the caller has chosen the type of the result.
    private static string Widened(Overload overload)
    {
        bool IsTensor(Argument a) => (a.IsTensor || a.IsList) && !overload.Scalars.Contains(a);
        var tensors = Text.List(overload.Arguments.Where(IsTensor).Select(a => a.Name));
        var passed = overload.Arguments.Select(a => IsTensor(a) ? $"widened({a.Name})" : a.Name);
        var free = overload.Arguments.Any(a => a.Type.Kind == TypeKind.DType) ? "!dtype && " : "";
        return $"if ({free}any_half({tensors})) return rounded({overload.Name}({Text.List(passed)}), common_type({tensors}));";
    }

    private static string Kernel(Table table, OpRow row, string tensor) =>
        $"kernels<{table.KernelFamily(row).KernelTable}>({tensor}.device()).{row.Body}";

    // An optimizer step; its arguments are parameters, their gradients, states, buffers of numbers and options.
    private static string Step(Table table, OpRow row)
    {
        var states = row.Arguments.Skip(2).Where(a => a.IsList).Select(a =>
            $"step.check_state(\"{a.Name}\", {a.Name}, {row.Needed.GetValueOrDefault(a.Name, "true")});");
        var numbers = row.Arguments.Where(a => a.Type.Kind == TypeKind.FloatBuffer).Select(a =>
            $"step.check_numbers(\"{a.Name}\", {a.Name});");
        var passed = KernelEmitter.Parameters(row).Select(p => p.Name is "parameters" or "gradients" ? $"step.{p.Name}()" : p.Name);
        return Code.Format($$"""
            const NoGrad no_grad;
            OptimizerStep step(parameters, gradients, steps);
            {{states.Concat(numbers)}}
            {{Kernel(table, row, "step")}}({{Text.List(passed)}});
            step.finish();
            """);
    }

    // Kernels take operands of one device. A pointwise call checks its own operands, an optimizer step its lists.
    private static IEnumerable<string> CheckDevices(OpRow row)
    {
        var first = row.DeviceArgument;
        return
            from argument in row.Arguments
            where (argument.IsTensor && argument != first) || argument.IsList
            let check = $"check_device({(argument.IsList ? "tensor" : argument.Name)}, \"{argument.Name}\", {DeviceOf(first)});"
            select argument.IsList ? $"for (const Tensor& tensor : {argument.Name}) {check}" : check;
    }

    private static string DeviceOf(Argument argument) => $"{argument.Name}{(argument.IsTensor ? "" : "[0]")}.device()";

    private static string Structured(Table table, OpRow row)
    {
        var device = DeviceOf(row.DeviceArgument);
        var allocations =
            from result in row.Results
            let shape = Expressions.OfInfer(row.Shapes[result.Name])
            let dtype = Expressions.OfInfer(row.DTypes[result.Name])
            select $"Tensor {result.Name} = empty({shape}, {dtype}, {device});";
        return Code.Format($$"""
            {{CheckDevices(row)}}
            {{allocations}}
            {{Kernel(table, row, row.Results[0].Name)}}({{Text.List(KernelEmitter.Parameters(row).Select(p => p.Name))}});
            """);
    }

    private static string PointwiseCall(Overload overload)
    {
        var (rule, operands) = (Text.Pascal(overload.Row.Rule), Text.List(overload.Operands.Select(a => a.Name)));
        var unpromoted = overload.Row.Unpromoted > 0 ? $", /*unpromoted=*/{overload.Row.Unpromoted}" : "";
        return $"PointwiseCall call(PointwiseRule::{rule}, {{{operands}}}{unpromoted});";
    }

    private static string Numbers(Overload overload) =>
        overload.Parameters.Any() ? $", {{{Text.List(overload.Parameters.Select(a => a.Name))}}}" : "";

    // The node is created before the kernel runs, so that everything it saves still has the version it is valid for;
    // this includes other operands that share memory with self.
    private static string InPlaceBody(Table table, Overload overload)
    {
        var plan = NodePlan.Of(overload);
        return Code.Format($$"""
            {{(plan is null
                ? "TS_CHECK(!autograd::needs_grad(self), AutogradError, \"it has no gradient; use it on `self.detach()`\");"
                : $"const bool recording = {NodeEmitter.Recording(overload, plan)};")}}
            autograd::check_in_place(self, {{(plan is null ? "false" : "recording")}});
            {{(overload.Row.Kind == OpKind.Pointwise ? PointwiseCall(overload) : CheckResult(overload.Row))}}
            {{(overload.Row.Kind == OpKind.Structured ? CheckDevices(overload.Row) : [])}}
            {{(plan is null ? "" : NodeEmitter.Create(overload, plan))}}
            {{(overload.Row.Kind == OpKind.Pointwise
                ? $"call.run_in_place({Kernel(table, overload.Row, "self")}, self{Numbers(overload)});"
                : RunStructuredInPlace(table, overload.Row))}}
            autograd::bump_version(self);
            {{(plan is null ? "" : NodeEmitter.Attach(overload, plan))}}
            return self;
            """);
    }

    private static string CheckResult(OpRow row)
    {
        var (shape, dtype) = (row.Shapes.Values.Single(), row.DTypes.Values.Single());
        return (shape, dtype) == (TableReader.SameShape, TableReader.SameDType) ? ""
            : $"check_in_place_result(self, {Expressions.OfInfer(shape)}, {Expressions.OfInfer(dtype)});";
    }

    // Operands that share memory with self are copied; otherwise they would be read after being overwritten.
    private static string RunStructuredInPlace(Table table, OpRow row)
    {
        var target = row.IsStrided ? "self" : "target.dense()";
        var passed = KernelEmitter.Parameters(row).Select(parameter =>
            parameter.Name == "self" || row.Results.Any(result => result.Name == parameter.Name) ? target
            : row.Arguments.Any(a => a.IsTensor && a.Name == parameter.Name) ? $"apart_from(self, {parameter.Name})"
            : parameter.Name);
        return Code.Format($$"""
            {{(row.IsStrided ? "" : "DenseTarget target(self);")}}
            {{Kernel(table, row, "self")}}({{Text.List(passed)}});
            {{(row.IsStrided ? "" : "target.write_back();")}}
            """);
    }
}
