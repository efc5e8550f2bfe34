"""Each loss: its value and its derivative."""

import torch
from torch.nn import functional

from figures import classes, fresh, given, in_both, random, rounded, uniform


def loss_cases():
    logits = random(7, 5, seed=1, scale=2.0)
    values = random(7, 5, seed=2, scale=2.0)
    hard = classes(7, 5, seed=3)
    soft = rounded(torch.softmax(random(7, 5, seed=4), dim=1))
    weights = random(7, 5, seed=5)  # targets that are no probabilities
    probability = uniform(7, 5, seed=6)
    binary = torch.bernoulli(probability, generator=torch.Generator().manual_seed(7))
    wide = random(2, 300, seed=8, scale=3.0)
    wide_hard = classes(2, 300, seed=9)

    cases = []

    def add(name, loss, arguments, prediction, target):
        for reduction in ["mean", "sum"]:
            if reduction == "sum" and prediction is wide:
                continue  # It would only be long.

            def compute(dtype, reduction=reduction):
                x = fresh(prediction, dtype).requires_grad_()
                t = target if target.dtype == torch.int64 else target.to(dtype)
                value = loss(x, t, reduction)
                value.backward()
                return {"loss": value.detach(), "d_prediction": x.grad}

            full = f"{name}, {reduction}"
            cases.append(
                {
                    "name": full,
                    "loss": name.split(",")[0],
                    "reduction": reduction,
                    **arguments,
                    "prediction": given(prediction),
                    "target": given(target),
                    **in_both(full, compute),
                }
            )

    # Each sample's mean over the entries that count, then the mean over samples.
    mask = torch.bernoulli(uniform(7, 5, seed=10), generator=torch.Generator().manual_seed(11))
    mask[1], mask[3] = 1.0, rounded(mask[3] * uniform(1, 5, seed=12)[0])

    def masked(function):
        def loss(x, t, reduction):
            m = mask.to(x.dtype)
            each = m * function(x, t, reduction="none")
            if reduction == "sum":
                return each.sum()
            return (each.sum(dim=1) / m.sum(dim=1)).mean()

        return loss

    for name, function, target in [
        ("mse, masked", functional.mse_loss, values),
        ("mae, masked", functional.l1_loss, values),
        ("binary_cross_entropy, masked", functional.binary_cross_entropy_with_logits, binary),
    ]:
        add(name, masked(function), {"mask": given(mask)}, logits, target)
    add(
        "huber, masked",
        masked(lambda x, t, reduction: functional.huber_loss(x, t, reduction=reduction, delta=0.375)),
        {"delta": 0.375, "mask": given(mask)},
        logits,
        values,
    )
    simple = [("mse", functional.mse_loss), ("mae", functional.l1_loss)]
    for name, function in simple:
        add(name, lambda x, t, r, f=function: f(x, t, reduction=r), {}, logits, values)
    for delta in [1.0, 0.375]:
        add(
            f"huber, delta {delta}",
            lambda x, t, r, d=delta: functional.huber_loss(x, t, reduction=r, delta=d),
            {"delta": delta},
            logits,
            values,
        )
    for kind, target, prediction in [
        ("yes or no", binary, logits),
        ("probabilities", probability, logits),
        ("large logits", binary, rounded(10 * logits)),
    ]:
        add(
            f"binary_cross_entropy, {kind}",
            lambda x, t, r: functional.binary_cross_entropy_with_logits(x, t, reduction=r),
            {},
            prediction,
            target,
        )
    for smoothing in [0.0, 0.125]:
        for kind, target, prediction in [
            ("classes", hard, logits),
            ("large logits", hard, rounded(20 * logits)),
            ("300 classes", wide_hard, wide),
            ("probabilities", soft, logits),
            ("weights", weights, logits),
        ]:
            add(
                f"cross_entropy, {kind}, label smoothing {smoothing}",
                lambda x, t, r, s=smoothing: functional.cross_entropy(
                    x, t, reduction=r, label_smoothing=s
                ),
                {"label_smoothing": smoothing},
                prediction,
                target,
            )
    return cases
