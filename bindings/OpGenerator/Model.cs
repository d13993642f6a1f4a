// The op table as objects, which TableReader creates and the emitters print.

namespace TorchScratch.OpGenerator;

internal enum TypeKind
{
    Tensor, TensorList, TensorOrScalar, Scalar, Int, IntList, IntBuffer, Float, FloatBuffer, Bool, String, DType, Device, Enum,
}

/// <summary>
/// The names of a type in each language, and the description of an argument that has none of its own.
/// </summary>
internal sealed record TypeNames(string Table, string Cpp, string C, string CSharp, string Text);

/// <param name="Length">N for int[N], otherwise 0.</param>
internal sealed record OpType(TypeKind Kind, bool IsOptional = false, int Length = 0, EnumRow? Enum = null)
{
    public static readonly IReadOnlyDictionary<TypeKind, TypeNames> AllNames = new Dictionary<TypeKind, TypeNames>
    {
        [TypeKind.Tensor] = new("Tensor", "Tensor", "ts_tensor", "Tensor", "A tensor"),
        [TypeKind.TensorList] = new("Tensor[]", "TensorList", "", "", "The tensors"),
        [TypeKind.TensorOrScalar] = new("Tensor|Scalar", "", "", "", ""),
        [TypeKind.Scalar] = new("Scalar", "Scalar", "ts_scalar", "Scalar", "A number"),
        [TypeKind.Int] = new("int", "std::int64_t", "int64_t", "long", "An integer"),
        [TypeKind.IntList] = new("int[]", "IntList", "", "IntList", "Integers"),
        [TypeKind.IntBuffer] = new("int[]!", "Span<std::int64_t>", "int64_t*", "", "Integers that are changed"),
        [TypeKind.Float] = new("float", "double", "double", "double", "A number"),
        [TypeKind.FloatBuffer] = new("float[]!", "Span<double>", "double*", "", "Numbers that are changed"),
        [TypeKind.Bool] = new("bool", "bool", "int32_t", "bool", "True or false"),
        [TypeKind.String] = new("str", "std::string", "const char*", "string", "A text"),
        [TypeKind.DType] = new("DType", "DType", "int32_t", "DType", "An element type"),
        [TypeKind.Device] = new("Device", "Device", "int32_t", "Device", "A device"),
    };

    public TypeNames Names => Enum is { } row ? new(row.Name, row.Name, "int32_t", row.Name, Text.Summary(row.Doc)) : AllNames[Kind];
}

/// <param name="Default">A number or bool as in C++ and C#, "None", or the name of an enum value.</param>
internal sealed record Argument(string Name, OpType Type, string? Default)
{
    /// <summary>The name in C#: keepDim.</summary>
    public string CSharpName { get; init; } = Text.Camel(Name);
    /// <summary>From the row, or from the table's shared `args`.</summary>
    public string? Doc { get; init; }
    /// <summary>Whether the row itself documents the argument, in which case every language shows it.</summary>
    public bool HasOwnDoc { get; init; }
    /// <summary>Whether it is a tensor, or a scalar where a tensor could be passed.</summary>
    public bool IsOperand { get; init; } = Type.Kind is TypeKind.Tensor or TypeKind.TensorOrScalar;
    public bool IsTensor => Type.Kind == TypeKind.Tensor;
    public bool IsList => Type.Kind == TypeKind.TensorList;
    /// <summary>Whether it is a buffer of numbers that the operator updates.</summary>
    public bool IsBuffer => Type.Kind is TypeKind.IntBuffer or TypeKind.FloatBuffer;
}

internal sealed record Result(string Name, OpType Type)
{
    /// <summary>The name in C#: LogAbsDet.</summary>
    public string CSharpName { get; init; } = Text.Pascal(Name);
    public bool IsList => Type.Kind == TypeKind.TensorList;
}

internal sealed record EnumRow(string Name, string Doc, IReadOnlyList<EnumValue> Values);

/// <param name="CSharpName">The name in C#: AMax.</param>
internal sealed record EnumValue(string Name, int Value, string CSharpName);

/// <summary>The gradient of one argument, or of several that one function computes together.</summary>
internal sealed record Gradient(IReadOnlyList<string> Arguments, string Formula, string Comment)
{
    /// <summary>The formula of an operand whose value no longer matters, such as self that copy_ overwrites.</summary>
    public const string Zero = "zero";
}

