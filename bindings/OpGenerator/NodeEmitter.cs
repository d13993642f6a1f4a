// Writes autograd nodes: the struct with its formulas, and the code that records one.

namespace TorchScratch.OpGenerator;

internal static class NodeEmitter
{
    public static IEnumerable<string> Structs(OpRow row) =>
        row.Overloads.Where(overload => !overload.IsInPlace).Select(overload => (overload, plan: NodePlan.Of(overload)))
            .Where(pair => pair.plan is not null).Select(pair => Struct(pair.overload, pair.plan!));

    private static string Struct(Overload overload, NodePlan plan)
    {
        var tensors = plan.Saved.Select(item => item.Saved).Where(IsTensor).ToList();
        return Code.Format($$"""
            struct {{plan.TypeName}} final : Node {
              {{tensors.Select(item => $"SavedTensor {item.Member};")}}
              {{plan.Saved.Select(item => item.Saved).Where(item => !IsTensor(item)).Select(item => $"{MemberType(overload, item)} {item.Member};")}}
              const char* name() const override { return "{{plan.DisplayName}}"; }
              void apply(Span<const Tensor> grads, Span<Tensor> grad_inputs) override {
                {{IncomingGradients(overload.Row, plan)}}
                {{tensors.Select(item => $"const Tensor {item.Name} = {item.Member}.unpack(this);")}}
                {{plan.Steps.Select(step => Apply(plan, step))}}
              }
              {{(tensors.Count == 0 ? "" : "void release_saved() override {")}}
                {{tensors.Select(item => $"{item.Member}.reset();")}}
              {{(tensors.Count == 0 ? "" : "}")}}
            };
            """);
    }

    private static bool IsTensor(Saved item) => item.Kind is SavedKind.Tensor or SavedKind.Result;

    private static string MemberType(Overload overload, Saved item)
    {
        var type = overload.Arguments.Single(a => a.Name == item.Name).Type;
        return (item.Attribute, type.Kind) switch
        {
            ("", _) => CppTypes.Member(type),
            ("sizes", TypeKind.TensorList) => "std::vector<Dims>",
            (_, TypeKind.TensorList) => throw new TableException($"{item.Name}.{item.Attribute}() cannot be kept of a Tensor[]; only sizes() can"),
            ("sizes" or "strides", _) => "Dims",
            ("dtype", _) => "DType",
            ("device", _) => "Device",
            _ => "std::int64_t",
        };
    }

    // Nothing flows back when no output was used; where one of several was not, its gradient is zero.
    private static IEnumerable<string> IncomingGradients(OpRow row, NodePlan plan)
    {
        if (plan.Outputs is [var only])
        {
            var name = only == row.Results[0] ? "grad" : "grad_" + only.Name;
            return [$"const Tensor& {name} = grads[0];", $"if (!{name}.defined()) return;"];
        }
        var unused = string.Join(" && ", plan.Outputs.Select((_, i) => $"!grads[{i}].defined()"));
        return plan.Outputs.Select((output, i) =>
            $"const Tensor {(output == row.Results[0] ? "grad" : "grad_" + output.Name)} = grads[{i}].defined() ? grads[{i}] : zeros_of(outputs[{i}]);")
            .Prepend($"if ({unused}) return;");
    }

    private static string Apply(NodePlan plan, Step step)
    {
        // A node is only made when some edge leads on, so a formula that serves every edge is always needed.
        var condition = step.Slots.Count == plan.Inputs.Count ? "" : $"if ({Needs("", step.Slots)}) ";
        var (slot, input) = (step.Slots[0], plan.Inputs[step.Slots[0]]);
        if (step.Slots.Count > 1)
            return Statement($"{condition}std::tie({string.Join(", ", step.Slots.Select(each => $"grad_inputs[{each}]"))}) = {step.Formula};", step.Comment);
        if (input.Type.Kind != TypeKind.TensorList)
            return Statement($"{condition}grad_inputs[{slot}] = {step.Formula};", step.Comment);
        var index = slot == 0 ? "i" : $"{slot} + i";
        return Code.Format($$"""
            {{Statement($"TensorList {input.Name}_grads = {step.Formula};", step.Comment)}}
            for (std::size_t i = 0; i < {{input.Name}}_grads.size(); ++i) {
              if (needs_input({{index}})) grad_inputs[{{index}}] = std::move({{input.Name}}_grads[i]);
            }
            """);
    }

