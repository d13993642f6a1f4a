// Writes, for each family, the struct of kernels that every backend fills, and the declarations and the table of the
// CPU; also the lists that the pointwise engine and the tests expand.

namespace TorchScratch.OpGenerator;

internal static class KernelEmitter
{
    /// <summary>
    /// The parameters of a structured kernel: results (or self, if it writes only that), tensors, then the other
    /// arguments without dtypes, since the results have these.
    /// </summary>
    public static IEnumerable<(string Type, string Name)> Parameters(OpRow row)
    {
        var tensors = row.Arguments.Where(a => a.IsTensor || a.IsList);
        var rest = row.Arguments.Where(a => !a.IsTensor && !a.IsList && a.Type.Kind != TypeKind.DType);
        var results = row.InPlace == InPlace.Only ? [] : row.Results;
        return results.Select(result => ("const Tensor&", result.Name))
            .Concat(tensors.Concat(rest).Select(a => (CppTypes.Parameter(a.Type), a.Name)));
    }

    private static string Declared(OpRow row) => row.Kind == OpKind.Pointwise ? "const PointwiseArgs& args"
        : Text.List(Parameters(row).Select(parameter => $"{parameter.Type} {parameter.Name}"));

    private static string Types(OpRow row) =>
        row.Kind == OpKind.Pointwise ? "pointwise" : Text.List(Parameters(row).Select(parameter => parameter.Type));

    /// <summary>Messages for rows whose kernel already has different arguments in another row.</summary>
    public static IEnumerable<string> Conflicts(Table table) =>
        from row in table.Rows
        where row.HasKernel
        let first = table.FirstWith(row.Body)
        where Types(first) != Types(row)
        select $"native/ops.yaml({row.Line}): {row.Title}: gives the kernel `{row.Body}` arguments of types " +
            $"({Types(row)}), but {first.Title} ({Types(first)}); name another kernel or align them";

    public static string TableHeader(Table table, Family family) =>
        CppEmitter.Header($"{family.Name}: the kernels that every backend provides, one typed pointer each.",
            [.. CppEmitter.Types, "<atomic>", "backend/pointwise_args.h"], Code.Format($$"""
            /// A structured kernel takes its results, contiguous and of the inferred shape, the tensors, then the rest.
            struct {{family.KernelTable}} {
              {{table.KernelsOf(family).Select(row => $"void (*{row.Body})({Declared(row)});")}}

              TS_API static const {{family.KernelTable}} cpu;
              TS_API static std::atomic<const {{family.KernelTable}}*> cuda;  // null until that backend is loaded
            };
            """));

    /// <summary>
    /// Every kernel, for backends that wrap those of another one: X(table, kernel, written), where bit i of `written` says
    /// that parameter i is a tensor, or a list of them, that the kernel writes.
    /// </summary>
    public static string KernelList(Table table)
    {
        var entries =
            from family in table.Families
            from row in table.KernelsOf(family)
            select $"X({family.KernelTable}, {row.Body}, {Written(row)}u)";
        var families = table.Families.Where(family => table.KernelsOf(family).Any()).ToArray();
        return Code.Format($$"""
            // Every kernel of every table. {{Text.Banner}}
            #pragma once

            {{families.Select(family => $"#include \"generated/kernels/{family.Slug}.g.h\"")}}

            namespace ts {

            /// A hash of the kernels, their order and their types, by which a core knows the backends that were built with it.
            inline constexpr std::uint32_t kKernelsHash = {{Hash(table).ToString()}}u;

            }  // namespace ts

            // X(table). clang-format off
            #define TS_KERNEL_TABLES(X) \
              {{string.Join(" \\\n", families.Select(family => $"X({family.KernelTable})"))}}

            // X(table, kernel, written): bit i of `written` says that parameter i is a tensor, or a list of tensors, that the
            // kernel writes. A pointwise kernel writes its first operand.
            #define TS_KERNELS(X) \
              {{string.Join(" \\\n", entries)}}
            // clang-format on

            """);
    }

    // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
    private static uint Hash(Table table)
    {
        var kernels = string.Join(';', table.Families.SelectMany(table.KernelsOf).Select(row => $"{row.Body}({Types(row)})"));
        return kernels.Aggregate(2166136261u, (hash, c) => unchecked((hash ^ c) * 16777619u));
    }

