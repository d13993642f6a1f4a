// A parameter of a C# method, as needed for binding.

using System.Reflection;

namespace TorchScratch.Conformance.Calls;

/// <summary>A parameter; the receiver of an instance method is the first.</summary>
internal sealed record OperatorParameter(string Name, Type Type, bool IsOptional, object? Default, bool AllowsNull,
    bool IsVariadic)
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static OperatorParameter Receiver(Type type) => new("self", type, false, null, false, false);

    public static OperatorParameter From(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        // A list that is not given is its default value, which stands for null.
        var allowsNull = type.IsByRefLike ? parameter.IsOptional
            : type.IsValueType ? Nullable.GetUnderlyingType(type) is not null
            : Nullability.Create(parameter).WriteState == NullabilityState.Nullable;
        var isVariadic = parameter.IsDefined(typeof(ParamArrayAttribute)) ||
            parameter.IsDefined(typeof(System.Runtime.CompilerServices.ParamCollectionAttribute));
        // Reflection says null for the default of a struct.
        var initial = !parameter.IsOptional ? null
            : type == typeof(OptionalDType) ? default(OptionalDType) : parameter.DefaultValue;
        return new(parameter.Name!, type, parameter.IsOptional, initial, allowsNull, isVariadic);
    }

    /// <summary>
    /// Whether it corresponds to PyTorch's parameter of this name: keepdim, kernel_size (kernelSize), UPLO (uplo).
    /// </summary>
    public bool IsNamed(string torchName) =>
        string.Equals(Name, torchName.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}
