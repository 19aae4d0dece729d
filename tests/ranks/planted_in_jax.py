"""Distributed training in JAX that is wrong in one way each: the suite's own functions with one piece replaced."""

from functools import partial
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import NamedSharding
from pytest_dualfw.suites.parallel.in_jax import data, one_device, pipeline, run, tensor

AXIS = run.AXIS


def summed_twice(rank, **options):
    """A sum by hand over gradients that JAX has summed already, since the parameters are the same everywhere."""
    with patch.object(data, "own_copy", lambda params: params):
        return data.in_shard_map(rank, **options)


def own_gradient_on_one_device(rank, **options):
    def summed(tree):
        return jax.tree.map(lambda g: jnp.where(lax.axis_index(AXIS) == 1, g, lax.psum(g, AXIS)), tree)

    unchecked = partial(jax.shard_map, check_vma=False)
    with patch.object(data, "summed", summed), patch.object(data.jax, "shard_map", unchecked):
        return data.in_shard_map(rank, **options)


def uneven_shards_weigh_the_same(rank, **options):
    def rows_of_all(m):
        return jnp.maximum(jnp.sum(m), 1) * lax.psum(1, AXIS)

    with patch.object(data, "rows_of_all", rows_of_all):
        return data.in_shard_map(rank, **options)


def the_same_shard(rank, **options):
    right = data.own_grads

    def own_grads(params, x, y, m):
        rows = [jnp.where(True, lax.all_gather(z, AXIS)[0], z) for z in (x, y, m)]
        return right(params, *rows)

    with patch.object(data, "own_grads", own_grads):
        return data.in_shard_map(rank, **options)


def another_start_on_one_device(rank, **options):
    right = run.put

    def put(rank, mesh, x, spec):
        made = right(rank, mesh, x, spec)
        if x.shape != (run.BATCH, run.BATCH) or spec != run.P() or not x.any():
            return made
        parts = [jax.device_put(np.asarray(s.data) + 1e-3 * s.device.id, s.device) for s in made.addressable_shards]
        return jax.make_array_from_single_device_arrays(made.shape, NamedSharding(mesh, spec), parts)

    with patch.object(run, "put", put):
        return data.in_shard_map(rank, **options)


def only_the_last_micro_batch_is_kept(rank, **options):
    right = lax.scan

    def scan(add, start, micro):
        return right(lambda total, batch: add(jax.tree.map(jnp.zeros_like, total), batch), start, micro)

    with patch.object(data, "lax", _Replaced(lax, scan=scan)):
        return data.accumulating(rank, **options)


def no_all_reduce_in_backward(rank, **options):
    """The gradient of x is that of the first device's part alone."""
    right = tensor.partial_logits

    def partial_logits(params, x):
        own = lax.pcast(x, AXIS, to="varying")
        first = lax.axis_index(AXIS) == 0
        return right(params, jnp.where(first, own, lax.stop_gradient(own)))

    with patch.object(tensor, "partial_logits", partial_logits):
        return tensor.tensor_parallel(rank, **options)


def bias_on_every_device(rank, **options):
    """The bias of the row-parallel layer, added before the sum."""

    def partial_logits(params, x):
        w1, b1, w2, b2 = params
        return lax.psum(jnp.tanh(x @ w1.T + b1) @ w2.T + b2, AXIS)

    with patch.object(tensor, "partial_logits", partial_logits):
        return tensor.tensor_parallel(rank, **options)


def gradients_of_the_other_stage(rank, **options):
    right = pipeline.differentiated

    def differentiated(loss):
        def grads(*args):
            value, (dw1, db1, dw2, db2), dx = right(loss)(*args)
            return value, (dw2, db2, dw1, db1), dx

        return grads

    with patch.object(pipeline, "differentiated", differentiated):
        return pipeline.permuted(rank, **options)


def one_micro_batch_is_lost(rank, **options):
    """The last stage looks a tick too early: at what came before the first micro-batch, and not at the last."""
    with patch.object(pipeline, "lax", _Replaced(lax, dynamic_slice_in_dim=lambda out, at, n: out[:n])):
        return pipeline.permuted(rank, **options)


def micro_batch_loss_not_divided(rank, **options):
    def accumulated(params, x, y, m):
        parts = [run.differentiated(_own_mean)(params, x[r], y[r], m[r]) for r in one_device.MICRO_BATCHES]
        loss, of_params = jax.tree.map(lambda *each: sum(each), *((loss, dp) for loss, dp, _ in parts))
        return loss / 3, of_params, jnp.concatenate([dx for _, _, dx in parts])

    with patch.object(one_device, "accumulated", accumulated):
        return one_device.micro_batches(rank, **options)


def nothing_is_computed_again(rank, **options):
    with patch.object(one_device.jax, "checkpoint", lambda f, policy: f):
        return one_device.checkpointed(rank, **options)


def _own_mean(params, x, y, m):
    return run.summed_loss(run.logits(params, x), y, m) / jnp.maximum(jnp.sum(m), 1)


class _Replaced:
    """A module with some names of ours."""

    def __init__(self, module, **names):
        self._module = module
        self.__dict__.update(names)

    def __getattr__(self, name):
        return getattr(self._module, name)
