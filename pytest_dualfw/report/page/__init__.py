"""The run, its kernels and the nights as one HTML file that asks nothing of a network."""

from ..text import anchor
from .model import PageModel
from .render import page

__all__ = ["PageModel", "anchor", "page"]
