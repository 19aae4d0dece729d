"""Stored nights, and what changed in them: lines appended, read back as series, change points that stand."""
