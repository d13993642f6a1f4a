#!/usr/bin/env python3
"""Writes the project's own slice of PyTorch's answers: <operator>.json and <operator>.safetensors beside this file.

Run it with a Python that has PyTorch 1.13 (Debian: apt install python3-torch). The same PyTorch on the same kind of
processor writes the same bytes: every operator has its own seed, so adding one leaves the others alone.
"""

import json
import pathlib
import struct
import zlib

import torch

FOLDER = pathlib.Path(__file__).parent
DTYPES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.bool: "BOOL"}
FLOATS = (torch.float32, torch.float64)


def main():
    for name, (torch_name, function, samples, refusals) in operators().items():
        torch.manual_seed(zlib.crc32(name.encode()))
        fixture = Fixture(function)
        fixture.write(name, torch_name, samples(), refusals())


class Fixture:
    """The samples of one operator, and their tensors under keys t0, t1, ..."""

    def __init__(self, function):
        self.function = function
        self.tensors = []

    def write(self, name, torch_name, samples, refusals):
        document = {
            "op": name,
            "torch_name": torch_name,
            "cases": [self.case(args, kwargs) for args, kwargs in samples],
            "errors": [self.error(args, kwargs) for args, kwargs in refusals],
        }
        (FOLDER / f"{name}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
        write_safetensors(FOLDER / f"{name}.safetensors", self.tensors)

    def case(self, args, kwargs):
        # Copies, so that a tensor that stands in several samples belongs to one.
        args, kwargs = leaves(args), leaves(kwargs)
        outputs = flat(self.function(*args, **kwargs))
        weights = [torch.randn_like(o) if o.requires_grad else None for o in outputs]
        case = {"dtype": dtype_name((args, kwargs)), "variant": ""}
        if any(w is not None for w in weights):
            loss = sum((w * o).sum() for w, o in zip(weights, outputs) if w is not None)
            loss.backward()
            case["cotangents"] = [w if w is None else {"tensor": self.key(w)} for w in weights]
        case["args"] = [self.argument(a) for a in args]
        case["kwargs"] = {k: self.argument(v) for k, v in kwargs.items()}
        case["outputs"] = [{"tensor": self.key(o)} for o in outputs]
        return case

    def error(self, args, kwargs):
        try:
            self.function(*args, **kwargs)
        except Exception as exception:  # whatever PyTorch raises is what is recorded
            return {
                "args": [self.argument(a) for a in args],
                "kwargs": {k: self.argument(v) for k, v in kwargs.items()},
                "raises": type(exception).__name__,
                "message": str(exception).splitlines()[0],
            }
        raise AssertionError(f"{self.function} takes {args} {kwargs}")

    def argument(self, value):
        if isinstance(value, torch.Tensor):
            entry = {"tensor": self.key(value)}
            if value.requires_grad:
                entry["grad"] = None if value.grad is None else self.key(value.grad)
            return entry
        if isinstance(value, torch.dtype):
            return {"dtype": str(value).replace("torch.", "")}
        if isinstance(value, slice):
            return {"slice": [value.start, value.stop, value.step]}
        if value is Ellipsis:
            return {"ellipsis": True}
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            return {"float": str(value)}
        if isinstance(value, (list, tuple)):
            return [self.argument(v) for v in value]
        return value

    def key(self, tensor):
        self.tensors.append(tensor.detach().contiguous())
        return f"t{len(self.tensors) - 1}"


def write_safetensors(path, tensors):
    header, data = {}, bytearray()
    for i, tensor in enumerate(tensors):
        start = len(data)
        data += bytes(tensor.flatten().view(torch.uint8).tolist() if tensor.numel() else [])
        header[f"t{i}"] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [start, len(data)],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class Constant:
    """A floating argument that is not differentiated."""

    def __init__(self, tensor):
        self.tensor = tensor


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for part in value for tensor in flat(part)]


