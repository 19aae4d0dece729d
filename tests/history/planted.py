"""Timelines with steps that were planted: what a judge must find, and what not."""

from dataclasses import replace

import numpy as np

from pytest_dualfw.history.model import COMPILE, EAGER, JIT, MEMORY, RATIO, Bench, Run, Series, Timeline

NIGHTS = 60


def runs(nights=NIGHTS, torch=lambda i: "2.12", commit=lambda i: "c0ffee0"):
    return [Run(f"run {i}", f"2026-01-01T{i:06d}", commit(i), {"torch": torch(i)}) for i in range(nights)]


def stepped(nights, at, factor):
    return np.where(np.arange(nights) >= at, factor, 1.0)


def series(name, rng, nights=NIGHTS, sigma=0.02, paired=0.005, **planted):
    """What a night does to one side it does to the other; the ratio knows only ``paired``. ``planted`` are factors of
    jit, eager, compile and memory, one for each night.
    """
    one = np.ones(nights)
    jit, eager = planted.get(JIT, one), planted.get(EAGER, one)
    shared = np.exp(sigma * rng.normal(size=nights))
    values = {
        JIT: 1e-3 * jit * shared,
        EAGER: 2e-3 * eager * shared * np.exp(paired * rng.normal(size=nights)),
        RATIO: 2 * eager / jit * np.exp(paired * rng.normal(size=nights)),
        COMPILE: np.round(0.8 * planted.get(COMPILE, one) * np.exp(0.03 * rng.normal(size=nights)), 1),
        MEMORY: 4096.0 * planted.get(MEMORY, one),
    }
    bounds = values[RATIO] * 0.99, values[RATIO] * 1.01, np.full(nights, 50.0)
    return Series(Bench(name, name), values, *bounds, ["ok"] * nights, [""] * nights, np.zeros(nights, dtype=np.int64))


def timeline(many, nights=NIGHTS, **kinds):
    return Timeline("7aaf4e3c4fc0", "main", {"cores": 2}, runs(nights, **kinds), list(many))


def cut(one, nights):
    """A series as it was after its first nights."""
    values = {quantity: v[:nights] for quantity, v in one.values.items()}
    return replace(one, values=values, status=one.status[:nights])
