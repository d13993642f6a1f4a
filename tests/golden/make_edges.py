#!/usr/bin/env python3
"""Writes edges/<operator>.json and edges/<operator>.safetensors beside this file: what PyTorch 2.6 computes at arguments
where a formula is singular, has several answers, or has nothing to work on, in the format of make_golden.py.

Run it with a Python that has PyTorch 2.6 (Debian 13: apt install python3-torch). Left out are points where PyTorch's own
answer is an accident: NaN where the limit is finite (the derivatives of softsign, of copysign and of cumprod at
infinity), an index among equal elements that it does not promise, and overflow that a better order of operations avoids.
"""

import math
import pathlib
import zlib

import make_golden
import torch
from make_golden import Constant, Fixture, call

functional = torch.nn.functional
inf, nan = math.inf, math.nan


def main():
    make_golden.FOLDER = pathlib.Path(__file__).parent / "edges"
    make_golden.FOLDER.mkdir(exist_ok=True)
    for name, (torch_name, function, samples) in operators().items():
        torch.manual_seed(zlib.crc32(name.encode()))
        Edges(function).write(name, torch_name, samples, [])


class Edges(Fixture):
    def key(self, tensor):
        # A gradient of zeros may have no memory.
        return super().key(torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor.detach()))


class Table:
    """The samples of each operator, in float32 and in float64."""

    def __init__(self):
        self.rows = {}

    def add(self, name, *makes, function=None, torch_name=None):
        """Each of `makes` takes v, which makes a tensor of the list it is given, and returns a call."""
        found = torch_name or name
        if function is None:
            function = torch
            for part in found.split("."):
                function = getattr(function, part)
        _, _, samples = self.rows.setdefault(name, (found, function, []))
        for dtype in (torch.float32, torch.float64):
            for make in makes:
                samples.append(make(lambda values: torch.tensor(values, dtype=dtype)))

    def nn(self, name, *makes):
        self.add(name, *makes, torch_name=f"nn.functional.{name}")

    def linalg(self, name, *makes):
        self.add(f"linalg_{name}", *makes, torch_name=f"linalg.{name}")


def operators():
    table = Table()
    elementary(table)
    arithmetic(table)
    activations(table)
    reductions(table)
    norms(table)
    softmaxes(table)
    losses(table)
    products(table)
    networks(table)
    return table.rows


def of_each(lists, *rest, **named):
    """One sample for each list of numbers."""
    return [lambda v, x=x: call(v(x), *rest, **named) for x in lists]


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, inf, -inf, nan, 1e-30, -1e-30, 1e30, -1e30, 1e-3, 88.0, -88.0, 20.0]
TIES = [[2.0, 1.0, 2.0, 2.0, 0.0], [nan, 1.0, nan], [inf, inf, 1.0], [-inf, -inf], [0.0, 0.0, 0.0], [3.0]]


def empty(v, *shape):
    return v([]).reshape(shape)


def elementary(table):
    for name in (
        "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1",
        "floor", "log", "log10", "log1p", "log2", "neg", "reciprocal", "round", "rsqrt", "sgn", "sigmoid", "sign",
        "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc"):  # fmt: skip
        table.add(name, *of_each([SPECIAL, []]))
    table.add("logit", *of_each([[0.0, 1.0, 0.5, -0.1, 1.1, nan, 1e-7]], 1e-6), *of_each([[0.0, 1.0, 0.5]], 0.0))
    table.add("sinc", *of_each([[0.0, 0.1, -0.3, 0.5, 1.0, 2.0, 2.5]]))
    table.add("erfinv", *of_each([[0.0, 0.5, -0.9, 1.0, -1.0, 1.1, nan]]))
    # At the poles of the first derivative of digamma PyTorch returns what sin(pi x) leaves of it, a large number.
    between, poles = [-0.5, -1.5, -10.5, 0.5, 1.0, 10.0], [-1.0, -2.0]
    table.add("digamma", *of_each([between]))
    table.add("lgamma", *of_each([between + poles]))
    for order in (0, 1, 2, 3, 4):
        points = between if order < 2 else between + poles
        table.add("polygamma", lambda v: call(order, v(points)), function=torch.polygamma)
    table.add("nan_to_num", *of_each([[nan, inf, -inf, 1.0]]), *of_each([[nan, inf, 1.0]], 7.0))


