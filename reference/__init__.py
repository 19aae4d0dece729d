"""NumPy float64 references, each op beside its hand-derived vjp."""
