// Derivatives of functions: vector-Jacobian and Jacobian-vector products, Jacobians and Hessians. Let J be the Jacobian
// of a function at a point. Vjp computes J^T v by one reverse pass. Jvp computes J v by two: u -> J^T u is linear, and
// the transpose of this linear map, applied to v, is J v. The second pass differentiates the first, so every operator
// in the function needs a gradient that can itself be differentiated.

namespace TorchScratch;

public static unsafe partial class Autograd
{
    /// <summary>The product of a vector with the Jacobian, J^T v, by one reverse pass.</summary>
    /// <inheritdoc cref="Vjp(Func{Tensor[], Tensor[]}, IEnumerable{Tensor}, IEnumerable{Tensor}, bool)"/>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="input">The point at which to differentiate, a floating-point tensor.</param>
    /// <param name="vector">v, of the shape of the output; may be omitted if the output has one element.</param>
    /// <param name="createGraph">Whether to record the result if the input requires a gradient.</param>
    public static (Tensor Output, Tensor Product) Vjp(Func<Tensor, Tensor> function, Tensor input,
        Tensor? vector = null, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (outputs, products) = Vjp(Lift(function), [input], vector is null ? null : [vector], createGraph);
        return (outputs[0], products[0]);
    }

    /// <summary>The product of vectors with the Jacobian, J^T v, by one reverse pass.</summary>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="inputs">
    /// The point at which to differentiate, floating-point tensors; the function captures constants.
    /// </param>
    /// <param name="vectors">
    /// v, one for each output, of its shape; may be omitted if every output has one element.
    /// </param>
    /// <param name="createGraph">Whether to record the result for those inputs that require a gradient.</param>
    /// <returns>
    /// The outputs of the function, and a tensor of the shape of each input: zeros if no output depends on it.
    /// </returns>
    /// <exception cref="DTypeException">An input or output is not floating point.</exception>
    /// <exception cref="ShapeException">The shape of a vector is not that of its output.</exception>
    public static (Tensor[] Outputs, Tensor[] Products) Vjp(Func<Tensor[], Tensor[]> function,
        IEnumerable<Tensor> inputs, IEnumerable<Tensor>? vectors = null, bool createGraph = false)
    {
        var (points, outputs) = Evaluate("vjp", function, inputs, createGraph);
        var directions = vectors?.ToArray();
        CheckLike("vjp", "vectors", directions, "output", outputs);
        var products = Pull(outputs, points, directions, createGraph);
        return (Finish(outputs, createGraph), products);
    }

    /// <summary>The directional derivative of the output, J v.</summary>
    /// <inheritdoc cref="Jvp(Func{Tensor[], Tensor[]}, IEnumerable{Tensor}, IEnumerable{Tensor}, bool)"/>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="input">The point at which to differentiate, a floating-point tensor.</param>
    /// <param name="tangent">v, of the shape of the input.</param>
    /// <param name="createGraph">Whether to record the result if the input requires a gradient.</param>
    public static (Tensor Output, Tensor Product) Jvp(Func<Tensor, Tensor> function, Tensor input, Tensor tangent,
        bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(tangent);
        var (outputs, products) = Jvp(Lift(function), [input], [tangent], createGraph);
        return (outputs[0], products[0]);
    }

    /// <summary>The directional derivative of the outputs with respect to all inputs together, J v.</summary>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="inputs">
    /// The point at which to differentiate, floating-point tensors; the function captures constants.
    /// </param>
    /// <param name="tangents">v, one for each input, of its shape.</param>
    /// <param name="createGraph">Whether to record the result for those inputs that require a gradient.</param>
    /// <remarks>
    /// Computed by two reverse passes, so that every operator in the function needs a second-order gradient.
    /// </remarks>
    /// <returns>
    /// The outputs of the function, and a tensor of the shape of each output: zeros if it depends on no input.
    /// </returns>
    /// <exception cref="DTypeException">An input or output is not floating point.</exception>
    /// <exception cref="ShapeException">The shape of a tangent is not that of its input.</exception>
    public static (Tensor[] Outputs, Tensor[] Products) Jvp(Func<Tensor[], Tensor[]> function,
        IEnumerable<Tensor> inputs, IEnumerable<Tensor> tangents, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(tangents);
        var (points, outputs) = Evaluate("jvp", function, inputs, createGraph);
        var directions = tangents.ToArray();
        CheckLike("jvp", "tangents", directions, "input", points);
        // The value of u does not matter, since J^T u is linear in it.
        Tensor[] dual = [.. outputs.Select(output => Tensor.ZerosLike(output).Detach().RequiresGrad_())];
        var pulled = Pull(outputs, points, dual, createGraph: true);
        var products = Pull(pulled, dual, directions, createGraph);
        return (Finish(outputs, createGraph), products);
    }