    private static string Statement(string code, string comment) =>
        comment.Length == 0 ? Text.Fold(code, 4)
        : code.Length + comment.Length + 8 <= Text.Width ? $"{code}  // {comment}"
        : $"// {comment}\n{Text.Fold(code, 4)}";

    private static string Needs(string node, IEnumerable<int> slots) => string.Join(" || ", slots.Select(slot => $"{node}needs_input({slot})"));

    public static string NeedsGrad(NodePlan plan) => string.Join(" || ", plan.Inputs.Select(input => $"autograd::needs_grad({input.Name})"));

    /// <summary>The block behind the kernel that records the node when some operand needs a gradient.</summary>
    public static string Record(Overload overload, NodePlan plan)
    {
        var needs = plan.Inputs.Count > 1 ? $"({NeedsGrad(plan)})" : NeedsGrad(plan);
        return Code.Format($$"""
            {{Text.Fold($"if ({needs} && is_floating({plan.Outputs[0].Name}.dtype())) {{", 2)}}
              const auto node = make_ref<{{plan.TypeName}}>();
              {{Fill(overload, plan)}}
              {{plan.Outputs.Select(output => $"autograd::set_history({output.Name}, node);")}}
              {{SaveResults(overload, plan)}}
            }
            """);
    }

    /// <summary>Edges, then what is saved of the arguments: a tensor only if some edge that needs it leads on.</summary>
    public static IEnumerable<string> Fill(Overload overload, NodePlan plan)
    {
        foreach (var input in plan.Inputs)
        {
            yield return input.Type.Kind == TypeKind.TensorList
                ? $"for (const Tensor& tensor : {input.Name}) autograd::add_edge(*node, tensor);"
                : $"autograd::add_edge(*node, {input.Name});";
        }
        foreach (var (saved, slots) in plan.Saved.Where(item => item.Saved.Kind != SavedKind.Result))
        {
            var argument = overload.Arguments.Single(candidate => candidate.Name == saved.Name);
            var condition = argument.Type is { Kind: TypeKind.Tensor, IsOptional: true } && saved.Kind == SavedKind.Attribute
                ? $"if ({saved.Name}.defined()) " : "";
            yield return saved.Kind switch
            {
                SavedKind.Tensor when overload.IsInPlace && saved.Name == "self" =>
                    $"{IfNeeded(plan, slots)}node->self_ = SavedTensor(clone(self), false);  // before it is overwritten",
                SavedKind.Tensor => $"{IfNeeded(plan, slots)}node->{saved.Member} = SavedTensor({saved.Name}, false);",
                SavedKind.Attribute when argument.Type.Kind == TypeKind.TensorList =>
                    $"for (const Tensor& tensor : {saved.Name}) node->{saved.Member}.emplace_back(tensor.sizes());",
                SavedKind.Attribute => $"{condition}node->{saved.Member} = {saved.Name}.{saved.Attribute}();",
                _ => $"node->{saved.Member} = {saved.Name};",
            };
        }
    }

    /// <summary>After the history is set, so that a result knows which output of the node it is.</summary>
    public static IEnumerable<string> SaveResults(Overload overload, NodePlan plan) => plan.Saved.Where(item => item.Saved.Kind == SavedKind.Result)
        .Select(item => $"{IfNeeded(plan, item.Slots)}node->{item.Saved.Member} = SavedTensor({(overload.IsInPlace ? "self" : item.Saved.Name)}, true);");

    private static string IfNeeded(NodePlan plan, IReadOnlyCollection<int> slots) =>
        slots.Count == plan.Inputs.Count ? "" : $"if ({Needs("node->", slots)}) ";
}
