// Checkpoints of an optimizer. Everything is a tensor, options too, so that one file of tensors holds all of it
// exactly.

using TorchScratch.NN;

namespace TorchScratch.Optim;

public abstract partial class Optimizer
{
    private const string StepName = "step";
    private const string InitialRateName = "initial_lr";
    private const string ParametersName = "params";

    /// <summary>
    /// What the optimizer remembers: <c>state.3.exp_avg</c> of parameter 3 (counted over all groups),
    /// <c>state.3.step</c>, <c>param_groups.0.lr</c> of group 0, numbers as 0-d tensors, and
    /// <c>param_groups.0.params</c>, the numbers of the parameters in group 0. A parameter that never had a gradient
    /// has no state. Tensors share memory with the optimizer's.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> StateDict()
    {
        var state = new OrderedDictionary<string, Tensor>();
        var first = 0;
        for (var g = 0; g < _groups.Count; g++)
        {
            var group = _groups[g];
            foreach (var option in group.AllOptions)
                state.Add(OptionKey(g, option.Name), Tensor.FromScalar(option.Get(), DType.Float64, Device.Cpu));
            if (group.InitialLearningRate is { } initial)
                state.Add(OptionKey(g, InitialRateName), Tensor.FromScalar(initial, DType.Float64, Device.Cpu));
            // So that the state of one parameter is not taken for that of two, the second without a gradient yet.
            var numbers = Enumerable.Range(first, group.Parameters.Count).Select(number => (long)number);
            state.Add(OptionKey(g, ParametersName), Tensor.FromArray([.. numbers], Device.Cpu));
            for (var i = 0; i < group.Parameters.Count; i++)
            {
                if (group.State.Steps[i] == 0 || (group.StartsAfresh(i) && group.State.Masters[i] is null))
                    continue;
                var steps = group.State.Steps[i];
                state.Add(StateKey(first + i, StepName), Tensor.FromScalar(steps, DType.Int64, Device.Cpu));
                if (group.State.Numbers is var (number, _, values))
                    state.Add(StateKey(first + i, number), Tensor.FromScalar(values[i], DType.Float64, Device.Cpu));
                foreach (var slot in group.State.Slots)
                {
                    if (slot[i] is { } tensor)
                        state.Add(StateKey(first + i, slot.Name), tensor.Detach());
                    // An option that was switched on since the last step: what the next one will begin with.
                    else if (slot.Kind.IsUsed?.Invoke() != false)
                        state.Add(StateKey(first + i, slot.Name), slot.Initial(group.Parameters[i]));
                }
                if (group.State.Masters[i] is { } master)
                    state.Add(StateKey(first + i, MasterWeights.Name), master.Detach());
                if (!group.State.KeepsOwn)
                    continue;
                foreach (var (name, tensor) in group.State.OwnOf(i).Tensors)
                    state.Add(StateKey(first + i, name), tensor.Detach());
            }
            first += group.Parameters.Count;
        }
        return state;
    }

    /// <summary>
    /// Goes back to a remembered state, options included. The optimizer must be of the same kind, over parameters of
    /// the same number and shapes. Either all is taken over or, when something does not fit, nothing.
    /// </summary>
    /// <exception cref="StateDictException">Something does not fit; the message lists all of it.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        new StatePlan(state).Run(GetType().Name, Plan);
    }

    private void Plan(StatePlan plan)
    {
        var first = 0;
        for (var g = 0; g < _groups.Count; g++)
        {
            var group = _groups[g];
            plan.CheckNumbers(OptionKey(g, ParametersName), first, group.Parameters.Count);
            // Before the state, which depends on them.
            foreach (var option in group.AllOptions)
                plan.ReadOption(OptionKey(g, option.Name), option);
            plan.Check($"param_groups.{g}", group.Validate);
            if (plan.Contains(OptionKey(g, InitialRateName)))
                plan.Read(OptionKey(g, InitialRateName), value => group.InitialLearningRate = value, min: 0);
            for (var i = 0; i < group.Parameters.Count; i++)
                Plan(plan, group, i, first + i);
            first += group.Parameters.Count;
        }
    }

    private static void Plan(StatePlan plan, ParameterGroup group, int i, int number)
    {
        var state = group.State;
        var parameter = group.Parameters[i];
        if (!plan.Contains(StateKey(number, StepName)))
        {
            // A parameter that had no gradient yet.
            plan.Do(() =>
            {
                state.Steps[i] = 0;
                if (state.Numbers is var (_, initial, values))
                    values[i] = initial;
                foreach (var slot in state.Slots)
                    slot[i] = null;
                state.Masters[i] = null;
                state.ClearOwn(i);
            });
            return;
        }
        plan.ReadCount(StateKey(number, StepName), value => state.Steps[i] = value, min: 1);
        if (state.Numbers is var (name, _, numbers))
            plan.Read(StateKey(number, name), value => numbers[i] = value, min: 0);
        foreach (var slot in state.Slots)
        {
            plan.Copy(StateKey(number, slot.Name), parameter, tensor => slot[i] = tensor,
                isOptional: slot.Kind.IsUsed?.Invoke() == false);
        }
        if (state.KeepsOwn)
        {
            plan.Do(() => state.ClearOwn(i));
            plan.TakeBelow(StateKey(number, ""), (name, tensor) => state.OwnOf(i)[name] = tensor);
        }
        // A state of a training in float32 has none: then the parameter itself is the beginning.
        else if (MasterWeights.IsHalf(parameter.DType))
        {
            plan.Copy(StateKey(number, MasterWeights.Name), parameter, tensor => state.Masters[i] = tensor,
                isOptional: true);
        }
    }

    private static string OptionKey(int group, string name) => $"param_groups.{group}.{name}";

    private static string StateKey(int parameter, string name) => $"state.{parameter}.{name}";
}
