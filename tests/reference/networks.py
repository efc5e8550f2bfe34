"""Layers and networks: first pass, gradients, three optimizer steps, inference afterwards."""

import torch
from torch import nn
from torch.nn import functional

from figures import classes, flat, fresh, given, in_both, random
from updates import optimizer


LINEAR = nn.Linear | nn.Conv1d | nn.Conv2d | nn.ConvTranspose2d


def initialised(module, seed):
    """Gives every parameter numbers in which float32 and float64 agree, none of them 0 or 1.

    Linear maps get Xavier's uniform distribution; the others something near their usual start.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, LINEAR):
                nn.init.xavier_uniform_(part.weight, generator=generator)
                if part.bias is not None:
                    part.bias.normal_(0.0, 0.1, generator=generator)
            elif isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d | nn.LayerNorm):
                part.weight.normal_(1.0, 0.2, generator=generator)
                part.bias.normal_(0.0, 0.1, generator=generator)
            elif isinstance(part, nn.Embedding):
                part.weight.normal_(0.0, 1.0, generator=generator)
            elif isinstance(part, nn.PReLU):
                part.weight.normal_(0.25, 0.05, generator=generator)
            elif isinstance(part, nn.RNNBase):
                bound = part.hidden_size**-0.5
                for parameter in part.parameters():
                    parameter.uniform_(-bound, bound, generator=generator)
    return module.to(torch.float64)


def state(module):
    """Parameters and running statistics, in PyTorch's order."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


LOSSES = {
    "mse": lambda x, t, h: functional.mse_loss(x, t, reduction=h["reduction"]),
    "mae": lambda x, t, h: functional.l1_loss(x, t, reduction=h["reduction"]),
    "huber": lambda x, t, h: functional.huber_loss(x, t, reduction=h["reduction"], delta=h["delta"]),
    "cross_entropy": lambda x, t, h: functional.cross_entropy(
        x, t, reduction=h["reduction"], label_smoothing=h["label_smoothing"]
    ),
    "binary_cross_entropy": lambda x, t, h: functional.binary_cross_entropy_with_logits(
        x, t, reduction=h["reduction"]
    ),
}


def training_case(name, declaration, build, input, target, loss, hyperparameters, clip_norm=None, seed=0):
    """First pass, three optimizer steps on the same batch, and inference afterwards."""

    def compute(dtype):
        network = initialised(build(), seed).to(torch.float32).to(dtype)
        steps = optimizer(network, hyperparameters)
        t = target if target.dtype == torch.int64 else target.to(dtype)
        found = {"losses": [], "norms": []}
        for step in range(3):
            x = fresh(input, dtype).requires_grad_()
            steps.zero_grad()
            output = network(x)
            output.retain_grad()
            value = LOSSES[loss["loss"]](output, t, loss)
            value.backward()
            if step == 0:
                found["output"] = output.detach().clone()
                found["d_output"] = output.grad.clone()
                found["d_input"] = x.grad.clone()
                found["gradients"] = {n: p.grad.clone() for n, p in network.named_parameters()}
            if clip_norm is not None:
                found["norms"].append(nn.utils.clip_grad_norm_(network.parameters(), clip_norm))
            found["losses"].append(value.detach())
            steps.step()
        found["after"] = state(network)
        network.eval()
        found["inference"] = network(input.to(dtype)).detach()
        return found

    initial = state(initialised(build(), seed).to(torch.float32))
    return {
        "name": name,
        "declaration": declaration,
        "parameters": [
            {"name": n, "shape": list(t.shape), "values": flat(t)} for n, t in initial.items()
        ],
        "input": given(input),
        "target": given(target),
        "loss": loss,
        "optimizer": hyperparameters,
        "clip_norm": clip_norm,
        **in_both(name, compute),
    }


def mean(name, **more):
    return {"loss": name, "reduction": "mean", **more}


def layer_cases():
    """One layer each: mean squared error, three steps of plain gradient descent."""

    class Softmax(nn.Module):
        def forward(self, x):
            return torch.softmax(x, dim=1)

    rows = [
        ("dense", "dense(3)", lambda: nn.Linear(5, 3), 5, 3),
        ("dense without bias", "dense(3, bias = false)", lambda: nn.Linear(5, 3, bias=False), 5, 3),
        ("dense to one", "dense(1)", lambda: nn.Linear(9, 1), 9, 1),
        ("dense, wide", "dense(33)", lambda: nn.Linear(17, 33), 17, 33),
        ("batch_norm", "batch_norm", lambda: nn.BatchNorm1d(5), 5, 5),
        (
            "batch_norm, other momentum and epsilon",
            "batch_norm(momentum = 0.3, epsilon = 0.01)",
            lambda: nn.BatchNorm1d(5, momentum=0.3, eps=0.01),
            5,
            5,
        ),
        ("layer_norm", "layer_norm", lambda: nn.LayerNorm(6), 6, 6),
        ("layer_norm, other epsilon", "layer_norm(epsilon = 0.1)", lambda: nn.LayerNorm(6, eps=0.1), 6, 6),
        ("prelu", "prelu", lambda: nn.PReLU(), 4, 4),
        ("prelu, a slope for each unit", "prelu, 4 slopes", lambda: nn.PReLU(4), 4, 4),
        ("softmax", "softmax", Softmax, 5, 5),
    ]
    return [
        training_case(
            name,
            declaration,
            build,
            random(8, inputs, seed=100 + index, scale=1.5),
            random(8, outputs, seed=200 + index),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=320 + index,
        )
        for index, (name, declaration, build, inputs, outputs) in enumerate(rows)
    ]


