"""Distributed training in torch that is wrong in one way each: the suite's own functions with one piece replaced."""

from functools import partial
from unittest.mock import patch

import torch
import torch.distributed as dist
import torch.nn.functional as F
from pytest_dualfw.suites.parallel.in_torch import data, one_device, pipeline, tensor


def hooked(hook):
    """The suite's model, with another way to bring gradients together."""

    def make(rank):
        model = data.DistributedDataParallel(data.network(rank.fw))
        model.register_comm_hook(rank, hook)
        return model

    return make


def _sum(rank, bucket):
    return dist.all_reduce(bucket.buffer(), async_op=True).get_future().then(lambda done: done.value()[0])


def _own_on_rank_1(rank, bucket):
    own = bucket.buffer().clone()

    def chosen(done):
        return own if rank.index == 1 else done.value()[0] / rank.count

    return dist.all_reduce(bucket.buffer(), async_op=True).get_future().then(chosen)


def summed_not_averaged(rank, **options):
    with patch.object(data, "replicated", hooked(_sum)):
        return data.data_parallel(rank, **options)


def own_gradient_on_one_rank(rank, **options):
    with patch.object(data, "replicated", hooked(_own_on_rank_1)):
        return data.data_parallel(rank, **options)


def uneven_shards_weigh_the_same(rank, **options):
    def shares(loss, rows, rank):
        return loss / max(rows // rank.count + (rank.index < rows % rank.count), 1)

    with patch.object(data, "shares", shares):
        return data.data_parallel(rank, **options)


def the_same_shard(rank, **options):
    """The loss is that of the first shard, twice; where a shard weighs less, it is no mean at all."""
    first = data.part
    with patch.object(data, "part", lambda x, index, count: first(x, 0, count)):
        return data.data_parallel(rank, **options)


def another_start_on_one_rank(rank, **options):
    """After DistributedDataParallel has made them the same."""
    right = data.replicated

    def replicated(rank):
        model = right(rank)
        with torch.no_grad():
            next(model.parameters()).add_(1e-3 * rank.index)
        return model

    with patch.object(data, "replicated", replicated):
        return data.data_parallel(rank, **options)


def only_the_last_micro_batch_is_kept(rank, **options):
    """Gradients are set to zero between micro-batches."""
    right = data.shares

    def shares(loss, rows, rank):
        model = current["model"]
        model.zero_grad(set_to_none=False)
        return right(loss, rows, rank)

    current = {}
    make = data.replicated

    def replicated(rank):
        current["model"] = make(rank)
        return current["model"]

    with patch.object(data, "shares", shares), patch.object(data, "replicated", replicated):
        return data.accumulating(rank, **options)


def joined_ranks_count_in_the_average(rank, **options):
    make = data.replicated

    def replicated(rank):
        model = make(rank)
        join = model.join
        model.join = lambda **_: join(divide_by_initial_world_size=True)
        return model

    with patch.object(data, "replicated", replicated):
        return data.joining(rank, **options)


def no_all_reduce_in_backward(rank, **options):
    with patch.object(tensor, "copied", lambda x: x):
        return tensor.tensor_parallel(rank, **options)


def one_all_reduce_too_many(rank, **options):
    right = tensor.reduced

    def reduced(x):
        dist.all_reduce(x.detach().clone())
        return right(x)

    with patch.object(tensor, "reduced", reduced):
        return tensor.tensor_parallel(rank, **options)


def bias_on_every_rank(rank, **options):
    """A bias of the row-parallel layer, added before the sum; not the same for all classes, which softmax forgets."""
    right = tensor.reduced
    with patch.object(tensor, "reduced", lambda x: right(x + 0.01 * torch.arange(x.shape[1]))):
        return tensor.tensor_parallel(rank, **options)


def gradients_in_the_order_of_activations(rank, **options):
    """They come back in reverse."""

    def first_stage(stage, x):
        sent = [stage(xs) for xs in x.tensor_split(pipeline.MICRO_BATCHES)]
        for h in sent:
            dist.send(h.detach(), dst=1)
        for h in sent:
            g = torch.empty_like(h)
            dist.recv(g, src=1)
            h.backward(g)

    with patch.object(pipeline, "first_stage", first_stage):
        return pipeline.pipelined(rank, **options)


def scheduled_loss_is_a_sum(rank, **options):
    """The schedule divides by micro-batches, and the rows of each want a mean too."""
    with patch.object(pipeline.F, "cross_entropy", partial(F.cross_entropy, reduction="sum")):
        return pipeline.scheduled(rank, **options)


def micro_batch_loss_not_divided(rank, **options):
    def accumulated(net, x, y):
        total = x.new_zeros(())
        for xs, ys in zip(x.tensor_split(3), y.tensor_split(3), strict=True):
            loss = F.cross_entropy(net(xs), ys)
            loss.backward()
            total += loss.detach() / 3
        return total

    with patch.object(one_device, "accumulated", accumulated):
        return one_device.micro_batches(rank, **options)


def nothing_is_computed_again(rank, **options):
    with patch.object(one_device, "checkpoint", lambda f, x, use_reentrant: f(x)):
        return one_device.checkpointed(rank, **options)


def other_numbers_when_computed_again(rank, **options):
    """What is computed again is not what was computed first."""
    calls = []

    def noisy(f, x, use_reentrant):
        def g(x):
            calls.append(None)
            return f(x + 1e-9 * (len(calls) % 2))

        return one_device_checkpoint(g, x, use_reentrant=use_reentrant)

    one_device_checkpoint = one_device.checkpoint
    with patch.object(one_device, "checkpoint", noisy):
        return one_device.checkpointed(rank, **options)
