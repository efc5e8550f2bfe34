"""PyTorch, eager: modules as its tutorials build them, Adam in its fused form."""

import torch
from torch import nn
from torch.nn import functional as F

import data
import serve
from works import BLOCKS, LEARNING_RATE, Infer, Product, Train, TrainResidual

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
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    assert len(linears) == len(layers)
    with torch.no_grad():
        for linear, (weight, bias) in zip(linears, layers):
            linear.weight.copy_(torch.from_numpy(weight))
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


def prepare(work):
    match work:
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
