// Prints a C type as the blittable C# type with the same layout. Any type without such a form is an error.

using CppSharp.AST;
using CppSharp.AST.Extensions;
using CppSharp.Generators;

namespace TorchScratch.BindingGenerator;

/// <summary>
/// Handles, callbacks and C strings become <c>nint</c>, other pointers become C# pointers, value structs and enums keep
/// their names, and numbers must have a type with the same width on every platform.
/// </summary>
internal sealed class BlittableTypePrinter(BindingContext context)
    : TypePrinter(context, TypePrinterContextKind.Native)
{
    // Identified by name, because the underlying type is `long` on one platform and `long long` on another.
    private static readonly Dictionary<string, string> FixedWidth = new()
    {
        ["int8_t"] = "sbyte", ["uint8_t"] = "byte",
        ["int16_t"] = "short", ["uint16_t"] = "ushort",
        ["int32_t"] = "int", ["uint32_t"] = "uint",
        ["int64_t"] = "long", ["uint64_t"] = "ulong",
        ["intptr_t"] = "nint", ["uintptr_t"] = "nuint",
        ["ptrdiff_t"] = "nint", ["size_t"] = "nuint",
    };

    public string Print(QualifiedType type, string where)
    {
        try
        {
            return type.Visit(this).ToString();
        }
        catch (NotImplementedException)
        {
            throw new UnsupportedHeaderException($"{where}: {type.Type.GetType().Name} has no blittable C# form");
        }
        catch (NotSupportedException e)
        {
            throw new UnsupportedHeaderException($"{where}: {e.Message}");
        }
    }

    public override TypePrinterResult VisitTypedefType(TypedefType typedef, TypeQualifiers quals) =>
        FixedWidth.TryGetValue(typedef.Declaration.Name, out var name)
            ? name
            : typedef.Declaration.QualifiedType.Visit(this);

    public override TypePrinterResult VisitPrimitiveType(PrimitiveType type, TypeQualifiers quals) => type switch
    {
        PrimitiveType.Void => "void",
        PrimitiveType.Bool or PrimitiveType.Char or PrimitiveType.UChar => "byte",
        PrimitiveType.SChar => "sbyte",
        PrimitiveType.Short => "short",
        PrimitiveType.UShort => "ushort",
        PrimitiveType.Int => "int",
        PrimitiveType.UInt => "uint",
        PrimitiveType.LongLong => "long",
        PrimitiveType.ULongLong => "ulong",
        PrimitiveType.Float => "float",
        PrimitiveType.Double => "double",
        _ => throw new NotSupportedException($"{type} differs between platforms; use a fixed-width type"),
    };

    public override TypePrinterResult VisitPointerType(PointerType pointer, TypeQualifiers quals)
    {
        var pointee = pointer.QualifiedPointee;
        var isString = pointee.Qualifiers.IsConst && pointee.Type.IsPrimitiveType(PrimitiveType.Char);
        return pointee.Type.Desugar() switch
        {
            FunctionType => "nint",
            TagType { Declaration: Class { IsOpaque: true } } => "nint",
            _ => isString ? "nint" : $"{pointee.Visit(this)}*",
        };
    }

    // An array parameter, which in C means a pointer to the first element.
    public override TypePrinterResult VisitArrayType(ArrayType array, TypeQualifiers quals) =>
        new PointerType(array.QualifiedType).Visit(this);

    public override TypePrinterResult VisitClassDecl(Class @class) =>
        @class.IsOpaque
            ? throw new NotSupportedException($"{@class.Name} is opaque and cannot be passed by value")
            : @class.Name;

    public override TypePrinterResult VisitEnumDecl(Enumeration @enum) => @enum.Name;
}
