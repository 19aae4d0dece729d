"""Optimisers: their rows, their two spellings, and how far rounding may drive a run of steps apart."""
