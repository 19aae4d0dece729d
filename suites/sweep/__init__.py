"""The sweep: every op of the table in torch and in JAX at points where implementations break, against exact arithmetic."""
