// Writes autograd nodes: the struct with its formulas, and the code that records one.

namespace TorchScratch.OpGenerator;

internal static class NodeEmitter
{
    public static IEnumerable<string> Structs(OpRow row) =>
        from overload in row.Overloads
        let plan = NodePlan.Of(overload)
        where plan is not null && overload.IsInPlace == (row.InPlace == InPlace.Only)
        select Struct(overload, plan);

    private static string Struct(Overload overload, NodePlan plan)
    {
        Saved[] tensors = [.. plan.Saved.Select(entry => entry.Item).Where(item => item.IsTensor)];
        var values = plan.Saved.Select(entry => entry.Item).Where(item => !item.IsTensor);
        return Code.Format($$"""
            struct {{plan.TypeName}} final : Node {
              {{tensors.Select(item => $"SavedTensor {item.Member};")}}
              {{values.Select(item => $"{MemberType(overload, item)} {item.Member};")}}
              const char* name() const override { return "{{plan.DisplayName}}"; }
              {{ApplyMethod(overload, plan, tensors)}}
              {{(overload.Row.IsPart ? "bool is_part() const override { return true; }" : "")}}
              {{(overload.Row.IsPart ? $"Tensor part_of(const Tensor& self) const override {{ return {overload.Body}; }}" : "")}}
              {{(tensors.Length == 0 ? "" : "void release_saved() override {")}}
                {{tensors.Select(item => $"{item.Member}.reset();")}}
              {{(tensors.Length == 0 ? "" : "}")}}
            };
            """);
    }

    private static string ApplyMethod(Overload overload, NodePlan plan, Saved[] tensors) =>
        plan.Steps.Count == 0 ? "void apply(Span<const Tensor>, Span<Tensor>) override {}" : Code.Format($$"""
            void apply(Span<const Tensor> grads, Span<Tensor> grad_inputs) override {
              {{IncomingGradients(overload.Row, plan)}}
              {{tensors.Select(item => $"const Tensor {item.Name} = {item.Member}.unpack(this);")}}
              {{plan.Steps.Select(step => Apply(plan, step))}}
            }
            """);

    private static string MemberType(Overload overload, Saved item)
    {
        var argument = overload.Arguments.Single(a => a.Name == item.Name);
        return item.Attribute switch
        {
            "" => CppTypes.Member(argument.Type),
            "sizes" when argument.IsList => "std::vector<Dims>",
            "sizes" or "strides" => "Dims",
            "dtype" => "DType",
            "device" => "Device",
            _ => "std::int64_t",
        };
    }

    // If no output was used, there is no gradient to propagate; if some were not, their gradients are zero.
    private static IEnumerable<string> IncomingGradients(OpRow row, NodePlan plan)
    {
        string Name(Result output) => output == row.Results[0] ? "grad" : "grad_" + output.Name;
        if (plan.Outputs is [var only])
            return [$"const Tensor& {Name(only)} = grads[0];", $"if (!{Name(only)}.defined()) return;"];
        var unused = string.Join(" && ", plan.Outputs.Select((_, i) => $"!grads[{i}].defined()"));
        var named = plan.Outputs.Select((output, i) =>
            $"const Tensor {Name(output)} = grads[{i}].defined() ? grads[{i}] : zeros_of(outputs[{i}]);");
        return named.Prepend($"if ({unused}) return;");
    }

    private static string Apply(NodePlan plan, Step step)
    {
        // A node is created only if some edge needs a gradient, so a formula that serves every edge is always needed.
        var condition = step.Slots.Count == plan.Inputs.Count ? "" : $"if ({Needs("", step.Slots)}) ";
        var comment = step.Comment.Length > 0 ? $"// {step.Comment}\n" : "";
        var (slot, input) = (step.Slots[0], plan.Inputs[step.Slots[0]]);
        if (step.Slots.Count > 1)
        {
            var targets = Text.List(step.Slots.Select(each => $"grad_inputs[{each}]"));
            return $"{comment}{condition}std::tie({targets}) = {step.Formula};";
        }
        if (!input.IsList)
            return $"{comment}{condition}grad_inputs[{slot}] = {step.Formula};";
        var index = slot == 0 ? "i" : $"{slot} + i";
        return Code.Format($$"""
            {{comment}}TensorList {{input.Name}}_grads = {{step.Formula}};
            for (std::size_t i = 0; i < {{input.Name}}_grads.size(); ++i) {
              if (needs_input({{index}})) grad_inputs[{{index}}] = std::move({{input.Name}}_grads[i]);
            }
            """);
    }