def arithmetic(table):
    a = [0.0, 0.0, 0.0, -0.0, 1.0, 1.0, -1.0, inf, inf, -inf, nan, 1.0, nan, 1e20, 2.0, 0.0, 3.0]
    b = [0.0, 1.0, -1.0, -0.0, 0.0, 1.0, 0.0, inf, 1.0, -inf, 1.0, nan, nan, 1e20, 2.0, nan, inf]
    for name in (
        "add", "sub", "mul", "div", "atan2", "hypot", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "xlogy",
        "remainder", "fmod", "pow"):  # fmt: skip
        table.add(name, lambda v: call(v(a), v(b)), lambda v: call(v(b), v(a)))
    table.add("copysign", lambda v: call(v([0.0, -0.0, 1.0, -2.0]), v([-1.0, 0.0, -0.0, 1.0])))
    for mode in ("floor", "trunc"):
        table.add(
            "div",
            lambda v: call(v([1.0, -1.0, 0.0, 7.0]), v([2.0, 0.5, 3.0, 0.0]), rounding_mode=mode),
            lambda v: call(v([1.0, -1.0]), 2, rounding_mode=mode))  # fmt: skip
    for exponent in (0, 1, 2, 3, -1, -2, 0.0, 1.0, 2.0):
        table.add("pow", *of_each([[0.0, 1.0, -1.0, 2.0, inf, -inf, nan, -0.0]], exponent))
    table.add("pow", *of_each([[0.0, 1.0, 2.0, inf]], 0.5), *of_each([[0.0, 1.0, 2.0, inf]], 1.5))
    table.add("pow", lambda v: call(0.0, v([0.0, 1.0, 2.0, -1.0, 0.5])), lambda v: call(2, v([0.0, inf, -inf, nan])))
    table.add("pow", lambda v: call(v([0.0, 0.0, 0.0, 0.0]), v([0.0, 1.0, 0.5, -1.0])))
    table.add("float_power", *of_each([[0.0, 1.0, 2.0]], 1), *of_each([[0.0, 1.0, 2.0]], 0))
    table.add("xlogy", *of_each([[0.0, 0.0, 1.0, 2.0, nan]], 0.0), lambda v: call(0.0, v([0.0, 1.0, -1.0, inf, nan])))
    table.add(
        "clamp", *of_each([[0.0, 1.0, 2.0, nan, inf, -inf]], 0.0, 1.0), *of_each([[0.0, 1.0, 2.0]], min=1.0),
        *of_each([[0.0, 1.0, 2.0]], max=1.0), *of_each([[1.0, 2.0]], -inf, inf), *of_each([[1.0, 2.0]], 2.0, 1.0),
        lambda v: call(v([0.0, 1.0, 2.0, nan, 1.0]), v([0.0, 1.0, 3.0, 1.0, nan]), v([0.0, 1.0, 2.0, 1.0, 2.0])))  # fmt: skip
    table.add("lerp", lambda v: call(v([inf, 1.0]), v([inf, inf]), 0.5), lambda v: call(v([1.0, 0.0]), v([1.0, inf]), v([1.0, 0.0])))
    table.add("addcdiv", lambda v: call(v([0.0, 1.0, 2.0]), v([0.0, 1.0, 2.0]), v([0.0, 0.0, 1e10])))
    table.add("addcmul", lambda v: call(v([0.0, 1.0]), v([inf, 1.0]), v([0.0, 2.0]), value=0.0))
    table.add(
        "where", lambda v: call(v([inf, 1.0, nan]), torch.tensor([True, False, False]), v([nan, inf, 2.0])),
        function=lambda self, condition, other: torch.where(condition, self, other))  # fmt: skip
    table.add("masked_fill", lambda v: call(v([inf, nan, 1.0]), torch.tensor([True, True, False]), 0.0), function=torch.Tensor.masked_fill)


