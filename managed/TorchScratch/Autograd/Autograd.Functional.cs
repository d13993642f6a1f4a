// Derivatives of functions rather than of tensors: products with the Jacobian from both sides, Jacobians and Hessians.
//
// With J the Jacobian of a function at a point: Vjp is J^T v, one reverse pass. Jvp is J v, and needs no second mode of
// differentiation: u -> J^T u is linear, so the derivative of its product with u in the direction v is J v. Both passes
// of it are reverse passes, which is why every operator on the way must have a gradient that can be differentiated.

namespace TorchScratch;

public static unsafe partial class Autograd
{
    /// <summary>The product of a vector with the Jacobian, J^T v, by one reverse pass.</summary>
    /// <inheritdoc cref="Vjp(Func{Tensor[], Tensor[]}, Tensor[], Tensor[], bool)"/>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="input">Where, a floating tensor.</param>
    /// <param name="vector">v, of the output's shape; may be left out when the output has one element.</param>
    /// <param name="createGraph">Records the result, where the input requires a gradient.</param>
    public static (Tensor Output, Tensor Product) Vjp(Func<Tensor, Tensor> function, Tensor input,
        Tensor? vector = null,
        bool createGraph = false)
    {
        var (outputs, products) = Vjp(Lift(function), [input], vector is null ? null : [vector], createGraph);
        return (outputs[0], products[0]);
    }

    /// <summary>The product of vectors with the Jacobian, J^T v, by one reverse pass.</summary>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="inputs">Where, floating tensors; what is constant the function captures.</param>
    /// <param name="vectors">v, one for each output, of its shape; may be left out when each has one element.</param>
    /// <param name="createGraph">Records the result, with respect to those inputs that require a gradient.</param>
    /// <returns>What the function returned, and a tensor like each input: zeros where nothing depends on it.</returns>
    /// <exception cref="DTypeException">An input or output is not floating.</exception>
    /// <exception cref="ShapeException">A vector has not the shape of its output.</exception>
    public static (Tensor[] Outputs, Tensor[] Products) Vjp(Func<Tensor[], Tensor[]> function, Tensor[] inputs,
        Tensor[]? vectors = null, bool createGraph = false)
    {
        var (points, outputs) = Evaluate("vjp", function, inputs, createGraph);
        CheckLike("vjp", "vectors", vectors, "output", outputs);
        var products = Pull(outputs, points, vectors, createGraph);
        return (Finish(outputs, createGraph), products);
    }

    /// <summary>The derivative in a direction, J v.</summary>
    /// <inheritdoc cref="Jvp(Func{Tensor[], Tensor[]}, Tensor[], Tensor[], bool)"/>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="input">Where, a floating tensor.</param>
    /// <param name="tangent">v, of the input's shape.</param>
    /// <param name="createGraph">Records the result, where the input requires a gradient.</param>
    public static (Tensor Output, Tensor Product) Jvp(Func<Tensor, Tensor> function, Tensor input, Tensor tangent,
        bool createGraph = false)
    {
        var (outputs, products) = Jvp(Lift(function), [input], [tangent], createGraph);
        return (outputs[0], products[0]);
    }

    /// <summary>The derivative of all outputs when all inputs move together along a direction, J v.</summary>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="inputs">Where, floating tensors; what is constant the function captures.</param>
    /// <param name="tangents">v, one for each input, of its shape.</param>
    /// <param name="createGraph">Records the result, with respect to those inputs that require a gradient.</param>
    /// <remarks>
    /// Computed by two reverse passes, so every operator on the way must have a gradient of second order.
    /// </remarks>
    /// <returns>
    /// What the function returned, and a tensor like each output: zeros where it depends on no input.
    /// </returns>
    /// <exception cref="DTypeException">An input or output is not floating.</exception>
    /// <exception cref="ShapeException">A tangent has not the shape of its input.</exception>
    public static (Tensor[] Outputs, Tensor[] Products) Jvp(Func<Tensor[], Tensor[]> function, Tensor[] inputs,
        Tensor[] tangents, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(tangents);
        var (points, outputs) = Evaluate("jvp", function, inputs, createGraph);
        CheckLike("jvp", "tangents", tangents, "input", points);
        // The value of u does not matter, since J^T u is linear in it.
        Tensor[] dual = [.. outputs.Select(output => Tensor.ZerosLike(output).Detach().RequiresGrad_())];
        var pulled = Pull(outputs, points, dual, createGraph: true);
        var products = Pull(pulled, dual, tangents, createGraph);
        return (Finish(outputs, createGraph), products);
    }

