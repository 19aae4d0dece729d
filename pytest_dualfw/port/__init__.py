"""Whether a JAX function is the port of a torch module, and where and why it is not."""
