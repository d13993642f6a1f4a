// Optional arguments and enums in the representation of the C ABI.

using TorchScratch.Interop;

namespace TorchScratch;

internal static class Marshalling
{
    private const int NotGiven = -1;

    internal static int Code(DType dtype) => (int)dtype;

    internal static int Code(OptionalDType dtype) => dtype.Value is { } given ? (int)given : NotGiven;

    internal static int Code(Device device) => device.Code;

    internal static int Code(Device? device) => device is { } given ? given.Code : NotGiven;

    internal static int Code(bool value) => value ? 1 : 0;

    internal static ts_optional_int Optional(long? value) =>
        new() { value = value.GetValueOrDefault(), has_value = Code(value.HasValue) };

    internal static ts_optional_double Optional(double? value) =>
        new() { value = value.GetValueOrDefault(), has_value = Code(value.HasValue) };

    internal static ts_optional_scalar Optional(Scalar? value) =>
        new() { value = value.GetValueOrDefault().ToNative(), has_value = Code(value.HasValue) };
}
