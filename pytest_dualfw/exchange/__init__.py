"""Parameters that one library saves and the other loads: files, names, layouts.

``save`` and ``load`` write and read .npz and .safetensors, bit for bit; a ``Renaming`` leads from the names and
layouts of one library to those of the other, and back.
"""

from .files import load, save
from .renaming import Renaming, Row

__all__ = ["Renaming", "Row", "load", "save"]