    private static int Written(OpRow row)
    {
        if (row.Kind == OpKind.Pointwise)
            return 0;
        string[] names = row.IsStep ? [.. row.Arguments.Where(a => a.IsList && a.Name != "gradients").Select(a => a.Name)]
            : row.InPlace == InPlace.Only ? ["self"]
            : [.. row.Results.Select(result => result.Name)];
        return Parameters(row).Select((parameter, i) => names.Contains(parameter.Name) ? 1 << i : 0).Sum();
    }

    public static string CpuHeader(Table table, Family family) =>
        CppEmitter.Header($"{family.Name}: what the CPU's kernels must define, the pointwise ones aside.",
            CppEmitter.Types, Code.Format($$"""
            namespace cpu {

            {{Functions(table, family, OpKind.Structured)}}

            }  // namespace cpu
            """));

    private static IEnumerable<string> Functions(Table table, Family family, OpKind kind) =>
        table.KernelsOf(family).Where(row => row.Kind == kind).Select(row => $"void {row.Body}({Declared(row)});");

    public static string CpuTable(Table table, Family family) =>
        CppEmitter.Source($"{family.Name}: the CPU's kernels; one that is missing fails to link.",
            [$"generated/cpu/{family.Slug}.g.h", $"generated/kernels/{family.Slug}.g.h"], "ts", Code.Format($$"""
        namespace cpu {

        {{Functions(table, family, OpKind.Pointwise)}}

        }  // namespace cpu

        const {{family.KernelTable}} {{family.KernelTable}}::cpu = {
            {{table.KernelsOf(family).Select(row => $"cpu::{row.Body},")}}
        };
        std::atomic<const {{family.KernelTable}}*> {{family.KernelTable}}::cuda{nullptr};
        """));

    /// <summary>The kernels of one file of functors.</summary>
    public static string PointwiseFile(string file, IEnumerable<OpRow> rows) => Code.Format($$"""
        // The kernels of backend/pointwise/{{file}}.h, for every instruction set.
        // {{Text.Banner}}
        #define TS_POINTWISE_FUNCTORS "backend/pointwise/{{file}}.h"
        {{PointwiseList("TS_POINTWISE_ROWS", rows)}}
        #undef HWY_TARGET_INCLUDE
        #define HWY_TARGET_INCLUDE "generated/pointwise/{{file}}.g.cpp"
        #include "cpu/pointwise_loop-inl.h"

        """);

    /// <summary>Every pointwise kernel, for the tests.</summary>
    public static string PointwiseList(Table table) => Code.Format($$"""
        // Every pointwise kernel. {{Text.Banner}}
        #pragma once

        {{PointwiseList("TS_POINTWISE_OPS", table.Rows.Where(row => row.Kind == OpKind.Pointwise))}}

        """);

    private static string PointwiseList(string macro, IEnumerable<OpRow> rows)
    {
        var entries =
            from row in rows
            let operands = row.Arguments.Count(a => a.IsOperand)
            let types = row.Rule switch { "floating" => "Floating", "integral" => "Integral", _ => "Numeric" }
            select $"X({row.Body}, {row.Functor}, {operands}, {row.Arguments.Count - operands}, {types})";
        return Code.Format($$"""
            // X(name, functor, tensor operands, numbers, class). The class says in which types it computes: Floating
            // (float, double), Integral (int64) or Numeric (all three). clang-format off
            #define {{macro}}(X) \
              {{string.Join(" \\\n", entries)}}
            // clang-format on
            """);
    }

    public static string Functors(IEnumerable<string> files) => Code.Format($$"""
        // Every pointwise functor, for backend/pointwise.h. {{Text.Banner}}
        {{files.Select(file => $"#include \"backend/pointwise/{file}.h\"")}}

        """);

    public static string OpList(Table table)
    {
        var entries =
            from row in table.Rows
            let differentiable = row.Gradients.Count > 0 ? "true" : "false"
            select $"X(\"{row.Title}\", \"{row.Signature}\", {row.Kind}, {differentiable})";
        return Code.Format($$"""
            // Every row of the op table: X(name, signature, kind, whether it has gradient formulas).
            // {{Text.Banner}}
            #pragma once

            // clang-format off
            #define TS_OP_LIST(X) \
              {{entries.Select(entry => entry + " \\")}}

            // clang-format on

            """);
    }
}
