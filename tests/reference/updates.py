"""What changes parameters: optimizers, schedules, gradient clipping."""

import math

import numpy as np
import torch
from torch import nn
from torch.optim import lr_scheduler as torch_schedules

from figures import fresh, given, in_both, number, random


def decayed_groups(module):
    """The parameters in two groups: entries of linear maps, which decay, and all others."""
    weights = [m.weight for m in module.modules() if isinstance(m, nn.Linear)]
    others = [p for p in module.parameters() if all(p is not w for w in weights)]
    return [{"params": weights}, {"params": others, "weight_decay": 0.0}]


OPTIMIZERS = {
    "sgd": lambda groups, h: torch.optim.SGD(
        groups,
        lr=h["learning_rate"],
        momentum=h.get("momentum", 0),
        dampening=h.get("dampening", 0),
        nesterov=h.get("nesterov", False),
        weight_decay=h.get("weight_decay", 0),
    ),
    "rms_prop": lambda groups, h: torch.optim.RMSprop(
        groups,
        lr=h["learning_rate"],
        alpha=h.get("smoothing", 0.99),
        eps=h.get("epsilon", 1e-8),
        momentum=h.get("momentum", 0),
        centered=h.get("centered", False),
        weight_decay=h.get("weight_decay", 0),
    ),
    "adam": lambda groups, h: torch.optim.Adam(
        groups,
        lr=h["learning_rate"],
        betas=(h.get("beta1", 0.9), h.get("beta2", 0.999)),
        eps=h.get("epsilon", 1e-8),
        weight_decay=h.get("weight_decay", 0),
    ),
    "adam_w": lambda groups, h: torch.optim.AdamW(
        groups,
        lr=h["learning_rate"],
        betas=(h.get("beta1", 0.9), h.get("beta2", 0.999)),
        eps=h.get("epsilon", 1e-8),
        weight_decay=h.get("weight_decay", 0.01),
    ),
}


def optimizer(module, hyperparameters):
    return OPTIMIZERS[hyperparameters["optimizer"]](decayed_groups(module), hyperparameters)


