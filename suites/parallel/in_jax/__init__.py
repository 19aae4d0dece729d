"""What the devices do in JAX, of one process or of several."""
