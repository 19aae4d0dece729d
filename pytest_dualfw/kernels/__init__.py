"""Measuring kernels: eager and jit of one function on one target, in pairs, so that the number can be trusted."""
