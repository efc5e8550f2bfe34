"""Each activation: its value and derivative on a grid, and far out."""

import torch
from torch.nn import functional

from figures import fresh, given, in_both, rounded


ACTIVATIONS = {
    "identity": lambda x: x * 1.0,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": functional.hardsigmoid,
    "tanh": torch.tanh,
    "hard_tanh": functional.hardtanh,
    "softsign": functional.softsign,
    "relu": functional.relu,
    "relu6": functional.relu6,
    "leaky_relu": lambda x: functional.leaky_relu(x, 0.01),
    "leaky_relu(0.2)": lambda x: functional.leaky_relu(x, 0.2),
    "elu": functional.elu,
    "elu(0.5)": lambda x: functional.elu(x, 0.5),
    "selu": functional.selu,
    "gelu": functional.gelu,
    "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "silu": functional.silu,
    "hard_swish": functional.hardswish,
    "softplus": functional.softplus,
    "mish": functional.mish,
}
# From -6 to 6, no entry on a kink (-3, -1, 0, 1, 3, 6).
GRID = rounded(torch.linspace(-6.0, 6.0, 49, dtype=torch.float64) + 0.03)
assert min(float((GRID - kink).abs().min()) for kink in [-3, -1, 0, 1, 3, 6]) > 0.02
# Where a naive formula overflows or cancels.
EXTREME = rounded(torch.tensor([-300.0, -90.0, -30.0, -15.0, 0.5, 15.0, 30.0, 90.0, 300.0], dtype=torch.float64))


def activation_cases():
    cases = []
    for name, function in ACTIVATIONS.items():
        for where, grid in [("grid", GRID), ("extreme", EXTREME)]:

            def compute(dtype):
                x = fresh(grid, dtype).requires_grad_()
                y = function(x)
                y.sum().backward()
                return {"output": y.detach(), "derivative": x.grad}

            full = f"{name}, {where}"
            cases.append({"name": full, "activation": name, "input": given(grid), **in_both(full, compute)})
    return cases
