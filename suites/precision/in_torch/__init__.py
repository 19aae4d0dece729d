"""Narrow arithmetic as PyTorch spells it."""
