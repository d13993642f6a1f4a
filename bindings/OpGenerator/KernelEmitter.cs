// Writes the table of kernels that every backend fills, the CPU's declarations and table, and the lists that the
// pointwise engine and the tests expand.

namespace TorchScratch.OpGenerator;

internal static class KernelEmitter
{
    /// <summary>
    /// Of a structured kernel: results (or self, where it writes nothing else), tensors, then the rest but dtypes,
    /// which the results have.
    /// </summary>
    public static IEnumerable<(string Type, string Name)> Parameters(OpRow row)
    {
        var tensors = row.Arguments.Where(a => a.IsTensor || a.IsList);
        var rest = row.Arguments.Where(a => !a.IsTensor && !a.IsList && a.Type.Kind != TypeKind.DType);
        var results = row.InPlace == InPlace.Only ? [] : row.Results;
        return results.Select(result => ("const Tensor&", result.Name))
            .Concat(tensors.Concat(rest).Select(a => (CppTypes.Parameter(a.Type), a.Name)));
    }

    private static IEnumerable<string> Declared(OpRow row) => row.Kind == OpKind.Pointwise
        ? ["const PointwiseArgs& args"]
        : Parameters(row).Select(parameter => $"{parameter.Type} {parameter.Name}");

    private static string Types(OpRow row) =>
        row.Kind == OpKind.Pointwise ? "pointwise" : Text.List(Parameters(row).Select(parameter => parameter.Type));

    // The first row of each kernel, in the order of the table. Rows may share a kernel.
    private static IEnumerable<OpRow> Kernels(Table table) =>
        table.Rows.Where(row => row.Kind is OpKind.Pointwise or OpKind.Structured).DistinctBy(row => row.Body);

    /// <summary>Rows that name a kernel which has other arguments already.</summary>
    public static IEnumerable<string> Conflicts(Table table) =>
        from row in table.Rows
        where row.Kind is OpKind.Pointwise or OpKind.Structured
        let first = Kernels(table).Single(kernel => kernel.Body == row.Body)
        where Types(first) != Types(row)
        select $"native/ops.yaml({row.Line}): {row.Title}: gives the kernel `{row.Body}` arguments of types " +
            $"({Types(row)}), but {first.Title} ({Types(first)}); name another kernel or align them";

    public static string TableHeader(Table table) => Code.Format($$"""
        // The kernels that every backend provides: one typed pointer each, filled once.
        // {{Text.Banner}}
        #pragma once

        #include <cstdint>
        #include <optional>
        #include <string>

        #include "backend/pointwise_args.h"
        #include "torchscratch/ops.g.h"

        namespace ts {

        /// A structured kernel takes its results, dense and of the inferred shape, then the tensors, then the rest.
        struct KernelTable {
          {{Kernels(table).Select(row => Text.Call($"void (*{row.Body})", Declared(row), ";", 2))}}
        };

        /// The table of the device's backend; throws DeviceError where it is not loaded.
        const KernelTable& kernels(Device device);
        /// Called once by a backend when it is loaded; the table must stay alive.
        TS_API void register_kernels(DeviceType device, const KernelTable& table);

        }  // namespace ts

        """);

    public static string CpuHeader(Table table) => Code.Format($$"""
        // What the CPU kernels must define. {{Text.Banner}}
        #pragma once

        #include "generated/kernel_table.g.h"

        namespace ts::cpu {

        {{Kernels(table).Select(row => Text.Call($"void {row.Body}", Declared(row), ";"))}}

        }  // namespace ts::cpu

        """);

    public static string CpuTable(Table table) => Code.Format($$"""
        // The CPU's kernels; one that is missing fails to link.
        // {{Text.Banner}}
        #include "generated/cpu_kernels.g.h"

        namespace ts {

        extern const KernelTable cpu_kernels;
        const KernelTable cpu_kernels = {
            {{Kernels(table).Select(row => $"cpu::{row.Body},")}}
        };

        }  // namespace ts

        """);

    public static string PointwiseList(Table table)
    {
        var entries =
            from row in table.Rows
            where row.Kind == OpKind.Pointwise
            let operands = row.Arguments.Count(a => a.IsOperand)
            let types = row.Rule switch { "floating" => "Floating", "integral" => "Integral", _ => "Numeric" }
            select $"X({row.Body}, {row.Functor}, {operands}, {row.Arguments.Count - operands}, {types})";
        return Code.Format($$"""
            // Every pointwise kernel: X(name, functor in backend/pointwise.h, tensor operands, numbers, class). The class says in
            // which types it computes: Floating (float, double), Integral (int64) or Numeric (all three). The first row is
            // none of the table's; the structured kernel of copies runs on it.
            // {{Text.Banner}}
            #pragma once

            // clang-format off
            #define TS_POINTWISE_OPS(X) \
              {{string.Join(" \\\n", entries.Prepend("X(copy, Copy, 1, 0, Numeric)"))}}

            """);
    }

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
              {{string.Join(" \\\n", entries)}}

            """);
    }
}
