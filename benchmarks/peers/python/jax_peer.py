"""JAX: one jitted function for a whole inference or training step, buffers donated."""

import functools
import os

THREADS = int(os.environ.get("BENCHMARK_THREADS", "1"))
if THREADS == 1:
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np

# Small programs then run at once instead of in another thread: several times faster here.
jax.config.update("jax_cpu_enable_async_dispatch", False)

import data
import serve
from works import BLOCKS, LEARNING_RATE, STREAM, STREAM_CHECKED
from works import Conv1d, Gru, Infer, LeNet, Lstm, Product, Train, TrainResidual

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}


def dense(layer, x):
    # The weight is kept as [input, output], which XLA's CPU products like best.
    weight, bias = layer
    return x @ weight + bias


def chain(activation):
    def forward(layers, x):
        for layer in layers[:-1]:
            x = ACTIVATIONS[activation](dense(layer, x))
        return dense(layers[-1], x)

    return forward


def batch_norm(x, scale, shift):
    """As in training; also returns what the running statistics take in."""
    mean = x.mean(axis=0)
    variance = ((x - mean) ** 2).mean(axis=0)
    y = (x - mean) * jax.lax.rsqrt(variance + 1e-5) * scale + shift
    return y, (mean, variance * (x.shape[0] / (x.shape[0] - 1)))


def residual(parameters, x):
    blocks, head = parameters
    statistics = []
    for first, norm1, second, norm2 in blocks:
        y, seen1 = batch_norm(dense(first, x), *norm1)
        y, seen2 = batch_norm(dense(second, jax.nn.relu(y)), *norm2)
        x = jax.nn.relu(x + y)
        statistics += [seen1, seen2]
    return dense(head, x), statistics


def cross_entropy(logits, target):
    log_p = jax.nn.log_softmax(logits)
    return -jnp.take_along_axis(log_p, target[:, None], axis=1).mean()


def mse(prediction, target):
    return ((prediction - target) ** 2).mean()


def adam(parameters, gradient, m, v, step):
    b1, b2 = 0.9, 0.999
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, gradient)
    v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, v, gradient)
    size = LEARNING_RATE / (1 - b1**step)
    correction = jax.lax.rsqrt(1 - b2**step)
    move = lambda p, m, v: p - size * m / (jnp.sqrt(v) * correction + 1e-8)
    return jax.tree.map(move, parameters, m, v), m, v


class Training:
    """`objective(parameters, x, y)` returns the loss and the batch's statistics."""

    def __init__(self, objective, parameters, running, work):
        self.initial = parameters, running
        x, y = data.training_set(work)
        pieces = np.arange(work.batch, work.samples, work.batch)
        self.x = [jnp.asarray(x) for x in np.split(x, pieces)]
        self.y = [jnp.asarray(y) for y in np.split(y, pieces)]

        @functools.partial(jax.jit, donate_argnums=0)
        def step(state, x, y):
            parameters, running, m, v, count = state
            (loss, seen), gradient = jax.value_and_grad(objective, has_aux=True)(parameters, x, y)
            count = count + 1
            parameters, m, v = adam(parameters, gradient, m, v, count)
            running = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, running, seen)
            return (parameters, running, m, v, count), loss

        self.jitted = step

    def reset(self):
        parameters, running = jax.tree.map(jnp.array, self.initial)
        zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
        self.state = (parameters, running, zeros(), zeros(), jnp.float32(0))

    def step(self, batch):
        self.state, self.last = self.jitted(self.state, self.x[batch], self.y[batch])

    def wait(self):
        jax.block_until_ready((self.state, self.last))

    def loss(self):
        return float(self.last)


def layers(numpy_layers):
    return [(jnp.asarray(w.T.copy()), jnp.asarray(b)) for w, b in numpy_layers]


def train_chain(work):
    forward = chain(work.activation)
    criterion = cross_entropy if work.loss == "cross_entropy" else mse
    parameters = layers(data.chain(work.stream, work.widths, work.activation))
    objective = lambda parameters, x, y: (criterion(forward(parameters, x), y), [])
    return Training(objective, parameters, [], work)


def train_residual(work):
    dense_layers = layers(data.residual(work.stream))
    norm = lambda: (jnp.ones(64), jnp.zeros(64))
    blocks = [(dense_layers[2 * i], norm(), dense_layers[2 * i + 1], norm()) for i in range(BLOCKS)]
    running = [(jnp.zeros(64), jnp.ones(64)) for _ in range(2 * BLOCKS)]

    def objective(parameters, x, y):
        logits, statistics = residual(parameters, x)
        return cross_entropy(logits, y), statistics

    return Training(objective, (blocks, dense_layers[-1]), running, work)


def call(function, *operands):
    function = jax.jit(function)
    return serve.Call(
        lambda: function(*operands).block_until_ready(), lambda: np.asarray(function(*operands))
    )


def infer(work):
    parameters = layers(data.chain(work.stream, work.widths, work.activation))
    x = jnp.asarray(data.inputs(work.stream, work.batch, work.widths[0]))
    return call(chain(work.activation), parameters, x)