def leaves(value):
    if isinstance(value, Constant):
        return value.tensor
    if isinstance(value, torch.Tensor):
        leaf = value.detach().clone()
        return leaf.requires_grad_() if leaf.dtype in FLOATS else leaf
    if isinstance(value, dict):
        return {k: leaves(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(leaves(v) for v in value)
    return value


def dtype_name(value):
    """The type of the first tensor."""
    if isinstance(value, torch.Tensor):
        return str(value.dtype).replace("torch.", "")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return next((name for name in map(dtype_name, value) if name), "")
    return ""


# --- what is sampled -------------------------------------------------------------------------------------------------


def t(*shape, dtype=torch.float32):
    return torch.randn(shape, dtype=dtype)


def positive(*shape, dtype=torch.float32):
    return torch.rand(shape, dtype=dtype) + 0.5


def integers(*shape, low=-5, high=6):
    return torch.randint(low, high, shape)


def mask(*shape):
    return torch.rand(shape) < 0.5


def call(*args, **kwargs):
    return args, kwargs


def unary(make):
    return lambda: [call(make(3, 4)), call(make()), call(make(2, 0)), call(make(5, dtype=torch.float64))]


def binary():
    return [
        call(t(3, 4), t(3, 4)),
        call(t(3, 1), t(4)),
        call(t(2, 3), 2.5),
        call(t(3, dtype=torch.float64), t(2, 3)),
        call(t(2, 2), integers(2, 2)),
    ]


def arithmetic():
    return binary() + [call(integers(4), integers(2, 1)), call(integers(3), 2)]


def comparison():
    return [call(t(3, 4), t(4)), call(integers(6), integers(6)), call(integers(5), 1), call(mask(4), mask(4))]


def reduction():
    return [
        call(t(3, 4)),
        call(t(3, 4), dim=1),
        call(t(2, 3, 4), dim=[0, 2], keepdim=True),
        call(t(300, dtype=torch.float64)),
        call(t(2, 5), dim=-1, dtype=torch.float64),
    ]


def extremum():
    return [call(t(4, 5)), call(t(4, 5), 1), call(t(4, 5), 0, True), call(t(6), t(2, 6)), call(integers(9))]


def of(*calls):
    """Samples that are made only when their operator's turn comes."""
    return lambda: [make() for make in calls]


def images():
    return [
        call(t(2, 3, 6, 6), t(4, 3, 3, 3), t(4)),
        call(t(1, 2, 7, 5), t(2, 2, 3, 2), None, stride=2, padding=1),
        call(t(2, 4, 5, 5), t(4, 2, 2, 2), t(4), stride=[1, 2], padding=[1, 0], dilation=[2, 1], groups=2),
        call(t(3, 5, 5, dtype=torch.float64), t(2, 3, 3, 3, dtype=torch.float64)),
    ]


def operators():
    """name: (name below torch, function, samples, calls that must raise)"""
    table = {}

    def add(name, samples, refusals=list, function=None, torch_name=None):
        found = torch_name or name
        if function is None:
            function = torch
            for part in found.split("."):
                function = getattr(function, part)
        table[name] = (found, function, samples, refusals)

    for name in ("exp", "sin", "cos", "tanh", "sigmoid", "erf", "expm1", "abs", "neg", "sign", "floor", "round", "square"):
        add(name, unary(t))
    for name in ("log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal"):
        add(name, unary(positive))
    for name in ("relu", "silu", "leaky_relu"):
        add(name, unary(t), torch_name=f"nn.functional.{name}")

    add("gelu", of(
        lambda: call(t(3, 4)), lambda: call(t(9), approximate="tanh"), lambda: call(t(9, dtype=torch.float64), approximate="none")),
        torch_name="nn.functional.gelu")

    add("add", lambda: arithmetic() + [call(t(3), t(3), alpha=0.5)], of(lambda: call(t(2), t(3))))
    add("sub", lambda: arithmetic() + [call(t(3), t(3), alpha=2)], of(lambda: call(mask(3), mask(3))))
    add("mul", arithmetic)
    add("div", lambda: arithmetic() + [
        call(integers(6), 2, rounding_mode="floor"), call(t(6), t(6), rounding_mode="trunc")])
    add("pow", of(
        lambda: call(positive(3, 2), t(2)), lambda: call(t(4), 3), lambda: call(t(4), 2),
        lambda: call(integers(4, low=0), 2)))
    add("remainder", of(lambda: call(t(5), t(5)), lambda: call(integers(6), 3)))
    add("floor_divide", of(lambda: call(integers(6), 4), lambda: call(integers(6), 2)))
    add("maximum", of(lambda: call(t(4), t(3, 4)), lambda: call(torch.ones(3), torch.ones(3))))
    add("minimum", of(lambda: call(t(4), t(3, 4)), lambda: call(torch.ones(3), torch.ones(3))))
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        add(name, comparison)
    add("logical_and", of(lambda: call(mask(4), mask(4)), lambda: call(t(3), integers(3))))
    add("logical_not", of(lambda: call(mask(4)), lambda: call(integers(9))))
    add("where", of(
        lambda: call(t(3, 4), mask(3, 4), t(3, 4)), lambda: call(t(4), mask(3, 1), t(1))),
        function=lambda self, condition, other: torch.where(condition, self, other))
    add("clamp", of(
        lambda: call(t(9), -0.5, 0.5), lambda: call(t(9), min=0), lambda: call(integers(9), max=2),
        lambda: call(t(3, 4), t(4), t(3, 1))))
    add("masked_fill", of(lambda: call(t(3, 4), mask(4), 7.5), lambda: call(integers(5), mask(5), -1),
        lambda: call(t(3, 4), mask(3, 1), t())),
        of(lambda: call(t(3), mask(3), t(1))), function=torch.Tensor.masked_fill)

    add("sum", lambda: reduction() + [call(integers(7)), call(mask(7))], of(lambda: call(t(2, 3), dim=2)))
    add("mean", reduction, of(lambda: call(integers(4)), lambda: call(t(2, 3), dim=[0, 0])))
    add("max", extremum, of(lambda: call(t(0))))
    add("min", extremum, of(lambda: call(t(0))))
    add("argmax", of(lambda: call(t(4, 5)), lambda: call(t(4, 5), dim=1), lambda: call(t(4, 5), dim=0, keepdim=True)))
    add("all", of(lambda: call(mask(3, 4)), lambda: call(mask(3, 4), dim=1)))
    add("any", of(lambda: call(mask(3, 4)), lambda: call(mask(3, 4), dim=0, keepdim=True)))

    add("matmul", of(
        lambda: call(t(3), t(3)), lambda: call(t(2, 3), t(3)), lambda: call(t(3), t(3, 2)), lambda: call(t(4, 7), t(7, 5)),
        lambda: call(t(2, 1, 3, 4), t(5, 4, 2)), lambda: call(t(3, 0), t(0, 2)),
        lambda: call(t(6, 6, dtype=torch.float64), t(6, 6, dtype=torch.float64))),
        of(lambda: call(t(2, 3), t(2, 3)), lambda: call(t(2, 3), t(3, 2, dtype=torch.float64))))
    add("mm", of(lambda: call(t(3, 4), t(4, 2))), of(lambda: call(t(3), t(3, 2))))
    add("bmm", of(lambda: call(t(2, 3, 4), t(2, 4, 2))), of(lambda: call(t(2, 3, 4), t(3, 4, 2))))
    add("linear", of(lambda: call(t(5, 3), t(2, 3), t(2)), lambda: call(t(2, 2, 3), t(4, 3))),
        torch_name="nn.functional.linear")
    for name in ("softmax", "log_softmax"):
        add(name, of(
            lambda: call(t(3, 5), 1), lambda: call(t(3, 5), 0), lambda: call(t(), 0),
            lambda: call(t(2, 4) * 100, -1, dtype=torch.float64)), of(lambda: call(t(2, 3), 2)))

    add("conv2d", images, of(lambda: call(t(1, 3, 4, 4), t(2, 2, 3, 3)), lambda: call(t(1, 1, 2, 2), t(1, 1, 3, 3))),
        torch_name="nn.functional.conv2d")
    add("max_pool2d", of(
        lambda: call(t(2, 3, 6, 6), 2), lambda: call(t(1, 2, 7, 5), [3, 2], stride=2, padding=1),
        lambda: call(t(2, 5, 5), 2, 1, 0, 2), lambda: call(t(1, 1, 5, 5), 2, ceil_mode=True),
        lambda: call(t(1, 2, 6, 6), 3, return_indices=True)),
        of(lambda: call(t(1, 1, 4, 4), 2, padding=2), lambda: call(t(4, 4), 2)),
        torch_name="nn.functional.max_pool2d")
    add("cross_entropy", of(
        lambda: call(t(5, 3), integers(5, low=0, high=3)),
        lambda: call(t(5, 3), integers(5, low=0, high=3), weight=Constant(positive(3)), reduction="sum"),
        lambda: call(t(2, 3, 4), integers(2, 4, low=0, high=3), reduction="none"),
        lambda: call(t(6, 3), torch.tensor([0, 2, -100, 1, -100, 2])),
        lambda: call(t(4, 3), integers(4, low=0, high=3), label_smoothing=0.1),
        lambda: call(t(4, 3, dtype=torch.float64), torch.softmax(t(4, 3, dtype=torch.float64), 1))),
        of(lambda: call(t(4, 3), torch.tensor([0, 1, 3, 0])), lambda: call(t(4, 3), integers(5, low=0, high=3))),
        torch_name="nn.functional.cross_entropy")
    add("nll_loss", of(
        lambda: call(t(5, 3), integers(5, low=0, high=3)),
        lambda: call(t(5, 3), integers(5, low=0, high=3), reduction="none", ignore_index=1)),
        torch_name="nn.functional.nll_loss")
    add("mse_loss", of(lambda: call(t(4, 3), t(4, 3)), lambda: call(t(6), t(6), reduction="sum")),
        torch_name="nn.functional.mse_loss")

    views(add)
    creation(add)
    linear_algebra(add)
    sampling(add)
    return table


def views(add):
    method = torch.Tensor
    add("view", of(lambda: call(t(2, 6), [3, 4]), lambda: call(t(2, 6), [-1]), lambda: call(t(1), [])),
        of(lambda: call(t(2, 6), [5, -1])), function=method.view)
    add("reshape", of(lambda: call(t(2, 6), [4, 3]), lambda: call(t(0, 3), [3, 0])), of(lambda: call(t(5), [2, 3])))
    add("flatten", of(lambda: call(t(2, 3, 4)), lambda: call(t(2, 3, 4), 1), lambda: call(t())))
    add("transpose", of(lambda: call(t(2, 3, 4), 0, -1)), of(lambda: call(t(2, 3), 0, 2)))
    add("permute", of(lambda: call(t(2, 3, 4), [2, 0, 1])), of(lambda: call(t(2, 3), [0, 0])))
    add("expand", of(lambda: call(t(3, 1), [2, 3, 4]), lambda: call(t(3, 1), [-1, 5])),
        of(lambda: call(t(3, 2), [3, 4])), function=method.expand)
    add("squeeze", of(lambda: call(t(1, 3, 1)), lambda: call(t(1, 3, 1), 0), lambda: call(t(1, 3, 1), 1)))
    add("unsqueeze", of(lambda: call(t(3, 2), 0), lambda: call(t(3, 2), -1)))
    add("select", of(lambda: call(t(3, 4), 1, -1)), of(lambda: call(t(3, 4), 0, 3)))
    add("narrow", of(lambda: call(t(5, 3), 0, 1, 3)), of(lambda: call(t(5), 0, 3, 3)))
    add("unbind", of(lambda: call(t(3, 2)), lambda: call(t(3, 2), 1)))
    add("split", of(lambda: call(t(7, 2), 3), lambda: call(t(2, 6), 2, 1), lambda: call(t(2, 6), [1, 3, 2], 1)),
        of(lambda: call(t(5), [2, 2])))
    add("getitem", of(
        lambda: call(t(4, 5), (slice(None, None, 2), 1)), lambda: call(t(4, 5, 2), (Ellipsis, -1)),
        lambda: call(t(4, 5), (slice(1, None), slice(-3, -1))), lambda: call(t(4, 5), (None, 2)),
        lambda: call(t(4, 5), torch.tensor([3, 0, 3])), lambda: call(t(4, 5), (slice(None), torch.tensor([[0, 4], [1, 1]])))),
        of(lambda: call(t(4, 5), (Ellipsis, 5))), function=method.__getitem__, torch_name="__getitem__")
    add("cat", of(
        lambda: call([t(2, 3), t(1, 3)]), lambda: call([t(2, 3), t(2, 1), t(2, 2)], dim=1),
        lambda: call([t(2), t(2, dtype=torch.float64)])),
        of(lambda: call([t(2, 3), t(2, 2)]), lambda: call([t(), t()])))
    add("stack", of(lambda: call([t(2, 3), t(2, 3)], 0), lambda: call([t(2), t(2), t(2)], -1)),
        of(lambda: call([t(2), t(3)], 0)))
    add("index_select", of(lambda: call(t(4, 3), 0, torch.tensor([3, 0, 0])), lambda: call(t(2, 3), 1, torch.tensor([2]))),
        of(lambda: call(t(4, 3), 0, torch.tensor([4]))))
    add("gather", of(lambda: call(t(3, 4), 1, integers(3, 2, low=0, high=4))),
        of(lambda: call(t(3, 4), 1, torch.tensor([[4]]))))
    add("scatter_add", of(lambda: call(t(3, 4), 0, integers(2, 4, low=0, high=3), t(2, 4))))
    add("index_add", of(lambda: call(t(4, 3), 0, torch.tensor([1, 1, 3]), t(3, 3)),
        lambda: call(t(4, 3), 1, torch.tensor([2, 0]), t(4, 2), alpha=2)))


def creation(add):
    floats, ints = torch.float32, torch.int64
    add("arange", of(
        lambda: call(0, 5), lambda: call(7), lambda: call(1, 8, 3), lambda: call(0.5, 2.0, 0.5), lambda: call(5, 0, -2, dtype=floats),
        lambda: call(0, 4, dtype=ints)), of(lambda: call(0, 3, 0), lambda: call(0, 3, -1)))
    add("eye", of(lambda: call(3), lambda: call(2, 4, dtype=ints)), of(lambda: call(-1)))
    add("zeros_like", of(lambda: call(t(2, 3)), lambda: call(integers(2), dtype=torch.float64)))
    add("ones_like", of(lambda: call(t(2, 3)), lambda: call(mask(2))))


def regular(*shape, dtype=torch.float32):
    """Matrices that are far from singular."""
    return t(*shape, dtype=dtype) + 3 * torch.eye(shape[-2], shape[-1], dtype=dtype)


def linear_algebra(add):
    double = torch.float64

    def linalg(name, samples, refusals=list, function=None):
        add(f"linalg_{name}", samples, refusals, function, torch_name=f"linalg.{name}")

    square = of(lambda: call(regular(3, 3)), lambda: call(regular(2, 2, 4, 4, dtype=double)), lambda: call(t(0, 0)))
    not_square = of(lambda: call(t(2, 3)), lambda: call(t(3)))
    linalg("det", square, not_square)
    linalg("inv", square, of(lambda: call(torch.zeros(2, 2)), lambda: call(t(2, 3))))
    linalg("slogdet", of(lambda: call(regular(3, 3)), lambda: call(regular(2, 4, 4, dtype=double))), not_square)
    linalg("solve", of(
        lambda: call(regular(3, 3), t(3, 2)), lambda: call(regular(2, 3, 3), t(2, 3)),
        lambda: call(regular(2, 1, 3, 3, dtype=double), t(4, 3, 2, dtype=double))),
        of(lambda: call(regular(3, 3), t(2, 2)), lambda: call(torch.zeros(2, 2), t(2))))
    # Of symmetric operands, as either half may be read.
    linalg("cholesky", of(lambda: call(torch.eye(3) * 4 + 1), lambda: call(torch.eye(2, dtype=double).expand(3, 2, 2) + 0.5),
        lambda: call(torch.eye(3) * 4 + 1, upper=True)), of(lambda: call(-torch.eye(2))))
    linalg("solve_triangular", of(
        lambda: call(regular(3, 3).tril(), t(3, 2), upper=False), lambda: call(regular(3, 3).triu(), t(2, 3), upper=True, left=False),
        lambda: call(regular(3, 3).triu(), t(3, 2), upper=True, unitriangular=True)))
    linalg("qr", of(lambda: call(t(4, 3)), lambda: call(t(2, 3, 4, dtype=double)), lambda: call(Constant(t(4, 2)), mode="complete")))
    linalg("svd", of(lambda: call(t(4, 3), full_matrices=False), lambda: call(Constant(t(2, 3, 4, dtype=double)))))
    linalg("svdvals", of(lambda: call(t(4, 3)), lambda: call(t(2, 3, 3, dtype=double))))
    linalg("pinv", of(lambda: call(t(4, 3)), lambda: call(t(2, 3, dtype=double)), lambda: call(t(3, 3), rtol=0.5)))
    linalg("matrix_rank", of(lambda: call(torch.ones(3, 4)), lambda: call(Constant(t(2, 4, 3)))))
    linalg("matrix_power", of(lambda: call(regular(3, 3), 3), lambda: call(regular(2, 2, 2, dtype=double), -2), lambda: call(t(2, 2), 0)))
    linalg("multi_dot", of(lambda: call([t(2, 8), t(8, 3), t(3, 4)]), lambda: call([t(3), t(3, 4), t(4)])))
    norms = [None, "fro", "nuc", 1, -1, 2, -2, float("inf"), float("-inf")]
    linalg("norm", lambda: [call(t(3, 4), ord) for ord in norms] + [call(t(5), 3), call(t(2, 3, 4), 1, dim=[0, 2], keepdim=True)],
        of(lambda: call(t(2, 3, 4), 2)))
    linalg("cond", lambda: [call(Constant(regular(3, 3, dtype=double)), p) for p in norms])
    add("einsum", of(
        lambda: call([t(2, 3), t(3, 4), t(4)], "ij,jk,k->i"), lambda: call([t(5, 2, 3), t(5, 3, 2)], "...ij,...ji->...")),
        function=lambda operands, equation: torch.einsum(equation, *operands))


def sampling(add):
    functional = torch.nn.functional
    modes, paddings = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")

    def points(*shape):
        return t(*shape) * 0.8

    add("grid_sample", lambda: [
        call(t(1, 2, 4, 5), points(1, 3, 3, 2), mode=mode, padding_mode=padding, align_corners=align)
        for mode in modes for padding in paddings for align in (False, True)
    ] + [
        call(t(1, 2, 3, 4, 3), points(1, 2, 2, 3, 3), mode=mode, padding_mode=padding, align_corners=False)
        for mode in modes[:2] for padding in paddings
    ], of(lambda: call(t(1, 2, 4), t(1, 3, 2))), function=functional.grid_sample, torch_name="nn.functional.grid_sample")
    add("embedding_bag", lambda: [
        call(t(5, 3), torch.tensor([0, 4, 2, 2, 1]), offsets=torch.tensor([0, 2, 2]), mode=mode) for mode in ("sum", "mean", "max")
    ] + [
        call(t(5, 3), integers(2, 4, low=0, high=5), padding_idx=2),
        call(t(5, 3), torch.tensor([0, 4, 2]), offsets=torch.tensor([0, 1, 3]), mode="sum", include_last_offset=True),
        call(t(5, 3), integers(2, 2, low=0, high=5), mode="sum", per_sample_weights=t(2, 2)),
    ], function=lambda weight, input, **options: functional.embedding_bag(input, weight, **options),
        torch_name="nn.functional.embedding_bag")
    add("unique", of(
        lambda: call(integers(3, 4), return_inverse=True, return_counts=True), lambda: call(mask(7)),
        lambda: call(integers(3, 2, 4, low=0, high=2), return_counts=True, dim=1),
        lambda: call(integers(2, 2, 9, low=0, high=2), return_inverse=True, dim=-1)))
    add("unique_consecutive", of(
        lambda: call(torch.tensor([1, 1, 2, 2, 3, 1, 1, 2]), return_inverse=True, return_counts=True),
        lambda: call(torch.tensor([[1, 2], [1, 2], [3, 4]]), dim=0)))
    add("bincount", of(lambda: call(integers(9, low=0, high=4)), lambda: call(integers(5, low=0, high=3), minlength=6),
        lambda: call(integers(5, low=0, high=3), weights=Constant(t(5)))), of(lambda: call(torch.tensor([-1])), lambda: call(t(3))))
    add("histc", of(lambda: call(Constant(t(20)), bins=5), lambda: call(Constant(t(20)), bins=4, min=-1, max=1)))
    add("unfold", of(lambda: call(t(7, 2), 0, 3, 2), lambda: call(t(2, 5), -1, 2, 1)), of(lambda: call(t(3), 0, 4, 1)),
        function=torch.Tensor.unfold)
    add("searchsorted", of(
        lambda: call(integers(9).sort()[0], integers(2, 3)), lambda: call(integers(2, 5).sort()[0], integers(2, 3), side="right"),
        lambda: call(torch.tensor([3, 1, 2]), integers(4), sorter=torch.tensor([1, 2, 0]), out_int32=False)))
    add("cdist", lambda: [call(t(2, 3, 4), t(2, 5, 4), p) for p in (0.0, 1.0, 2.0, 3.0, float("inf"))] + [call(t(30, 3), t(4, 3))])


if __name__ == "__main__":
    main()
