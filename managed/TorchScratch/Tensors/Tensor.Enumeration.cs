// foreach over a tensor: the parts along the first dimension.

namespace TorchScratch;

public partial class Tensor
{
    /// <summary>
    /// The parts along the first dimension, <c>x[0]</c>, <c>x[1]</c>, ..., which are views, for <c>foreach</c>.
    /// <c>Unbind</c> returns them as an array.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has no dimensions.</exception>
    public Enumerator GetEnumerator() => Shape.Length > 0 ? new(this)
        : throw new ShapeException("foreach: a 0-d tensor has no parts; its value is Item()");

    /// <summary>Goes through the parts of a tensor along its first dimension.</summary>
    public struct Enumerator
    {
        private readonly Tensor _tensor;
        private readonly long _count;
        private long _next;

        internal Enumerator(Tensor tensor) => (_tensor, _count, Current) = (tensor, tensor.Shape[0], null!);

        /// <summary>The current part.</summary>
        public Tensor Current { get; private set; }

        /// <summary>Goes to the next part; false behind the last one.</summary>
        public bool MoveNext()
        {
            if (_next >= _count)
                return false;
            Current = _tensor.Select(0, _next++);
            return true;
        }
    }
}
