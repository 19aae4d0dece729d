"""Narrow arithmetic: bounds of rounding errors, integers in place of numbers, scaled losses. Not ops of the table."""
