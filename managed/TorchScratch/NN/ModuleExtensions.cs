// What changes a module as a whole and returns it, with its own type: new Sequential(...).To(DType.Float64).Eval().

using TorchScratch.NN;

namespace TorchScratch;

/// <summary>Changes of a whole module that return it, so that they can be chained.</summary>
public static class ModuleExtensions
{
    /// <summary>Sets a module and its descendants to training or to evaluation mode.</summary>
    /// <returns>The module.</returns>
    public static TModule Train<TModule>(this TModule module, bool isTraining = true) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        module.SetMode(isTraining);
        return module;
    }

    /// <summary>Sets a module and its descendants to evaluation mode.</summary>
    /// <returns>The module.</returns>
    public static TModule Eval<TModule>(this TModule module) where TModule : Module => module.Train(false);

    /// <summary>
    /// Converts all floating-point parameters and buffers to another element type, and frees gradients of those that
    /// change. The <see cref="Parameter"/> objects stay the same, so that an existing optimizer continues to update
    /// them.
    /// </summary>
    /// <returns>The module.</returns>
    /// <exception cref="DTypeException">The type is not a floating-point one.</exception>
    public static TModule To<TModule>(this TModule module, DType dtype) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        module.ConvertTo(dtype);
        return module;
    }

    /// <summary>
    /// Moves all parameters with their gradients, and all buffers, to a device, and converts those that are floating
    /// point if an element type is given. The <see cref="Parameter"/> objects stay the same, so that an existing
    /// optimizer continues to update them; what it remembers of them follows at its next step.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="device">The device.</param>
    /// <param name="dtype">The element type; that of each tensor if not given.</param>
    /// <returns>The module.</returns>
    /// <exception cref="DeviceException">There is no such device; nothing is moved.</exception>
    /// <exception cref="TensorMemoryException">The device has no room; nothing is moved.</exception>
    /// <exception cref="DTypeException">The type is not a floating-point one.</exception>
    public static TModule To<TModule>(this TModule module, Device device, OptionalDType dtype = default)
        where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        module.MoveTo(device, dtype.Value);
        return module;
    }

    /// <summary>
    /// Moves a module to a CUDA device; see <see cref="To{TModule}(TModule, Device, OptionalDType)"/>.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="index">The number of the device; the current one of this thread if not given.</param>
    /// <returns>The module.</returns>
    /// <exception cref="DeviceException">There is no such device; the message says what is missing.</exception>
    public static TModule Cuda<TModule>(this TModule module, int? index = null) where TModule : Module =>
        module.To(index is { } given ? Device.Cuda(given) : Device.Cuda());

    /// <summary>Moves a module to the CPU; see <see cref="To{TModule}(TModule, Device, OptionalDType)"/>.</summary>
    /// <returns>The module.</returns>
    public static TModule Cpu<TModule>(this TModule module) where TModule : Module => module.To(Device.Cpu);
}
