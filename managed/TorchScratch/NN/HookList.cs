// The hooks of a module.

namespace TorchScratch.NN;

/// <summary>
/// Hooks in the order of their registration. The array is replaced, never changed, so that a hook may add and remove
/// hooks, including itself, while it runs.
/// </summary>
internal sealed class HookList<THook> where THook : Delegate
{
    private readonly Lock _gate = new();
    private Registration[] _registrations = [];
    private THook[] _current = [];

    /// <summary>The registration of no hook.</summary>
    public static IDisposable None { get; } = new Registration(new(), null!);

    public THook[] Current => Volatile.Read(ref _current);

    public IDisposable Add(THook hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        var registration = new Registration(this, hook);
        lock (_gate)
            Set([.. _registrations, registration]);
        return registration;
    }

    private void Remove(Registration registration)
    {
        lock (_gate)
            Set([.. _registrations.Where(other => other != registration)]);
    }

    private void Set(Registration[] registrations)
    {
        _registrations = registrations;
        Volatile.Write(ref _current, [.. registrations.Select(registration => registration.Hook)]);
    }

    private sealed class Registration(HookList<THook> list, THook hook) : IDisposable
    {
        public THook Hook => hook;

        public void Dispose() => list.Remove(this);
    }
}
