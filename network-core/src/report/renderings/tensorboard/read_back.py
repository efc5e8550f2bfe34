"""Reads an event file with the tensorboard package and writes what it holds as JSON.

Made `read_back.json`, to which a test compares what it writes:

    pip install tensorboard==2.21.0
    WRITE_EVENTS=events.out.tfevents.test \\
        cargo test -p network-core --lib tensorboard_package
    python read_back.py events.out.tfevents.test > read_back.json
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

# All of them, not a sample.
accumulator = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
accumulator.Reload()
tags = accumulator.Tags()
scalars = {
    tag: [[event.step, event.value] for event in accumulator.Scalars(tag)] for tag in tags["scalars"]
}
histograms = {
    tag: [
        [
            event.step,
            event.histogram_value.num,
            event.histogram_value.sum,
            list(event.histogram_value.bucket_limit),
            list(event.histogram_value.bucket),
        ]
        for event in accumulator.Histograms(tag)
    ]
    for tag in tags["histograms"]
}
json.dump({"scalars": scalars, "histograms": histograms}, sys.stdout)
print()
