"""Training on real data from one initialisation over the same batches, in NumPy by hand and in both frameworks."""
