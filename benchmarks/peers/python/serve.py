"""The clock and the protocol: see `harness/src/serve.rs`, which this follows step by step."""

import os
import sys
import time

import numpy as np

import works

THREADS = int(os.environ.get("BENCHMARK_THREADS", "1"))
SAMPLE = 500_000  # nanoseconds
now = time.perf_counter_ns


class Skip(Exception):
    """Why a work is not done."""


class Call:
    """A function without arguments that leaves an output, which is compared."""

    def __init__(self, call, output):
        self.call, self.output = call, output

    def start(self):
        pass

    def run(self, times):
        call = self.call
        for _ in range(times):
            call()

    def check(self):
        output = np.asarray(self.output(), dtype=np.float64).ravel()
        weight = 1.0 + np.arange(output.size) % 7
        return [(output * weight).mean(), np.abs(output).mean(), output[0], output[-1]]


class Steps:
    """Training: `training` has `reset()`, `step(batch)`, `wait()` and `loss()`."""

    def __init__(self, training, batches):
        self.training, self.batches, self.done = training, batches, 0

    def start(self):
        self.training.reset()
        self.done = 0

    def run(self, times):
        step, batches, done = self.training.step, self.batches, self.done
        for i in range(done, done + times):
            step(i % batches)
        self.training.wait()
        self.done = done + times

    def check(self):
        self.start()
        losses = []
        for checkpoint in works.CHECKPOINTS:
            self.run(checkpoint - self.done)
            losses.append(self.training.loss())
        return losses


class Prepared:
    def __init__(self, measured):
        self.measured = measured
        self.check = measured.check()
        measured.start()
        self.times = 1
        while True:
            start = now()
            measured.run(self.times)
            if now() - start >= SAMPLE:
                break
            self.times *= 2

    def round(self, milliseconds):
        budget = milliseconds * 1_000_000
        self.measured.start()
        begin = now()
        while now() - begin < budget // 8:
            self.measured.run(1)
        samples = []
        begin = now()
        while len(samples) < 3 or now() - begin < budget:
            start = now()
            self.measured.run(self.times)
            samples.append((now() - start) / self.times)
        samples.sort()
        return samples[len(samples) // 2], samples[0], len(samples)


def serve(describe, prepare):
    out = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr
    prepared = None
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition(" ")
        try:
            if verb == "describe":
                reply = f"describe {describe()}"
            elif verb == "prepare":
                prepared = None
                prepared = Prepared(prepare(works.parse(rest)))
                reply = "ready " + " ".join(repr(float(c)) for c in prepared.check)
            elif verb == "round":
                reply = "times {} {} {}".format(*prepared.round(int(rest)))
            else:
                reply = f"error unknown request `{verb}`"
        except Skip as skip:
            reply = f"skip {skip}"
        except Exception as error:  # The run goes on with the next work.
            reply = "error " + f"{type(error).__name__}: {error}".replace("\n", " ")
        print("@", reply, file=out, flush=True)
