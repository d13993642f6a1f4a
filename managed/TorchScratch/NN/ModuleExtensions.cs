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
}
