"""Right functions, trained by an optimiser that is not torch's."""

import optax
import torch

from ..table import Slip
from .perceptron import PERCEPTRON

EPS = 1e-2  # so large that where it stands shows at once


def pair(make, **slip):
    """torch's optimiser beside optax's, with a slip."""
    torchs, optaxs = make(**slip)
    return {"optimisers": {"torch": torchs, "jax": optaxs}, "steps": 4}


def sgd(nesterov=True, decoupled=False):
    def in_torch(params):
        return torch.optim.SGD(params, 0.05, momentum=0.9, nesterov=True, weight_decay=0.1)

    decay, rate = optax.add_decayed_weights(0.1), optax.sgd(0.05, momentum=0.9, nesterov=nesterov)
    plain = optax.chain(optax.trace(0.9, nesterov=nesterov), decay, optax.scale_by_learning_rate(0.05))
    return in_torch, plain if decoupled else optax.chain(decay, rate)


def adam(inside=False, decay="L2", start=0):
    """With a rate that halves after each step."""

    def in_torch(params):
        optimiser = torch.optim.Adam(params, 0.1, eps=EPS, weight_decay=0.1)
        return optimiser, torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.5)

    moments = optax.scale_by_adam(eps=0.0 if inside else EPS, eps_root=EPS if inside else 0.0)
    rate = optax.scale_by_learning_rate(lambda count: 0.1 * 0.5 ** (count + start))
    added = optax.add_decayed_weights(0.1)
    return in_torch, optax.chain(*((added, moments) if decay == "L2" else (moments, added)), rate)


def uncorrected():
    def init(params):
        zero = {n: 0 * p for n, p in params.items()}
        return zero, zero

    def update(g, state, params=None):
        m = {n: 0.9 * state[0][n] + 0.1 * x for n, x in g.items()}
        v = {n: 0.999 * state[1][n] + 0.001 * x * x for n, x in g.items()}
        return {n: -0.1 * m[n] / (v[n] ** 0.5 + EPS) for n in g}, (m, v)

    return lambda params: torch.optim.Adam(params, 0.1, eps=EPS), optax.GradientTransformation(init, update)


def rmsprop(inside=False):
    def in_torch(params):
        return torch.optim.RMSprop(params, 0.01, alpha=0.99, eps=EPS)

    return in_torch, optax.rmsprop(0.01, decay=0.99, eps=EPS, eps_in_sqrt=inside)


def row(name, options, cause):
    return Slip(name, PERCEPTRON, {}, "", cause, options)


SLIPS = (
    row("Nesterov left out", pair(sgd, nesterov=False), "Nesterov's momentum left out"),
    row("decoupled weight decay in SGD", pair(sgd, decoupled=True), "decoupled weight decay instead of L2"),
    row("epsilon inside Adam's root", pair(adam, inside=True), "epsilon inside the root"),
    row("decoupled weight decay in Adam", pair(adam, decay="decoupled"), "decoupled weight decay instead of L2"),
    row("schedule one step early", pair(adam, start=1), "one step early"),
    row("no correction for bias", pair(uncorrected), "no correction for bias"),
    row("epsilon inside RMSprop's root", pair(rmsprop, inside=True), "epsilon inside the root"),
)

TWINS = (row("SGD", pair(sgd), ""), row("Adam", pair(adam), ""), row("RMSprop", pair(rmsprop), ""))
