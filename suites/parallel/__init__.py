"""One training run, computed on one device and on several: rows, the run by hand, and what each rank does."""