def activations(table):
    kinks = [3.0, -3.0, 6.0, 0.5, -0.5, 1.0, -1.0]
    for name in (
        "relu", "leaky_relu", "relu6", "silu", "mish", "softplus", "hardtanh", "hardshrink", "softshrink",
        "tanhshrink", "logsigmoid"):  # fmt: skip
        table.nn(name, *of_each([SPECIAL, kinks, []]))
    for name in ("elu", "selu", "celu", "hardswish"):
        table.nn(name, *of_each([[x for x in SPECIAL if x == x], kinks]))
    table.nn("gelu", *of_each([kinks]), *of_each([kinks], approximate="tanh"))
    table.nn("softplus", *of_each([[0.0, 10.0, 1.0, 20.0, 40.0]], beta=2, threshold=20))
    table.nn("threshold", *of_each([[0.0, 1.0, 2.0, nan, inf]], 1.0, 7.0))
    table.nn(
        "prelu", lambda v: call(v(SPECIAL), v([0.25])), lambda v: call(v([[inf, 0.0], [-1.0, 2.0]]), v([0.5, 0.0])),
        lambda v: call(v([inf, -inf, 1.0]), v([inf])))  # fmt: skip
    table.nn("dropout", *of_each([[1.0, 2.0]], 0.0), *of_each([[1.0, 2.0]], 1.0), *of_each([[1.0, 2.0]], 0.5, False))


def reductions(table):
    rows = [[2.0, 1.0, 2.0], [0.0, 0.0, 0.0], [inf, inf, 0.0]]
    for name in ("sum", "mean", "nansum", "prod", "std", "var"):
        table.add(name, *of_each([[], [1.0], [0.0, 0.0, 0.0], [5.0, 5.0]]))
        table.add(name, lambda v: call(empty(v, 0, 3), 0), lambda v: call(empty(v, 0, 3), 1), lambda v: call(empty(v, 2, 0), 1))
    for name in ("max", "min", "median", "amax", "amin", "nansum"):
        table.add(name, *of_each(TIES), *of_each([rows], 0), *of_each([rows], 1))
    for name in ("max", "min", "median"):
        table.add(name, *of_each([[0.0, 1.0, 2.0], [nan, 1.0, nan]], 0))
    table.add("kthvalue", *of_each([[0.0, 1.0, 2.0], [nan, 1.0, 0.0]], 2))
    table.add("nanmean", *of_each([[nan, 1.0, 3.0], [1.0, 2.0]]))
    table.add(
        "prod", *of_each([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [inf, 0.0, 1.0], [nan, 0.0], [0.0, 0.0, 0.0], 3.0]),
        *of_each([[[0.0, 2.0], [3.0, 0.0]]]), *of_each([[[0.0, 2.0], [0.0, 0.0]]], 1),
        *of_each([[[0.0, 2.0], [3.0, 0.0]]], 0, keepdim=True))  # fmt: skip
    for name in ("std", "var"):
        table.add(name, *of_each([[5.0, 5.0]], correction=2), *of_each([[5.0]], unbiased=False), *of_each([[[1.0, 1.0], [1.0, 2.0]]], 1))
    table.add("cumprod", *of_each([[0.0, 2.0, 3.0], [2.0, 0.0, 0.0, 3.0], [1.0], [], [nan, 1.0]], 0))
    table.add("cumsum", *of_each([[], [inf, -inf, 1.0]], 0))
    table.add("logcumsumexp", *of_each([[-inf, 1.0, 2.0], [1e3, -1e3], [0.0], []], 0))
    for name in ("cummax", "cummin"):
        table.add(name, *of_each([[2.0, 1.0, 2.0, 0.0], [nan, 1.0, nan], []], 0))
    table.add("quantile", *of_each([[2.0, 1.0, 2.0], [nan, 1.0], [inf, inf]], 0.5))
    table.add("diff", *of_each([[]]), *of_each([[1.0]], n=3), *of_each([[1.0, 2.0]], n=0), lambda v: call(v([]), prepend=v([1.0, 2.0])))
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        index = torch.tensor([0, 0, 1, 1])
        for include_self in (True, False):
            table.add(
                "scatter_reduce",
                lambda v: call(v([1.0, 0.0, 2.0]), 0, index, v([0.0, 1.0, 0.0, 0.0]), reduce, include_self=include_self),
                lambda v: call(v([1.0, 0.0, 2.0]), 0, index, v([1.0, 1.0, 0.0, 0.0]), reduce, include_self=include_self))  # fmt: skip
    for reduce in ("amax", "amin"):
        table.add("scatter_reduce", lambda v: call(v([nan, 0.0, 2.0]), 0, index, v([1.0, 1.0, nan, 0.0]), reduce))