    /// <summary>The derivatives of all elements of the output with respect to all elements of the input.</summary>
    /// <inheritdoc cref="Jacobian(Func{Tensor[], Tensor[]}, IEnumerable{Tensor}, bool)"/>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="input">The point at which to differentiate, a floating-point tensor.</param>
    /// <param name="createGraph">Whether to record the result if the input requires a gradient.</param>
    /// <returns>The Jacobian; its shape is that of the output followed by that of the input.</returns>
    public static Tensor Jacobian(Func<Tensor, Tensor> function, Tensor input, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Jacobian(Lift(function), [input], createGraph)[0][0];
    }

    /// <summary>The derivatives of all elements of the outputs with respect to all elements of the inputs.</summary>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="inputs">
    /// The point at which to differentiate, floating-point tensors; the function captures constants.
    /// </param>
    /// <param name="createGraph">Whether to record the result for those inputs that require a gradient.</param>
    /// <returns>
    /// The Jacobian by output and input; each shape is that of the output followed by that of the input.
    /// </returns>
    /// <exception cref="DTypeException">An input or output is not floating point.</exception>
    public static Tensor[][] Jacobian(Func<Tensor[], Tensor[]> function, IEnumerable<Tensor> inputs,
        bool createGraph = false)
    {
        var (points, outputs) = Evaluate("jacobian", function, inputs, createGraph);
        return [.. outputs.Select(output => Rows(output, points, createGraph))];
    }

    /// <summary>All second derivatives of a function whose result has one element.</summary>
    /// <inheritdoc cref="Hessian(Func{Tensor[], Tensor}, IEnumerable{Tensor}, bool)"/>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="input">The point at which to differentiate, a floating-point tensor.</param>
    /// <param name="createGraph">Whether to record the result if the input requires a gradient.</param>
    /// <returns>The Hessian; its shape is that of the input, twice.</returns>
    public static Tensor Hessian(Func<Tensor, Tensor> function, Tensor input, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(input);
        return Hessian(x => function(x[0]), [input], createGraph)[0][0];
    }

    /// <summary>All second derivatives of a function whose result has one element.</summary>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="inputs">
    /// The point at which to differentiate, floating-point tensors; the function captures constants.
    /// </param>
    /// <param name="createGraph">Whether to record the result for those inputs that require a gradient.</param>
    /// <returns>
    /// The Hessian by pairs of inputs; each shape is that of the first followed by that of the second.
    /// </returns>
    /// <exception cref="DTypeException">An input or the output is not floating point.</exception>
    /// <exception cref="ShapeException">The output does not have one element.</exception>
    public static Tensor[][] Hessian(Func<Tensor[], Tensor> function, IEnumerable<Tensor> inputs,
        bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        var (points, outputs) = Evaluate("hessian", x => [function(x)], inputs, createGraph);
        CheckSingle("hessian", outputs[0]);
        var gradients = Pull(outputs, points, null, createGraph: true);
        return [.. gradients.Select(gradient => Rows(gradient, points, createGraph))];
    }

    /// <summary>The product of the Hessian with a vector.</summary>
    /// <inheritdoc cref="Hvp(Func{Tensor[], Tensor}, IEnumerable{Tensor}, IEnumerable{Tensor}, bool)"/>
    /// <param name="function">The function to differentiate; it is called once.</param>
    /// <param name="input">The point at which to differentiate, a floating-point tensor.</param>
    /// <param name="vector">The vector, of the shape of the input.</param>
    /// <param name="createGraph">Whether to record the result if the input requires a gradient.</param>
    public static (Tensor Output, Tensor Product) Hvp(Func<Tensor, Tensor> function, Tensor input, Tensor vector,
        bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(vector);
        var (output, products) = Hvp(x => function(x[0]), [input], [vector], createGraph);
        return (output, products[0]);
    }

