"""Whole models in NumPy: ``model(t, params, *inputs, **options)``, each layer applied through a tape that remembers it.

``params`` are arrays by the names of torch's ``state_dict``; layers have the names of torch's submodules.
"""

from .tape import Seen as Seen
from .tape import Tape as Tape
