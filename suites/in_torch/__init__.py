"""The ops in PyTorch: one function for each row, under the row's name."""
