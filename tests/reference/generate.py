"""Writes the figures that the tests compare with: what PyTorch computes.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python tests/reference/generate.py          # writes the .json files beside it

Nothing here is needed to build or test: the figures are committed. `README.md` beside this file
describes them. Every number that goes in (inputs, targets, initial parameters, given gradients) is
exactly representable in float32, so that float32 and float64 start from the same numbers.
Each case is computed in both, and refused if the two differ by more than float32's rounding explains:
then the case itself is badly conditioned, and would test nothing.
"""

import torch

from activations import activation_cases
from figures import write
from images import image_cases
from losses import loss_cases
from networks import layer_cases, network_cases
from recurrent import recurrent_cases
from updates import clipping_cases, optimizer_cases, schedule_cases

torch.use_deterministic_algorithms(True)
torch.set_num_threads(1)

write("losses.json", loss_cases())
write("optimizers.json", optimizer_cases())
write("schedules.json", schedule_cases())
write("clipping.json", clipping_cases())
write("activations.json", activation_cases())
write("layers.json", layer_cases())
write("networks.json", network_cases())
write("images.json", image_cases())
write("recurrent.json", recurrent_cases())
