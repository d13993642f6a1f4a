/// Slices in F#'s notation, x.[1..2], whose last index is included. F# finds GetSlice by its name; its arguments are
/// types of FSharp.Core, which the library does not reference, so a program brings these lines itself.
[<AutoOpen>]
module TorchScratch.FSharp.Slices

open TorchScratch

let private range (first: int option) (last: int option) =
    let stop = last |> Option.map (fun index -> int64 index + 1L)
    TensorIndex.Slice(Option.toNullable (Option.map int64 first), Option.toNullable stop)

type Tensor with

    member x.GetSlice(first, last) = x.[range first last]

    member x.GetSlice(first, last, column: int) = x.[range first last, column]

    member x.GetSlice(row: int, first, last) = x.[row, range first last]

    member x.GetSlice(first, last, firstColumn, lastColumn) = x.[range first last, range firstColumn lastColumn]
