"""The ops in JAX: one function for each row, under the row's name."""