def norms(table):
    rows = [[0.0, 0.0, 0.0], [3.0, 0.0, 4.0], [-2.0, 2.0, 2.0]]
    for order in (0.0, 1.0, 2.0, 3.0, 0.5, 1.5, -1.0, -0.5, -2.0, 10.0, inf, -inf):
        vectors = [[0.0, 0.0], [2.0, -2.0, 1.0], 0.0, -3.0, [0.0, -4.0, 4.0]]
        table.linalg("vector_norm", *of_each(vectors, order), *of_each([rows], order, 1), lambda v: call(empty(v, 0, 2), order, 1))
        table.add("norm", *of_each(vectors, order), *of_each([rows], order, 1))
        if order != 0:  # PyTorch's own derivative fails
            table.add(
                "dist", lambda v: call(v([1.0, 2.0, 5.0]), v([1.0, 2.0, 5.0]), order),
                lambda v: call(v([1.0, 2.0, 5.0]), v([1.0, 0.0, 7.0]), order))  # fmt: skip
        table.nn("pairwise_distance", lambda v: call(v(rows), v(rows), order, 0.0), lambda v: call(v(rows), v(rows[::-1]), order, 0.0))
        if 0 <= order < inf:
            table.linalg("vector_norm", *of_each([[]], order), lambda v: call(empty(v, 2, 0), order, 1))
        if order >= 0:
            table.nn("normalize", *of_each([rows], order, 1), *of_each([[0.0, 0.0]], order, 0))
            points = [[0.0, 0.0, 0.0], [3.0, 0.0, 4.0], [1.0, 1.0, 1.0], [0.0, 4.0, 4.0]]
            table.add(
                "cdist", lambda v: call(v(rows), v(points), order), lambda v: call(empty(v, 2, 0), empty(v, 3, 0), order),
                lambda v: call(empty(v, 0, 2), v([[1.0, 2.0]]), order))  # fmt: skip
        if order > 0:
            table.add("renorm", *of_each([rows], order, 0, 1.0), *of_each([rows], order, 0, 0.0), *of_each([rows], order, 1, 100.0))
    table.add("norm", *of_each([[nan, 1.0], [1.0, inf]], inf), *of_each([[nan, 1.0]], -inf))
    for order in ("fro", 1, -1, inf, -inf):
        table.linalg("norm", *of_each([[[0.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [-1.0, 1.0]]], order))
    table.nn(
        "cosine_similarity", lambda v: call(v(rows), v(rows)), lambda v: call(v(rows), v(rows[::-1])),
        lambda v: call(v([[0.0, 0.0]]), v([[1.0, 2.0]])), lambda v: call(v([[1e-9, 0.0]]), v([[1.0, 2.0]])),
        lambda v: call(v([1.0, 0.0]), v([1e-10, 0.0]), 0))  # fmt: skip


def softmaxes(table):
    rows = [[-inf, -inf, -inf], [-inf, 0.0, 1.0], [inf, 0.0, 1.0], [nan, 0.0, 1.0], [1e4, 0.0, -1e4], [-inf, 1.0, -inf]]
    for name in ("softmax", "log_softmax"):
        table.add(name, *of_each([rows], 1), lambda v: call(empty(v, 0, 3), 1), lambda v: call(empty(v, 2, 0), 1), *of_each([3.0], 0))
    table.add("logsumexp", *of_each([rows], 1), *of_each([rows], 0), *of_each([-inf, 0.0], 0), lambda v: call(empty(v, 0, 3), 0))
    mask = lambda v, x: Constant(v(x))  # noqa: E731
    for row in ([[-inf, 0.0]], [[-inf, -inf]]):
        table.nn(
            "scaled_dot_product_attention",
            lambda v: call(v([[[1.0, 0.0]]]), v([[[1.0, 0.0], [0.0, 1.0]]]), v([[[1.0], [2.0]]]), attn_mask=mask(v, row)))  # fmt: skip


def losses(table):
    chances, targets = [0.0, 1.0, 0.0, 1.0, 0.5, 1e-30, 0.3, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0, 0.5, 0.0, 0.7, 0.5, 0.5]
    logits, wanted = [0.0, 100.0, -100.0, 1e4, -1e4, 750.0], [0.0, 1.0, 0.0, 1.0, 0.0, 0.5]
    first, second = torch.tensor([0, 1, 0]), torch.tensor([-100, 1])
    for reduction in ("none", "mean", "sum"):
        by = {"reduction": reduction}
        table.nn(
            "binary_cross_entropy", lambda v: call(v(chances), Constant(v(targets)), **by), lambda v: call(v(chances), v(targets), **by),
            lambda v: call(v(chances), Constant(v(targets)), Constant(v([2.0] * 9)), **by), lambda v: call(v([]), v([]), **by))  # fmt: skip
        table.nn(
            "binary_cross_entropy_with_logits", lambda v: call(v(logits), v(wanted), **by),
            lambda v: call(v(logits), v(wanted), pos_weight=Constant(v([2.0, 2.0, 0.0, 3.0, 1.0, 1.0])), **by))  # fmt: skip
        table.nn("hinge_embedding_loss", lambda v: call(v([1.0, 0.0, 2.0, inf, 1.0]), Constant(v([1.0, -1.0, -1.0, 1.0, -1.0])), **by))
        table.nn("margin_ranking_loss", lambda v: call(v([1.0, 2.0, 3.0]), v([1.0, 1.0, 4.0]), Constant(v([1.0, -1.0, 1.0])), 1.0, **by))
        table.nn(
            "cosine_embedding_loss",
            lambda v: call(v([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]), v([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), Constant(v([1.0, -1.0, -1.0])), **by))
        table.nn(
            "triplet_margin_loss", lambda v: call(v([[1.0, 2.0]]), v([[1.0, 2.0]]), v([[1.0, 2.0]]), swap=True, **by),
            lambda v: call(v([[1.0, 2.0]]), v([[1.0, 2.0]]), v([[5.0, 2.0]]), p=1.0, eps=0.0, swap=True, **by))  # fmt: skip
        table.nn(
            "poisson_nll_loss", lambda v: call(v([0.0, 1.0, -1.0, -inf]), v([0.0, 1.0, 2.0, 1.0]), **by),
            lambda v: call(v([0.0, 1.0, 1e-8, 0.0]), v([0.0, 1.0, 2.0, 3.0]), log_input=False, **by),
            lambda v: call(v([0.0, 1.0, 2.0]), Constant(v([0.0, 1.0, 2.0])), full=True, **by))  # fmt: skip
        table.nn(
            "gaussian_nll_loss", lambda v: call(v([1.0, 2.0, 0.0, 1.0]), v([1.0, 2.5, 1.0, 0.0]), v([0.0, 1e-10, 1.0, inf]), **by),
            lambda v: call(v([1.0]), v([1.0]), v([0.0]), full=True, **by))  # fmt: skip
        table.nn("soft_margin_loss", lambda v: call(v([0.0, 50.0, -50.0]), Constant(v([1.0, 1.0, 1.0])), **by))
        for p in (1, 2):
            table.nn("multi_margin_loss", lambda v: call(v([[0.0, 1.0, 2.0], [1.0, 1.0, 1.0], [3.0, 2.0, 0.0]]), first, p, **by))
        table.nn("multilabel_soft_margin_loss", lambda v: call(v([[0.0, 1e4], [-1e4, 750.0]]), Constant(v([[1.0, 0.0], [1.0, 1.0]])), **by))
        table.nn("l1_loss", lambda v: call(v([1.0, 2.0, inf, nan]), v([1.0, 3.0, 1.0, 0.0]), **by), lambda v: call(v([]), v([]), **by))
        table.nn("mse_loss", lambda v: call(v([1.0, 2.0, inf]), v([1.0, 3.0, inf]), **by), lambda v: call(v([]), v([]), **by))
        for name in ("smooth_l1_loss", "huber_loss"):
            table.nn(name, lambda v: call(v([1.0, 2.0, 0.0, inf, nan]), v([1.0, 3.0, 2.0, 0.0, 1.0]), **by))
        table.nn("smooth_l1_loss", lambda v: call(v([1.0, 2.0, 2.5]), v([1.0, 3.0, 2.0]), beta=0.0, **by))
        table.nn(
            "nll_loss", lambda v: call(v([[-inf, 0.0], [0.0, -inf], [-1.0, -2.0]]), first, **by),
            lambda v: call(v([[-inf, -2.0], [-1.0, -1.0]]), second, **by),
            lambda v: call(v([[-1.0, -2.0]]), torch.tensor([-100]), **by),
            lambda v: call(v([[-1.0, -2.0], [-1.0, -1.0]]), torch.tensor([1, 0]), weight=Constant(v([1.0, 0.0])), **by))  # fmt: skip
        table.nn(
            "cross_entropy", lambda v: call(v([[-inf, 0.0], [1e4, -1e4], [0.0, 0.0]]), torch.tensor([1, 0, 1]), **by),
            lambda v: call(v([[inf, 0.0], [-inf, -inf], [1.0, 2.0]]), first, **by),
            lambda v: call(v([[1.0, 2.0], [-inf, 0.0]]), second, weight=Constant(v([1.0, 0.0])), **by),
            lambda v: call(v([[-inf, 0.0, 1.0]]), Constant(v([[0.0, 0.5, 0.5]])), **by))  # fmt: skip
    for reduction in ("none", "mean", "sum", "batchmean"):
        table.nn(
            "kl_div", lambda v: call(v([-1.0, -2.0, -1.0, -1.0]), Constant(v([0.0, 0.5, 0.0, 1.0])), reduction=reduction),
            lambda v: call(v([-1.0, -2.0]), v([-30.0, -1.0]), reduction=reduction, log_target=True))  # fmt: skip


def products(table):
    zeros = [[0.0, 0.0], [0.0, 0.0]]
    table.add(
        "addmm", lambda v: call(v([[nan, inf]]), v([[1.0], [2.0]]), v([[1.0, 2.0]]), beta=0),
        lambda v: call(v(zeros), v(zeros), v(zeros), alpha=0), lambda v: call(v(zeros), empty(v, 2, 0), empty(v, 0, 2)))  # fmt: skip
    table.add("addmv", lambda v: call(v([nan, inf]), v(zeros), v([1.0, 2.0]), beta=0))
    table.add("addr", lambda v: call(v([[nan, inf], [0.0, 0.0]]), v([1.0, 2.0]), v([1.0, 2.0]), beta=0))
    table.add("baddbmm", lambda v: call(v([[[nan, inf]]]), v([[[1.0], [2.0]]]), v([[[1.0, 2.0]]]), beta=0))
    table.add("addbmm", lambda v: call(v([[nan, inf]]), v([[[1.0], [2.0]]]), v([[[1.0, 2.0]]]), beta=0))
    table.add("matmul", lambda v: call(v([]), v([])), lambda v: call(empty(v, 2, 0), v([])))
    table.add("bmm", lambda v: call(empty(v, 0, 2, 3), empty(v, 0, 3, 2)))
    table.nn(
        "linear", lambda v: call(empty(v, 0, 3), v([[1.0, 2.0, 3.0]]), v([1.0])),
        lambda v: call(empty(v, 2, 0), empty(v, 4, 0), v([1.0, 2.0, 3.0, 4.0])))  # fmt: skip
    table.linalg("matrix_power", *of_each([[[1.0, 2.0], [3.0, 4.0]]], 0), *of_each([[[1.0, 2.0], [3.0, 4.0]]], 1))
    table.add("cat", lambda v: call([v([]), v([1.0, 2.0])]), lambda v: call([v([]), v([[1.0, 2.0]])], 1))


def networks(table):
    flat = [[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]]
    table.nn("layer_norm", *of_each([[[0.0, 0.0], [1.0, 2.0]]], [2]))
    table.nn("rms_norm", *of_each([[[0.0, 0.0], [1.0, 2.0]]], [2]))
    table.nn("local_response_norm", *of_each([flat], 2))
    table.nn("lp_pool1d", *of_each([flat, [[[-1.0, 1.0, 2.0, 0.0, 0.0, 0.0]]]], 2.0, 2), *of_each([[[[0.0, 0.0, 2.0, 3.0]]]], 3.0, 2))
    table.nn("max_pool1d", *of_each([[[[nan, 1.0, 2.0, 2.0, inf, -inf]]], [[[-inf, -inf, 1.0, 1.0]]]], 2))
    table.nn("max_pool2d", *of_each([[[[[nan, 1.0], [1.0, 1.0]]]], [[[[-inf, -inf], [-inf, -inf]]]]], 2))
    table.nn(
        "grid_sample", lambda v: call(v([[[[1.0, 2.0], [3.0, 4.0]]]]), v([[[[0.5, -0.5], [1.0, 1.0]]]]), mode="nearest", align_corners=False))


if __name__ == "__main__":
    main()
