"""Layers of images and sequences: small networks whose samples are flat, as ours are.

An image is flattened channel by channel; a sequence step by step, which is PyTorch's `batch_first`.
"""

import copy

import torch
from torch import nn
from torch.nn import functional

from figures import classes, random
from networks import mean, named_sequence, training_case


class Image(nn.Module):
    """Flat samples as images."""

    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(x.shape[0], *self.shape)


class Sequence(nn.Module):
    """Flat samples, step by step, as PyTorch's convolutions take them: [sample, feature, step]."""

    def __init__(self, features, steps):
        super().__init__()
        self.shape = (steps, features)

    def forward(self, x):
        return x.reshape(x.shape[0], *self.shape).transpose(1, 2)


class Steps(nn.Module):
    """Back to flat samples."""

    def forward(self, x):
        return x.transpose(1, 2).flatten(1)


class Causal(nn.Conv1d):
    def forward(self, x):
        before = self.dilation[0] * (self.kernel_size[0] - 1)
        return super().forward(functional.pad(x, (before, 0)))


class Embedding(nn.Module):
    def __init__(self, words, features):
        super().__init__()
        self.table = nn.Embedding(words, features)

    def forward(self, x):
        # Nothing flows back to the indices, but PyTorch has to be asked for that 0.
        return self.table(x.long()).flatten(1) + 0.0 * x.sum()


class Words(nn.Module):
    """An embedding, then a recurrent layer over its vectors."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(6, 3)
        self.cell = nn.GRU(3, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        hidden = self.cell(self.words(x.long()))[0]
        return self.head(hidden[:, -1]) + 0.0 * x.sum()


class Projected(nn.Module):
    def __init__(self, body, project):
        super().__init__()
        self.body = body
        self.project = project

    def forward(self, x):
        return self.project(x) + self.body(x)


class Beside(nn.Module):
    """What comes in beside what a layer makes of it: `concat`, our newest part first."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return torch.cat([self.body(x), x], dim=1)


