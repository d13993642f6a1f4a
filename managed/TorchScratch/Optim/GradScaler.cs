// Loss scaling, so that small gradients do not vanish in float16 (Micikevicius et al., "Mixed precision training", 2018).

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>
/// Scales the loss, so that gradients in float16 stay within its range, and divides the gradients by the same number
/// before the optimizer uses them. A step whose gradients are infinite or NaN is left out, and the scale gets smaller;
/// after many good steps it grows. The rules are those of torch.amp.GradScaler. bfloat16 has the range of float32 and
/// needs no scaling.
/// </summary>
/// <example>
/// <code>
/// optimizer.ZeroGrad();
/// Tensor loss;
/// using (Autocast.Begin(DType.Float16))
///     loss = Functional.CrossEntropy(model.Call(images), labels);
/// scaler.Scale(loss).Backward();
/// scaler.Unscale(optimizer);                          // only to clip the gradients, or to look at them
/// GradientClipping.ByNorm(model.Parameters(), 1);
/// scaler.Step(optimizer);
/// scaler.Update();
/// </code>
/// </example>
public sealed class GradScaler
{
    private const string ScaleName = "scale";
    private const string GrowthFactorName = "growth_factor";
    private const string BackoffFactorName = "backoff_factor";
    private const string GrowthIntervalName = "growth_interval";
    private const string TrackerName = "_growth_tracker";

    // Of the optimizers since the last update: whether their gradients were all finite, and whether they had a step.
    private readonly Dictionary<Optimizer, (bool IsFinite, bool HasStepped)> _optimizers = [];
    private float _scale;
    private bool _hasScaled;