    private static string Needs(string node, IEnumerable<int> slots) =>
        string.Join(" || ", slots.Select(slot => $"{node}needs_input({slot})"));

    public static string NeedsGrad(NodePlan plan) =>
        string.Join(" || ", plan.Inputs.Select(input => $"autograd::needs_grad({input.Name})"));

    /// <summary>The block after the kernel that records the node if some operand requires a gradient.</summary>
    public static string Record(Overload overload, NodePlan plan)
    {
        var needs = plan.Inputs.Count > 1 ? $"({NeedsGrad(plan)})" : NeedsGrad(plan);
        return Code.Format($$"""
            if ({{needs}} && is_floating({{plan.Outputs[0].Name}}.dtype())) {
              const auto node = make_ref<{{plan.TypeName}}>();
              {{Fill(overload, plan)}}
              {{plan.Outputs.Select(output => $"autograd::set_history({output.Name}, node);")}}
              {{SaveResults(overload, plan)}}
            }
            """);
    }

    /// <summary>
    /// The condition under which an in-place form records a node; pointwise ones have checked the type.
    /// </summary>
    public static string Recording(Overload overload, NodePlan plan) =>
        overload.Row.Kind == OpKind.Pointwise ? NeedsGrad(plan)
        : $"{(plan.Inputs.Count > 1 ? $"({NeedsGrad(plan)})" : NeedsGrad(plan))} && is_floating(self.dtype())";

    /// <summary>The code of an in-place form that creates the node before the kernel runs.</summary>
    public static string Create(Overload overload, NodePlan plan) => Code.Format($$"""
        Ref<{{plan.TypeName}}> node;
        if (recording) {
          node = make_ref<{{plan.TypeName}}>();
          {{Fill(overload, plan)}}
        }
        """);

    /// <summary>The code of an in-place form that records the node after the kernel has run.</summary>
    public static string Attach(Overload overload, NodePlan plan) => Code.Format($$"""
        if (recording) {
          autograd::set_history_in_place(self, node);
          {{SaveResults(overload, plan)}}
        }
        """);

    /// <summary>
    /// Sets the edges and saves arguments; a tensor only if an edge that needs it requires a gradient.
    /// </summary>
    private static IEnumerable<string> Fill(Overload overload, NodePlan plan)
    {
        var edges = plan.Inputs.Select(input => input.IsList
            ? $"for (const Tensor& tensor : {input.Name}) autograd::add_edge(*node, tensor);"
            : $"autograd::add_edge(*node, {input.Name});");
        return edges.Concat(plan.Saved.Where(entry => entry.Item.Kind != SavedKind.Result)
            .Select(entry => Save(overload, entry.Item, IfNeeded(plan, entry.Slots))));
    }

    private static string Save(Overload overload, Saved item, string ifNeeded)
    {
        var (name, member) = (item.Name, "node->" + item.Member);
        var argument = overload.Arguments.Single(a => a.Name == name);
        return (item.Kind, argument) switch
        {
            (SavedKind.Value, _) => $"{member} = {name};",
            (SavedKind.Tensor, _) when overload.IsInPlace && name == "self" =>
                $"{ifNeeded}{member} = SavedTensor(clone(self), false);  // before it is overwritten",
            (SavedKind.Tensor, _) => $"{ifNeeded}{member} = SavedTensor({name}, false);",
            (_, { IsList: true }) => $"for (const Tensor& tensor : {name}) {member}.emplace_back(tensor.sizes());",
            (_, { Type.IsOptional: true }) => $"if ({name}.defined()) {member} = {name}.{item.Attribute}();",
            _ => $"{member} = {name}.{item.Attribute}();",
        };
    }

    /// <summary>
    /// Saves results, after the history is set, so that a result knows which output of the node it is.
    /// </summary>
    private static IEnumerable<string> SaveResults(Overload overload, NodePlan plan) =>
        from entry in plan.Saved
        where entry.Item.Kind == SavedKind.Result
        let result = overload.IsInPlace ? "self" : entry.Item.Name
        // A result without a gradient has no history to restore: it is saved as a constant.
        let isOutput = overload.IsInPlace || plan.Outputs.Any(output => output.Name == entry.Item.Name) ? "true" : "false"
        select $"{IfNeeded(plan, entry.Slots)}node->{entry.Item.Member} = SavedTensor({result}, {isOutput});";

    private static string IfNeeded(NodePlan plan, IReadOnlyCollection<int> slots) =>
        slots.Count == plan.Inputs.Count ? "" : $"if ({Needs("node->", slots)}) ";
}
