"""The kernels as a user of torch writes them."""
