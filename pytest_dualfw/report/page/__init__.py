"""The run, its kernels and the nights as one HTML file that asks nothing of a network."""

from .model import PageModel
from .render import page
from .text import anchor

__all__ = ["PageModel", "anchor", "page"]
