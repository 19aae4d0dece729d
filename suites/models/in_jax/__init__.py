"""The models as JAX functions over a dictionary of parameters, tapped at every layer."""
