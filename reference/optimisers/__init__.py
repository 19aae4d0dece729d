"""Optimisers as pure steps on one parameter array: ``name_step(p, g, state, ...) -> (p, state)``.

p is the parameter, g the gradient of what is minimised, of one shape. Inputs are never modified. ``name_init(p)`` makes
the state before the first step. Every option is a keyword, with the defaults of torch.optim where it has one.

Beside them what surrounds a step: learning rates over the steps, and gradients cut to size.
"""

from .adagrad import AdagradState, adagrad_init, adagrad_step
from .adam import AdamState, adam_init, adam_step, adamw_init, adamw_step
from .clipping import clip_by_global_norm, clip_by_value
from .descent import SgdState, gradient_descent_step, sgd_init, sgd_step
from .rmsprop import RmspropState, rmsprop_init, rmsprop_step
from .schedules import constant_rate, cosine_rate, stepped_rate

__all__ = [
    "AdagradState",
    "AdamState",
    "RmspropState",
    "SgdState",
    "adagrad_init",
    "adagrad_step",
    "adam_init",
    "adam_step",
    "adamw_init",
    "adamw_step",
    "clip_by_global_norm",
    "clip_by_value",
    "constant_rate",
    "cosine_rate",
    "gradient_descent_step",
    "rmsprop_init",
    "rmsprop_step",
    "sgd_init",
    "sgd_step",
    "stepped_rate",
]
