"""Kernels to measure: what is computed, on which sizes, and what the mathematics asks of a machine."""

from .rows import KERNELS
from .table import Kernel, KernelSpec, kernels

__all__ = ["KERNELS", "Kernel", "KernelSpec", "kernels"]