class Residual(nn.Module):
    """`x + f(x)`."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


class Skips(nn.Module):
    """Network (f): earlier outputs added to and set beside later ones."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.second = nn.Linear(6, 6)
        self.third = nn.Linear(12, 6)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        first = functional.elu(self.first(x))
        second = functional.selu(self.second(first))
        third = functional.elu(self.third(torch.cat([second, first], dim=1)))
        return self.head(third + first)


def named_sequence(**layers):
    sequence = nn.Sequential()
    for name, layer in layers.items():
        sequence.add_module(name, layer)
    return sequence


def network_cases():
    def plain():
        return named_sequence(hidden=nn.Linear(5, 7), activation=nn.Tanh(), head=nn.Linear(7, 3))

    def normalised():
        return named_sequence(
            first=nn.Linear(6, 8),
            first_norm=nn.BatchNorm1d(8),
            first_activation=nn.ReLU(),
            second=nn.Linear(8, 8),
            second_norm=nn.BatchNorm1d(8),
            second_activation=nn.ReLU(),
            head=nn.Linear(8, 4),
        )

    # Without biases in front of a batch norm: there their gradient is 0 but for rounding, which
    # AdamW would blow up to whole steps.
    def dense_norm(inputs):
        return [nn.Linear(inputs, 8, bias=False), nn.BatchNorm1d(8)]

    def block():
        return nn.Sequential(
            Residual(nn.Sequential(*dense_norm(8), nn.ReLU(), *dense_norm(8))), nn.ReLU()
        )

    def residual():
        return named_sequence(
            stem=nn.Sequential(*dense_norm(8), nn.ReLU()),
            blocks=nn.Sequential(block(), block(), block()),
            head=nn.Linear(8, 3),
        )

    def layer_normalised():
        return named_sequence(
            first=nn.Linear(5, 8),
            first_norm=nn.LayerNorm(8),
            first_activation=nn.GELU(),
            first_dropout=nn.Dropout(0.0),
            second=nn.Linear(8, 6),
            second_norm=nn.LayerNorm(6),
            second_activation=nn.GELU(approximate="tanh"),
            head=nn.Linear(6, 2),
        )

    def mixture():
        return named_sequence(
            first=nn.Linear(4, 6),
            first_activation=nn.PReLU(),
            second=nn.Linear(6, 6),
            second_activation=nn.Softplus(),
            third=nn.Linear(6, 6),
            third_activation=nn.Mish(),
            fourth=nn.Linear(6, 6),
            fourth_activation=nn.SiLU(),
            head=nn.Linear(6, 3),
        )

    binary = torch.bernoulli(torch.full((9, 3), 0.5, dtype=torch.float64), generator=torch.Generator().manual_seed(514))
    return [
        training_case(
            "plain",
            "Plain(5) -> 3 { hidden: dense(7) -> tanh; head: dense(3); }",
            plain,
            random(8, 5, seed=401),
            random(8, 3, seed=501),
            mean("mse"),
            {"optimizer": "adam", "learning_rate": 0.01},
            seed=601,
        ),
        training_case(
            "normalised",
            "Normalised(6) -> 4 { first: dense(8) -> batch_norm -> relu;"
            " second: dense(8) -> batch_norm -> relu; head: dense(4); }",
            normalised,
            random(12, 6, seed=402),
            classes(12, 4, seed=502),
            mean("cross_entropy", label_smoothing=0.0),
            {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9},
            seed=602,
        ),
        training_case(
            "residual",
            "Residual(8) -> 3 { stem: dense(8, bias = false) -> batch_norm -> relu;"
            " blocks: repeat(3) { residual { dense(8, bias = false) -> batch_norm -> relu"
            " -> dense(8, bias = false) -> batch_norm } -> relu; } head: dense(3); }",
            residual,
            random(16, 8, seed=403),
            classes(16, 3, seed=503),
            mean("cross_entropy", label_smoothing=0.1),
            {"optimizer": "adam_w", "learning_rate": 0.01, "weight_decay": 0.1},
            seed=603,
        ),
        training_case(
            "layer-normalised",
            "LayerNormalised(5) -> 2 { first: dense(8) -> layer_norm -> gelu -> dropout(0.0);"
            " second: dense(6) -> layer_norm -> gelu_tanh; head: dense(2); }",
            layer_normalised,
            random(8, 5, seed=404),
            random(8, 2, seed=504, scale=2.0),
            mean("huber", delta=0.5),
            {"optimizer": "rms_prop", "learning_rate": 0.01, "momentum": 0.5, "weight_decay": 0.01},
            seed=604,
        ),
        training_case(
            "mixture",
            "Mixture(4) -> 3 { first: dense(6) -> prelu; second: dense(6) -> softplus;"
            " third: dense(6) -> mish; fourth: dense(6) -> silu; head: dense(3); }",
            mixture,
            random(9, 4, seed=405),
            binary,
            mean("binary_cross_entropy"),
            {
                "optimizer": "sgd",
                "learning_rate": 0.2,
                "momentum": 0.9,
                "nesterov": True,
                "weight_decay": 0.01,
            },
            seed=605,
        ),
        training_case(
            "skips",
            "Skips(4) -> 2 { first: dense(6) -> elu; second: dense(6) -> selu -> concat(first);"
            " third: dense(6) -> elu -> add(first); head: dense(2); }",
            Skips,
            random(7, 4, seed=406),
            random(7, 2, seed=506),
            {"loss": "mae", "reduction": "sum"},
            {"optimizer": "adam", "learning_rate": 0.01, "beta1": 0.8, "weight_decay": 0.1},
            clip_norm=0.5,
            seed=606,
        ),
    ]