def optimizer_cases():
    """Five steps of a dense layer 4 -> 3 along given gradients, the last two at half the learning rate."""
    weight, bias = random(3, 4, seed=20), random(3, seed=21)
    # From step to step the gradients' size changes, and some entries are 0 throughout.
    sizes = [1.0, 0.01, 30.0, 1.0, 0.3]
    weight_gradients = [random(3, 4, seed=30 + i, scale=s) for i, s in enumerate(sizes)]
    bias_gradients = [random(3, seed=40 + i, scale=s) for i, s in enumerate(sizes)]
    for gradient in weight_gradients:
        gradient[1, 2] = 0.0
    for gradient in bias_gradients:
        gradient[0] = 0.0

    variants = [
        {"optimizer": "sgd", "learning_rate": 0.1},
        {"optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 0.05},
        {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9},
        {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9, "dampening": 0.25},
        {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
        {
            "optimizer": "sgd",
            "learning_rate": 0.05,
            "momentum": 0.9,
            "nesterov": True,
            "weight_decay": 0.05,
        },
        {"optimizer": "rms_prop", "learning_rate": 0.01},
        {"optimizer": "rms_prop", "learning_rate": 0.01, "smoothing": 0.9, "epsilon": 1e-3},
        {"optimizer": "rms_prop", "learning_rate": 0.01, "momentum": 0.9},
        {"optimizer": "rms_prop", "learning_rate": 0.01, "centered": True},
        {
            "optimizer": "rms_prop",
            "learning_rate": 0.01,
            "momentum": 0.9,
            "centered": True,
            "weight_decay": 0.1,
        },
        {"optimizer": "rms_prop", "learning_rate": 0.01, "weight_decay": 0.1},
        {"optimizer": "adam", "learning_rate": 0.001},
        {"optimizer": "adam", "learning_rate": 0.1, "beta1": 0.5, "beta2": 0.9},
        {"optimizer": "adam", "learning_rate": 0.01, "epsilon": 0.1, "weight_decay": 0.1},
        {"optimizer": "adam", "learning_rate": 0.01, "beta1": 0.0},
        {"optimizer": "adam_w", "learning_rate": 0.001},
        {"optimizer": "adam_w", "learning_rate": 0.1, "weight_decay": 0.5},
        {"optimizer": "adam_w", "learning_rate": 0.1, "weight_decay": 0.0},
    ]
    cases = []
    for hyperparameters in variants:

        def compute(dtype, hyperparameters=hyperparameters):
            layer = nn.Linear(4, 3).to(dtype)
            with torch.no_grad():
                layer.weight.copy_(weight)
                layer.bias.copy_(bias)
            steps = optimizer(layer, hyperparameters)
            after = []
            for index in range(len(sizes)):
                if index == 3:
                    for group in steps.param_groups:
                        group["lr"] /= 2
                layer.weight.grad = fresh(weight_gradients[index], dtype)
                layer.bias.grad = fresh(bias_gradients[index], dtype)
                steps.step()
                after.append({"weight": layer.weight.detach().clone(), "bias": layer.bias.detach().clone()})
            return {"after": after}

        name = ", ".join(f"{k} {v}" for k, v in hyperparameters.items()).removeprefix("optimizer ")
        cases.append(
            {
                "name": name,
                **hyperparameters,
                "weight": given(weight),
                "bias": given(bias),
                "gradients": [
                    {"weight": given(w), "bias": given(b)}
                    for w, b in zip(weight_gradients, bias_gradients)
                ],
                **in_both(name, compute),
            }
        )
    return cases


def schedule_cases():
    def rates(learning_rate, schedule, steps):
        parameter = nn.Parameter(torch.zeros(1))
        sgd = torch.optim.SGD([parameter], lr=learning_rate)
        schedule = schedule(sgd)
        rates = []
        for step in range(steps):
            rates.append(sgd.param_groups[0]["lr"])
            sgd.step()
            if step + 1 < steps:
                schedule.step()
        return [number(rate, np.float64) for rate in rates]

    def warm_up(factor, steps, then):
        def schedule(sgd):
            first = torch_schedules.LinearLR(sgd, start_factor=factor, total_iters=steps)
            return torch_schedules.SequentialLR(sgd, [first, then(sgd)], milestones=[steps])

        return schedule

    def cosine_with_warm_up(warm_up_steps, training_steps):
        """`get_cosine_schedule_with_warmup` of Hugging Face's `transformers`, half a wave."""

        def factor(step):
            if step < warm_up_steps:
                return step / max(1, warm_up_steps)
            progress = (step - warm_up_steps) / max(1, training_steps - warm_up_steps)
            return max(0.0, 0.5 * (1.0 + math.cos(math.pi * progress)))

        return lambda sgd: torch_schedules.LambdaLR(sgd, factor)

    step = lambda sgd: torch_schedules.StepLR(sgd, step_size=7, gamma=0.3)
    exponential = lambda sgd: torch_schedules.ExponentialLR(sgd, gamma=0.93)
    cosine = lambda steps: lambda sgd: torch_schedules.CosineAnnealingLR(
        sgd, T_max=steps, eta_min=0.002
    )

    def one_cycle(**arguments):
        return lambda sgd: torch_schedules.OneCycleLR(
            sgd, max_lr=0.5, total_steps=50, cycle_momentum=False, **arguments
        )

    constant = {"schedule": "constant", "learning_rate": 0.1}
    steps = {"schedule": "step", "learning_rate": 0.1, "every": 7, "factor": 0.3}
    exponentials = {"schedule": "exponential", "learning_rate": 0.1, "factor": 0.93}
    cosines = {"schedule": "cosine", "learning_rate": 0.1, "minimum": 0.002}
    cycle = {"schedule": "one_cycle", "learning_rate": 0.5, "steps": 50}
    rows = [
        ("constant", constant, lambda sgd: torch_schedules.ConstantLR(sgd, factor=1.0)),
        ("step", steps, step),
        ("exponential", exponentials, exponential),
        ("cosine", {**cosines, "steps": 49}, cosine(49)),
        ("one cycle", cycle, one_cycle()),
        (
            "one cycle, other shape",
            {**cycle, "warm_up_fraction": 0.45, "initial_divisor": 10, "final_divisor": 100},
            one_cycle(pct_start=0.45, div_factor=10, final_div_factor=100),
        ),
        (
            "warm-up, step",
            {**steps, "warm_up": 9, "start_factor": 1 / 3},
            warm_up(1 / 3, 9, step),
        ),
        (
            "warm-up, cosine",
            {**cosines, "steps": 39, "warm_up": 10, "start_factor": 0.01},
            warm_up(0.01, 10, cosine(39)),
        ),
        (
            "warm-up, exponential",
            {**exponentials, "warm_up": 5, "start_factor": 0.5},
            warm_up(0.5, 5, exponential),
        ),
        (
            "cosine with warm-up",
            {
                "schedule": "cosine_with_warm_up",
                "learning_rate": 0.1,
                "training_steps": 50,
                "warm_up_steps": 10,
            },
            cosine_with_warm_up(10, 50),
        ),
    ]
    return [
        {"name": name, **arguments, "rates": rates(arguments["learning_rate"], schedule, 50)}
        for name, arguments, schedule in rows
    ]


def clipping_cases():
    """The gradient of a dense layer 4 -> 3."""
    cases = []
    for name, scale, seed in [("ordinary", 1.0, 60), ("tiny", 1e-4, 61), ("huge", 1e4, 62)]:
        weight, bias = random(3, 4, seed=seed, scale=scale), random(3, seed=seed + 10, scale=scale)
        for bound in [scale * 0.5, 1.0, scale * 100.0]:

            def compute(dtype):
                clipped = {}
                for kind in ["norm", "value"]:
                    layer = nn.Linear(4, 3).to(dtype)
                    layer.weight.grad, layer.bias.grad = fresh(weight, dtype), fresh(bias, dtype)
                    if kind == "norm":
                        clipped["norm"] = nn.utils.clip_grad_norm_(layer.parameters(), bound)
                    else:
                        nn.utils.clip_grad_value_(layer.parameters(), bound)
                    clipped[f"by_{kind}"] = {"weight": layer.weight.grad, "bias": layer.bias.grad}
                return clipped

            full = f"{name}, at {bound}"
            if any(case["name"] == full for case in cases):
                continue
            cases.append(
                {
                    "name": full,
                    "bound": bound,
                    "weight": given(weight),
                    "bias": given(bias),
                    **in_both(full, compute),
                }
            )
    return cases
