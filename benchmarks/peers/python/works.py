"""The work: which networks, which batches, which products. `harness/src/works.rs` says the same."""

from dataclasses import dataclass

SEED = 20_260_101
LEARNING_RATE = 1e-3
BLOCKS = 16
CHECKPOINTS = (1, 10, 50, 200)
SAMPLES = 512
PRODUCT_BATCH = 64
STREAM = 2048
STREAM_CHECKED = 64


@dataclass(frozen=True)
class Infer:
    stream: int
    widths: tuple
    activation: str
    batch: int


@dataclass(frozen=True)
class Train:
    stream: int
    widths: tuple
    activation: str
    loss: str
    batch: int
    samples: int


@dataclass(frozen=True)
class TrainResidual:
    stream: int
    batch: int
    samples: int


@dataclass(frozen=True)
class Product:
    """One of the products of a dense layer; see `harness/src/works.rs`."""

    product: str
    input: int
    output: int
    batch: int


@dataclass(frozen=True)
class Lstm:
    stream: int
    hidden: int
    steps: int


@dataclass(frozen=True)
class Gru:
    stream: int
    width: int


@dataclass(frozen=True)
class LeNet:
    stream: int
    batch: int
    samples: int


@dataclass(frozen=True)
class Conv1d:
    stream: int
    channels: int
    kernel: int


SMALL = (8, 64, 64, 4)
MIDDLE = (64, 128, 128, 10)
WORKS = {
    "1": Infer(1, SMALL, "tanh", 1),
    "2": Infer(1, SMALL, "tanh", 64),
    "3a": Infer(3, MIDDLE, "relu", 1),
    "3b": Infer(3, MIDDLE, "relu", 256),
    "4": Train(4, (784, 128, 64, 10), "relu", "cross_entropy", 64, SAMPLES),
    "5": TrainResidual(5, 64, SAMPLES),
    "6": Train(6, SMALL, "tanh", "mse", 64, SAMPLES),
    "7": Train(7, (4, 32, 16, 4), "tanh", "mse", 10_000, 10_000),
    "9a": Lstm(9, 20, 1),
    "9b": Lstm(9, 20, STREAM),
    "10a": Gru(10, 8),
    "10b": Gru(10, 16),
    "10c": Gru(10, 32),
    "10d": Gru(10, 64),
    "11": LeNet(11, 64, SAMPLES),
    "12a": Conv1d(12, 4, 3),
    "12b": Conv1d(12, 8, 7),
    "12c": Conv1d(12, 16, 15),
    "12d": Conv1d(12, 32, 31),
}


def parse(name):
    if name in WORKS:
        return WORKS[name]
    _, product, size = name.split(":")
    input, output = map(int, size.split("x"))
    return Product(product, input, output, PRODUCT_BATCH)
