"""PyTorch, eager: modules as its tutorials build them, Adam in its fused form."""

import torch
from torch import nn
from torch.nn import functional as F

import data
import serve
import works
from works import BLOCKS, LEARNING_RATE, STREAM, STREAM_CHECKED
from works import Infer, LeNet, Product, Train, TrainResidual

torch.set_num_threads(serve.THREADS)
torch.set_num_interop_threads(1)
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def chain(widths, activation):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 64), nn.BatchNorm1d(64)
        )

    def forward(self, x):
        return F.relu(x + self.branch(x))


def load(model, layers):
    linears = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    assert len(linears) == len(layers)
    with torch.no_grad():
        for linear, (weight, bias) in zip(linears, layers):
            linear.weight.copy_(torch.from_numpy(weight).reshape(linear.weight.shape))
            linear.bias.copy_(torch.from_numpy(bias))
        for m in model.modules():
            if isinstance(m, nn.BatchNorm1d):
                m.reset_parameters()


class Training:
    def __init__(self, model, layers, work):
        self.model, self.layers = model, layers
        x, y = data.training_set(work)
        self.x = torch.from_numpy(x).split(work.batch)
        self.y = torch.from_numpy(y).split(work.batch)
        self.criterion = F.cross_entropy if y.ndim == 1 else F.mse_loss

    def reset(self):
        load(self.model, self.layers)
        self.adam = torch.optim.Adam(self.model.parameters(), lr=LEARNING_RATE, fused=True)

    def step(self, batch):
        self.adam.zero_grad()
        loss = self.criterion(self.model(self.x[batch]), self.y[batch])
        loss.backward()
        self.adam.step()
        self.last = loss

    def wait(self):
        pass

    def loss(self):
        return self.last.item()


def infer(work):
    model = chain(work.widths, work.activation).eval()
    load(model, data.chain(work.stream, work.widths, work.activation))
    x = torch.from_numpy(data.inputs(work.stream, work.batch, work.widths[0]))

    @torch.inference_mode()
    def call():
        return model(x)

    return serve.Call(call, lambda: call().numpy())


def product(work):
    weight, x, d_y = map(torch.from_numpy, data.product(work.input, work.output, work.batch))
    a, b = {
        "forward": (x, weight),
        "input_gradient": (d_y, weight.T),
        "weight_gradient": (x.T, d_y),
    }[work.product]
    result = torch.empty(a.shape[0], b.shape[1])

    @torch.inference_mode()
    def call():
        torch.mm(a, b, out=result)

    def output():
        call()
        return result.numpy()

    return serve.Call(call, output)


class Lstm(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.cell = nn.LSTMCell(1, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x, state):
        state = self.cell(x, state)
        return self.head(state[0]), state


class Whole(nn.Module):
    """The same over a sequence."""

    def __init__(self, hidden):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x, state):
        y, state = self.lstm(x, state)
        return self.head(y), state


class Causal(nn.Module):
    def __init__(self, channels, kernel):
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, kernel)

    def forward(self, x, past):
        past = torch.cat((past[:, :, 1:], x), 2)
        return self.conv(past)[:, :, 0], past


def fill(parameters, values):
    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(torch.from_numpy(value))


class Stream:
    """Calls of `model(x, state)`, which returns an output and the next state."""

    def __init__(self, model, empty, frames):
        self.model, self.empty, self.frames = model.eval(), empty, frames
        self.state, self.at = empty, 0

    @torch.inference_mode()
    def __call__(self):
        y, self.state = self.model(self.frames[self.at], self.state)
        self.at = (self.at + 1) % len(self.frames)
        return y

    def output(self):
        self.state, self.at = self.empty, 0
        calls = min(STREAM_CHECKED, len(self.frames))
        y = torch.cat([self().reshape(-1) for _ in range(calls)]).numpy()
        return y[:STREAM_CHECKED] if len(self.frames) == 1 else y


def lstm(work):
    input, recurrent = data.cell(9, 1, work.hidden, 4)
    head = data.lstm_head(9, work.hidden)
    order = [input[0], recurrent[0], input[1], recurrent[1], *head]
    x = torch.from_numpy(data.inputs(9, STREAM, 1))
    if work.steps == 1:
        model = Lstm(work.hidden)
        empty = (torch.zeros(1, work.hidden), torch.zeros(1, work.hidden))
        frames = list(x.reshape(STREAM, 1, 1))
    else:
        model = Whole(work.hidden)
        empty = (torch.zeros(1, 1, work.hidden), torch.zeros(1, 1, work.hidden))
        frames = [x.reshape(STREAM, 1, 1)]
    fill(model.parameters(), order)
    return Stream(model, empty, frames)


def gru(work):
    input, recurrent = data.cell(10, work.width, work.width, 3)
    cell = nn.GRUCell(work.width, work.width)
    fill(cell.parameters(), [input[0], recurrent[0], input[1], recurrent[1]])

    class Step(nn.Module):
        def forward(self, x, state):
            state = cell(x, state)
            return state, state

    x = torch.from_numpy(data.inputs(10, STREAM, work.width))
    return Stream(Step(), torch.zeros(1, work.width), list(x.split(1)))


def conv1d(work):
    model = Causal(work.channels, work.kernel)
    fill(model.parameters(), data.conv1d(12, work.channels, work.kernel))
    x = torch.from_numpy(data.inputs(12, STREAM, work.channels)).reshape(STREAM, 1, work.channels, 1)
    return Stream(model, torch.zeros(1, work.channels, work.kernel), list(x))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


def prepare(work):
    match work:
        case works.Lstm() | works.Gru() | works.Conv1d():
            make = {works.Lstm: lstm, works.Gru: gru, works.Conv1d: conv1d}[type(work)]
            stream = make(work)
            return serve.Call(stream, stream.output)
        case LeNet():
            model, layers = lenet(), data.lenet(work.stream)
        case Infer():
            return infer(work)
        case Train():
            model = chain(work.widths, work.activation)
            layers = data.chain(work.stream, work.widths, work.activation)
        case TrainResidual():
            model = nn.Sequential(*(Block() for _ in range(BLOCKS)), nn.Linear(64, 10))
            layers = data.residual(work.stream)
        case Product():
            return product(work)
    return serve.Steps(Training(model.train(), layers, work), work.samples // work.batch)


if __name__ == "__main__":
    serve.serve(lambda: f"{torch.__version__}, {torch.backends.cpu.get_cpu_capability()}", prepare)
