"""Numbers: where they come from, in which precision, and how they become JSON."""

import json
import pathlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
# How far float32 may be from float64, relative to the largest entry of a tensor. The tests demand
# 1e-5 of the Rust code; this leaves room for both sides' rounding.
CONDITIONING = 5e-6
# A tensor whose largest entry is below this is measured by it instead: a gradient that is 0 but for
# rounding (as that of a bias in front of a batch norm) has no size of its own.
FLOOR = 0.01


def rounded(tensor):
    """To the nearest float32, kept as float64."""
    return tensor.to(torch.float32).to(torch.float64)


def fresh(tensor, dtype):
    """A copy, which the computation may change."""
    return tensor.to(dtype).clone()


def random(*shape, seed, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    return rounded(scale * torch.randn(*shape, generator=generator, dtype=torch.float64))


def uniform(*shape, seed):
    generator = torch.Generator().manual_seed(seed)
    return rounded(torch.rand(*shape, generator=generator, dtype=torch.float64))


def classes(count, number_of_classes, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(number_of_classes, (count,), generator=generator)


def number(value, dtype):
    """The float whose text is the shortest that reads back to the same float32 or float64."""
    value = dtype(value)
    assert np.isfinite(value), "a figure is not finite"
    return float(str(value)) if value != 0 else 0


def flat(tensor):
    """A tensor's entries, row by row."""
    if tensor.dtype == torch.int64:
        return [int(value) for value in tensor.reshape(-1)]
    dtype = np.float32 if tensor.dtype == torch.float32 else np.float64
    return [number(value, dtype) for value in tensor.detach().reshape(-1).numpy()]


def given(tensor):
    """A tensor that goes in: its float32 text is exact, and shorter."""
    if tensor.dtype == torch.int64:
        return {"shape": list(tensor.shape), "values": flat(tensor)}
    assert torch.equal(rounded(tensor), tensor), "not representable in float32"
    return {"shape": list(tensor.shape), "values": flat(tensor.to(torch.float32))}


def figures(values):
    """A figure or tensor of figures."""
    if isinstance(values, torch.Tensor):
        return flat(values)[0] if values.dim() == 0 else flat(values)
    if isinstance(values, dict):
        return {name: figures(value) for name, value in values.items()}
    return [figures(value) for value in values]


def leaves(values, path=""):
    if isinstance(values, torch.Tensor):
        yield path, values
    else:
        items = values.items() if isinstance(values, dict) else enumerate(values)
        for name, value in items:
            yield from leaves(value, f"{path}/{name}")


def in_both(name, compute, conditioning=CONDITIONING):
    """`compute(dtype)` in float64 and float32, which have to agree."""
    wide, narrow = compute(torch.float64), compute(torch.float32)
    for (path, a), (_, b) in zip(leaves(wide), leaves(narrow), strict=True):
        if a.numel() == 0 or a.dtype == torch.int64:
            continue
        largest = a.abs().max()
        error = (a - b.to(torch.float64)).abs().max()
        limit = conditioning * max(float(largest), FLOOR)
        assert error <= limit, f"{name}{path}: float32 is {error:.2e} off, of {largest:.2e}"
    return {"f64": figures(wide), "f32": figures(narrow)}


def write(file, cases):
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names), "names are used twice"
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / file).write_text(f"[\n{lines}\n]\n")
    print(f"{file}: {len(cases)} cases, {(HERE / file).stat().st_size} bytes")
