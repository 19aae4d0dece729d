"""The sweep: ops in torch and in JAX at points where implementations break, judged by exact arithmetic."""