def product(work):
    weight, x, d_y = map(jnp.asarray, data.product(work.input, work.output, work.batch))
    match work.product:
        case "forward":
            return call(lambda x, weight: x @ weight, x, weight)
        case "input_gradient":
            return call(lambda d_y, weight: d_y @ weight.T, d_y, weight)
        case "weight_gradient":
            return call(lambda x, d_y: x.T @ d_y, x, d_y)


def lstm_step(parameters, x, state):
    (wx, bx), (wh, bh), head = parameters
    h, c = state
    i, f, g, o = jnp.split(x @ wx + bx + h @ wh + bh, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return dense(head, h), (h, c)


def gru_step(parameters, x, h):
    (wx, bx), (wh, bh) = parameters
    r, z, n = jnp.split(x @ wx + bx, 3, axis=-1)
    hr, hz, hn = jnp.split(h @ wh + bh, 3, axis=-1)
    r, z = jax.nn.sigmoid(r + hr), jax.nn.sigmoid(z + hz)
    n = jnp.tanh(n + r * hn)
    h = (1 - z) * n + z * h
    return h, h


def conv1d_step(parameters, x, past):
    weight, bias = parameters
    past = jnp.concatenate((past[1:], x[None]))
    # Weight [step * channel, channel]: a convolution that yields one frame is a product.
    return past.reshape(-1) @ weight + bias, past


class Stream:
    """Calls of a jitted `step(parameters, x, state)`, whose state is donated."""

    def __init__(self, step, parameters, empty, frames):
        self.step, self.parameters = jax.jit(step, donate_argnums=2), parameters
        self.empty, self.frames = empty, frames
        self.start()

    def start(self):
        self.state, self.at = jax.tree.map(jnp.array, self.empty), 0

    def __call__(self):
        y, self.state = self.step(self.parameters, self.frames[self.at], self.state)
        self.at = (self.at + 1) % len(self.frames)
        return y.block_until_ready()

    def output(self):
        self.start()
        calls = min(STREAM_CHECKED, len(self.frames))
        y = np.concatenate([np.asarray(self()).ravel() for _ in range(calls)])
        return y[:STREAM_CHECKED] if len(self.frames) == 1 else y


def stream(work):
    match work:
        case Lstm():
            parameters = layers([*data.cell(9, 1, work.hidden, 4), data.lstm_head(9, work.hidden)])
            empty = (jnp.zeros(work.hidden), jnp.zeros(work.hidden))
            x = jnp.asarray(data.inputs(9, STREAM, 1))
            if work.steps == 1:
                return Stream(lstm_step, parameters, empty, list(x))

            def whole(parameters, x, state):
                def scanned(state, x):
                    y, state = lstm_step(parameters, x, state)
                    return state, y

                state, y = jax.lax.scan(scanned, state, x)
                return y, state

            return Stream(whole, parameters, empty, [x])
        case Gru():
            parameters = layers(data.cell(10, work.width, work.width, 3))
            x = jnp.asarray(data.inputs(10, STREAM, work.width))
            return Stream(gru_step, parameters, jnp.zeros(work.width), list(x))
        case Conv1d():
            weight, bias = data.conv1d(12, work.channels, work.kernel)
            weight = weight.transpose(2, 1, 0).reshape(-1, work.channels)
            x = jnp.asarray(data.inputs(12, STREAM, work.channels))
            empty = jnp.zeros((work.kernel, work.channels))
            return Stream(conv1d_step, (jnp.asarray(weight), jnp.asarray(bias)), empty, list(x))


def max_pool(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def lenet(parameters, x):
    conv1, conv2, *denses = parameters
    for (weight, bias), padding in ((conv1, "SAME"), (conv2, "VALID")):
        x = jax.lax.conv(x, weight, (1, 1), padding) + bias[:, None, None]
        x = max_pool(jax.nn.relu(x))
    return chain("relu")(denses, x.reshape(x.shape[0], -1))


def train_lenet(work):
    (w1, b1), (w2, b2), *denses = data.lenet(work.stream)
    convolutions = [(w1.reshape(6, 1, 5, 5), b1), (w2.reshape(16, 6, 5, 5), b2)]
    parameters = [(jnp.asarray(w), jnp.asarray(b)) for w, b in convolutions] + layers(denses)
    objective = lambda parameters, x, y: (cross_entropy(lenet(parameters, x), y), [])
    return Training(objective, parameters, [], work)


def prepare(work):
    match work:
        case Lstm() | Gru() | Conv1d():
            streaming = stream(work)
            return serve.Call(streaming, streaming.output)
        case LeNet():
            return serve.Steps(train_lenet(work), work.samples // work.batch)
        case Infer():
            return infer(work)
        case Train():
            return serve.Steps(train_chain(work), work.samples // work.batch)
        case TrainResidual():
            return serve.Steps(train_residual(work), work.samples // work.batch)
        case Product():
            return product(work)


if __name__ == "__main__":
    serve.serve(lambda: jax.__version__, prepare)
