"""Whole models, spelled three times over the same parameters, and judged layer by layer."""
