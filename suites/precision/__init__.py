"""Narrow arithmetic on both frameworks: mixed precision, scaled losses, precision settings, long sums, integers."""
