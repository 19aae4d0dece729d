"""The kernels in NumPy, with hand-derived gradients: the references' own where they have it, the rest derived here."""
