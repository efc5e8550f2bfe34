"""Recurrent layers, alone and in networks over sequences.

A batch of sequences is written flat, `[samples, steps * features]`, step after step.
"""

import torch
from torch import nn

from figures import random
from networks import mean, training_case


def steps_of(x, features):
    return x.unflatten(1, (-1, features))


def alone(kind, input_size, hidden_size, **more):
    """A recurrent layer from flat sequences to flat sequences of hidden states."""

    class Alone(kind):
        def forward(self, x):
            return super().forward(steps_of(x, self.input_size))[0].flatten(1)

    return lambda: Alone(input_size, hidden_size, batch_first=True, **more)


class Sequences(nn.Module):
    """Two recurrent layers with a dense layer at every step between them, then one step."""

    def __init__(self):
        super().__init__()
        self.first = nn.GRU(2, 4, batch_first=True)
        self.between = nn.Linear(4, 3)
        self.second = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        x = self.first(steps_of(x, 2))[0]
        x = torch.tanh(self.between(x))
        x = self.second(x)[0]
        return self.head(x.mean(dim=1))


class Padded(nn.Module):
    """Sequences of several lengths, packed: the last step of each."""

    def __init__(self, lengths):
        super().__init__()
        self.lengths = lengths
        self.cell = nn.LSTM(2, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(
            steps_of(x, 2), self.lengths, batch_first=True, enforce_sorted=False
        )
        _, (hidden, _) = self.cell(packed)
        return self.head(hidden[-1])


class BothWays(nn.Module):
    """Two bidirectional layers over packed sequences, and the mean over each one's own steps."""

    def __init__(self, lengths):
        super().__init__()
        self.lengths = lengths
        self.first = nn.GRU(2, 3, batch_first=True, bidirectional=True)
        self.second = nn.LSTM(6, 3, batch_first=True, bidirectional=True)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        x = nn.utils.rnn.pack_padded_sequence(
            steps_of(x, 2), self.lengths, batch_first=True, enforce_sorted=False
        )
        x = self.second(self.first(x)[0])[0]
        x, _ = nn.utils.rnn.pad_packed_sequence(x, batch_first=True)
        return self.head(x.sum(dim=1) / self.lengths[:, None].to(x.dtype))


class BothWaysAtEveryStep(nn.Module):
    """A bidirectional layer over packed sequences, with zeros after each one's own steps."""

    def __init__(self, lengths):
        super().__init__()
        self.lengths = lengths
        self.cell = nn.RNN(2, 3, batch_first=True, bidirectional=True)

    def forward(self, x):
        x = nn.utils.rnn.pack_padded_sequence(
            steps_of(x, 2), self.lengths, batch_first=True, enforce_sorted=False
        )
        x, _ = nn.utils.rnn.pad_packed_sequence(self.cell(x)[0], batch_first=True)
        return x.flatten(1)


class PaddedConvolutions(nn.Module):
    """Convolutions that see both sides, over each sequence alone, at its own length."""

    def __init__(self, lengths):
        super().__init__()
        self.lengths = lengths.tolist()
        self.first = nn.Conv1d(2, 4, 3, padding=1)
        self.second = nn.Conv1d(4, 3, 3, padding=1)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        means = []
        for sample, length in zip(steps_of(x, 2), self.lengths):
            own = sample[:length].T[None]
            own = self.second(torch.tanh(self.first(own)))[0]
            means.append(own.mean(dim=1))
        return self.head(torch.stack(means))


class Last(nn.Module):
    """The last step of all."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRU(3, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.cell(steps_of(x, 3))[0][:, -1])


class Highway(nn.Module):
    """A gate multiplies what a dense layer says."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 4)
        self.value = nn.Linear(4, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        gate = torch.sigmoid(self.gate(x))
        value = torch.tanh(self.value(gate))
        return self.head(value * gate * x)


def recurrent_cases():
    rows = [
        ("rnn", "rnn(4)", alone(nn.RNN, 3, 4), 3, 4),
        ("rnn, relu", "rnn(4, activation = relu)", alone(nn.RNN, 3, 4, nonlinearity="relu"), 3, 4),
        ("gru", "gru(4)", alone(nn.GRU, 3, 4), 3, 4),
        ("gru without bias", "gru(5, bias = false)", alone(nn.GRU, 2, 5, bias=False), 2, 5),
        ("gru, wide", "gru(17)", alone(nn.GRU, 1, 17), 1, 17),
        ("lstm", "lstm(4)", alone(nn.LSTM, 3, 4), 3, 4),
        ("lstm without bias", "lstm(5, bias = false)", alone(nn.LSTM, 2, 5, bias=False), 2, 5),
        ("lstm, wide", "lstm(17)", alone(nn.LSTM, 1, 17), 1, 17),
        ("rnn, bidirectional", "rnn(3, bidirectional = true)", alone(nn.RNN, 2, 3, bidirectional=True), 2, 6),
        ("gru, bidirectional", "gru(3, bidirectional = true)", alone(nn.GRU, 2, 3, bidirectional=True), 2, 6),
        ("lstm, bidirectional", "lstm(3, bidirectional = true)", alone(nn.LSTM, 2, 3, bidirectional=True), 2, 6),
    ]
    steps = 5
    cases = [
        training_case(
            name,
            declaration,
            build,
            random(4, steps * inputs, seed=1100 + index),
            random(4, steps * outputs, seed=1200 + index),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.5},
            seed=1320 + index,
        )
        for index, (name, declaration, build, inputs, outputs) in enumerate(rows)
    ]
    padded = random(5, 6 * 2, seed=1402)
    lengths = [6, 1, 4, 3, 5]
    for sample, length in enumerate(lengths):
        padded[sample, 2 * length :] = 0
    cases += [
        training_case(
            "sequences",
            "Sequences([2; 5]) -> 2 { first: gru(4); between: dense(3) -> tanh;"
            " second: lstm(4, bidirectional = true) -> mean_over_steps; head: dense(2); }",
            Sequences,
            random(6, 5 * 2, seed=1401),
            random(6, 2, seed=1501),
            mean("mse"),
            {"optimizer": "adam", "learning_rate": 0.01},
            seed=1601,
        ),
        training_case(
            "padded",
            "Padded([2; 6]) -> 2 { cell: lstm(4) -> last(padding = input); head: dense(2); }",
            lambda: Padded(torch.tensor(lengths)),
            padded,
            random(5, 2, seed=1502),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=1602,
        ),
        training_case(
            "padded, bidirectional",
            "BothWays([2; 6]) -> 2 { first: gru(3, bidirectional = true, padding = input);"
            " second: lstm(3, bidirectional = true, padding = input) -> mean_over_steps(padding = input);"
            " head: dense(2); }",
            lambda: BothWays(torch.tensor(lengths)),
            padded,
            random(5, 2, seed=1504),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=1604,
        ),
        training_case(
            "padded, bidirectional at every step",
            "BothWays([2; 6]) -> [6; 6] { rnn(3, bidirectional = true, padding = input); }",
            lambda: BothWaysAtEveryStep(torch.tensor(lengths)),
            padded,
            random(5, 36, seed=1505),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=1605,
        ),
        training_case(
            "padded convolutions",
            "Padded([2; 6]) -> 2 { first: mask(input) -> conv1d(4, kernel = 3, padding = 1) -> tanh -> mask(input);"
            " second: conv1d(3, kernel = 3, padding = 1) -> mean_over_steps(padding = input);"
            " head: dense(2); }",
            lambda: PaddedConvolutions(torch.tensor(lengths)),
            padded,
            random(5, 2, seed=1506),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=1606,
        ),
        training_case(
            "last",
            "Last([3; 5]) -> 2 { cell: gru(4) -> last; head: dense(2); }",
            Last,
            random(4, 15, seed=1407),
            random(4, 2, seed=1507),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=1607,
        ),
        training_case(
            "highway",
            "Highway(4) -> 2 { gate: dense(4) -> sigmoid;"
            " value: dense(4) -> tanh -> multiply(gate, input); head: dense(2); }",
            Highway,
            random(7, 4, seed=1403),
            random(7, 2, seed=1503),
            mean("mse"),
            {"optimizer": "sgd", "learning_rate": 0.1},
            seed=1603,
        ),
    ]
    return cases
