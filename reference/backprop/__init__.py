"""Backpropagation by hand: the multilayer perceptron."""

from .mlp import mlp, mlp_loss_and_grads, mlp_vjp

__all__ = ["mlp", "mlp_loss_and_grads", "mlp_vjp"]