    /// <summary>All derivatives of the output's elements with respect to the input's.</summary>
    /// <inheritdoc cref="Jacobian(Func{Tensor[], Tensor[]}, Tensor[], bool)"/>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="input">Where, a floating tensor.</param>
    /// <param name="createGraph">Records the result, where the input requires a gradient.</param>
    /// <returns>The shape is that of the output, then that of the input.</returns>
    public static Tensor Jacobian(Func<Tensor, Tensor> function, Tensor input, bool createGraph = false) =>
        Jacobian(Lift(function), [input], createGraph)[0][0];

    /// <summary>All derivatives of the outputs' elements with respect to the inputs'.</summary>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="inputs">Where, floating tensors; what is constant the function captures.</param>
    /// <param name="createGraph">Records the result, with respect to those inputs that require a gradient.</param>
    /// <returns>By output, then by input; the shape is that of the output, then that of the input.</returns>
    /// <exception cref="DTypeException">An input or output is not floating.</exception>
    public static Tensor[][] Jacobian(Func<Tensor[], Tensor[]> function, Tensor[] inputs, bool createGraph = false)
    {
        var (points, outputs) = Evaluate("jacobian", function, inputs, createGraph);
        return [.. outputs.Select(output => Rows(output, points, createGraph))];
    }

    /// <summary>All second derivatives of a function with one element.</summary>
    /// <inheritdoc cref="Hessian(Func{Tensor[], Tensor}, Tensor[], bool)"/>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="input">Where, a floating tensor.</param>
    /// <param name="createGraph">Records the result, where the input requires a gradient.</param>
    /// <returns>The shape is that of the input, twice.</returns>
    public static Tensor Hessian(Func<Tensor, Tensor> function, Tensor input, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Hessian(x => function(x[0]), [input], createGraph)[0][0];
    }

    /// <summary>All second derivatives of a function with one element.</summary>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="inputs">Where, floating tensors; what is constant the function captures.</param>
    /// <param name="createGraph">Records the result, with respect to those inputs that require a gradient.</param>
    /// <returns>By input and input; the shape is that of the first, then that of the second.</returns>
    /// <exception cref="DTypeException">An input or the output is not floating.</exception>
    /// <exception cref="ShapeException">The output has several elements.</exception>
    public static Tensor[][] Hessian(Func<Tensor[], Tensor> function, Tensor[] inputs, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        var (points, outputs) = Evaluate("hessian", x => [function(x)], inputs, createGraph);
        CheckSingle("hessian", outputs[0]);
        var gradients = Pull(outputs, points, null, createGraph: true);
        return [.. gradients.Select(gradient => Rows(gradient, points, createGraph))];
    }

    /// <summary>The product of the Hessian with a vector.</summary>
    /// <inheritdoc cref="Hvp(Func{Tensor[], Tensor}, Tensor[], Tensor[], bool)"/>
    /// <param name="function">What to differentiate; it is called once.</param>
    /// <param name="input">Where, a floating tensor.</param>
    /// <param name="vector">Of the input's shape.</param>
    /// <param name="createGraph">Records the result, where the input requires a gradient.</param>
    public static (Tensor Output, Tensor Product) Hvp(Func<Tensor, Tensor> function, Tensor input, Tensor vector,
        bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        var (output, products) = Hvp(x => function(x[0]), [input], [vector], createGraph);
        return (output, products[0]);
    }

    /// <summary>
    /// The product of the Hessian with vectors, at the cost of two reverse passes; no Hessian is formed.
    /// </summary>
    /// <param name="function">What to differentiate, with one element; it is called once.</param>
    /// <param name="inputs">Where, floating tensors; what is constant the function captures.</param>
    /// <param name="vectors">One for each input, of its shape.</param>
    /// <param name="createGraph">Records the result, with respect to those inputs that require a gradient.</param>
    /// <returns>What the function returned, and a tensor like each input.</returns>
    /// <exception cref="DTypeException">An input or the output is not floating.</exception>
    /// <exception cref="ShapeException">
    /// The output has several elements, or a vector not the shape of its input.
    /// </exception>
    public static (Tensor Output, Tensor[] Products) Hvp(Func<Tensor[], Tensor> function, Tensor[] inputs,
        Tensor[] vectors, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(vectors);
        var (points, outputs) = Evaluate("hvp", x => [function(x)], inputs, createGraph);
        CheckSingle("hvp", outputs[0]);
        CheckLike("hvp", "vectors", vectors, "input", points);
        var gradients = Pull(outputs, points, null, createGraph: true);
        // The Hessian is symmetric: its product with v from the left is that from the right.
        var products = Pull(gradients, points, vectors, createGraph);
        return (Finish(outputs, createGraph)[0], products);
    }

