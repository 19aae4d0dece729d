"""The kernels as a user of JAX writes them."""