    /// <summary>A scaler.</summary>
    /// <param name="initScale">The first scale.</param>
    /// <param name="growthFactor">The factor by which the scale grows, above 1.</param>
    /// <param name="backoffFactor">The factor by which it gets smaller after gradients that are not finite, below 1.</param>
    /// <param name="growthInterval">The number of good steps in a row after which it grows.</param>
    /// <param name="enabled">Without it, losses and gradients stay as they are, and each step is taken.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public GradScaler(double initScale = 65536, double growthFactor = 2, double backoffFactor = 0.5,
        int growthInterval = 2000, bool enabled = true)
    {
        InRange(initScale > 0 && float.IsFinite((float)initScale), initScale, nameof(initScale), "positive and finite");
        InRange(growthFactor > 1 && double.IsFinite(growthFactor), growthFactor, nameof(growthFactor), "above 1");
        InRange(backoffFactor is > 0 and < 1, backoffFactor, nameof(backoffFactor), "between 0 and 1");
        InRange(growthInterval > 0, growthInterval, nameof(growthInterval), "at least 1");
        _scale = (float)initScale;
        (GrowthFactor, BackoffFactor, GrowthInterval, IsEnabled) =
            (growthFactor, backoffFactor, growthInterval, enabled);
    }

    /// <summary>Whether it does anything.</summary>
    public bool IsEnabled { get; }

    /// <summary>The factor by which the scale grows.</summary>
    public double GrowthFactor { get; private set; }

    /// <summary>The factor by which the scale gets smaller.</summary>
    public double BackoffFactor { get; private set; }

    /// <summary>The number of good steps in a row after which the scale grows.</summary>
    public int GrowthInterval { get; private set; }

    /// <summary>The number of good steps since the scale changed.</summary>
    public int GrowthTracker { get; private set; }

    /// <summary>The scale; 1 if the scaler is not enabled.</summary>
    public double GetScale() => IsEnabled ? _scale : 1;

    /// <summary>A loss times the scale, for the backward pass. It keeps its type.</summary>
    public Tensor Scale(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (!IsEnabled)
            return loss;
        _hasScaled = true;
        return loss * _scale;
    }

    /// <summary>
    /// Divides the gradients of an optimizer by the scale, for code between the backward pass and
    /// <see cref="Step"/> that looks at them or clips them. Step does it itself otherwise.
    /// </summary>
    /// <param name="optimizer">The optimizer, after the backward passes of its step.</param>
    /// <exception cref="InvalidOperationException">
    /// It was called for this optimizer since the last <see cref="Update"/>, or after its step, or no loss was scaled.
    /// </exception>
    /// <exception cref="ValueException">A gradient is float16.</exception>
    public void Unscale(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!IsEnabled)
            return;
        CheckScaled(nameof(Unscale));
        if (_optimizers.TryGetValue(optimizer, out var state))
        {
            throw new InvalidOperationException(state.HasStepped
                ? "GradScaler.Unscale: it comes after Step, which has used the gradients already; call it before"
                : "GradScaler.Unscale: the gradients of this optimizer have been unscaled since the last Update");
        }
        _optimizers[optimizer] = (UnscaleGradients(optimizer), false);
    }

    /// <summary>
    /// A step of the optimizer, with gradients divided by the scale; no step if one of them is infinite or NaN.
    /// </summary>
    /// <param name="optimizer">The optimizer, after the backward passes of its step.</param>
    /// <returns>Whether the step was taken.</returns>
    /// <exception cref="InvalidOperationException">
    /// It was called for this optimizer since the last <see cref="Update"/>, or no loss was scaled.
    /// </exception>
    /// <exception cref="ValueException">A gradient is float16.</exception>
    public bool Step(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!IsEnabled)
        {
            optimizer.Step();
            return true;
        }
        CheckScaled(nameof(Step));
        if (_optimizers.TryGetValue(optimizer, out var state) && state.HasStepped)
            throw new InvalidOperationException("GradScaler.Step: this optimizer had its step; call Update after it");
        if (!_optimizers.ContainsKey(optimizer))
            Unscale(optimizer);
        var isFinite = _optimizers[optimizer].IsFinite;
        if (isFinite)
            optimizer.Step();
        _optimizers[optimizer] = (isFinite, true);
        return isFinite;
    }

    /// <summary>Adjusts the scale, after the steps of all optimizers.</summary>
    /// <param name="newScale">A scale to set instead.</param>
    /// <exception cref="InvalidOperationException">There was no step since the last call.</exception>
    public void Update(double? newScale = null)
    {
        if (!IsEnabled)
            return;
        CheckScaled(nameof(Update));
        if (newScale is { } given)
        {
            InRange(given > 0 && float.IsFinite((float)given), given, nameof(newScale), "positive and finite");
            _scale = (float)given;
        }
        else if (_optimizers.Count == 0)
        {
            throw new InvalidOperationException("GradScaler.Update: no optimizer had a step since the last Update");
        }
        else if (_optimizers.Values.Any(state => !state.IsFinite))
        {
            _scale = (float)(_scale * BackoffFactor);
            GrowthTracker = 0;
        }
        else if (++GrowthTracker == GrowthInterval)
        {
            var grown = (float)(_scale * GrowthFactor);
            _scale = float.IsFinite(grown) ? grown : _scale;
            GrowthTracker = 0;
        }
        _optimizers.Clear();
    }

    /// <summary>Everything that a later scaler needs, under PyTorch's names; nothing if it is not enabled.</summary>
    public IReadOnlyDictionary<string, Tensor> StateDict() => !IsEnabled
        ? new Dictionary<string, Tensor>()
        : new Dictionary<string, Tensor>
        {
            [ScaleName] = Tensor.FromScalar(_scale, DType.Float64),
            [GrowthFactorName] = Tensor.FromScalar(GrowthFactor, DType.Float64),
            [BackoffFactorName] = Tensor.FromScalar(BackoffFactor, DType.Float64),
            [GrowthIntervalName] = Tensor.FromScalar(GrowthInterval, DType.Int64),
            [TrackerName] = Tensor.FromScalar(GrowthTracker, DType.Int64),
        };

    /// <summary>Goes back to a remembered state; does nothing if the scaler is not enabled.</summary>
    /// <exception cref="StateDictException">Something does not fit; then nothing is changed.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!IsEnabled)
            return;
        new StatePlan(state).Run(nameof(GradScaler), plan =>
        {
            plan.Read(ScaleName, value => _scale = (float)value, min: float.Epsilon);
            plan.Read(GrowthFactorName, value => GrowthFactor = value, min: 1);
            plan.Read(BackoffFactorName, value => BackoffFactor = value, min: double.Epsilon);
            plan.ReadCount(GrowthIntervalName, value => GrowthInterval = (int)value, min: 1);
            plan.ReadCount(TrackerName, value => GrowthTracker = (int)value);
            plan.Do(_optimizers.Clear);
        });
    }

    // Returns whether all gradients are finite, which is one question to the device for all of them.
    private bool UnscaleGradients(Optimizer optimizer)
    {
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var gradients = optimizer.ParameterGroups.SelectMany(group => group.Parameters)
            .Select(parameter => parameter.Grad).OfType<Tensor>().ToList();
        if (gradients.Find(gradient => gradient.DType == DType.Float16) is not null)
        {
            throw new ValueException("GradScaler.Unscale: a gradient is float16, in which it might vanish when it is " +
                "divided by the scale; keep the parameters in float32 and use Autocast.Begin(DType.Float16)");
        }
        if (gradients.Count == 0)
            return true;
        var inverse = (double)(float)(1.0 / _scale);
        foreach (var gradient in gradients)
            gradient.Mul_(inverse);
        return Tensor.Stack([.. gradients.Select(gradient => gradient.IsFinite().All())]).All().ToBoolean();
    }

    private void CheckScaled(string method)
    {
        if (!_hasScaled)
        {
            throw new InvalidOperationException(
                $"GradScaler.{method}: no loss has been scaled; call Scale(loss).Backward() instead of loss.Backward()");
        }
    }

    private static void InRange(bool isValid, double value, string name, string range)
    {
        if (!isValid)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}");
    }
}
