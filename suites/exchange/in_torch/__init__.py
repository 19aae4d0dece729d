"""The torch side."""
