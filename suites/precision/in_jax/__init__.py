"""Narrow arithmetic as JAX spells it."""
