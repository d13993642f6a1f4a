// The op table as objects: what TableReader makes and the emitters print.

namespace TorchScratch.OpGenerator;

internal enum TypeKind { Tensor, TensorList, TensorOrScalar, Scalar, Int, IntList, Float, Bool, String, DType, Enum }

/// <param name="Length">N of int[N], else 0.</param>
internal sealed record OpType(TypeKind Kind, bool IsOptional = false, int Length = 0, EnumRow? Enum = null);

/// <param name="Default">As C++ and C# write a number or bool; "None"; the name of an enum's value.</param>
internal sealed record Argument(string Name, OpType Type, string? Default)
{
    /// <summary>From the row, or from the table's shared `args`.</summary>
    public string? Doc { get; init; }
    /// <summary>The row itself documents it, so every language repeats it.</summary>
    public bool HasOwnDoc { get; init; }
    /// <summary>A tensor, or a scalar that stands where a tensor could.</summary>
    public bool IsOperand { get; init; } = Type.Kind is TypeKind.Tensor or TypeKind.TensorOrScalar;
    public bool IsTensor => Type.Kind == TypeKind.Tensor;
    public bool IsList => Type.Kind == TypeKind.TensorList;
}

internal sealed record Result(string Name, OpType Type)
{
    public bool IsList => Type.Kind == TypeKind.TensorList;
}

internal sealed record EnumRow(string Name, string Doc, IReadOnlyList<(string Name, int Value)> Values);

/// <summary>The gradient of one argument, or of several that one function computes together.</summary>
internal sealed record Gradient(IReadOnlyList<string> Arguments, string Formula, string Comment)
{
    /// <summary>The formula of an operand whose value no longer matters, such as self that copy_ overwrites.</summary>
    public const string Zero = "zero";
}

/// <summary>An expression of C# for the reference, and what it prints.</summary>
internal sealed record Example(string Code, string Output);

internal enum OpKind { Pointwise, Structured, View, Composite }

/// <summary>Whether name_, which writes its first operand, exists beside name or instead of it.</summary>
internal enum InPlace { None, Also, Only }

/// <summary>Where C# has the method.</summary>
internal enum Home { Tensor, Static, Functional, Linalg, Internal }

/// <summary>One operator: a row of the table.</summary>
internal sealed record OpRow
{
    public required int Line { get; init; }
    public required string Signature { get; init; }
    public required string Name { get; init; }
    /// <summary>"dim" of max.dim; empty for most.</summary>
    public required string OverloadName { get; init; }
    public required IReadOnlyList<Argument> Arguments { get; init; }
    public required IReadOnlyList<Result> Results { get; init; }

    public string Doc { get; init; } = "";
    public Example? Example { get; init; }
    public Home Home { get; init; }
    public OpKind Kind { get; init; }
    /// <summary>The kernel's name, or the C++ expression of a view or composite.</summary>
    public string Body { get; init; } = "";
    public string Functor { get; init; } = "";
    /// <summary>promoted, no_bool, floating, integral or bool, of a pointwise row.</summary>
    public string Rule { get; init; } = "";
    /// <summary>Leading operands of a pointwise row that take no part in promotion.</summary>
    public int Unpromoted { get; init; }
    public InPlace InPlace { get; init; }
    /// <summary>Of a composite that has name_ too, the C++ expression that writes self and returns it.</summary>
    public string InPlaceBody { get; init; } = "";
    /// <summary>The kernel writes an operand of any strides; without it, it is handed a dense one.</summary>
    public bool IsStrided { get; init; }
    /// <summary>A view of some elements, each once: its gradient is added to that part of the whole's.</summary>
    public bool IsPart { get; init; }
    public IReadOnlyDictionary<string, string> Prepare { get; init; } = new Dictionary<string, string>();
    /// <summary>C++ expressions by result, of a structured row.</summary>
    public IReadOnlyDictionary<string, string> Shapes { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> DTypes { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<Gradient> Gradients { get; init; } = [];

    public bool IsPublic => Home != Home.Internal;
    /// <summary>Where PyTorch runs words together, how C# parts them: RandInt.</summary>
    public string? PartedName { get; init; }
    /// <summary>The C# method's: Linalg.Svd is torch.linalg.svd, which C and C++ call linalg_svd.</summary>
    public string MethodName => PartedName ??
        Text.Pascal(Home == Home.Linalg && Name.StartsWith("linalg_", StringComparison.Ordinal) ? Name["linalg_".Length..] : Name);
    public string Title => OverloadName.Length > 0 ? $"{Name}.{OverloadName}" : Name;
    public IReadOnlyList<Argument> Choices => [.. Arguments.Where(a => a.Type.Kind == TypeKind.TensorOrScalar)];

    /// <summary>Without name_ alone: by the choice of Tensor and Scalar operands, at least one a Tensor; then name_.</summary>
    public IReadOnlyList<Overload> Overloads
    {
        get
        {
            Overload[] plain = [.. Enumerable.Range(0, 1 << Choices.Count)
                .Select(set => new Overload(this, [.. Choices.Reverse().Where((_, i) => (set >> i & 1) != 0)], false))
                .Where(o => o.Scalars.Count == 0 || o.Arguments.Any(a => a.IsTensor))];
            var inPlace = plain.Where(o => InPlace != InPlace.None && o.Arguments[0].IsTensor)
                .Select(o => o with { IsInPlace = true });
            return [.. InPlace == InPlace.Only ? [] : plain, .. inPlace];
        }
    }
}

/// <summary>A row with its Tensor|Scalar operands decided: one function in each language.</summary>
internal sealed record Overload(OpRow Row, IReadOnlyList<Argument> Scalars, bool IsInPlace)
{
    public IReadOnlyList<Argument> Arguments { get; } = [.. Row.Arguments.Select(a =>
        a.Type.Kind != TypeKind.TensorOrScalar ? a
        : a with { Type = new(Scalars.Contains(a) ? TypeKind.Scalar : TypeKind.Tensor) })];

    public string Name => IsInPlace ? Row.Name + "_" : Row.Name;

    /// <summary>Which operands are scalars: _scalar the last, _from_scalar the first, _scalars all.</summary>
    public string Suffix =>
        Scalars.Count == 0 ? ""
        : Scalars.Count > 1 && Scalars.Count == Row.Choices.Count ? "_scalars"
        : Scalars.Count > 1 ? "_scalar_" + string.Join('_', Scalars.Select(a => a.Name))
        : Scalars[0] == Row.Choices[^1] ? "_scalar"
        : Scalars[0] == Row.Choices[0] ? "_from_scalar"
        : "_scalar_" + Scalars[0].Name;

    public string CName => "ts_" + Row.Title.Replace('.', '_') + Suffix + (IsInPlace ? "_" : "");

    public IEnumerable<Argument> Operands => Arguments.Where(a => a.IsOperand);
    /// <summary>The numbers a pointwise kernel takes beside its operands.</summary>
    public IEnumerable<Argument> Parameters => Arguments.Where(a => !a.IsOperand);
}

internal sealed record Family(string Name, string Doc, List<OpRow> Rows)
{
    public string Slug => Text.Slug(Name);
    public IEnumerable<OpRow> PublicRows => Rows.Where(row => row.IsPublic);
}

internal sealed record Table(IReadOnlyList<EnumRow> Enums, IReadOnlyList<Family> Families)
{
    public IEnumerable<OpRow> Rows => Families.SelectMany(family => family.Rows);
    /// <summary>What the C ABI and C# have.</summary>
    public IEnumerable<Overload> PublicOverloads => Rows.Where(row => row.IsPublic).SelectMany(row => row.Overloads);
}