    /// <summary>
    /// The product of the Hessian with vectors, at the cost of two reverse passes; no Hessian is formed.
    /// </summary>
    /// <param name="function">The function to differentiate, whose result has one element; it is called once.</param>
    /// <param name="inputs">
    /// The point at which to differentiate, floating-point tensors; the function captures constants.
    /// </param>
    /// <param name="vectors">The vectors, one for each input, of its shape.</param>
    /// <param name="createGraph">Whether to record the result for those inputs that require a gradient.</param>
    /// <returns>The output of the function, and a tensor of the shape of each input.</returns>
    /// <exception cref="DTypeException">An input or the output is not floating point.</exception>
    /// <exception cref="ShapeException">
    /// The output does not have one element, or the shape of a vector is not that of its input.
    /// </exception>
    public static (Tensor Output, Tensor[] Products) Hvp(Func<Tensor[], Tensor> function, IEnumerable<Tensor> inputs,
        IEnumerable<Tensor> vectors, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(vectors);
        var (points, outputs) = Evaluate("hvp", x => [function(x)], inputs, createGraph);
        CheckSingle("hvp", outputs[0]);
        var directions = vectors.ToArray();
        CheckLike("hvp", "vectors", directions, "input", points);
        var gradients = Pull(outputs, points, null, createGraph: true);
        // The Hessian is symmetric, so its product with v is the same from both sides.
        var products = Pull(gradients, points, directions, createGraph);
        return (Finish(outputs, createGraph)[0], products);
    }

    private static Func<Tensor[], Tensor[]> Lift(Func<Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return x => [function(x[0])];
    }

    // Evaluates the function at copies of the inputs that are detached from the graph of the caller, unless the result
    // is to be recorded.
    private static (Tensor[] Points, Tensor[] Outputs) Evaluate(string name, Func<Tensor[], Tensor[]> function,
        IEnumerable<Tensor> inputs, bool createGraph)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        Tensor[] given = [.. inputs];
        CheckFloating(name, "input", given, "let the function capture it");
        using var enabled = EnableGrad();
        Tensor[] points = [.. given.Select(input =>
            createGraph && input.RequiresGrad ? input.ViewAs(input) : input.Detach().RequiresGrad_())];
        var outputs = function(points);
        if (outputs is null || outputs.Contains(null))
            throw new ValueException($"{name}: the function returned null");
        CheckFloating(name, "output", outputs, "do not return it from the function");
        return (points, outputs);
    }

    // J^T v, with zeros for inputs that no output depends on. Keeps the graph.
    private static Tensor[] Pull(Tensor[] outputs, Tensor[] points, Tensor[]? vectors, bool createGraph)
    {
        using var enabled = EnableGrad();
        int[] roots = [.. Enumerable.Range(0, outputs.Length).Where(i => outputs[i].RequiresGrad)];
        var gradients = roots.Length == 0 ? new Tensor?[points.Length]
            : GradOrNull([.. roots.Select(i => outputs[i])], points,
                vectors is null ? default : [.. roots.Select(i => vectors[i])], retainGraph: true, createGraph);
        return [.. gradients.Select((gradient, i) => gradient ?? Tensor.ZerosLike(points[i]))];
    }

    // The gradients of the elements of an output, stacked in the shape of the output.
    private static Tensor[] Rows(Tensor output, Tensor[] points, bool createGraph)
    {
        var rows = new List<Tensor[]>();
        for (long i = 0; i < output.ElementCount; i++)
            rows.Add(Pull([output], points, [UnitLike(output, i)], createGraph));
        using var recorded = SetGradEnabled(createGraph);
        return [.. points.Select((point, k) =>
        {
            long[] shape = [.. output.Shape, .. point.Shape];
            return rows.Count == 0 ? Tensor.Zeros(shape, point.DType, point.Device)
                : Tensor.Stack([.. rows.Select(row => row[k])]).Reshape(shape);
        })];
    }

    // 1 at one row-major position, else 0.
    private static Tensor UnitLike(Tensor tensor, long position)
    {
        using var noGrad = NoGrad();
        var flat = Tensor.Zeros([tensor.ElementCount], tensor.DType, tensor.Device);
        flat.Select(0, position).Fill_(1);
        return flat.Reshape(tensor.Shape);
    }

    private static Tensor[] Finish(Tensor[] outputs, bool createGraph) =>
        createGraph ? outputs : [.. outputs.Select(output => output.Detach())];

    private static void CheckFloating(string name, string what, Tensor[] tensors, string advice)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(tensors[i], $"{what}s");
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
            throw new ValueException(
                $"{name}: expected {tensors.Length} {argument}, one for each {what}, got {vectors.Length}");
        for (var i = 0; i < vectors.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(vectors[i], argument);
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
            throw new ShapeException($"{name}: the output must have one element, got shape {output.ShapeText}{advice}");
    }
}
