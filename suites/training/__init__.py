"""Training from one initialisation over the same batches, in NumPy and in both frameworks, and how long they agree."""
