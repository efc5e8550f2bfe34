"""Weights, inputs and targets: the formulas of `harness/src/data.rs`, bit for bit."""

import numpy as np

from works import BLOCKS, SEED, LeNet

f32 = np.float32
MASK = (1 << 64) - 1


def mix_one(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(stream, part, length):
    key = np.uint64(mix_one((SEED + (stream << 32) + part) & MASK))
    index = np.arange(1, length + 1, dtype=np.uint64)
    bits = mix(key + index * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return bits.astype(f32) * f32(2.0**-23) - f32(1)


INPUT, NOISE, PROTOTYPE, WEIGHT, BIAS = 1, 2, 3, 256, 512


def dense(stream, layer, input, output, gain_squared):
    """Weight `[output, input]` and bias."""
    bound = f32(np.sqrt(3.0 * gain_squared / input))
    weight = uniform(stream, WEIGHT + layer, input * output) * bound
    return weight.reshape(output, input), uniform(stream, BIAS + layer, output) * f32(0.1)


def chain(stream, widths, activation):
    gain_squared = 2.0 if activation == "relu" else 1.0
    pairs = zip(widths, widths[1:])
    return [dense(stream, i, a, b, gain_squared) for i, (a, b) in enumerate(pairs)]


def residual(stream):
    layers = 2 * BLOCKS + 1
    return [dense(stream, i, 64, 10 if i + 1 == layers else 64, 2.0) for i in range(layers)]


def cell(stream, input, hidden, gates):
    rows = gates * hidden
    return [dense(stream, 0, input, rows, 1.0), dense(stream, 1, hidden, rows, 1.0)]


def lstm_head(stream, hidden):
    return dense(stream, 2, hidden, 1, 1.0)


def lenet(stream):
    sizes = [(25, 6), (6 * 25, 16), (400, 120), (120, 84), (84, 10)]
    return [dense(stream, i, a, b, 2.0) for i, (a, b) in enumerate(sizes)]


def conv1d(stream, channels, kernel):
    """Weight `[channels, channels, kernel]` and bias."""
    weight, bias = dense(stream, 0, channels * kernel, channels, 1.0)
    return weight.reshape(channels, channels, kernel), bias


def inputs(stream, samples, features):
    return uniform(stream, INPUT, samples * features).reshape(samples, features)


def product(input, output, batch):
    """Weight `[input, output]`, inputs `[batch, input]`, output gradients `[batch, output]`."""
    stream = 8 + ((input * 1024 + output) << 8)
    return (
        uniform(stream, 1, input * output).reshape(input, output),
        uniform(stream, 2, input * batch).reshape(batch, input),
        uniform(stream, 3, output * batch).reshape(batch, output),
    )


def classes(stream, samples, features):
    prototype = uniform(stream, PROTOTYPE, 10 * features).reshape(10, features)
    x = uniform(stream, NOISE, samples * features).reshape(samples, features)
    target = np.arange(samples) % 10
    return x + f32(0.25) * prototype[target], target


def functions(stream, samples):
    x = inputs(stream, samples, 8)
    c = [x[:, i] for i in range(8)]
    y = [c[0] * c[1] + c[2], c[3] * c[3] - c[4], c[5] * c[6] * c[7], f32(0.5) * c[0] - c[7] * c[7]]
    return x, np.stack(y, axis=1)


def matrix_exponentials(stream, samples):
    u = uniform(stream, INPUT, samples * 12).reshape(samples, 4, 3)
    x = u[..., 0] + u[..., 1] + u[..., 2]
    p, q, r, s = (x[:, i].astype(np.float64) for i in range(4))
    one, zero = np.ones(samples), np.zeros(samples)
    term, total = [one, zero, zero, one], [one, zero, zero, one]
    for n in range(1, 24):
        a, b, c, d = term
        term = [(a * p + b * r) / n, (a * q + b * s) / n, (c * p + d * r) / n, (c * q + d * s) / n]
        total = [t + u for t, u in zip(total, term)]
    return x, np.stack(total, axis=1).astype(f32)


def training_set(work):
    if isinstance(work, LeNet):
        x, y = classes(work.stream, work.samples, 784)
        return x.reshape(-1, 1, 28, 28), y
    if work.stream == 7:
        return matrix_exponentials(7, work.samples)
    if work.stream == 5:
        return classes(5, work.samples, 64)
    if work.loss == "cross_entropy":
        return classes(work.stream, work.samples, work.widths[0])
    return functions(work.stream, work.samples)