def image_cases():
    def of(*layers, start):
        # A new copy for each precision.
        return lambda: copy.deepcopy(nn.Sequential(start, *layers))

    flat = nn.Flatten
    rows = [
        (
            "conv2d",
            "(3, 5, 6) -> (4, 3, 4) { conv2d(4, kernel = (3, 2), stride = (2, 1), padding = (1, 0), dilation = (1, 2)); }",
            of(nn.Conv2d(3, 4, (3, 2), (2, 1), (1, 0), (1, 2)), flat(), start=Image(3, 5, 6)),
            90,
            48,
        ),
        (
            "conv2d in groups",
            "(4, 5, 5) -> (6, 3, 3) { conv2d(6, kernel = 3, groups = 2, bias = false); }",
            of(nn.Conv2d(4, 6, 3, groups=2, bias=False), flat(), start=Image(4, 5, 5)),
            100,
            54,
        ),
        (
            "depthwise conv2d",
            "(3, 4, 4) -> (6, 4, 4) { conv2d(6, kernel = 3, padding = 1, depthwise = true); }",
            of(nn.Conv2d(3, 6, 3, padding=1, groups=3), flat(), start=Image(3, 4, 4)),
            48,
            96,
        ),
        (
            "max_pool2d",
            "(2, 6, 5) -> (3, 3, 3) { conv2d(3, kernel = 1) -> max_pool2d(3, stride = 2, padding = 1); }",
            of(nn.Conv2d(2, 3, 1), nn.MaxPool2d(3, 2, 1), flat(), start=Image(2, 6, 5)),
            60,
            27,
        ),
        (
            "avg_pool2d",
            "(2, 6, 5) -> (3, 3, 3) { conv2d(3, kernel = 1) -> avg_pool2d(3, stride = 2, padding = 1); }",
            of(nn.Conv2d(2, 3, 1), nn.AvgPool2d(3, 2, 1), flat(), start=Image(2, 6, 5)),
            60,
            27,
        ),
        (
            "conv_transpose2d",
            "(4, 3, 2) -> (2, 6, 4) { conv_transpose2d(2, kernel = 3, stride = 2, padding = 1, output_padding = 1, groups = 2); }",
            of(nn.ConvTranspose2d(4, 2, 3, 2, 1, 1, groups=2), flat(), start=Image(4, 3, 2)),
            24,
            48,
        ),
        (
            "batch_norm of images",
            "(2, 4, 3) -> 3 { conv2d(4, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu -> global_avg_pool -> dense(3); }",
            of(
                nn.Conv2d(2, 4, 3, padding=1, bias=False),
                nn.BatchNorm2d(4),
                nn.ReLU(),
                nn.AdaptiveAvgPool2d(1),
                flat(),
                nn.Linear(4, 3),
                start=Image(2, 4, 3),
            ),
            24,
            3,
        ),
        (
            "upsample",
            "(2, 2, 3) -> (2, 4, 9) { upsample((2, 3)) -> conv2d(2, kernel = 3, padding = 1); }",
            of(nn.Upsample(scale_factor=(2, 3)), nn.Conv2d(2, 2, 3, padding=1), flat(), start=Image(2, 2, 3)),
            12,
            72,
        ),
        (
            "concat of channels",
            "(2, 3, 3) -> (5, 3, 3) { conv2d(3, kernel = 3, padding = 1) -> tanh -> concat(input); }",
            of(Beside(nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.Tanh())), flat(), start=Image(2, 3, 3)),
            18,
            45,
        ),
        (
            "residual of convolutions",
            "(2, 5, 5) -> (3, 3, 3) { residual(project = true) { conv2d(3, kernel = 3, stride = 2, padding = 1, bias = false)"
            " -> batch_norm -> relu -> conv2d(3, kernel = 3, padding = 1, bias = false) -> batch_norm } -> relu; }",
            of(
                Projected(
                    nn.Sequential(
                        nn.Conv2d(2, 3, 3, 2, 1, bias=False),
                        nn.BatchNorm2d(3),
                        nn.ReLU(),
                        nn.Conv2d(3, 3, 3, 1, 1, bias=False),
                        nn.BatchNorm2d(3),
                    ),
                    nn.Conv2d(2, 3, 1, 2),
                ),
                nn.ReLU(),
                flat(),
                start=Image(2, 5, 5),
            ),
            50,
            27,
        ),
        (
            "causal conv1d",
            "[3; 7] -> [4; 7] { conv1d(4, kernel = 3, padding = causal, dilation = 2); }",
            of(Causal(3, 4, 3, dilation=2), Steps(), start=Sequence(3, 7)),
            21,
            28,
        ),
        (
            "conv1d in groups",
            "[4; 7] -> [6; 4] { conv1d(6, kernel = 3, stride = 2, padding = 1, groups = 2); }",
            of(nn.Conv1d(4, 6, 3, 2, 1, groups=2), Steps(), start=Sequence(4, 7)),
            28,
            24,
        ),
        (
            "pooling over steps",
            "[2; 9] -> [3; 2] { conv1d(3, kernel = 2, bias = false) -> batch_norm -> relu -> max_pool1d(2) -> avg_pool1d(2); }",
            of(
                nn.Conv1d(2, 3, 2, bias=False),
                nn.BatchNorm1d(3),
                nn.ReLU(),
                nn.MaxPool1d(2),
                nn.AvgPool1d(2),
                Steps(),
                start=Sequence(2, 9),
            ),
            18,
            6,
        ),
        (
            "concat of features",
            "[2; 4] -> [5; 4] { conv1d(3, kernel = 3, padding = 1) -> tanh -> concat(input); }",
            of(Beside(nn.Sequential(nn.Conv1d(2, 3, 3, padding=1), nn.Tanh())), Steps(), start=Sequence(2, 4)),
            8,
            20,
        ),
        (
            "dilated conv_transpose2d",
            "(2, 2, 3) -> (3, 3, 7) { conv_transpose2d(3, kernel = (2, 3), stride = (1, 2), padding = (0, 1), dilation = (1, 2), bias = false); }",
            of(nn.ConvTranspose2d(2, 3, (2, 3), (1, 2), (0, 1), dilation=(1, 2), bias=False), flat(), start=Image(2, 2, 3)),
            12,
            63,
        ),
        (
            "depthwise conv1d",
            "[3; 6] -> [6; 4] { conv1d(6, kernel = 3, depthwise = true, bias = false); }",
            of(nn.Conv1d(3, 6, 3, groups=3, bias=False), Steps(), start=Sequence(3, 6)),
            18,
            24,
        ),
        (
            "upsample over steps",
            "[2; 3] -> [2; 6] { upsample(2) -> conv1d(2, kernel = 3, padding = 1); }",
            of(nn.Upsample(scale_factor=2), nn.Conv1d(2, 2, 3, padding=1), Steps(), start=Sequence(2, 3)),
            6,
            12,
        ),
        (
            "reshape",
            "(12) -> 2 { reshape(3, 2, 2) -> conv2d(4, kernel = 2) -> tanh -> flatten -> dense(2); }",
            of(nn.Conv2d(3, 4, 2), nn.Tanh(), flat(), nn.Linear(4, 2), start=Image(3, 2, 2)),
            12,
            2,
        ),
    ]
    cases = [
        training_case(
            name,
            declaration,
            build,
            random(4, inputs, seed=700 + index),
            random(4, outputs, seed=750 + index),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=800 + index,
        )
        for index, (name, declaration, build, inputs, outputs) in enumerate(rows)
    ]
    cases.append(
        training_case(
            "embedding",
            "(5) -> 3 { embedding(7, 4) -> flatten -> dense(3); }",
            lambda: named_sequence(words=Embedding(7, 4), head=nn.Linear(20, 3)),
            classes(40, 7, seed=730).reshape(8, 5).to(torch.float64),
            random(8, 3, seed=780),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=830,
        )
    )
    cases.append(
        training_case(
            "embedding before gru",
            "(5) -> 2 { words: embedding(6, 3); cell: gru(4) -> last; head: dense(2); }",
            Words,
            classes(30, 6, seed=732).reshape(6, 5).to(torch.float64),
            random(6, 2, seed=782),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=832,
        )
    )
    cases.append(
        training_case(
            "lenet",
            "(1, 12, 12) -> 4 { conv2d(3, kernel = 5, padding = 2) -> relu -> max_pool2d(2);"
            " conv2d(5, kernel = 3) -> relu -> max_pool2d(2);"
            " flatten -> dense(12) -> relu -> dense(4); }",
            lambda: nn.Sequential(
                Image(1, 12, 12),
                nn.Conv2d(1, 3, 5, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(3, 5, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(20, 12),
                nn.ReLU(),
                nn.Linear(12, 4),
            ),
            random(8, 144, seed=731),
            classes(8, 4, seed=781),
            mean("cross_entropy", label_smoothing=0.0),
            {"optimizer": "adam", "learning_rate": 0.001},
            seed=831,
        )
    )
    return cases
