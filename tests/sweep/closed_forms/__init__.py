"""Closed forms of ops of arrays in float64, each written a second time: NumPy, SciPy and plain Python.

Nothing of the sweep is used here, so that an error in one of its truths shows.
"""

from . import indexing, layers, linalg, ordering, reductions, shapes, signal, windows

FORMS = {
    name: form
    for table in (reductions, ordering, shapes, indexing, linalg, signal, windows, layers)
    for name, form in table.FORMS.items()
}