/// <summary>A C# expression for the reference, and what it prints.</summary>
internal sealed record Example(string Code, string Output);

internal enum OpKind { Pointwise, Structured, View, Composite }

/// <summary>Whether name_, which writes to its first operand, exists in addition to name or instead of it.</summary>
internal enum InPlace { None, Also, Only }

/// <summary>Where C# has the method. Native means C and C++ only, for the managed layer to call.</summary>
internal enum Home { Tensor, Static, Functional, Linalg, Native, Internal }

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
    /// <summary>
    /// The kernel's name, or the C++ expression of a view or composite; "true" for a hand-written function.
    /// </summary>
    public string Body { get; init; } = "";
    public string Functor { get; init; } = "";
    /// <summary>promoted, no_bool, floating, integral or bool, of a pointwise row.</summary>
    public string Rule { get; init; } = "";
    /// <summary>The number of leading operands of a pointwise row that do not take part in promotion.</summary>
    public int Unpromoted { get; init; }
    public InPlace InPlace { get; init; }
    /// <summary>For a composite that has name_ too, the C++ expression that writes to self and returns it.</summary>
    public string InPlaceBody { get; init; } = "";
    /// <summary>Whether the in-place kernel accepts any strides; otherwise it gets a contiguous operand.</summary>
    public bool IsStrided { get; init; }
    /// <summary>
    /// A view with each element at most once, whose gradient is added to that part of the gradient of self.
    /// </summary>
    public bool IsPart { get; init; }
    /// <summary>A composite that computes 16-bit floating operands in float32 and rounds its results once.</summary>
    public bool IsWide { get; init; }
    /// <summary>lower, float or widest: the type of the operands while autocast is active; null for any.</summary>
    public string? Autocast { get; init; }
    public IReadOnlyDictionary<string, string> Prepare { get; init; } = new Dictionary<string, string>();
    /// <summary>For a structured row, the C++ expressions by the name of the result.</summary>
    public IReadOnlyDictionary<string, string> Shapes { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> DTypes { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<Gradient> Gradients { get; init; } = [];
    /// <summary>
    /// For an optimizer step, the C++ conditions under which states are needed, by the name of the state.
    /// </summary>
    public IReadOnlyDictionary<string, string> Needed { get; init; } = new Dictionary<string, string>();

    public bool IsPublic => Home != Home.Internal;
    /// <summary>Changes lists of tensors in place and returns nothing.</summary>
    public bool IsStep => Results.Count == 0;
    public bool HasKernel => Kind is OpKind.Pointwise or OpKind.Structured;
    /// <summary>The name of the C# method.</summary>
    public string MethodName { get; init; } = "";
    /// <summary>The name without its module: Linalg.Svd is torch.linalg.svd, which is linalg_svd in C and C++.</summary>
    public string OwnName =>
        Home == Home.Linalg && Name.StartsWith("linalg_", StringComparison.Ordinal) ? Name["linalg_".Length..] : Name;
    /// <summary>Whether it is in Functional too, because torch.nn.functional has it.</summary>
    public bool IsFunctionalToo { get; init; }
    /// <summary>Whether C# parts words that PyTorch joins.</summary>
    public bool IsParted => MethodName != Text.Pascal(OwnName);
    /// <summary>
    /// The argument whose device a kernel runs on. It is never an optional one, which callers may leave out.
    /// </summary>
    public Argument DeviceArgument => Arguments.First(a => !a.Type.IsOptional && (a.IsTensor || a.IsList));
    public string Title => OverloadName.Length > 0 ? $"{Name}.{OverloadName}" : Name;
    public IReadOnlyList<Argument> Choices => [.. Arguments.Where(a => a.Type.Kind == TypeKind.TensorOrScalar)];

    /// <summary>
    /// Each choice of Tensor and Scalar operands with at least one Tensor, for name (if it exists) and name_.
    /// </summary>
    public IReadOnlyList<Overload> Overloads =>
    [
        .. from isInPlace in InPlace switch { InPlace.None => [false], InPlace.Also => [false, true], _ => (bool[])[true] }
           from set in Enumerable.Range(0, 1 << Choices.Count)
           let overload = new Overload(this, [.. Choices.Reverse().Where((_, i) => (set >> i & 1) != 0)], isInPlace)
           where isInPlace ? overload.Arguments[0].IsTensor : set == 0 || overload.Arguments.Any(a => a.IsTensor)
           select overload,
    ];
}

/// <summary>A row with a choice of Tensor or Scalar for each operand: one function in each language.</summary>
internal sealed record Overload(OpRow Row, IReadOnlyList<Argument> Scalars, bool IsInPlace)
{
    public IReadOnlyList<Argument> Arguments { get; } = [.. Row.Arguments.Select(a =>
        a.Type.Kind != TypeKind.TensorOrScalar ? a
        : a with { Type = new(Scalars.Contains(a) ? TypeKind.Scalar : TypeKind.Tensor) })];

    public string Name => IsInPlace ? Row.Name + "_" : Row.Name;

    /// <summary>
    /// The suffix for scalar operands: _scalar for the last, _from_scalar for the first, _scalars for all.
    /// </summary>
    public string Suffix =>
        Scalars.Count == 0 ? ""
        : Scalars.Count > 1 && Scalars.Count == Row.Choices.Count ? "_scalars"
        : Scalars.Count > 1 ? "_scalar_" + string.Join('_', Scalars.Select(a => a.Name))
        : Scalars[0] == Row.Choices[^1] ? "_scalar"
        : Scalars[0] == Row.Choices[0] ? "_from_scalar"
        : "_scalar_" + Scalars[0].Name;

    private string OwnBody => IsInPlace && Row.InPlaceBody.Length > 0 ? Row.InPlaceBody : Row.Body;
    /// <summary>The body of a view or composite.</summary>
    public string Body => IsFunction ? $"{Function}({Text.List(Arguments.Select(a => a.Name))})" : OwnBody;
    /// <summary>Whether the body is a hand-written C++ function, which the generator declares.</summary>
    public bool IsFunction => OwnBody == "true";
    public string Function => Row.Name + (IsInPlace ? "_in_place" : Row.Kind == OpKind.View ? "_view" : "_composite");

    public string CName => "ts_" + Row.Title.Replace('.', '_') + Suffix + (IsInPlace ? "_" : "");

    public IEnumerable<Argument> Operands => Arguments.Where(a => a.IsOperand);
    /// <summary>The numbers that a pointwise kernel takes in addition to its operands.</summary>
    public IEnumerable<Argument> Parameters => Arguments.Where(a => !a.IsOperand);
}

/// <param name="Headers">The headers of native/src/ops with the functions that the expressions of the rows call.</param>
internal sealed record Family(string Name, string Doc, IReadOnlyList<string> Headers, List<OpRow> Rows)
{
    public string Slug => Text.Slug(Name);
    public string Pascal => Text.Pascal(Slug);
    /// <summary>The C++ struct of its kernels.</summary>
    public string KernelTable => Pascal + "Kernels";
    public IEnumerable<OpRow> PublicRows => Rows.Where(row => row.IsPublic);
    public IEnumerable<Overload> PublicOverloads => PublicRows.SelectMany(row => row.Overloads);
    /// <summary>The overloads that C# has.</summary>
    public IEnumerable<Overload> ManagedOverloads => PublicOverloads.Where(overload => overload.Row.Home != Home.Native);
    /// <summary>The overloads whose bodies are hand-written functions.</summary>
    public IEnumerable<Overload> Functions => Rows.SelectMany(row => row.Overloads).Where(overload => overload.IsFunction);
}

internal sealed record Table(IReadOnlyList<EnumRow> Enums, IReadOnlyList<Family> Families)
{
    public IEnumerable<OpRow> Rows => Families.SelectMany(family => family.Rows);
    /// <summary>The first row with that kernel. Rows may share one.</summary>
    public OpRow FirstWith(string kernel) => Rows.First(row => row.HasKernel && row.Body == kernel);
    /// <summary>The first row of each kernel in the table of the family.</summary>
    public IEnumerable<OpRow> KernelsOf(Family family) => family.Rows.Where(row => row.HasKernel && FirstWith(row.Body) == row);
    /// <summary>The family whose table contains the kernel of a row.</summary>
    public Family KernelFamily(OpRow row) => Families.First(family => family.Rows.Contains(FirstWith(row.Body)));
    /// <summary>The overloads that the C ABI and C# have.</summary>
    public IEnumerable<Overload> PublicOverloads => Families.SelectMany(family => family.PublicOverloads);
}