    private static Func<Tensor[], Tensor[]> Lift(Func<Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return x => [function(x[0])];
    }

    // The function at fresh points, whose graph is no part of the caller's unless the result shall be recorded.
    private static (Tensor[] Points, Tensor[] Outputs) Evaluate(string name, Func<Tensor[], Tensor[]> function,
        Tensor[] inputs, bool createGraph)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        CheckFloating(name, "input", inputs, "let the function capture it");
        using var enabled = EnableGrad();
        Tensor[] points = [.. inputs.Select(input =>
            createGraph && input.RequiresGrad ? input.ViewAs(input) : input.Detach().RequiresGrad_())];
        var outputs = function(points);
        CheckFloating(name, "output", outputs, "leave it out of what the function returns");
        return (points, outputs);
    }

    // J^T v, with zeros where there is no path. Keeps the graph.
    private static Tensor[] Pull(Tensor[] outputs, Tensor[] points, Tensor[]? vectors, bool createGraph)
    {
        using var enabled = EnableGrad();
        int[] roots = [.. Enumerable.Range(0, outputs.Length).Where(i => outputs[i].RequiresGrad)];
        var gradients = roots.Length == 0 ? new Tensor?[points.Length]
            : GradOrNull([.. roots.Select(i => outputs[i])], points,
                vectors is null ? default : [.. roots.Select(i => vectors[i])], retainGraph: true, createGraph);
        return [.. gradients.Select((gradient, i) => gradient ?? Tensor.ZerosLike(points[i]))];
    }

    // The derivatives of each element of an output, stacked to the output's shape.
    private static Tensor[] Rows(Tensor output, Tensor[] points, bool createGraph)
    {
        var rows = new List<Tensor[]>();
        for (long i = 0; i < output.ElementCount; i++)
            rows.Add(Pull([output], points, [UnitLike(output, i)], createGraph));
        using var recorded = SetGradEnabled(createGraph);
        return [.. points.Select((point, k) =>
        {
            long[] shape = [.. output.Shape, .. point.Shape];
            return rows.Count == 0 ? Tensor.Zeros(shape, point.DType)
                : Tensor.Stack([.. rows.Select(row => row[k])]).Reshape(shape);
        })];
    }

    // 1 at one row-major position, else 0.
    private static Tensor UnitLike(Tensor tensor, long position)
    {
        using var noGrad = NoGrad();
        var flat = Tensor.Zeros([tensor.ElementCount], tensor.DType);
        flat.Select(0, position).Fill_(1);
        return flat.Reshape(tensor.Shape);
    }

    private static Tensor[] Finish(Tensor[] outputs, bool createGraph) =>
        createGraph ? outputs : [.. outputs.Select(output => output.Detach())];

    private static void CheckFloating(string name, string what, Tensor[] tensors, string advice)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(tensors[i]);
            if (!tensors[i].DType.IsFloatingPoint)
                throw new DTypeException(
                    $"{name}: {what} {i} is {tensors[i].DType.Name} and has no derivative; {advice}");
        }
    }

    private static void CheckLike(string name, string argument, Tensor[]? vectors, string what, Tensor[] tensors)
    {
        if (vectors is null)
        {
            foreach (var tensor in tensors)
                CheckSingle(name, tensor, $"; pass {argument}");
            return;
        }
        if (vectors.Length != tensors.Length)
            throw new ValueException($"{name}: {vectors.Length} {argument} for {tensors.Length} {what}s");
        for (var i = 0; i < vectors.Length; i++)
        {
            if (!vectors[i].Shape.SequenceEqual(tensors[i].Shape))
            {
                throw new ShapeException(
                    $"{name}: {argument}[{i}] is {vectors[i].ShapeText}, but {what} {i} is {tensors[i].ShapeText}");
            }
        }
    }

    private static void CheckSingle(string name, Tensor output, string advice = "")
    {
        if (output.ElementCount != 1)
            throw new ShapeException($"{name}: the output has shape {output.ShapeText}, not one element{advice}");
    }
}
