/// Creation, indexing, operators and lists. Each function returns tensors that tests/managed compares.
module TorchScratch.FSharp.Tensors

open System
open System.Collections.Generic
open TorchScratch

/// Tensors of two rows and three columns.
let created () : IReadOnlyList<Tensor> =
    let sizes = [| 2; 3 |]

    [ Tensor.Zeros(2, 3)
      Tensor.Zeros([ 2; 3 ])
      Tensor.Zeros([| 2; 3 |])
      Tensor.Zeros([| 2L; 3L |])
      Tensor.Zeros(sizes)
      Tensor.Zeros(struct (2L, 3L))
      Tensor.Zeros([ 2; 3 ], DType.Float64)
      Tensor.Zeros([| 2; 3 |], DType.Float64)
      Tensor.Zeros(sizes, DType.Float64)
      Tensor.Zeros(Tensor.Ones(2, 3).Shape)
      Tensor.Empty(2, 3)
      Tensor.Full([ 2; 3 ], 1.5)
      Tensor.Randn(2, 3)
      Tensor.RandInt(10, [ 2; 3 ])
      Tensor.FromArray([| 1.0f .. 6.0f |], [ 2; 3 ])
      Tensor.FromArray(array2D [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ])
      Tensor.Arange(6).Reshape(2, 3)
      Tensor.Arange(6).Reshape([| 2; 3 |])
      Tensor.Arange(6).Reshape(3, 2).Permute(1, 0) ]

/// The numbers 0 to 11 in three rows of four.
let table () = Tensor.Arange(12).Reshape(3, 4)

let parts (x: Tensor) : IReadOnlyList<Tensor> =
    [ x.[0]
      x[0]
      x.[-1]
      x.[Index(1, true)]
      x.[1, 2]
      x.[TensorIndex.Ellipsis, 0]
      x.[Range(1, 3)]
      x.[TensorIndex.Slice(1, 3)]
      x.[TensorIndex.Slice(stop = 2), 0]
      x.[1..2]
      x.[1..]
      x.[..1, 1..2]
      x.[*, 1]
      x.[1, ..1]
      x.[x.Gt(Scalar 9)] ]

let assigned (x: Tensor) =
    x.[0] <- 5
    x.[1, 2] <- 50
    x.[2] <- Tensor.Arange(4)
    x

let rows (x: Tensor) : IReadOnlyList<Tensor> = [ for row in x -> row ]

/// Each of them is 7 where x is 3 and y is 2.
let calculated (x: Tensor) (y: Tensor) : IReadOnlyList<Tensor> =
    [ x + 4
      x + 4L
      4.0f + x
      2.0 * x + 1
      x * 2 + 1.0
      x + y * 2.0
      10 - x
      21.0 / x
      x / 0.5 + 1
      x % 2 + 6
      x - y + 6
      -x + 10
      x ** Scalar 2 - 2
      x.Pow(Scalar 2.0).Sub(Scalar 2)
      x.MatMul(y) + 1
      Tensor.Relu x + 4 ]

/// Each of them is true where x is 3 and y is 2.
let compared (x: Tensor) (y: Tensor) : IReadOnlyList<Tensor> =
    [ x.Gt y
      x.Gt(Scalar 2)
      x.Le(Scalar 3.5)
      x.Ne y
      Tensor.Eq(x, y + 1)
      x.Gt(y).LogicalAnd(y.Lt x)
      Tensor.op_LogicalNot (x.Lt y) ]

let joined (a: Tensor) (b: Tensor) : IReadOnlyList<Tensor> =
    [ Tensor.Cat [ a; b ]
      Tensor.Cat [| a; b |]
      Tensor.Cat(seq { a; b })
      Tensor.Cat(List [ a; b ])
      Tensor.Cat([ a; b ], 0)
      Tensor.Stack([ a; b ], dim = 0).Flatten() ]

let reduced (x: Tensor) =
    let dims = [| 0; 1 |]
    let struct (largest, _) = x.Max(dim = 1)
    float (x.Sum()), x.Sum(1).ToArray<int64>(), largest.ToArray<int64>(), float32 (x.To(DType.Float32).Mean(dims))
