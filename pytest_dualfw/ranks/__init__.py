"""Ranks: processes that compute one thing together, under their framework's own launcher, and what became of them.

``plan.py`` says what is to run, ``launch.py`` runs it and cleans up, ``outcome.py`` says what each rank computed or how
it ended. Between them stand files in a folder (``folder.py``). Each rank is two processes: a shepherd, which imports
nothing heavy and sees how the other one ends, and the worker, which computes. Needs POSIX: process groups, signals and
a FIFO.
"""
