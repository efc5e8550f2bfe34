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

import data
import serve
from works import BLOCKS, LEARNING_RATE, Infer, Product, Train, TrainResidual

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


def prepare(work):
    match work:
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
